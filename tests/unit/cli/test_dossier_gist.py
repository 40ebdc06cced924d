"""The head of a dossier's story: where it is, why, what comes next and when, and who must act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.domain.said import Said
from bridge.engine.people.decision import Decision
from bridge.sdk.rehearsal import Fault
from bridge.store import systems
from tests.journey.town import GPLX, YTE, Town

from .conftest import Call


def head(call: Call, code: str, language: str = "en") -> list[str]:
    """Return the sentences of the head."""
    lines = call("dossier", code, "--lang", language).out.splitlines()
    return [line.strip() for line in lines[1 : lines.index("")]]


def system(call: Call, code: str, name: str = "gplx") -> dict[str, object]:
    """Return what the document tells of one system."""
    found = call("dossier", code, "--json").document()["systems"]
    return next(one for one in found if one["name"] == name)


def test_a_quiet_dossier_is_told_in_a_few_sentences(call: Call, town: Town) -> None:
    """When it came and is due, its status and who said it, the number there, who has it now."""
    code = town.key(GPLX)
    town.settle(2)
    keyed = head(call, code)
    assert "received at 2026-11-20" in keyed[0]
    assert keyed[1] == "It stands at 2 Được tiếp nhận, as the counter keyed it."
    assert "has it as GPLX-26-0000001; both sides agree since" in keyed[2]
    assert keyed[3] == "Nobody here has to act: it is in the ministry's hands."
    town.move("gplx", code, "XL")
    town.settle(2)
    assert "It stands at 4 Đang xử lý: Bộ Giao thông vận tải" in head(call, code)[1]
    town.move("gplx", code, "CP")
    town.settle(2)
    assert head(call, code, "vi")[-1] == "Một cửa cần trả kết quả cho người nộp."
    assert 3 <= len(head(call, code)) <= 6


def test_what_is_on_its_way_or_kept_back_says_what_comes_next(call: Call, town: Town) -> None:
    """In line, in doubt, closed by hand, by the clock or by itself: why, when again, by whom."""
    code = town.key(GPLX)
    assert head(call, code)[-2:] == [
        "It has gone nowhere yet.",
        "Nobody has to act: the bridge goes on by itself.",
    ]
    town.front()
    assert system(call, code)["stands"] == "in_line"
    with town.house.store.write("pause") as unit:
        unit.systems.set("gplx", state=systems.PAUSED, reason=Said("{reason}", reason="bảo trì"))
        Decision("lan", "máy chủ của bộ bảo trì").journal(unit, "pause", code=code, system="gplx")
    paused = head(call, code)
    assert "paused (bảo trì), until a person resumes it" in paused[2]
    assert "lan decided" in paused[3]
    assert paused[-1] == "The operator must act: dossier-bridge resume gplx."
    assert (system(call, code)["stands"], system(call, code)["actor"]) == ("closed", "operator")
    until = town.clock() + timedelta(minutes=20)
    with town.house.store.write("close") as unit:
        unit.systems.set("gplx", state=systems.MAINTENANCE, reason=None, until=until)
    assert "maintenance; it is tried again at" in head(call, code)[2]
    assert system(call, code)["next_at"] is not None
    with town.house.store.write("open") as unit:
        unit.systems.set("gplx", state=systems.RUNNING, reason=None, until=None)
    town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    town.round()
    assert "the answer was lost: nobody knows whether it was applied." in head(call, code)[2]
    assert system(call, code)["stands"] == "in_doubt"


def test_who_must_act_is_named(call: Call, town: Town) -> None:
    """The clerk for what was refused, a person for a conflict, with the command that decides it."""
    refused = town.key(GPLX, details={"licence_class": "Z9"})
    town.settle(2)
    told = head(call, refused)
    assert "field: details.licence_class: Hạng giấy phép không có trong danh mục." in told[2]
    assert told[-1].startswith("The clerk must act")
    assert "trường hạng giấy phép lái xe (licence_class)" in head(call, refused, "vi")[2]
    assert system(call, refused)["field"] == "details.licence_class"
    disputed = town.key(GPLX)
    town.settle(2)
    town.move("gplx", disputed, "HUY")
    town.round()
    [conflict] = call("dossier", disputed, "--json").document()["conflicts"]
    assert head(call, disputed)[-1] == (
        "A person must decide about status (gplx): "
        f"dossier-bridge conflicts resolve {conflict['id']}."
    )


def test_a_system_that_answers_nobody_is_one_line(call: Call, town: Town) -> None:
    """Attempt after attempt is folded, with how often and when last; a day is a head."""
    code = town.key(GPLX)
    town.ministries["gplx"].stop()
    town.settle(4)
    lines = call("dossier", code).out.splitlines()
    tried = [line for line in lines if "nobody answered" in line]
    assert len(tried) == 1
    assert "(times: " in tried[0]
    days = [line for line in lines if line.strip()[:2] == "20" and len(line.strip()) == 10]
    assert days
    assert "unreachable" in head(call, code)[2]


def test_the_document_has_what_the_sentences_have(call: Call, town: Town) -> None:
    """The same for a script, with the fields and their owners; no personal value."""
    code = town.key(GPLX)
    town.settle(2)
    document = call("dossier", code, "--json").document()
    assert document["summary"] == head(call, code)
    fields = {one["path"]: one for one in document["fields"]}
    assert fields["due_at"]["owners"] == {"gplx": "onestop"}
    assert fields["applicant.name"]["value"] is None
    assert document["notices"] == []


def test_a_record_left_at_another_system_stands_behind(
    call: Call, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system that handles it comes first; the one it was keyed for by mistake is told."""
    assert hasattr(tmp_path, "joinpath")
    folder = tmp_path.joinpath("office")
    folder.mkdir()
    monkeypatch.chdir(folder)
    with Town(folder, ("gplx", "yte")) as both:
        code = both.key(YTE)
        details = {**both.dossier(code)["details"], "licence_class": "A1"}
        both.edit(code, procedure_code=GPLX, details=details)
        both.settle(3)
        both.edit(code, procedure_code=YTE)
        both.settle(4)
        systems_ = call("dossier", code, "--json").document()["systems"]
        assert [(one["name"], one["stands"]) for one in systems_] == [
            ("yte", "in_step"),
            ("gplx", "withdrawn"),
        ]
