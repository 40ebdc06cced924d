"""What was deleted in the one-stop: nothing more is sent of it, and nothing deleted at a ministry.

Reading what changed never shows what is gone, so it is looked for when something is about to be
sent: one look at the keys of a turn. The link becomes an orphan, and what waited in its line a
dead letter; a person decides. A row that is there again ends it: what waited goes out after all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bridge.domain.delivery import State
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import clerk
from bridge.engine.house import House, Ministry
from bridge.store import Delivery, Link, Unit
from bridge.store.links import OPEN, ORPHAN

DELETED = "DELETED"
"""The code of a dead letter whose dossier is not in the one-stop any more."""

CAUSE = Said("deleted in the one-stop")
LOOKED_FOR_EVERY = timedelta(minutes=1)
_WAITING = frozenset({State.PENDING, State.HELD})


def still_there(
    house: House, batch: Sequence[Delivery], links: Mapping[int, Link]
) -> list[Delivery]:
    """Return the deliveries whose dossiers are in the one-stop; let go of the others.

    Raises:
        OneStopFault: the one-stop can't be asked; nothing may be sent.
    """
    there = house.onestop.present({one.code for one in batch}) if batch else set()
    gone = {one.link_id for one in batch if one.code not in there}
    back = {one.link_id for one in batch if links[one.link_id].state == ORPHAN} - gone
    if gone or back:
        with house.store.write("orphans") as unit:
            now = unit.links.by_ids(gone | back, lock=True)
            let_go(unit, [now[one] for one in gone])
            for one in back:
                found_again(unit, now[one])
    return [one for one in batch if one.link_id not in gone]


def let_go(unit: Unit, links: Collection[Link]) -> None:
    """Make these locked links orphans, and what waits in their lines dead letters."""
    lines = unit.outbox.open_of_links([link.id for link in links])
    for link in links:
        waiting = [one.id for one in lines.get(link.id, ()) if one.state in _WAITING]
        ends = {
            "state": State.DEAD.value,
            "cause": str(CAUSE),
            "error_code": DELETED,
            "error_text": CAUSE,
            "error_field": None,
            "due_at": unit.now + LOOKED_FOR_EVERY,
            "settled_at": unit.now,
        }
        unit.outbox.change_all(waiting, ends)
        if waiting or link.state != ORPHAN:
            unit.links.change(link.id, state=ORPHAN)
            unit.journal.add(
                Event.ORPHAN, code=link.code, system=link.system, deliveries=list(waiting)
            )
            clerk.resolved(unit, link.code, link.system)


def found_again(unit: Unit, link: Link) -> Link:
    """Open an orphan whose dossier is in the one-stop again, and put what waited back in line."""
    unit.links.change(link.id, state=OPEN)
    unit.journal.add(Event.FOUND_AGAIN, code=link.code, system=link.system)
    for one in unit.outbox.open_of_links([link.id]).get(link.id, ()):
        if one.error_code == DELETED:
            unit.outbox.revive(one.id)
    return replace(link, state=OPEN)


def look_for(house: House) -> int:
    """Look for the rows whose dead letters wait for them; returns how many links were opened.

    Raises:
        OneStopFault: the one-stop can't be asked.
    """
    return sum(_look_for(house, ministry) for ministry in house.ministries.values())


def _look_for(house: House, ministry: Ministry) -> int:
    with house.store.glance() as unit:
        dead = unit.outbox.refused_for(ministry.name, DELETED, house.page)
    if not dead:
        return 0
    there = house.onestop.present({one.code for one in dead})
    back = {one.link_id for one in dead if one.code in there}
    with house.store.write("orphans looked for") as unit:
        for link in unit.links.by_ids(back, lock=True).values():
            found_again(unit, link)
        again = {"due_at": unit.now + LOOKED_FOR_EVERY}
        unit.outbox.change_all([one.id for one in dead if one.link_id not in back], again)
    for name in [ministry.name] if back else []:
        house.wake(name)
    return len(back)
