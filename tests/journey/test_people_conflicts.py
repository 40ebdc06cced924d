"""``conflicts``: a person decides what both sides changed, and it does not come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mappings
from bridge.domain.dossier import Json
from tests.journey.conftest import Typed
from tests.journey.test_illegal_move import bring_to
from tests.journey.town import GPLX, YTE, Town

SYSTEMS = ("dvcqg", "gplx")
OURS, THEIRS, OTHER = "0900000001", "0900000002", "0900000003"
REASON = "checked with the citizen"
At = Callable[[Town], Typed]
PHONE = "applicant.phone"


@pytest.fixture
def nobodys(tmp_path: Path) -> Iterator[Town]:
    """A town where nobody owns the applicant's phone, and both sides have just changed it."""
    mapping = Path(mappings.__path__[0], "gplx", "licence.v1.yaml").read_text("utf-8")
    owned = "theirs: NguoiNop/DienThoai, owner: onestop"
    (tmp_path / "own.yaml").write_text(
        mapping.replace(owned, owned.replace("onestop", "none")), "utf-8"
    )
    extra = {"gplx": '[mapping]\ndossier = "own.yaml"'}
    with Town(tmp_path, SYSTEMS, extra=extra) as town:
        yield town


def clash(town: Town) -> str:
    """Let both sides change the phone; returns the dossier's code."""
    code = town.key(GPLX)
    town.settle(3)
    town.edit(code, applicant_phone=OURS)
    town.ministry_edits(code, DienThoai=THEIRS)
    town.receive("gplx")
    town.settle(2)
    assert town.conflicts(code, "gplx")[PHONE].why == "no_owner"
    return code


def listed(desk: Typed, code: str, *words: str) -> dict[str, dict[str, Any]]:
    """Return the open conflicts of a dossier by system."""
    found = desk("conflicts", "list", "--json", *words).document()["conflicts"]
    return {one["system"]: one for one in found if one["code"] == code}


def resolve(desk: Typed, code: str, take: str, system: str = "gplx") -> Any:
    one = listed(desk, code)[system]
    return desk("conflicts", "resolve", str(one["id"]), "--take", take, "--reason", REASON)


def phones(town: Town, code: str) -> tuple[Json, Json]:
    there = town.record("gplx", code)["body"]["NguoiNop"].get("DienThoai")
    return town.dossier(code)["applicant_phone"], there


def is_over(town: Town, code: str) -> None:
    """Prove that the decision holds: nothing moves any more, and the clerk has nothing to do."""
    town.settle(4)
    before = town.moved()
    town.edit(code)
    town.restart()
    town.settle(4)
    assert town.moved() == before
    assert town.conflicts(code, "gplx") == {}
    assert town.notices(code) == []
    town.ends_well()


@pytest.mark.parametrize(
    ("take", "stands"), [("onestop", OURS), ("ministry", THEIRS), (OTHER, OTHER)]
)
def test_a_field_nobody_owns_becomes_what_a_person_says(
    nobodys: Town, typed: At, take: str, stands: str
) -> None:
    """The value taken is on both sides, by the ordinary rooms, and the conflict stays away."""
    desk = typed(nobodys)
    code = clash(nobodys)
    ended = resolve(desk, code, take)
    assert ended.code == 0, ended.err
    nobodys.settle(2)
    assert phones(nobodys, code) == (stands, stands)
    assert desk("conflicts").code == 0
    [entry] = nobodys.journal("decided", code)
    assert (entry.detail["reason"], entry.detail["field"]) == (REASON, PHONE)
    assert stands not in str(entry.detail)
    is_over(nobodys, code)


def test_a_decision_holds_for_the_values_it_was_made_on(nobodys: Town, typed: At) -> None:
    """Both sides change the field again to other values: a person is asked again."""
    desk = typed(nobodys)
    code = clash(nobodys)
    resolve(desk, code, "onestop")
    nobodys.settle(2)
    nobodys.edit(code, applicant_phone=OTHER)
    nobodys.ministry_edits(code, DienThoai=THEIRS)
    nobodys.receive("gplx")
    nobodys.settle(2)
    assert nobodys.conflicts(code, "gplx")[PHONE].why == "no_owner"


def test_the_clerk_may_be_faster_than_the_decision(nobodys: Town, typed: At) -> None:
    """The row moved since the list was read: the decision is made on what stands there now."""
    desk = typed(nobodys)
    code = clash(nobodys)
    nobodys.edit(code, applicant_phone=OTHER, summary="Đã sửa")
    assert resolve(desk, code, "onestop").code == 0
    nobodys.settle(3)
    assert phones(nobodys, code) == (OTHER, OTHER)
    is_over(nobodys, code)


def test_personal_values_are_masked_and_reading_them_is_journalled(
    nobodys: Town, typed: At
) -> None:
    """Dots in the list; with --with-values they are shown, and the journal says to whom."""
    desk = typed(nobodys)
    code = clash(nobodys)
    one = listed(desk, code)["gplx"]
    assert (one["onestop"], one["ministry"], one["field"]) == ("•••", "•••", PHONE)
    none = desk("conflicts", "resolve", "99", "--take", "onestop", "--reason", REASON)
    assert (none.code, none.err) == (2, "there is no conflict 99\n")
    reason = desk("conflicts", "resolve", str(one["id"]), "--take", "onestop", "--reason", " ")
    assert (reason.code, "a reason is needed" in reason.err) == (2, True)
    shown = desk("conflicts", "--lang", "vi")
    assert (shown.code, OURS in shown.out, THEIRS in shown.out) == (1, False, False)
    assert "điện thoại của người nộp (applicant_phone)" in shown.out
    assert nobodys.journal("decided", code) == []
    assert OURS in desk("conflicts", "list", "--with-values").out
    one = listed(desk, code, "--with-values")["gplx"]
    assert (one["onestop"], one["ministry"]) == (OURS, THEIRS)
    assert [row.detail["what"] for row in nobodys.journal("decided", code)] == ["values read"] * 2


@pytest.mark.parametrize(
    ("take", "name"), [("onestop", "lower"), ("ministry", "upper"), ("Trần Văn Mẫu", "other")]
)
def test_a_ministry_that_writes_names_its_own_way(
    tmp_path: Path, typed: At, take: str, name: str
) -> None:
    """Never equal: each keeps its own, or the one-stop gives way; another name is sent anew."""
    shouts = {"gplx": {"uppercase_names": True}}
    with Town(tmp_path, SYSTEMS, rehearsals=shouts) as town:
        desk = typed(town)
        code = town.key(GPLX)
        keyed = town.dossier(code)["applicant_name"]
        town.settle(12)
        assert listed(desk, code)["gplx"]["why"] == "never_equal"
        assert resolve(desk, code, take).code == 0
        calls = town.ministries["gplx"].calls["CapNhatHoSo"]
        town.edit(code, applicant_phone=OTHER)
        town.settle(6)
        here = town.dossier(code)["applicant_name"]
        there = town.record("gplx", code)["body"]["NguoiNop"]
        assert here == {"lower": keyed, "upper": keyed.upper(), "other": take}[name]
        assert there["DienThoai"] == OTHER
        assert there["HoTen"] == here.upper()
        if name == "other":  # sent as any change is: what the ministry makes of it is seen anew
            town.settle(10)
            assert town.conflicts(code, "gplx").keys() == {"applicant.name"}
            return
        assert town.ministries["gplx"].calls["CapNhatHoSo"] == calls + 1
        is_over(town, code)


def test_a_reopening_is_confirmed_by_a_person(tmp_path: Path, typed: At) -> None:
    """9 to 4 with a person's yes: here, in the progress, and at the portal, without asking twice."""
    with Town(tmp_path, SYSTEMS) as town:
        desk = typed(town)
        code = bring_to(town, 9)
        town.move("gplx", code, "XL", "Mở lại")
        town.settle(3)
        assert listed(desk, code)["gplx"]["why"] == "reopening"
        assert resolve(desk, code, "ministry").code == 0
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        assert town.record("dvcqg", code)["status"] == 4
        assert town.shown(code) == [2, 4, 9, 4]
        is_over(town, code)
        assert town.conflicts(code, "dvcqg") == {}

        town.move("gplx", code, "CP")
        town.settle(4)
        assert town.dossier(code)["status"] == 9
        town.move("gplx", code, "XL", "Mở lại lần nữa")
        town.settle(3)
        assert town.conflicts(code, "gplx")["status"].why == "reopening"
        assert town.dossier(code)["status"] == 9


def test_a_reopening_a_person_refuses_changes_nothing(tmp_path: Path, typed: At) -> None:
    """Each side keeps its own; what is not the status goes on, and the status is not sent."""
    with Town(tmp_path, SYSTEMS) as town:
        desk = typed(town)
        code = bring_to(town, 9)
        town.move("gplx", code, "XL", "Mở lại")
        town.settle(3)
        ended = resolve(desk, code, "onestop")
        assert (ended.code, "each side keeps its own" in ended.out) == (0, True)
        town.edit(code, applicant_phone=OTHER)
        is_over(town, code)
        there = town.record("gplx", code)
        assert (town.dossier(code)["status"], there["status"]) == (9, 4)
        assert there["body"]["NguoiNop"]["DienThoai"] == OTHER


def test_a_move_the_law_does_not_know_is_explained(tmp_path: Path, typed: At) -> None:
    """What is handed over can't be worked on again: refused with the moves there are."""
    with Town(tmp_path, SYSTEMS) as town:
        desk = typed(town)
        code = bring_to(town, 10)
        town.move("gplx", code, "XL", "Mở lại")
        town.settle(3)
        before = town.moved()
        for take in ("ministry", "4"):
            ended = resolve(desk, code, take)
            assert ended.code == 2
            assert "a dossier of status 10 can't become 4" in ended.err
        assert "a status by its number, 1 to 10" in resolve(desk, code, "đang xử lý").err
        assert town.moved() == before
        assert resolve(desk, code, "onestop").code == 0
        is_over(town, code)
        assert town.dossier(code)["status"] == 10


def test_a_clerks_mistaken_status_is_taken_back_or_led_on(tmp_path: Path, typed: At) -> None:
    """4 keyed over 9: the ministry's 9 comes back; led on to 10 it is told to both systems."""
    with Town(tmp_path, SYSTEMS) as town:
        desk = typed(town)
        code = bring_to(town, 9)
        town.edit(code, status=4)
        town.settle(3)
        mirrored = resolve(desk, code, "ministry", "dvcqg")
        assert (mirrored.code, "only shows what the one-stop says" in mirrored.err) == (2, True)
        assert "only the ministry may" in resolve(desk, code, "5").err
        assert resolve(desk, code, "ministry").code == 0
        town.settle(3)
        assert town.dossier(code)["status"] == 9
        assert [town.conflicts(code, name) for name in SYSTEMS] == [{}, {}]

        town.edit(code, status=4)
        town.settle(3)
        assert resolve(desk, code, "10").code == 0
        town.settle(4)
        assert [town.record(name, code)["status"] for name in SYSTEMS] == [10, 10]
        is_over(town, code)


def test_an_end_only_the_ministry_knows_of_is_taken_or_left(tmp_path: Path, typed: At) -> None:
    """Withdrawn only there: taken, it is withdrawn here; left, the dossier here goes on."""
    with Town(tmp_path, SYSTEMS) as town:
        desk = typed(town)
        taken, left = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        for code in (taken, left):
            town.move("gplx", code, "HUY")
        town.settle(3)
        assert resolve(desk, taken, "ministry").code == 0
        assert resolve(desk, left, "onestop").code == 0
        town.settle(3)
        assert (town.dossier(taken)["status"], town.dossier(left)["status"]) == (7, 2)
        assert town.record("dvcqg", taken)["status"] == 7
        is_over(town, left)
        assert town.conflicts(taken, "gplx") == {}


def test_conflicts_about_records_are_answered_or_lead_on(tmp_path: Path, typed: At) -> None:
    """Two records, another system's dossier, one that looks alike: an answer, or where to go."""
    with Town(tmp_path, ("gplx", "yte")) as town:
        desk = typed(town)
        wrong = town.key(GPLX)
        town.settle(3)
        town.edit(wrong, procedure_code=YTE)
        town.settle(3)
        assert listed(desk, wrong)["gplx"]["why"] == "elsewhere"
        assert "correct procedure_code" in resolve(desk, wrong, "ministry").err
        assert resolve(desk, wrong, "onestop").code == 0
        town.edit(wrong, summary="Đã sửa")
        town.move("gplx", wrong, "XL")
        town.settle(3)
        assert town.conflicts(wrong, "gplx") == {}
        assert [one["system"] for one in town.notices(wrong)] in ([], ["yte"])
        assert desk("conflicts").code == 0


def test_what_looks_alike_and_is_not_is_taken_over(tmp_path: Path, typed: At) -> None:
    """A person tells the two apart: the record becomes a dossier of its own, asked about no more."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = town.key(GPLX, received_at=None)
        row = town.dossier(code)
        (ref,) = town.ministries["gplx"].file_own(
            HoTen=row["applicant_name"], SoGiayTo=row["applicant_id_number"]
        )
        town.settle(1)
        assert town.conflicts(code, "gplx")[f"link:{ref}"].why == "alike"
        ended = resolve(desk, code, "onestop")
        assert (ended.code, f"dossier-bridge link {code} gplx {ref}" in ended.err) == (2, True)
        assert ref in desk("conflicts").out
        assert resolve(desk, code, "ministry").code == 0
        town.settle(2)
        codes = [one["code"] for one in town.rows("SELECT code FROM dossier")]
        assert len(codes) == 2
        assert town.conflicts(code, "gplx") == {}
        assert town.quarantined() == []
        assert town.link(codes[1], "gplx").ref == ref
        town.ends_well()
