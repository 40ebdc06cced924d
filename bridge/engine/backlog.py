"""What a system that is let in missed: the one-stop's dossiers are gone through, at a person's pace.

Only at the stage ``all``, and only once what the system itself has shown was looked at: a dossier
that it has already is linked then, and is not sent as if it were new. No more is put in line than
may still go, so that what is received now never stands behind years of dossiers. How far it came is
committed with what it put in line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bridge.domain.dossier import Snapshot
from bridge.domain.stage import Stage
from bridge.engine import admission, capture
from bridge.engine.already_there import already_there
from bridge.engine.feed import as_arrival
from bridge.engine.house import House, Ministry
from bridge.engine.post import concerns_systems
from bridge.sdk.errors import AdapterError
from bridge.store import Onboarding, Unit

_BEGINNING = date(1900, 1, 1)


def feed(house: House) -> int:
    """Put the next dossiers of each backlog in line; returns how many.

    Raises:
        OneStopFault: the one-stop can't be read now.
    """
    with house.store.read() as unit:
        at = {name for name, one in unit.systems.all().items() if one.stage is Stage.ALL}
    return sum(_feed(house, one) for name, one in house.ministries.items() if name in at)


def _feed(house: House, ministry: Ministry) -> int:
    with house.store.read() as unit:
        found = unit.onboardings.of(ministry.name)
        room = _room(unit, house, ministry, found)
    if not room or found.through:
        return 0
    page = house.onestop.received(
        _BEGINNING,
        house.now().astimezone(house.zone).date(),
        None if "*" in ministry.procedures else ministry.procedures,
        found.after,
        room,
    )
    rows = [one for one in page.dossiers if isinstance(one, Snapshot)]
    ours = _new(house, ministry, rows) if ministry.capabilities.writes else []
    try:
        there = already_there(house, ministry, [one.code for one in ours])
    except AdapterError:
        return 0  # the brake knows; it is asked again
    with house.store.write("backlog") as unit:
        now = unit.onboardings.of(ministry.name, lock=True)
        if now.after != found.after or now.through:
            return 0  # another process has gone on meanwhile
        begun = put_in_line(unit, ministry, [one for one in ours if one.code not in there])
        unit.inbox.add([as_arrival(ministry, one) for one in there.values()])
        unit.onboardings.change(ministry.name, after=page.after, through=page.after is None)
    return begun or len(rows)


def _new(house: House, ministry: Ministry, ours: Sequence[Snapshot]) -> list[Snapshot]:
    with house.store.read() as unit:
        found = admission.bound_for(unit, house, ministry, ours)
    return [one for one in found if concerns_systems(one.fields)]


def put_in_line(unit: Unit, ministry: Ministry, ours: Sequence[Snapshot]) -> int:
    """Let these dossiers begin their way to a system, as far as it has none of them; returns how many."""
    links = unit.links.of_codes([one.code for one in ours])
    new = [one for one in ours if (one.code, ministry.name) not in links]
    shards = {(one.code, ministry.name): ministry.shard_of(one.code) for one in new}
    unit.links.open(shards, shards)
    unit.inbox.add([capture.as_arrival(one) for one in new])
    return len(new)


def _room(unit: Unit, house: House, ministry: Ministry, found: Onboarding) -> int:
    """Return how many dossiers may be put in line now."""
    if unit.inbox.is_full(ministry.name, house.waiting_most) or unit.inbox.fresh(ministry.name):
        return 0
    left = found.sent.left(found.ceiling, unit.now)
    most = house.page if left is None else min(house.page, left)
    return max(0, most - unit.outbox.waiting(ministry.name, most))
