"""Some days of a comparison: what they come to is gathered on disk, and written as one.

A portion is kept whole or not at all, in one transaction: so one that was cut off leaves nothing
behind, and taken up again it comes to the same. What is in step is only counted, by its place, and
known by eight bytes (``in_step``). Everything else is a row, known by its key: two records of one
dossier that nobody has here may be listed on days of two portions, and are its duplicates.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import orjson

from bridge.domain.comparison import Kind, Place, Placed, kind_of
from bridge.domain.finding_record import action_of, as_record, code_of, from_record, key_of, refs_of
from bridge.domain.reconcile import Duplicates, InStep
from bridge.engine.reconcile.in_step import sign_of
from bridge.engine.reconcile.scratch import scratch
from bridge.engine.reconcile.spill import Laid, Spill
from bridge.engine.reconcile.values import Values
from bridge.store import ComparedPortion, ComparedRow, Imprint, Unit

ROWS_AT_ONCE = 2_000
"""Rows that are in memory at a time."""

_TABLES = """
    CREATE TABLE gathered (key TEXT PRIMARY KEY, place BLOB, finding BLOB) WITHOUT ROWID;
    CREATE TABLE over (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""

_OF_NOBODY_HERE = (Kind.MISSING_AT_ONESTOP, Kind.DUPLICATES, Kind.ON_ITS_WAY, Kind.ORPHAN_LINK)
"""What records may come to whose dossier is not here; another may be listed on another day."""


@dataclass(slots=True)
class Gathering:
    """What is gathered of the days from ``begin`` to ``end``, both included."""

    comparison: int
    begin: date
    end: date
    values: Values
    strays: Spill
    seen: int = 0
    in_step: Counter[Place] = field(default_factory=Counter)
    aside: list[str] = field(default_factory=list)
    signs: bytearray = field(default_factory=bytearray)
    _sql: sqlite3.Connection = field(init=False)

    def __enter__(self) -> Self:
        """Open it, empty."""
        self._sql = scratch(_TABLES, memory_mb=4)
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of what was gathered."""
        self._sql.close()

    def set_aside(self, laid: Iterable[Laid]) -> None:
        """Set records aside whose dossiers were received on other days."""
        some = list(laid)
        self.strays.put(some)
        self.aside.extend(one.record.ref for one in some)

    def hear(self, one: Placed) -> None:
        """Gather a finding."""
        self.seen += 1
        if isinstance(one.finding, InStep):
            self.in_step[one.place] += 1
            self.signs += sign_of(one.finding.code)
            return
        key = key_of(one.finding)
        self.values.put(key, one.finding)
        told = (key, orjson.dumps(one.place), orjson.dumps(as_record(one.finding)))
        self._sql.execute("INSERT OR REPLACE INTO gathered VALUES (?, ?, ?)", told)

    def hear_agreed(self, imprint: Imprint) -> None:
        """Gather what was agreed of these days, and is."""
        self.seen += sum(imprint.in_step.values())
        self.in_step.update(imprint.in_step)
        self.signs += imprint.signs

    def amend(self, one: Placed) -> None:
        """Gather a finding that stands in the place of what was found of its dossier before."""
        self.hear(one)
        if isinstance(one.finding, InStep):
            self._sql.execute("INSERT OR IGNORE INTO over VALUES (?)", (one.finding.code,))

    def write(self, unit: Unit) -> None:
        """Write what was gathered, and that these days are done."""
        over = self._sql.execute("SELECT key FROM over")
        while some := over.fetchmany(ROWS_AT_ONCE):
            unit.comparisons.drop(self.comparison, [key for (key,) in some])
        for rows in self._rows():
            keys = [row.key for row in rows if row.kind in _OF_NOBODY_HERE]
            known = unit.comparisons.of_keys(self.comparison, keys)
            unit.comparisons.put(
                self.comparison, [_merged(row, known.get(row.key)) for row in rows]
            )
        portion = ComparedPortion(
            self.begin, self.end, self.in_step, tuple(self.aside), bytes(self.signs)
        )
        unit.comparisons.add_portion(self.comparison, portion)

    def _rows(self) -> Iterator[list[ComparedRow]]:
        gathered = self._sql.execute("SELECT place, finding FROM gathered ORDER BY key")
        while some := gathered.fetchmany(ROWS_AT_ONCE):
            yield [
                as_row(Placed(from_record(orjson.loads(finding)), Place(**orjson.loads(place))))
                for place, finding in some
            ]


def _merged(row: ComparedRow, before: ComparedRow | None) -> ComparedRow:
    """Return a row with the records that another portion has found of its dossier."""
    if before is None or before.kind not in _OF_NOBODY_HERE:
        return row
    here, there = from_record(row.finding), from_record(before.finding)
    refs, code = sorted({*refs_of(here), *refs_of(there)}), code_of(here)
    if code is None or len(refs) < 2:  # noqa: PLR2004 - one record, heard of twice
        return row
    first = row if refs[0] in refs_of(here) else before
    return as_row(Placed(Duplicates(code, tuple(refs)), first.place))


def as_row(one: Placed) -> ComparedRow:
    """Return a finding as the store keeps it."""
    kind, action = kind_of(one.finding), action_of(one.finding).value
    return ComparedRow(key_of(one.finding), kind, action, one.place, as_record(one.finding))
