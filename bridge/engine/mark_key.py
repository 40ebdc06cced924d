"""Under which key the store's marks are made: the first one it is used with, until a person says another.

Under another key no mark that is kept would be found, and a dossier keyed at the counter would be filed
beside the record that waits. So with a key all are made anew, in one transaction, from what they were
made of: the links, and the records in the inbox. What can't be read now is worked once more.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.engine import unpaired
from bridge.engine.house import House
from bridge.engine.people.decision import Decision
from bridge.store import Unit
from bridge.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class Anew:
    """How many records were marked anew, and how many are worked once more instead."""

    marked: int = 0
    again: int = 0


def accept(house: House, decision: Decision | None = None) -> Anew:
    """Have the store's marks made with this house's key from now on.

    Without a person's decision only where the store knows of none yet.

    Raises:
        StoreFault: it knows of another one by now.
    """
    with house.store.write("key accepted") as unit:
        unit.unpaired.turn({*house.ministries, *unit.unpaired.kept()})
        if not unit.unpaired.take_key(house.marks.name, instead=decision is not None):
            house.marks.turn(unit, ())
            return Anew()
        anew = _mark(house, unit)
        if decision is not None:
            unit.outbox.forget_gone_over(unit.now)  # under the key that may be known to a stranger
            decision.journal(unit, "key", marked=anew.marked, again=anew.again)
    return anew


def _mark(house: House, unit: Unit) -> Anew:
    kept, marked, again = unit.unpaired.kept(), 0, 0
    unit.unpaired.clear()
    for system, records in kept.items():
        for some in chunks(sorted(records), house.page):
            left: list[str] = []
            for ref, told in unpaired.told(house, unit, system, some).items():
                if told is None:
                    unit.inbox.release_ref(system, ref)
                    left.append(ref)
                    continue
                unit.unpaired.keep(system, ref, house.marks.of(told.entry), records[ref])
                marked += 1
            unit.inbox.call_in_refs(system, left)
            again += len(left)
    return Anew(marked, again)
