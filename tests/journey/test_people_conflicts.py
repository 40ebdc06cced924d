"""``conflicts``: a person decides what both sides changed, and it does not come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mappings
from bridge.domain.decide import TAKEN_BACK, Clash
from bridge.domain.dossier import Json
from bridge.engine import apart, clerk
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
    return decide(desk, listed(desk, code)[system]["id"], take)


def decide(desk: Typed, number: int, take: str, *more: str) -> Any:
    return desk("conflicts", "resolve", str(number), "--take", take, "--reason", REASON, *more)


def phones(town: Town, code: str) -> tuple[Json, Json]:
    there = town.record("gplx", code)["body"]["NguoiNop"].get("DienThoai")
    return town.dossier(code)["applicant_phone"], there


def is_over(town: Town, code: str) -> None:
    """Prove that the decision holds: nothing moves any more, and the clerk has nothing to do."""
    town.settle(2)
    before = town.moved()
    town.edit(code)
    town.restart()
    town.settle(2)
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
    no = decide(desk, one["id"], "none")
    assert (no.code, "records that look like a dossier" in no.err) == (2, True)
    shown = desk("conflicts", "--lang", "vi")
    assert (shown.code, OURS in shown.out, THEIRS in shown.out) == (1, False, False)
    assert "điện thoại của người nộp (applicant_phone)" in shown.out
    assert nobodys.journal("decided", code) == []
    assert OURS in desk("conflicts", "list", "--with-values").out
    one = listed(desk, code, "--with-values")["gplx"]
    assert (one["onestop"], one["ministry"]) == (OURS, THEIRS)
    assert [row.detail["what"] for row in nobodys.journal("decided", code)] == ["values read"] * 2


def test_a_ministry_that_writes_names_its_own_way(tmp_path: Path, typed: At) -> None:
    """Never equal: each keeps its own, or the one-stop gives way; another name is sent anew."""
    shouts = {"gplx": {"uppercase_names": True}}
    with Town(tmp_path, ("gplx",), rehearsals=shouts) as town:
        desk = typed(town)
        left, given, other = codes = [town.key(GPLX) for _ in range(3)]
        names = {code: town.dossier(code)["applicant_name"] for code in codes}
        town.settle(7)
        assert [listed(desk, code)["gplx"]["why"] for code in codes] == ["never_equal"] * 3
        assert resolve(desk, left, "onestop").code == 0
        assert resolve(desk, given, "ministry").code == 0
        assert resolve(desk, other, "Trần Văn Mẫu").code == 0
        town.edit(left, applicant_phone=OTHER)
        town.settle(7)
        assert town.record("gplx", left)["body"]["NguoiNop"]["DienThoai"] == OTHER
        assert town.dossier(left)["applicant_name"] == names[left]
        assert town.dossier(given)["applicant_name"] == names[given].upper()
        assert town.record("gplx", other)["body"]["NguoiNop"]["HoTen"] == "TRẦN VĂN MẪU"
        assert town.conflicts(other, "gplx").keys() == {"applicant.name"}
        is_over(town, left)
        assert (town.conflicts(given, "gplx"), town.notices(given)) == ({}, [])


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


def test_a_status_that_may_not_be_told_never_goes_with_other_fields(
    tmp_path: Path, typed: At
) -> None:
    """Withdrawn here while the ministry finished it: left so, a later change tells no withdrawal."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = town.key(GPLX)
        town.settle(2)
        town.move("gplx", code, "XL")
        town.settle(2)
        town.step(code, 7)
        town.move("gplx", code, "CP")
        town.receive("gplx")
        town.settle(1)
        assert listed(desk, code)["gplx"]["why"] == "illegal_move"
        assert "each side keeps its own" in resolve(desk, code, "onestop").out
        town.edit(code, applicant_phone=OTHER)
        is_over(town, code)
        there = town.record("gplx", code)
        assert (town.dossier(code)["status"], there["status"]) == (7, 9)
        assert there["body"]["NguoiNop"]["DienThoai"] == OTHER


def test_what_a_ministry_shows_no_more_stays_or_goes(tmp_path: Path, typed: At) -> None:
    """A ministry that was set back has lost its note: kept here, or emptied, as a person says."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        kept, emptied = codes = [town.key(GPLX), town.key(GPLX)]
        town.settle(2)
        for code in codes:
            town.move("gplx", code, "XL", "Đang thẩm tra")
        town.settle(2)
        ministry = town.house.ministries["gplx"]
        for code in codes:
            gone = Clash("status_note", "Đang thẩm tra", None, "Đang thẩm tra", TAKEN_BACK)
            with town.house.store.write("reconcile") as unit:
                clerk.clash(unit, ministry, town.link(code, "gplx"), gone)
            town.ministry_edits(code, GhiChu="")
        town.settle(2)
        assert [town.dossier(code)["status_note"] for code in codes] == ["Đang thẩm tra"] * 2
        assert "is not sent to gplx" in resolve(desk, kept, "khác").err
        assert resolve(desk, kept, "onestop").code == 0
        assert resolve(desk, emptied, "ministry").code == 0
        town.settle(2)
        assert [town.dossier(code)["status_note"] for code in codes] == ["Đang thẩm tra", None]
        is_over(town, kept)


def test_a_record_left_at_the_wrong_system(tmp_path: Path, typed: At) -> None:
    """The procedure here is right: said once, and asked no more whatever either side does."""
    with Town(tmp_path, ("gplx", "yte")) as town:
        desk = typed(town)
        code = town.key(YTE)
        town.settle(2)
        town.edit(code, procedure_code=GPLX)
        town.settle(2)
        assert listed(desk, code)["yte"]["why"] == "elsewhere"
        assert "correct procedure_code" in resolve(desk, code, "ministry", "yte").err
        assert resolve(desk, code, "onestop", "yte").code == 0
        town.edit(code, summary="Đã sửa")
        town.move("yte", code, "THAMDINH")
        town.settle(2)
        assert town.conflicts(code, "yte") == {}
        assert desk("conflicts").code == 0


def test_two_records_and_one_number_for_two(tmp_path: Path, typed: At) -> None:
    """What link and unlink do is not done here, and said; what is right is said once."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        first, second = town.key(GPLX), town.key(GPLX)
        town.settle(2)
        ministry, links = town.house.ministries["gplx"], {}
        with town.house.store.write("clash") as unit:
            links = {one.code: one for one in unit.links.of_codes([first, second]).values()}
            clerk.twice(unit, ministry, links[first], 2)
            clerk.shared(unit, ministry, links[second], str(links[first].ref))
        assert f"unlink {first} gplx" in resolve(desk, first, "ministry").err
        assert f"link {second} gplx {links[first].ref}" in resolve(desk, second, "X-1").err
        assert resolve(desk, first, "onestop").code == 0
        assert resolve(desk, second, "onestop").code == 0
        with town.house.store.write("clash") as unit:
            clerk.twice(unit, ministry, links[first], 2)
            clerk.shared(unit, ministry, links[second], str(links[first].ref))
        town.settle(1)
        assert desk("conflicts").code == 0
        assert [town.notices(code) for code in (first, second)] == [[], []]
        named = keyed_under(town, first)  # decided was how many there were, and not about this one
        assert listed(desk, first)["gplx"]["records"] == [named]
        assert resolve(desk, first, "onestop").code == 0

        others = [keyed_under(town, second)]
        shown = listed(desk, second)["gplx"]["id"]
        others.append(keyed_under(town, second))
        late = decide(desk, shown, "onestop")
        assert (late.code, "one more was found" in late.err) == (1, True)  # he has not seen it
        link = town.link(second, "gplx")
        for count in (2, 3, 4):  # asked by the dossier's code, it tells no numbers
            with town.house.store.write("doubt asked") as unit:
                apart.ask_of_several(unit, ministry, link, count)
            assert town.conflicts(second, "gplx")["record"].ministry == others
        assert resolve(desk, second, "onestop").code == 0
        with town.house.store.write("doubt asked") as unit:
            apart.ask_of_several(unit, ministry, link, 3)
        town.ministries["gplx"].move(others[0], "XL")
        town.settle(1)
        assert town.conflicts(second, "gplx") == {}
        third = keyed_under(town, second)
        assert listed(desk, second)["gplx"]["records"] == [*others, third]
        assert resolve(desk, second, "onestop").code == 0
        assert desk("conflicts").code == 0


def keyed_under(town: Town, code: str) -> str:
    """Let an officer key one more record under a code of ours; returns its number."""
    (ref,) = town.ministries["gplx"].file_own(MaHoSoMotCua=code)
    town.settle(1)
    return str(ref)


def test_however_many_records_look_like_a_dossier_a_person_is_asked_once(
    tmp_path: Path, typed: At
) -> None:
    """One number, years of records: one question names them, one notice tells, one answer is enough."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = town.key(GPLX)
        number, gplx = town.dossier(code)["applicant_id_number"], town.ministries["gplx"]
        days = [f"2026-0{month}-02T08:00:00+07:00" for month in range(1, 6)]
        refs = [ref for day in days for ref in gplx.file_own(SoGiayTo=number, NgayTiepNhan=day)]
        town.receive("gplx")
        town.settle(1)
        [_] = town.notices(code)
        [asked] = desk("conflicts", "--json").document()["conflicts"]
        assert (asked["code"], sorted(asked["records"])) == (code, refs)
        table = desk("conflicts").out
        assert "and 2 more" in table
        assert all(ref in table for ref in refs)
        [standing] = desk("status", "--json").document()["systems"]
        assert standing["conflicts"] == 1
        for take in ("onestop", "ministry"):
            which = decide(desk, asked["id"], take)  # not the last of them, unasked
            assert (which.code, "--record" in which.err) == (2, True)
            assert all(ref in which.err for ref in refs)
        first, *others = asked["records"]
        taken = decide(desk, asked["id"], "ministry", "--record", first)
        assert (taken.code, first in taken.out) == (0, True)
        assert town.conflicts(code, "gplx").keys() == {f"link:{ref}" for ref in others}
        again = decide(desk, asked["id"], "ministry", "--record", first)
        assert (again.code, "asks nothing about" in again.err) == (2, True)
        (late,) = gplx.file_own(SoGiayTo=number, NgayTiepNhan="2026-06-02T08:00:00+07:00")
        town.receive("gplx")
        said = decide(desk, asked["id"], "none")
        assert said.code == 0
        assert all(ref in said.out for ref in others)
        assert town.conflicts(code, "gplx").keys() == {f"link:{late}"}  # nobody has seen it yet
        assert gplx.calls["NopHoSo"] == 0
        assert resolve(desk, code, "none").code == 0
        town.settle(3)
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        assert gplx.calls["NopHoSo"] == 1
        assert {row.detail["ref"] for row in town.journal("imported")} == {*refs, late}


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
