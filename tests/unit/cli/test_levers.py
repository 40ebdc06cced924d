"""``pause``, ``resume``, ``push``, ``link``, ``unlink``, ``quarantine``: what they print and how they end."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from bridge.store import Arrival
from tests.journey.town import GPLX, Town

from .conftest import Call


class Terminal(StringIO):
    """A terminal at which something is typed."""

    def isatty(self) -> bool:
        """Tell that somebody sits here."""
        return True


def test_a_pause_is_said_with_its_reason_and_ends_with_resume(call: Call, town: Town) -> None:
    """Said on both sides, and by status; pausing twice and resuming what runs do no harm."""
    town.key(GPLX)
    town.front()
    paused = call("pause", "gplx", "--reason", "họp  giao ban")
    assert (paused.code, paused.out) == (0, "")
    assert "Waiting in line: 1" in paused.err
    twice = call("pause", "gplx", "--reason", "lại nữa")
    assert twice.code == 0
    assert "paused already" in twice.err
    assert "họp giao ban" in twice.err
    [row] = call("status", "--json").document()["systems"]
    assert row["state"] == "paused"
    assert row["held"] == 1
    assert "họp giao ban" in row["reason"]
    resumed = call("resume", "gplx", "--lang", "vi")
    assert "gplx chạy lại (trước đó: tạm dừng)" in resumed.err
    assert call("resume", "gplx").code == 0
    assert [row.detail["reason"] for row in town.journal("decided")] == [
        "họp giao ban",
        "no reason was given",
    ]


def test_what_nobody_gave_a_reason_for_is_told_in_vietnamese(call: Call, town: Town) -> None:
    """The reasons that commands bring along are sentences of ours, and said in both languages."""
    code = town.key(GPLX)
    assert call("pause", "gplx", "--reason", "bảo trì").code == 0
    assert call("push", code).code == 1
    told = call("dossier", code, "--lang", "vi").out
    assert "(gửi trước các hồ sơ khác): công dân đang chờ tại quầy" in told


def test_words_too_many_are_told_in_the_reader_s_language(call: Call, town: Town) -> None:
    """A word nobody takes, an option without its value: ends with 2, and no English in it."""
    assert town.folder
    surplus = call("resume", "gplx", "ngay", "--lang", "vi")
    assert (surplus.code, "thừa tham số: ngay\n" in surplus.err) == (2, True)
    bare = call("pause", "gplx", "--lang", "vi", "--reason")
    assert (bare.code, "sau --reason phải có giá trị\n" in bare.err) == (2, True)


@pytest.mark.parametrize(("said", "code"), [("c\n", 0), ("Có\n", 0), ("x\n", 1), ("", 1)])
def test_a_terminal_is_asked_in_its_own_language(
    call: Call, town: Town, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    """Yes is yes in both languages; whatever else is said, or nothing, does nothing."""
    keyed = town.key(GPLX)
    town.front()
    monkeypatch.setattr("sys.stdin", Terminal(said))
    ended = call("unlink", keyed, "gplx", "--reason", "nhầm", "--lang", "vi")
    assert (ended.code, "[c/K]: " in ended.err) == (code, True)
    assert ("chưa làm gì" in ended.err) is bool(code)


def test_a_pause_needs_a_reason_and_a_system_that_is_there(call: Call, town: Town) -> None:
    """Without a reason, or for a system that is not configured: ends with 2, and changes nothing."""
    assert call("pause", "gplx").code == 2
    assert call("pause", "gplx", "--reason", "  ").code == 2
    assert call("pause", "gplix", "--reason", "vì thế").code == 2
    assert call("resume", "gplix").code == 2
    assert town.journal("decided") == []


def test_the_quarantine_is_listed_and_released(call: Call, town: Town) -> None:
    """Without a command it lists, and ends with 1; one is released at once, several with a yes."""
    assert call("quarantine").code == 0
    assert call("quarantine", "--json", "--config", "bridge.toml").document() == {"quarantined": []}
    with town.house.store.write("feed") as unit:
        unit.inbox.add([Arrival("gplx", f"GPLX-{n}", f"h{n}", {"body": {}}) for n in range(3)])
        unit.inbox.add([Arrival("gplx", "tệp hỏng", "h", None, "not UTF-8")])
        for one in unit.inbox.waiting("gplx", 9):
            unit.inbox.quarantine(one.id, "its procedure is not in the one-stop's list", "rule 7")
    listed = call("quarantine", "--json")
    rows = listed.document()["quarantined"]
    assert listed.code == 1
    assert set(rows[0]) == {"id", "system", "ref", "reason", "rule", "since", "kept"}
    first = str(rows[0]["id"])
    told = call("quarantine", "list", "--lang", "vi")
    assert "thủ tục" in told.out
    assert "procedure" not in told.out

    single = call("quarantine", "release", first, "--reason", "đã thêm thủ tục")
    assert (single.code, "released: 1" in single.err) == (0, True)
    several = call("quarantine", "release", "gplx")
    assert several.code == 1
    assert "add --yes" in several.err
    assert "could not even be read: 1" in several.err
    assert "released: 2" in call("quarantine", "release", "gplx", "--yes").err
    assert call("quarantine", "release", "gplix").code == 2
    assert call("quarantine", "release", first).code == 2


def test_a_pair_is_shown_masked_before_it_is_made_and_parted(call: Call, town: Town) -> None:
    """Field by field, no personal value; only with a yes; both are told, and harmless twice."""
    code = town.key(GPLX, received_at=None)
    row = town.dossier(code)
    (ref,) = town.ministries["gplx"].file_own(SoGiayTo=row["applicant_id_number"])
    words = ("link", code, "gplx", ref, "--reason", "cùng một người")
    shown = call(*words)
    assert shown.code == 1
    assert "applicant.id_number" in shown.out
    assert "add --yes" in shown.err
    assert row["applicant_id_number"] not in shown.out + shown.err
    assert row["applicant_name"] not in shown.out + shown.err
    made = call(*words, "--yes", "--lang", "vi")
    assert made.code == 0
    assert "khác nhau" in made.out
    assert town.link(code, "gplx").ref == ref
    assert "already" in call(*words, "--yes").err

    other = town.key(GPLX, received_at=None)
    taken = call("link", other, "gplx", ref, "--reason", "nhầm", "--yes")
    assert taken.code == 2
    assert "unlink" in taken.err
    parting = ("unlink", code, "gplx", "--reason", "bản ghi của người khác")
    assert call(*parting).code == 1
    parted = call(*parting, "--yes")
    assert parted.code == 0
    assert f"keeps its record {ref}" in parted.out
    assert "already" in call(*parting, "--yes").err
    assert "parted by hand" in call("dossier", code).out
    assert "No ministry has it in hand" in call("dossier", code).out
    assert call("unlink", other, "gplx", "--reason", "nhầm").code == 2
    town.ministries["gplx"].down()
    assert call("link", other, "gplx", ref, "--reason", "nhầm", "--yes").code == 3


def test_a_push_is_read_out_at_the_counter(call: Call, town: Town) -> None:
    """The keys are the contract's; a sentence a system; the exit code says how it stands."""
    code = town.key(GPLX)
    ended = call("push", code, "--json")
    ref = town.record("gplx", code)["ref"]
    assert (ended.code, ended.err) == (0, "")
    system = {"name": "gplx", "state": "confirmed", "ministry_ref": ref, "reason": None}
    assert ended.document() == {"code": code, "systems": [system]}
    told = call("push", code, "gplx", "--lang", "vi")
    assert told.code == 0
    assert f"đã được ghi nhận và xác nhận, số hồ sơ {ref}" in told.out

    refused = call("push", town.key(GPLX, applicant_birth_date=None))
    assert refused.code == 1
    assert "refused" in refused.out
    assert call("push", "H40.05-261120-9999").code == 2
    assert call("push", code, "gplix").code == 2
    town.ministries["gplx"].down()
    late = town.key(GPLX)
    gone = call("push", late, "--json")
    assert gone.code == 3
    assert gone.document()["systems"][0]["state"] == "unreachable"
    call("pause", "gplx", "--reason", "bộ bảo trì")
    paused = call("push", late)
    assert paused.code == 1
    assert "bộ bảo trì" in paused.out


def test_a_short_list_is_shown_before_it_is_accepted(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends is shown by code, and a yes is asked for; a list nobody shows is a wrong command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    with Town(tmp_path, ("lltp",)) as town:
        words = ("lists", "accept", "lltp", "ethnic_group", "--reason", "danh mục mới")
        assert "asked for yet" in call("lists").out
        call("sync")
        groups = town.ministries["lltp"].lists["3"]
        for code in list(groups)[3:]:
            del groups[code]
        shown = call(*words)
        assert (shown.code, "add --yes" in shown.err) == (1, True)
        assert "rows now: 3" in shown.out
        assert call(*words, "--yes", "--lang", "vi").code == 0
        rows = {one["name"]: one for one in call("lists", "--json").document()["lists"]}
        assert set(rows["ethnic_group"]) == {"system", "name", "codes", "read_at", "trouble"}
        assert rows["ethnic_group"]["codes"] == 3
        assert call("lists", "accept", "lltp", "ethnic_grup", "--reason", "x").code == 2
