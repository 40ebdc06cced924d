"""The auditor before journals of both databases, whole and tampered with in every way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, insert, select

from bridge.audit import Anchor, Break, Kind, Ledger, Unreadable, Verdict, audit
from bridge.domain.journal import GENESIS, Event, entry_hash, verify
from bridge.store import Store, Unit, tables
from tests.store.conftest import SYSTEM
from tests.store.test_journal import alter, close_gap, note, remove, repeat, swap

journal: Table = tables.journal
ODD = 'Nguyễn\u0323 \u0000\u0001\b\t\n\f\r\u001f"\\/\u007f\u2028\ufeff👍'


def judged(store: Store, *anchors: Anchor) -> Verdict:
    ledger = Ledger(store.url)
    return audit(ledger.rows(ledger.head().n), anchors)


def rewrite(unit: Unit, n: int, **words: object) -> str:
    """Change an entry and give it the hash it should have now; returns that."""
    if words:
        alter(unit, n, **words)
    row = unit.connection.execute(select(journal).where(journal.c.n == n)).one()
    one = next(each for each in unit.journal.of(row.code) if each.n == n)
    said = entry_hash(one.previous, one.at, one.code, one.system, one.event, one.detail)
    alter(unit, n, hash=said)
    return said


def make_room(unit: Unit, n: int) -> None:
    """Give the entries from ``n`` on the next number each, so that ``n`` is free."""
    for each in range(unit.journal.last(), n - 1, -1):
        alter(unit, each, n=each + 1)


def insert_between(unit: Unit, n: int, *, fits: bool) -> None:
    """Put an entry at place ``n``: one that follows on the entry before, or one without a care."""
    make_room(unit, n)
    before = unit.connection.execute(select(journal).where(journal.c.n == n - 1)).mappings().one()
    words = dict(before) | {"n": n, "code": "X", "hash": "a" * 64}
    if fits:
        words["previous"] = before["hash"]
    unit.connection.execute(insert(journal), words)
    if fits:
        rewrite(unit, n)


def replace_both_ways(unit: Unit, n: int) -> None:
    """Write an entry anew with a ``previous`` that was never there, and the hash of that."""
    alter(unit, n, previous="e" * 64)
    rewrite(unit, n)


def renumber(unit: Unit, n: int) -> None:
    """Leave a number out; nothing is missing."""
    make_room(unit, n)


def forge_rest(unit: Unit, n: int) -> None:
    """Change an entry and write everything behind it anew, as one who knows the format would."""
    previous = rewrite(unit, n, code="X")
    for each in range(n + 1, unit.journal.last() + 1):
        alter(unit, each, previous=previous)
        previous = rewrite(unit, each)


def both(*deeds: Callable[[Unit], object]) -> Callable[[Unit], object]:
    """Return these deeds as one."""
    return lambda unit: [one(unit) for one in deeds]


def before_the_first(unit: Unit) -> None:
    row = unit.connection.execute(select(journal).where(journal.c.n == 1)).mappings().one()
    unit.connection.execute(insert(journal), dict(row) | {"n": 0})


def test_every_word_is_written_as_the_writer_does(store: Store) -> None:
    """An empty journal is whole; so is one with every odd character, and long ones, in portions."""
    assert judged(store) == Verdict(0, Anchor(0, GENESIS), 0, ())
    with store.write("post") as unit:
        text = ODD if store.is_sqlite else ODD.replace("\u0000", "")
        unit.journal.add(Event.POSTED, code=text, system=SYSTEM, words=[ODD, None, 1e300, -0.0])
        unit.journal.add(Event.RESUMED)
        for n in range(10_500):
            unit.journal.add(Event.POSTED, code=f"D{n}")
    verdict = judged(store)
    assert (verdict.ok, verdict.entries, verdict.head.n) == (True, 10_502, 10_502)
    assert verdict.first_broken is None


CHANGES = {
    "at": "2026-11-20T05:00:00.000+00:00 ",
    "code": None,
    "system": "yte",
    "event": "confirmed",
    "detail": '{"count": 1, "fields": ["status"]}',
}

TAMPERINGS: dict[str, tuple[Callable[[Unit], object], Break]] = {
    **{
        f"{name} changed": (
            lambda unit, name=name, value=value: alter(unit, 3, **{name: value}),  # type: ignore[misc]
            Break(3, Kind.CHANGED, 3, 3),
        )
        for name, value in CHANGES.items()
    },
    "previous changed": (
        lambda unit: alter(unit, 3, previous=GENESIS),
        Break(3, Kind.PREVIOUS, 3, 3),
    ),
    "hash changed": (lambda unit: alter(unit, 3, hash="f" * 64), Break(3, Kind.HASH, 3, 3)),
    "last entry changed": (
        lambda unit: alter(unit, 5, code="X"),
        Break(5, Kind.CHANGED, 5, 5),
    ),
    "changed, its hash too": (
        lambda unit: rewrite(unit, 3, code="X"),
        Break(4, Kind.SEAM, 3, 4),
    ),
    "written anew on nothing": (
        lambda unit: replace_both_ways(unit, 3),
        Break(3, Kind.REPLACED, 3, 3),
    ),
    "first removed": (lambda unit: remove(unit, 1), Break(1, Kind.REMOVED, 1, 1)),
    "middle removed": (
        both(lambda unit: remove(unit, 2), lambda unit: remove(unit, 3)),
        Break(2, Kind.REMOVED, 2, 3),
    ),
    "removed, rest renumbered": (lambda unit: close_gap(unit, 3), Break(3, Kind.SEAM, 2, 3)),
    "first removed, rest renumbered": (
        lambda unit: close_gap(unit, 1),
        Break(1, Kind.HEADLESS, 1, 1),
    ),
    "number left out": (lambda unit: renumber(unit, 3), Break(3, Kind.RENUMBERED, 3, 3)),
    "inserted": (
        lambda unit: insert_between(unit, 3, fits=False),
        Break(3, Kind.INSERTED, 3, 3),
    ),
    "inserted, with its hash": (
        lambda unit: insert_between(unit, 3, fits=True),
        Break(3, Kind.INSERTED, 3, 3),
    ),
    "two inserted, with their hashes": (
        both(
            lambda unit: insert_between(unit, 3, fits=True),
            lambda unit: insert_between(unit, 4, fits=True),
        ),
        Break(3, Kind.INSERTED, 3, 4),
    ),
    "inserted before the first": (
        before_the_first,
        Break(0, Kind.INSERTED, 0, 0),
    ),
    "neighbours swapped": (lambda unit: swap(unit, 2, 3), Break(2, Kind.SWAPPED, 2, 3)),
    "a copy at the end": (lambda unit: repeat(unit, 2), Break(6, Kind.INSERTED, 6, 6)),
}


def test_what_was_done_is_found_and_named(store: Store) -> None:
    """One deed is one break, at its place and by its name, whatever is appended afterwards."""
    for deed, (tamper, expected) in TAMPERINGS.items():
        with store.write("burn") as unit:
            unit.connection.execute(delete(journal))
        note(store, "A", "B", "C", "D", "E")
        with store.write("tamper") as unit:
            tamper(unit)
        verdict = judged(store)
        assert verdict.breaks == (expected,), deed
        assert (verdict.ok, verdict.broken, verdict.first_broken) == (False, 1, expected.n), deed
        note(store, "F")
        assert expected.n in {one.n for one in judged(store).breaks}, deed


def test_more_than_one_deed_is_told_apart(store: Store) -> None:
    """Every place is named in order; two that are far apart don't hide each other."""
    note(store, *"ABCDEFGHIJ")
    with store.write("tamper") as unit:
        alter(unit, 2, event="confirmed")
        remove(unit, 5)
        rewrite(unit, 8, code="X")
    assert [(one.n, one.kind) for one in judged(store).breaks] == [
        (2, Kind.CHANGED),
        (5, Kind.REMOVED),
        (9, Kind.SEAM),
    ]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_bytes_that_are_no_text_are_a_change(store: Store) -> None:
    """SQLite keeps whatever it is given: what is no text at all breaks its entry, and no more."""
    note(store, "A", "B", "C")
    with store.write("tamper") as unit:
        unit.connection.exec_driver_sql("UPDATE journal SET code = x'ff00' WHERE n = 2")
        unit.connection.exec_driver_sql("UPDATE journal SET at = CAST(x'ff41' AS TEXT) WHERE n = 3")
    assert [(one.n, one.kind) for one in judged(store).breaks] == [
        (2, Kind.CHANGED),
        (3, Kind.CHANGED),
    ]


def test_what_a_chain_can_t_show_an_anchor_does(store: Store) -> None:
    """The end cut off, and all of it written anew: whole without an anchor, found with one."""
    note(store, "A", "B", "C", "D", "E")
    with store.read() as unit:
        kept = [Anchor(row.n, row.hash) for row in unit.journal.all()]
    assert judged(store, *kept).ok
    with store.write("tamper") as unit:
        remove(unit, 5)
        remove(unit, 4)
    assert judged(store).ok
    assert judged(store, *kept).breaks == (Break(4, Kind.CUT_OFF, 4, 4),)
    assert judged(store, kept[4]).breaks == (Break(4, Kind.CUT_OFF, 4, 5),)
    with store.write("tamper") as unit:
        forge_rest(unit, 2)
        assert verify(unit.journal.all()) is None
    assert judged(store).ok
    assert judged(store, kept[0]).ok
    assert judged(store, *kept[:3]).breaks == (Break(2, Kind.OTHER, 1, 2),)


def test_a_journal_that_is_not_there_is_said(tmp_path: Path) -> None:
    """No file is made by looking, and a database without the table is named, without a secret."""
    url = f"sqlite:///{tmp_path}/none.db"
    with pytest.raises(Unreadable, match=r"none\.db"):
        Ledger(url).head()
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(Unreadable, match=r"bridge:\*\*\*@127.0.0.1") as fault:
        Ledger("postgresql+psycopg://bridge:quiet@127.0.0.1:1/x").head()
    assert "quiet" not in str(fault.value)
