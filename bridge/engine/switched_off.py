"""What lies at systems that are switched off in the configuration: nobody sends, reads or asks it.

It is counted and listed all the same, for else nobody would ever see it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.domain.delivery import OPEN, State
from bridge.domain.said import Said
from bridge.engine.house import ONESTOP, House
from bridge.engine.survey import COLUMNS, Standing
from bridge.store import Unit
from bridge.store.systems import HELD

SWITCHED_OFF = Said("switched off in the configuration: nothing of it is sent, read or asked")


def names(house: House) -> list[str]:
    """Return the systems that are switched off, and have something that is not ended."""
    with house.store.read() as unit:
        return list(_names(unit, house))


def _names(unit: Unit, house: House) -> Iterator[str]:
    conflicts, records = unit.conflicts.counts(), {source for source, _ in unit.inbox.counts()}
    known = {*unit.outbox.systems(), *conflicts, *records} - house.ministries.keys() - {ONESTOP}
    for name in sorted(known):
        sent = any(unit.outbox.oldest(name, state) for state in OPEN)
        if sent or name in conflicts or name in records or unit.links.orphans(name):
            yield name


def standings(house: House) -> list[Standing]:
    """Return a line of ``status`` for each of them: held, and what waits is held."""
    with house.store.read() as unit:
        return [_standing(unit, house, name) for name in _names(unit, house)]


def _standing(unit: Unit, house: House, name: str) -> Standing:
    now, stand = house.now(), unit.systems.of(name)
    counts = {state: n for (system, state), n in unit.outbox.counts().items() if system == name}
    records = {state: n for (source, state), n in unit.inbox.counts().items() if source == name}
    posted = {state: at for state in OPEN if (at := unit.outbox.oldest(name, state))}
    waits = [at for state, at in posted.items() if state is not State.DEAD]
    return Standing(
        name=name,
        state=HELD,
        reasons=(SWITCHED_OFF,),
        pending=0,
        held=counts.get(State.HELD, 0) + counts.get(State.PENDING, 0),
        in_flight=counts.get(State.SENDING, 0),
        accepted=counts.get(State.ACCEPTED, 0),
        in_doubt=counts.get(State.IN_DOUBT, 0),
        dead=counts.get(State.DEAD, 0),
        conflicts=unit.conflicts.counts().get(name, 0),
        quarantined=records.get("quarantined", 0),
        confirmed=counts.get(State.CONFIRMED, 0),
        superseded=counts.get(State.SUPERSEDED, 0),
        dropped=counts.get(State.DROPPED, 0),
        overdue=0,
        orphans=len(unit.links.orphans(name)),
        stale_lists=0,
        lag_seconds=int((now - min(waits)).total_seconds()) if waits else 0,
        last_success_at=stand.last_success_at,
        next_poll_at=None,
        until=None,
        failure_rate=None,
        received=records.get("waiting", 0) + records.get("in_turn", 0),
        differing=None,
        oldest={
            COLUMNS.get(state, state.value): int((now - at).total_seconds())
            for state, at in posted.items()
        },
        enabled=False,
    )
