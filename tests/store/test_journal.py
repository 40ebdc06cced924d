from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Table, delete, insert, select, update

from bridge.domain.dossier import Json
from bridge.domain.journal import GENESIS, Event, verify
from bridge.store import Store, Unit, tables
from tests.store.conftest import CODE, SYSTEM, Clock, cut, together

journal: Table = tables.journal


def note(store: Store, *codes: str, event: Event = Event.POSTED) -> None:
    """Write one unit with an entry for each of these dossiers."""
    with store.write("post") as unit:
        for code in codes:
            unit.journal.add(event, code=code, system=SYSTEM, fields=["status"], count=1)


def broken_at(store: Store) -> int | None:
    with store.read() as unit:
        return verify(unit.journal.all())


def alter(unit: Unit, number: int, /, **values: object) -> None:
    unit.connection.execute(update(journal).where(journal.c.n == number).values(values))


def remove(unit: Unit, n: int) -> None:
    unit.connection.execute(delete(journal).where(journal.c.n == n))


def swap(unit: Unit, n: int, m: int) -> None:
    """Let two entries change places, each with its own hashes."""
    for old, new in ((n, -1), (m, n), (-1, m)):
        alter(unit, old, n=new)


def close_gap(unit: Unit, n: int) -> None:
    """Remove an entry and number those behind it anew, so that no number is missing."""
    remove(unit, n)
    later = select(journal.c.n).where(journal.c.n > n).order_by(journal.c.n)
    for each in unit.connection.execute(later).scalars().all():
        alter(unit, each, n=each - 1)


def repeat(unit: Unit, n: int) -> None:
    """Put a copy of an entry at the end."""
    row = unit.connection.execute(select(journal).where(journal.c.n == n)).mappings().one()
    unit.connection.execute(insert(journal), dict(row) | {"n": unit.journal.last() + 1})


def test_an_empty_journal_is_whole(store: Store) -> None:
    """Nothing was written, nothing is broken; a unit without a word writes none."""
    note(store)
    assert broken_at(store) is None
    with store.read() as unit:
        assert unit.journal.last() == 0
        assert unit.journal.of(CODE) == []


def test_entries_stand_in_one_chain(store: Store) -> None:
    """Units of any length append to the same chain, from the first hash on, numbered from one."""
    note(store, "A", "B")
    note(store, "C")
    with store.read() as unit:
        rows = list(unit.journal.all())
    assert [(row.n, row.code) for row in rows] == [(1, "A"), (2, "B"), (3, "C")]
    assert [row.previous for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    assert broken_at(store) is None


def test_an_entry_says_what_was_noted(store: Store, clock: Clock) -> None:
    """Event, dossier, system, instant and detail come back, of any script and shape."""
    detail: dict[str, Json] = {
        "fields": ["status", "details.hạng"],
        "lần": 2,
        "all": True,
        "none": None,
    }
    with store.write("post") as unit:
        unit.journal.add(Event.LOSS, code=CODE, system=SYSTEM, **detail)
        unit.journal.add(Event.FEED_WARNING)
    with store.read() as unit:
        row, bare = unit.journal.all()
    assert (row.event, row.code, row.system, row.detail) == ("loss", CODE, SYSTEM, detail)
    assert type(clock.now).fromisoformat(row.at) == clock.now
    assert (bare.code, bare.system, bare.detail) == (None, None, {})
    assert broken_at(store) is None


def test_an_entry_of_a_unit_that_fails_is_not_in_the_chain(store: Store) -> None:
    """What did not happen is not told, and leaves no gap."""
    note(store, "A")
    cut(store, lambda unit: unit.journal.add(Event.POSTED, code="B"))
    note(store, "C")
    with store.read() as unit:
        assert [(row.n, row.code) for row in unit.journal.all()] == [(1, "A"), (2, "C")]
    assert broken_at(store) is None


@pytest.mark.parametrize(
    "values",
    [
        {"at": "2026-11-20T12:00:00.001+07:00"},
        {"code": "other"},
        {"code": None},
        {"system": "yte"},
        {"event": "confirmed"},
        {"detail": '{"count":2,"fields":["status"]}'},
        {"previous": GENESIS},
        {"hash": "f" * 64},
    ],
    ids="-".join,
)
def test_a_changed_entry_is_found(store: Store, values: dict[str, object]) -> None:
    """Whichever word of an entry is changed, its number is told."""
    note(store, "A", "B", "C", "D")
    with store.write("tamper") as unit:
        alter(unit, 3, **values)
    assert broken_at(store) == 3


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        pytest.param(lambda unit: remove(unit, 1), 1, id="first removed"),
        pytest.param(lambda unit: remove(unit, 2), 2, id="one removed"),
        pytest.param(lambda unit: close_gap(unit, 2), 2, id="removed, the rest renumbered"),
        pytest.param(lambda unit: swap(unit, 2, 3), 2, id="neighbours swapped"),
        pytest.param(lambda unit: swap(unit, 1, 4), 1, id="ends swapped"),
        pytest.param(lambda unit: repeat(unit, 2), 5, id="one repeated"),
    ],
)
def test_a_removed_moved_or_repeated_entry_is_found(
    store: Store, tamper: Callable[[Unit], None], found: int
) -> None:
    """The chain breaks at the place, and stays broken whatever is appended later."""
    note(store, "A", "B", "C", "D")
    with store.write("tamper") as unit:
        tamper(unit)
    assert broken_at(store) == found
    note(store, "E")
    assert broken_at(store) == found


@pytest.mark.parametrize("processes", [1, 2])
def test_two_that_write_at_once_make_one_chain(store: Store, rival: Store, processes: int) -> None:
    """Two threads, of one process or of two, lose no entry and break nothing."""
    other = store if processes == 1 else rival

    def write(one: Store, name: str) -> None:
        for n in range(15):
            note(one, f"{name}{n}", f"{name}{n}")

    together(lambda: write(store, "A"), lambda: write(other, "B"))
    assert broken_at(store) is None
    with store.read() as unit:
        rows = list(unit.journal.all())
    assert [row.n for row in rows] == list(range(1, 61))
    for name in "AB":
        mine = [row.code for row in rows if (row.code or "").startswith(name)]
        assert mine == [f"{name}{n}" for n in range(15) for _ in range(2)]
    assert all(rows[n].code == rows[n + 1].code for n in range(0, 60, 2))


def test_a_dossiers_entries_are_told_in_order(store: Store) -> None:
    """The story of one dossier, without those of others."""
    note(store, "A", "B")
    note(store, "A", event=Event.SENDING)
    with store.read() as unit:
        assert [row.event for row in unit.journal.of("A")] == ["posted", "sending"]


def test_events_are_counted_from_an_entry_on(store: Store) -> None:
    """By system and event, after the entry given; what speaks of no system is not counted."""
    note(store, "A", "B")
    with store.write("post") as unit:
        unit.journal.add(Event.RESUMED)
    note(store, "A", event=Event.SENDING)
    with store.read() as unit:
        assert unit.journal.counts(0) == {(SYSTEM, "posted"): 2, (SYSTEM, "sending"): 1}
        assert unit.journal.counts(2) == {(SYSTEM, "sending"): 1}
        assert unit.journal.counts(unit.journal.last()) == {}


def test_a_journal_longer_than_a_page_is_read_whole(store: Store) -> None:
    """A chain read in portions is verified to its end."""
    note(store, *(f"D{n}" for n in range(2300)))
    with store.write("tamper") as unit:
        assert verify(unit.journal.all()) is None
        alter(unit, 2300, code="other")
    assert broken_at(store) == 2300
