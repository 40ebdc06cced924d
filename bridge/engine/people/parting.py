"""Parting a dossier from a ministry's record by hand: nothing goes out on the pair any more.

The link stays, ``parted``, and keeps the record's number: so what the ministry shows of that record
afterwards is recognised, and neither written into this dossier nor imported as a new one. Whoever
pairs the record with the dossier it belongs to takes it up from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.domain.delivery import IN_FLIGHT, UNSENT, State
from bridge.domain.said import Said
from bridge.engine import apart, clerk
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.store import Conflict, Delivery, Link, Unit
from bridge.store.links import IMPORTING, PARTED

HOW = "parted by hand"


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that may be parted, with what ends by it: what waits in line, and open conflicts.

    Whether another record is the dossier's stays asked.

    ``parted``: it is already.
    """

    ministry: Ministry
    link: Link
    waiting: Sequence[Delivery]
    conflicts: Sequence[Conflict]

    @property
    def parted(self) -> bool:
        """Whether it is parted already."""
        return self.link.state == PARTED


def look_at(house: House, ministry: Ministry, code: str) -> Pair:
    """Return the pair as it stands; changes nothing.

    Raises:
        Refusal: there is none, or it can't be parted now.
    """
    with house.store.read() as unit:
        return _pair(unit, ministry, code, lock=False)


def part(house: House, ministry: Ministry, code: str, decision: Decision) -> Pair:
    """Part a pair; returns it as it was. One that is parted stays so.

    What waited is dropped for good, its conflicts and notices end. What is written stays written,
    on both sides.

    Raises:
        Refusal: there is none, or it can't be parted now.
    """
    with house.store.write("part by hand") as unit:
        pair = _pair(unit, ministry, code, lock=True)
        if pair.parted:
            return pair
        link = pair.link
        unit.links.change(link.id, state=PARTED)
        dropped = unit.outbox.drop_line(link.id)
        for conflict in pair.conflicts:
            clerk.clash_over(unit, link, conflict.field, HOW)
        apart.remember_parted(unit, link)
        clerk.resolved(unit, code, ministry.name)
        decision.journal(
            unit, "unlink", code=code, system=ministry.name, ref=link.ref, deliveries=list(dropped)
        )
    return pair


def _pair(unit: Unit, ministry: Ministry, code: str, *, lock: bool) -> Pair:
    key = (code, ministry.name)
    link = unit.links.of_codes([code], lock=lock).get(key)
    if link is None:
        raise Refusal(
            Said("{code} is paired with no record of {system}", code=code, system=ministry.name)
        )
    if link.state == IMPORTING:
        raise Refusal(Said("the dossier is being taken over from the ministry: run sync"))
    line = under_way(unit, link)
    waiting = [one for one in line if one.state in UNSENT]
    conflicts = unit.conflicts.open_of([code]).get(key, [])
    return Pair(ministry, link, waiting, [one for one in conflicts if one.why != clerk.ALIKE])


def under_way(unit: Unit, link: Link) -> list[Delivery]:
    """Return what waits in a link's line, if nothing of it is on its way.

    Raises:
        Refusal: something is: what becomes of it must be known first.
    """
    line = unit.outbox.open_of_links([link.id]).get(link.id, [])
    flying = next((one for one in line if one.state in IN_FLIGHT), None)
    match flying and flying.state:
        case None:
            return line
        case State.IN_DOUBT:
            said = Said(
                "it is not known whether delivery {id} was applied: end the doubt first, with "
                "doubt settle {id}",
                id=flying.id if flying else 0,
            )
        case State.ACCEPTED:
            said = Said(
                "{system} has taken a delivery and not confirmed it yet: run sync {system}, then "
                "try again",
                system=link.system,
            )
        case _:
            said = Said("it is being sent just now: try again in a moment")
    raise Refusal(said)
