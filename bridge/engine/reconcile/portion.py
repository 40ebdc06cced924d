"""Some days of a comparison: what they come to is gathered, and written down as it comes.

What is in step is only counted, by its place. Everything else is a row, known by its key: two
records of one dossier that nobody has here may be listed on days of two portions, and are its
duplicates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bridge.domain.comparison import Kind, Place, Placed, kind_of
from bridge.domain.finding_record import action_of, as_record, code_of, from_record, key_of, refs_of
from bridge.domain.reconcile import Duplicates, InStep
from bridge.engine.reconcile.spill import Laid, Spill
from bridge.engine.reconcile.values import Values
from bridge.store import ComparedPortion, ComparedRow, Unit

ROWS_AT_ONCE = 2_000
"""Rows that are gathered before they are written."""

_ONLY_THERE = (Kind.MISSING_AT_ONESTOP, Kind.DUPLICATES)


@dataclass(slots=True)
class Gathering:
    """What is gathered of the days from ``begin`` to ``end``, both included; ``kept_at``: of late."""

    comparison: int
    begin: date
    end: date
    values: Values
    strays: Spill
    kept_at: datetime
    seen: int = 0
    in_step: Counter[Place] = field(default_factory=Counter)
    rows: list[ComparedRow] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)

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
        else:
            self.rows.append(as_row(one, self.values))

    @property
    def many(self) -> bool:
        """Whether there are so many rows that they are to be written."""
        return len(self.rows) >= ROWS_AT_ONCE

    def write(self, unit: Unit) -> None:
        """Write the rows that are gathered."""
        only_there = [row.key for row in self.rows if row.kind in _ONLY_THERE]
        known = unit.comparisons.of_keys(self.comparison, only_there)
        merged = [self._with(row, known.get(row.key)) for row in self.rows]
        unit.comparisons.put(self.comparison, self.begin, merged)
        self.rows, self.kept_at = [], unit.now

    def finish(self, unit: Unit) -> None:
        """Write what is left, and that these days are done."""
        self.write(unit)
        portion = ComparedPortion(self.begin, self.end, self.in_step, tuple(self.aside))
        unit.comparisons.add_portion(self.comparison, portion)

    def _with(self, row: ComparedRow, before: ComparedRow | None) -> ComparedRow:
        """Return a row with the records that another portion has found of its dossier."""
        if before is None or before.kind not in _ONLY_THERE:
            return row
        here, there = from_record(row.finding), from_record(before.finding)
        refs, code = {*refs_of(here), *refs_of(there)}, code_of(here)
        if code is None or len(refs) == 1:
            return row
        return as_row(Placed(Duplicates(code, tuple(sorted(refs))), before.place), self.values)


def as_row(one: Placed, values: Values) -> ComparedRow:
    """Return a finding as the store keeps it; the values of its fields go into ``values``."""
    key = key_of(one.finding)
    values.put(key, one.finding)
    kind, action = kind_of(one.finding), action_of(one.finding).value
    return ComparedRow(key, kind, action, one.place, as_record(one.finding))


def as_rows(placed: Sequence[Placed], values: Values) -> list[ComparedRow]:
    """Return findings as the store keeps them."""
    return [as_row(one, values) for one in placed]
