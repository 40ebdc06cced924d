"""Nobody has linked a record, and one looks whose it is: what happens meanwhile is seen by one of the two."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.domain.delivery import State
from bridge.domain.stage import Stage
from bridge.engine import feed, imports, receive, unlinked, unpaired
from bridge.engine.alike import entry
from bridge.engine.house import House, Ministry
from bridge.engine.imports import Stranger
from bridge.store import Link
from bridge.store.inbox import Inbox
from bridge.store.links import IMPORTING, Links
from tests.journey.keyed_twice import keyed_there
from tests.journey.test_keyed_again import keyed_here, marks_kept
from tests.journey.test_keyed_twice import BORN, the_codes
from tests.journey.town import GPLX, Town

AT = "2026-09-01T08:00:00+07:00"
MOMENTS = ["page read", "looking", "looked", "import number after"]


def once_at(town: Town, moment: str, act: Callable[[], None]) -> None:
    """Have something done once, when the engine comes to this moment of a page."""
    done: list[str] = []

    def at(now: str) -> None:
        if now == moment and not done:
            done.append(now)
            act()

    real = town.house.onestop.alike

    def alike(people: Any) -> Any:
        at("looking")
        found = real(people)
        at("looked")
        return found

    town.house.onestop.alike = alike  # type: ignore[method-assign]
    town.house.store.on_commit = lambda name, phase: at(f"{name} {phase}")


def when_read(monkeypatch: pytest.MonkeyPatch, act: Callable[[Sequence[Stranger]], None]) -> None:
    """Have something done once, between the reading of a page and the keeping of its marks."""
    real, done = unlinked._without_doubles, list[str]()

    def without_doubles(
        house: House, ministry: Ministry, strangers: Sequence[Stranger]
    ) -> list[Stranger]:
        found = real(house, ministry, strangers)
        if not done:
            done.append("")
            act(strangers)
        return found

    monkeypatch.setattr(unlinked, "_without_doubles", without_doubles)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("steps", [False, True])
def test_a_dossier_that_is_put_in_line_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, *, steps: bool
) -> None:
    """From the reading of a page to the drawing of numbers; steps go to the system, or not."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN)
        town.settle(2)
        ministry = town.house.ministries["gplx"]
        if steps:
            can = replace(ministry.capabilities, steps=True, probes=True)
            monkeypatch.setattr(ministry.adapter, "capabilities", can)
        ref = keyed_there(town, pattern, NgayTiepNhan=AT)
        made: list[str] = []

        def keyed(_: object = None) -> None:
            made.append(keyed_here(town, pattern, received_at=AT))
            town.front()

        if moment == "page read":
            when_read(monkeypatch, keyed)
        else:
            once_at(town, moment, keyed)
        town.receive("gplx")
        assert town.conflicts(made[0], "gplx").keys() == {f"link:{ref}"}
        assert [aside for aside, *_ in town.quarantined()] == [ref]
        assert town.journal("imported") == []
        if not steps:  # it was taken back, or never put in line, and stays so
            town.settle(2)
            assert set(town.states(made[0], "gplx")) <= {"superseded"}
            assert len(town.ministries["gplx"].records()) == 2
            assert sorted(the_codes(town)) == sorted([pattern, *made])


@pytest.mark.parametrize("moment", ["looked", "import number after"])
def test_what_the_first_look_would_not_find_is_asked_about_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Found by name and birth date alone, three weeks apart: the next look would not come upon it."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN, applicant_id_number="001099123456")
        town.settle(2)
        ministry = town.house.ministries["gplx"]
        can = replace(ministry.capabilities, steps=True, probes=True)
        monkeypatch.setattr(ministry.adapter, "capabilities", can)
        ref = keyed_there(town, pattern, NgayTiepNhan=AT)
        made: list[str] = []

        def keyed() -> None:
            slip = {"applicant_id_number": "001099123465", "applicant_phone": "0912345678"}
            later = "2026-09-21T08:00:00+07:00"
            made.append(keyed_here(town, pattern, received_at=later, **slip))
            town.front()

        once_at(town, moment, keyed)
        town.receive("gplx")
        assert town.conflicts(made[0], "gplx").keys() == {f"link:{ref}"}
        assert town.journal("imported") == []


def test_one_that_can_not_be_read_is_asked_about_with_what_is_put_in_line(tmp_path: Path) -> None:
    """A dossier on its way is corrected while one looks: it may be this record too."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN)
        town.settle(2)
        other = on_its_way(town)
        ref = keyed_there(town, pattern, NgayTiepNhan=AT, NgaySinh="31/02/1988")
        person = applicant(town, pattern)

        def corrected() -> None:
            town.edit(other, **person)
            town.front()

        once_at(town, "looked", corrected)
        town.receive("gplx")
        assert f"link:{ref}" in town.conflicts(other, "gplx")
        assert [aside for aside, *_ in town.quarantined()] == [ref]


def applicant(town: Town, code: str) -> dict[str, Any]:
    """Return the person of a dossier."""
    row = town.dossier(code)
    return {name: value for name, value in row.items() if name.startswith("applicant_")}


def on_its_way(town: Town) -> str:
    """Key another person's dossier, of which nobody knows whether it was taken; returns its code."""
    other = town.key(
        GPLX,
        received_at=AT,
        applicant_name="Phan Khác Hẳn",
        applicant_id_number="001099123456",
        applicant_phone="0987654321",
        applicant_birth_date="1970-01-05",
    )
    town.front()
    link = town.link(other, "gplx")
    with town.house.store.write("lost") as unit:
        [one] = unit.outbox.open_of_links([link.id])[link.id]
        late = unit.now.replace(year=unit.now.year + 1)
        values = {"state": State.IN_DOUBT.value, "sent_at": unit.now, "due_at": late}
        unit.outbox.change_all([one.id], values)
    return other


def test_a_dossier_on_its_way_that_is_corrected_is_asked_about(tmp_path: Path) -> None:
    """Nobody knows yet whether it was taken, and by now it is this person's."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN)
        town.settle(2)
        person, other = applicant(town, pattern), on_its_way(town)
        ref = keyed_there(town, pattern, NgayTiepNhan=AT)

        def corrected() -> None:
            town.edit(other, **person)
            town.front()

        once_at(town, "looked", corrected)
        town.receive("gplx")
        assert town.conflicts(other, "gplx").keys() == {f"link:{ref}"}


def test_what_a_crowd_bears_hides_nobody_who_is_put_in_line(tmp_path: Path) -> None:
    """Its marks alone would find a week's records; it is laid beside the page itself."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN)
        town.settle(2)
        ref = keyed_there(town, pattern, NgayTiepNhan=AT)
        made: list[str] = []

        def keyed() -> None:
            later = "2026-09-20T08:00:00+07:00"
            made.append(keyed_here(town, pattern, received_at=later, applicant_birth_date=None))
            row = town.dossier(made[0])
            told = {
                f"applicant.{name}": row[f"applicant_{name}"]
                for name in ("id_number", "phone", "name")
            }
            marks = town.house.marks.of(entry("one of a crowd", told))
            with town.house.store.write("crowd") as unit:
                until = unit.now.replace(year=unit.now.year + 1)
                unit.unpaired.keep("gplx", {f"F{n}": marks for n in range(205)}, until)
            town.front()

        once_at(town, "looked", keyed)
        town.receive("gplx")
        assert town.conflicts(made[0], "gplx").keys() == {f"link:{ref}"}


@pytest.mark.parametrize("so_far", ["reserved", "imported"])
def test_a_process_that_froze_meanwhile_leaves_what_another_has_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, so_far: str
) -> None:
    """Its lease has ended, another has reserved or made the dossier: nobody is asked, the marks stay."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        town.ministries["gplx"].file_own(1)
        feed.poll_open(town.house, ministry)

        def other_process(strangers: Sequence[Stranger]) -> None:
            with monkeypatch.context() as dies:
                if so_far == "reserved":
                    dies.setattr(imports, "_finish", lambda *_: None)
                unlinked.take_in(town.house, ministry, strangers)
            assert [timed for _, timed in marks_kept(town)] == [True]

        when_read(monkeypatch, other_process)
        town.receive("gplx")
        town.settle(2)
        [code] = the_codes(town)
        unpaired.tidy(town.house)
        assert town.conflicts(code, "gplx") == {}
        assert [timed for _, timed in marks_kept(town)] == [True]


@pytest.mark.parametrize("moment", ["page read", "looking", "import number after"])
def test_what_another_process_has_worked_is_let_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """It was asked about there, and a person has said that it is a dossier's second record."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        (ref,) = town.ministries["gplx"].file_own(1)
        feed.poll_open(town.house, ministry)

        def worked(_: object = None) -> None:
            with town.house.store.write("worked") as unit:
                unit.inbox.done([one.id for one in unit.inbox.oldest_due("gplx", 9)])
                unit.unpaired.forget("gplx", [ref])

        if moment == "page read":
            when_read(monkeypatch, worked)
        else:
            once_at(town, moment, worked)
        receive.work(town.house, ministry)
        assert town.journal("imported") == town.journal("import_reserved") == []
        assert moment != "page read" or marks_kept(town) == []


def test_a_record_that_leaves_the_inbox_while_one_posts_is_found_in_its_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two statements see what was committed before each: between them it has become a dossier."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN)
        town.settle(2)
        ref = keyed_there(town, pattern, NgayTiepNhan=AT)
        town.receive("gplx")
        assert ref in {row.detail["ref"] for row in town.journal("imported")}
        again = keyed_here(town, pattern, received_at=AT)
        real_refs, real_last = Links.of_refs, Inbox.last_of
        inbox_read: list[str] = []

        def of_refs(self: Links, system: str, refs: Collection[str]) -> dict[str, Link]:
            found = real_refs(self, system, refs)
            if inbox_read:
                return found
            return {one: replace(link, base=None, state=IMPORTING) for one, link in found.items()}

        def last_of(self: Inbox, source: str, one: str) -> Any:
            inbox_read.append(one)
            return real_last(self, source, one)

        monkeypatch.setattr(Links, "of_refs", of_refs)
        monkeypatch.setattr(Inbox, "last_of", last_of)
        town.front()
        assert inbox_read == [ref]
        assert f"link:{ref}" in town.conflicts(again, "gplx")
        assert ref in dict(marks_kept(town))


def test_a_stage_that_is_set_back_lets_nothing_in(tmp_path: Path) -> None:
    """It is looked at where records become dossiers, and not only where they are read."""
    with Town(tmp_path, ("gplx",)) as town:
        town.ministries["gplx"].file_own(3)

        def back() -> None:
            with town.house.store.write("back") as unit:
                unit.systems.set("gplx", stage=Stage.READ_ONLY.value)

        once_at(town, "import number after", back)
        town.receive("gplx")
        assert town.journal("imported") == []
        assert the_codes(town) == []
