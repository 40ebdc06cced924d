"""Under which key the store's marks are made: the first one it is used with, until a person says another.

Under another key no mark that is kept would be found, and a dossier keyed at the counter would be filed
beside the record that waits. So with a key all are made anew from what they were made of: the links, and
the records in the inbox. What can't be read now is worked once more.

That takes minutes where many wait, so it goes a portion at a time, and others write in between. From the
commit that takes the key until that of the last portion nobody looks for a mark or keeps one
(``Marks.turn``): no dossier is put in line beside a record whose marks it would not find. Who dies
meanwhile leaves it so, and whoever starts goes on (``go_on``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bridge.engine import unpaired
from bridge.engine.house import House
from bridge.engine.people.decision import Decision
from bridge.store import Unit
from bridge.store.unpaired import BEGINNING

BETWEEN = 0.1
"""Seconds between two portions: so long SQLite sleeps, at most, before it tries for a lock again."""


@dataclass(frozen=True, slots=True)
class Anew:
    """How many records were marked anew, and how many are worked once more instead."""

    marked: int = 0
    again: int = 0

    def __add__(self, other: Anew) -> Anew:
        """Return both together."""
        return Anew(self.marked + other.marked, self.again + other.again)


def accept(house: House, decision: Decision | None = None) -> Anew:
    """Have the store's marks made with this house's key from now on; returns what that came to here.

    Without a person's decision only where the store knows of none yet.

    Raises:
        StoreFault: it knows of another one by now.
    """
    with house.store.write("key accepted") as unit:
        systems = unit.unpaired.systems()
        unit.unpaired.turn({*house.ministries, *systems})
        if unit.unpaired.take_key(house.marks.name, instead=decision is not None) and systems:
            unit.unpaired.mark_anew(BEGINNING)
        house.marks.know(unit)
        if decision is not None:
            unit.outbox.forget_gone_over(unit.now)  # under the key that may be known to a stranger
            decision.journal(unit, "key")
    return go_on(house)


def go_on(house: House) -> Anew:
    """Mark what is kept with the key that was taken, as far as that was not done; portion by portion.

    Raises:
        StoreFault: the store goes with another key by now.
    """
    with house.store.glance() as unit:
        left = unit.unpaired.anew() is not None
    anew = Anew()
    while left:
        with house.store.write("marked anew") as unit:
            anew += _portion(house, unit)
            left = unit.unpaired.anew() is not None
        if left:
            house.sleep(BETWEEN)
    return anew


def _portion(house: House, unit: Unit) -> Anew:
    """Mark the next records, and note how far that has come; another process may have done them all."""
    after = unit.unpaired.anew(lock=True)
    if after is None:
        return Anew()
    house.marks.know(unit)
    kept = unit.unpaired.kept(after, house.page)
    unit.unpaired.mark_anew(kept[-1][0] if len(kept) == house.page else None)
    anew = Anew()
    for system, records in groupby(kept, lambda one: one[0][0]):
        anew += _mark(house, unit, system, {ref: until for (_, ref), until in records})
    return anew


def _mark(house: House, unit: Unit, system: str, records: Mapping[str, datetime | None]) -> Anew:
    told = unpaired.told(house, unit, system, list(records))
    unit.unpaired.forget(system, list(records))
    left: list[str] = []
    for ref, one in told.items():
        if one is None:
            unit.inbox.release_ref(system, ref)
            left.append(ref)
        else:
            unit.unpaired.keep(system, {ref: house.marks.of(one.entry)}, records[ref])
    unit.inbox.call_in_refs(system, left)
    return Anew(len(told) - len(left), len(left))
