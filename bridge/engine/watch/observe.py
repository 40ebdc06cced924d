"""Looks at everything the rules speak of, and says how it stands: reads, and notes what is well."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bridge.domain.alerts import Matter, Observation
from bridge.engine import brake, survey
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.survey import Standing
from bridge.engine.watch.station import Watch
from bridge.sdk.onestop import OneStopFault
from bridge.store import Brake, Certificate, Tally, Unit
from bridge.store.inbox import QUARANTINED
from bridge.store.systems import PAUSED, RUNNING

NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when something was last well."""

COUNTED_MOST = 20_000
"""The most uncounted entries of the journal that a look may count by itself."""

MEGABYTE = 1 << 20

Tallies = Mapping[tuple[str, str], Tally]


@dataclass
class _Look:
    """One look: the state of the store it is made of, and what is found to be well on the way."""

    unit: Unit
    now: datetime
    well: list[tuple[Matter, str]] = field(default_factory=list)

    def age(self, since: datetime) -> float:
        return max(0.0, (self.now - since).total_seconds())

    def not_well_since(self, matter: Matter, subject: str, *, well: bool) -> datetime:
        """Return since when something is not well; ``well`` notes that it is."""
        at = self.unit.watched.well_at(matter.value, subject)
        if at is None or (well and self.now - at >= NOTED_EVERY):
            self.well.append((matter, subject))
        return self.now if well or at is None else at


def observe(house: House, watch: Watch) -> list[Observation]:
    """Return how everything stands that the rules speak of."""
    reached = _onestop_answers(house)
    with house.store.read() as unit:
        look = _Look(unit, house.now())
        standings = survey.standings_in(unit, house)
        found = [
            *_systems(look, house, standings),
            *_aside(look, house),
            *_unaccounted(look, standings),
            *(_certificate(look, one) for one in unit.watched.certificates()),
            _onestop(look, reached=reached),
        ]
    found += [_disk(name, folder) for name, folder in watch.folders.items()]
    if look.well:
        with house.store.write("seen well") as unit:
            for matter, subject in look.well:
                unit.watched.seen_well(matter.value, subject)
    return found


def feed_read(house: House, ministry: Ministry) -> None:
    """Note that the feed of a system was read to its end; written once a minute."""
    with house.store.glance() as unit:
        at = unit.watched.well_at(Matter.FEED.value, ministry.name)
        recent = at is not None and unit.now - at < NOTED_EVERY
    if not recent:
        with house.store.write("feed read") as unit:
            unit.watched.seen_well(Matter.FEED.value, ministry.name)


def tallies(unit: Unit) -> Tallies | None:
    """Return what the journal comes to; ``None`` while it is not counted up.

    So it is for the first minutes over a store of an older release.
    """
    return unit.watched.tallies() if unit.watched.uncounted() <= COUNTED_MOST else None


def unaccounted(counted: Tallies, standings: Sequence[Standing]) -> Mapping[str, int]:
    """Return, by system, how many deliveries were posted by the journal and are in no state."""
    posted = {system: one.deliveries for (system, _), one in counted.items() if one.deliveries}
    return {one.name: posted.get(one.name, 0) - one.posted for one in standings}


def _systems(look: _Look, house: House, standings: Sequence[Standing]) -> Iterator[Observation]:
    for one in standings:
        ministry = house.ministries[one.name]
        stand = look.unit.systems.of(one.name)
        local = look.now.astimezone(house.zone)
        is_open = brake.gate(stand, ministry, look.now, local).open
        yield from _brakes(look, stand)
        yield from _feed(look, ministry, is_open=is_open)
        yield from _waiting(look, one, is_open=is_open)
        if one.differing is not None:
            yield Observation(Matter.DIFFERING, one.name, float(one.differing), one.differing)


def _brakes(look: _Look, stand: Brake) -> Iterator[Observation]:
    """Yield how long a system is paused or closed; on trial, what is open of that stays open."""
    if stand.state == PAUSED:
        yield Observation(Matter.PAUSED, stand.name, look.age(stand.since))
    elif stand.stance.troubled:
        age = None if stand.state == RUNNING else look.age(stand.since)
        yield Observation(Matter.CLOSED, stand.name, age)


def _feed(look: _Look, ministry: Ministry, *, is_open: bool) -> Iterator[Observation]:
    """Yield how long a feed was not read that was due and could have been."""
    if ministry.capabilities.feed != "none":
        age = look.age(look.not_well_since(Matter.FEED, ministry.name, well=not is_open))
        late = max(0.0, age - ministry.poll_seconds)
        yield Observation(Matter.FEED, ministry.name, late if is_open else None)


def _waiting(look: _Look, one: Standing, *, is_open: bool) -> Iterator[Observation]:
    """Yield how old what waits is.

    The time a system is closed is no time in which something could be sent: that it is closed has
    a rule of its own.
    """
    unexcused = look.age(look.not_well_since(Matter.PENDING, one.name, well=not is_open))
    waits = [one.oldest[key] for key in ("pending", "held", "in_flight") if key in one.oldest]
    if waits:
        age, count = min(float(max(waits)), unexcused), one.pending + one.held + one.in_flight
        yield Observation(Matter.PENDING, one.name, age if is_open else None, count)
    for matter, count in (
        (Matter.ACCEPTED, one.accepted),
        (Matter.IN_DOUBT, one.in_doubt),
        (Matter.DEAD, one.dead),
    ):
        if count:
            yield Observation(matter, one.name, float(one.oldest[matter.value]), count)


def _aside(look: _Look, house: House) -> Iterator[Observation]:
    conflicts, records = look.unit.conflicts.counts(), look.unit.inbox.counts()
    for name, since in look.unit.conflicts.oldest().items():
        if name in house.ministries:
            yield Observation(Matter.CONFLICT, name, look.age(since), conflicts.get(name))
    for name, since in look.unit.inbox.oldest_aside().items():
        if name == ONESTOP or name in house.ministries:
            count = records.get((name, QUARANTINED))
            yield Observation(Matter.QUARANTINED, name, look.age(since), count)


def _unaccounted(look: _Look, standings: Sequence[Standing]) -> Iterator[Observation]:
    counted = tallies(look.unit)
    missing = None if counted is None else unaccounted(counted, standings)
    for one in standings:
        count = None if missing is None else abs(missing[one.name])
        amount = None if count is None else float(count)
        yield Observation(Matter.UNACCOUNTED, one.name, amount, count)


def _certificate(look: _Look, one: Certificate) -> Observation:
    """Return how long a certificate holds; an end nobody knows changes nothing."""
    left = None if one.ends_at is None else (one.ends_at - look.now).total_seconds()
    return Observation(Matter.CERTIFICATE, f"{one.system} {one.place}", left)


def _onestop_answers(house: House) -> bool:
    """Ask the one-stop database for a key it can't have: does it answer?"""
    try:
        house.onestop.present(("-",))
    except OneStopFault:
        return False
    return True


def _onestop(look: _Look, *, reached: bool) -> Observation:
    since = look.not_well_since(Matter.ONESTOP, ONESTOP, well=reached)
    return Observation(Matter.ONESTOP, ONESTOP, look.age(since))


def _disk(name: str, folder: Path) -> Observation:
    """Return the megabytes left; a folder that is not made yet is looked for where it will be."""
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    try:
        free = shutil.disk_usage(place).free / MEGABYTE
    except OSError:
        return Observation(Matter.DISK, name, None)
    return Observation(Matter.DISK, name, free)
