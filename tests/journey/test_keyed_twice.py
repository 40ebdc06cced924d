"""What was keyed by hand in both places is paired; nothing is made anew that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bridge.domain.matching import Pair
from bridge.engine import match
from bridge.engine.match import Linked, NotLinked, Period
from bridge.engine.people import conflicts
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from tests.journey.keyed_twice import keyed_carelessly, keyed_there
from tests.journey.town import GPLX, YTE, PowerCutError, Town

EVER = Period(date(2000, 1, 1), date(2100, 1, 1))
WHY = Decision("truc", "đã đối chiếu hồ sơ giấy")
BORN = "1988-03-05"


def the_codes(town: Town) -> list[str]:
    return [row["code"] for row in town.rows("SELECT code FROM dossier ORDER BY code")]


def dies_at(name: str, phase: str) -> Any:
    def on_commit(commit: str, moment: str) -> None:
        if (commit, moment) == (name, phase):
            raise PowerCutError

    return on_commit


def look(town: Town, name: str = "gplx") -> match.Found:
    return match.look(town.house, town.house.ministries[name], EVER)


def link_all(town: Town, found: match.Found) -> list[match.Outcome]:
    return link(town, found, found.sure)


def link(town: Town, found: match.Found, some: Sequence[Pair]) -> list[match.Outcome]:
    ministry = town.house.ministries["gplx"]
    return list(match.link(town.house, ministry, some, found.beside, WHY))


def test_years_of_double_keying_are_put_in_order(tmp_path: Path) -> None:
    """Sure ones are linked, likely ones decided once, the rest goes its way: nothing is twice."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        ministry = town.house.ministries["gplx"]
        sure, same, apart, here = (town.key(GPLX, applicant_birth_date=BORN) for _ in range(4))
        refs = {code: keyed_there(town, code) for code in (sure,)}
        refs |= {code: keyed_carelessly(town, code) for code in (same, apart)}
        (alone,) = town.ministries["gplx"].file_own()

        found = look(town)
        assert [(one.ours, one.theirs) for one in found.sure] == [(sure, refs[sure])]
        likely = {(one.ours, one.theirs) for one in found.likely}
        assert likely == {(same, refs[same]), (apart, refs[apart])}
        assert (found.onestop_only, found.ministry_only, found.unread) == (1, 1, 0)
        assert found.unseen is None

        assert [type(one) for one in link_all(town, found)] == [Linked]
        assert [type(one) for one in link_all(town, found)] == [Linked]  # harmless twice
        with pytest.raises(Refusal, match="part those first"):  # another person has linked them
            match.apart(town.house, ministry, found.sure[0], WHY)
        asked = {one.ours: one for one in match.questions(town.house, ministry, lambda: found)}
        seen = match.shown(town.house, ministry, asked[same], WHY)
        taken = match.same(town.house, ministry, asked[same], seen, WHY)
        assert isinstance(taken, Linked)
        assert taken.compared
        match.apart(town.house, ministry, asked[apart], WHY)
        match.apart(town.house, ministry, asked[apart], WHY)
        again = look(town)
        assert (again.sure, again.likely) == ((), ())
        assert (again.onestop_only, again.ministry_only) == (2, 2)

        town.settle(5)
        assert len(the_codes(town)) == 6  # ours, and two that only the ministry had
        numbers = {code: town.dossier(code)["ministry_ref"] for code in (sure, same)}
        assert numbers == {sure: refs[sure], same: refs[same]}
        assert len(town.ministries["gplx"].records()) == 6
        imported = {row.detail["ref"] for row in town.journal("imported")}
        assert imported == {refs[apart], alone}
        assert town.ministries["gplx"].calls["NopHoSo"] == 2  # apart and here: new over there
        assert town.record("gplx", here)["body"]["NguoiNop"]["NgaySinh"] == "05/03/1988"
        matters = [row.detail["what"] for row in town.journal("decided")]
        assert matters == ["match", "values read", "match", "told apart"]
        [decided, *_] = town.journal("decided", sure)
        assert "identity number: the same" in str(decided.detail["evidence"])
        told = str([row.detail for row in town.journal("decided")])
        for column in ("applicant_name", "applicant_id_number", "applicant_phone"):
            assert town.dossier(sure)[column] not in told
        assert town.quarantined() == []
        town.ends_well()


def test_tomorrow_s_records_are_asked_about_before_anything_is_imported(tmp_path: Path) -> None:
    """A record that is ours, or may be, waits for a person, and the dossier of ours with it."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        ministry = town.house.ministries["gplx"]
        sure, likely = (town.key(GPLX, applicant_birth_date=BORN) for _ in range(2))
        town.front()  # both are in line to be sent for the first time
        refs = keyed_there(town, sure), keyed_carelessly(town, likely)
        town.receive("gplx")
        for code, ref in zip((sure, likely), refs, strict=True):
            assert list(town.conflicts(code, "gplx")) == [f"link:{ref}"]
        town.edit(likely, applicant_address="12 Trường Chinh")
        town.settle(3)
        assert town.ministries["gplx"].calls["NopHoSo"] == 0  # neither is filed a second time
        assert town.states(likely, "gplx") == ["superseded"]
        [linked] = link_all(town, look(town))
        assert isinstance(linked, match.Linked)
        town.settle(2)
        assert the_codes(town) == sorted([sure, likely])
        assert town.dossier(sure)["ministry_ref"] == refs[0]

        [question] = match.questions(town.house, ministry, lambda: look(town))
        assert (question.ours, question.theirs) == (likely, refs[1])
        assert question.points
        conflict = town.conflicts(likely, "gplx")[f"link:{refs[1]}"]
        conflicts.resolve(town.house, WHY, conflict.id, "ministry")
        town.settle(4)
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        assert len(the_codes(town)) == 3
        assert town.conflicts(likely, "gplx") == {}
        assert match.questions(town.house, ministry, lambda: look(town)) == []
        town.ends_well()


def test_a_dossier_keyed_later_is_not_filed_beside_a_record_that_waits(tmp_path: Path) -> None:
    """While a person is asked about a record, another dossier of that person waits with it."""
    with Town(tmp_path, ("gplx",)) as town:
        first = town.key(GPLX, applicant_birth_date=BORN)
        ref = keyed_carelessly(town, first)
        town.receive("gplx")
        later = town.key(GPLX)
        row = town.dossier(first)
        same = {name: row[name] for name in row if name.startswith("applicant_")}
        town.edit(later, **same | {"received_at": row["received_at"]})
        town.settle(2)
        assert list(town.conflicts(later, "gplx")) == [f"link:{ref}"]
        assert town.ministries["gplx"].calls["NopHoSo"] == 0
        ministry = town.house.ministries["gplx"]
        asked = {one.ours: one for one in match.questions(town.house, ministry, lambda: look(town))}
        seen = match.shown(town.house, ministry, asked[later], WHY)
        match.same(town.house, ministry, asked[later], seen, WHY)
        town.settle(3)
        assert town.dossier(later)["ministry_ref"] == ref
        assert town.conflicts(first, "gplx") == {}
        assert town.ministries["gplx"].calls["NopHoSo"] == 1  # it had waited for the answer
        assert town.dossier(first)["ministry_ref"] not in (None, ref)
        town.ends_well()


def test_two_dossiers_of_one_person_are_not_written_over_each_other(tmp_path: Path) -> None:
    """As sure as the person is, another matter is for a person to link."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        code = town.key(GPLX, applicant_birth_date=BORN)
        other = next(
            one for one in ("A1", "B") if one != town.dossier(code)["details"]["licence_class"]
        )
        keyed_there(town, code, HangGPLX=other)
        found = look(town)
        [refused] = link_all(town, found)
        assert isinstance(refused, match.NotLinked)
        assert "details.licence_class" in refused.reason
        town.receive("gplx")
        [asked] = match.questions(town.house, ministry, lambda: look(town))
        assert (asked.ours, asked.theirs) == (found.sure[0].ours, found.sure[0].theirs)


def test_twins_and_what_was_keyed_twice_there_are_never_linked_by_themselves(
    tmp_path: Path,
) -> None:
    """Two records for one dossier, or two dossiers for one record: a person is asked."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX, applicant_birth_date=BORN)
        refs = {keyed_there(town, code), keyed_there(town, code)}
        found = look(town)
        assert found.sure == ()
        assert {one.theirs for one in found.likely} == refs
        town.receive("gplx")
        town.settle(3)
        assert town.conflicts(code, "gplx").keys() == {f"link:{ref}" for ref in refs}

        row = town.dossier(code)
        person = {name: row[name] for name in row if name.startswith("applicant_")}
        two = [town.key(GPLX, **person | {"applicant_id_number": "036088123456"}) for _ in "ab"]
        ref = keyed_there(town, two[0])
        town.receive("gplx")
        assert all(f"link:{ref}" in town.conflicts(one, "gplx") for one in two)
        town.settle(2)
        assert town.ministries["gplx"].calls["NopHoSo"] == 0
        assert town.journal("linked") == []
        assert sorted(the_codes(town)) == sorted([code, *two])


@pytest.mark.parametrize("death", [("match", "before"), ("match", "after"), ("received", "after")])
def test_a_process_that_dies_while_it_links_goes_on_where_it_was(
    tmp_path: Path, death: tuple[str, str]
) -> None:
    """Pairs are linked or as they were; the next run, or the daemon, does the rest."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = [town.key(GPLX, applicant_birth_date=f"1988-03-{day:02}") for day in (5, 17)]
        refs = [keyed_there(town, code) for code in codes]
        found = look(town)
        town.restart(on_commit=dies_at(*death))
        with pytest.raises(PowerCutError):
            link_all(town, found)
        town.restart()
        town.front()
        assert not [one for one in link_all(town, found) if isinstance(one, NotLinked)]
        town.settle(3)
        assert [town.dossier(code)["ministry_ref"] for code in codes] == refs
        assert town.ministries["gplx"].calls["NopHoSo"] == 0
        town.ends_well()


def test_a_system_without_a_list_says_so_and_a_mirror_has_nothing_to_pair(tmp_path: Path) -> None:
    """Of yte only what has come from it is looked at; the portal shows our own dossiers."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        town.key(YTE)
        found = look(town, "yte")
        assert "gives no list" in str(found.unseen)
        assert (found.onestop_only, found.ministry_only) == (1, 0)
        with pytest.raises(Refusal, match="nothing to pair"):
            look(town, "dvcqg")
