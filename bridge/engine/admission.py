"""How far each system was let in, and what that lets through: the one place that says so.

A system without a past at this bridge begins with reading only: it is new in the configuration of a
bridge that runs already, or the bridge is new to an office with years of dossiers. Otherwise it
runs. Its file may say which (``onboard``). Three doors ask here: *deliver* before a turn is claimed
and where it is marked, *receive* before records are worked, *imports* before a dossier is made of
one. The fourth is *post*, before a dossier begins its way to a system: it asks ``entrance``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bridge.domain.journal import Event
from bridge.domain.stage import Stage
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.seen import UNNUMBERED
from bridge.engine.unpaired import asks_first
from bridge.store import Delivery, Unit

PAST = timedelta(days=365)
"""An office that received a dossier so long ago has a backlog that is not sent unasked."""

_BEGINNING = date(1900, 1, 1)

LOOKED_AT = timedelta(minutes=1)
"""For how long what comes from a system keeps back what is due: until its feed was read twice more.

One whose records come faster than they are looked at holds nobody for good.
"""

LONGEST = timedelta(minutes=10)
"""How long a record that lies unlooked at keeps others back: the one-stop may not be writable for days."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def admit(house: House) -> None:
    """Give each system that has none its first stage.

    Raises:
        OneStopFault: at the very first start it can't be seen whether the office has a past.
    """
    with house.store.glance() as unit:
        brakes = unit.systems.all()
    new = [
        one
        for one in house.ministries.values()
        if one.name not in brakes or brakes[one.name].stage is None
    ]
    if not new:
        return
    with house.store.read() as unit:
        first = unit.inbox.cursor(ONESTOP) is None
        known = {one.name for one in new if unit.links.any_of(one.name)}
    stages = {
        one.name: Stage.RUNNING if one.name in known else _first_stage(house, one, first=first)
        for one in new
    }
    with house.store.write("admit") as unit:
        for name, stage in stages.items():
            if unit.systems.of(name, lock=True).stage is not None:
                continue
            takes = frozenset(house.ministries[name].procedures)
            if stage is Stage.RUNNING:
                unit.systems.set(name, stage=stage.value)
                seen = first or name in known  # of all there is, whatever is for it is captured
                unit.onboardings.change(name, procedures=takes, through=seen)
            else:
                unit.onboardings.enter(name, stage, procedures=takes)
                unit.journal.add(Event.STAGE, system=name, stage=stage.value)


def _first_stage(house: House, ministry: Ministry, *, first: bool) -> Stage:
    """Return the stage of a system that the store has no trace of; ``first``: nor of anything."""
    begins = ministry.onboard
    if begins is None:
        begins = _has_past(house, ministry) if first else True
    return Stage.READ_ONLY if begins else Stage.RUNNING


def _has_past(house: House, ministry: Ministry) -> bool:
    until = (house.now() - PAST).astimezone(house.zone).date()
    procedures = None if "*" in ministry.procedures else ministry.procedures
    return bool(house.onestop.received(_BEGINNING, until, procedures, None, 1).dossiers)


def widen(house: House) -> None:
    """Open the backlog of each system that takes a procedure which it did not take before.

    The configuration was changed, of which no row tells: so it is looked at when the engine starts.
    What is noted then counts for every process (``backlog``), a shorter list too: the procedure that is
    gone may be another system's by now. Who started with the older file by mistake, and does so anew
    with the right one, has the backlog opened here, so that nothing is lost by it.
    A system that is switched off takes none.
    """
    takes = {name: frozenset(one.procedures) for name, one in house.ministries.items()}
    with house.store.read() as unit:
        noted = {name: one.procedures for name, one in unit.onboardings.all().items()}
    takes |= {name: frozenset() for name in noted if name not in takes}
    changed = sorted(name for name, procedures in takes.items() if noted.get(name) != procedures)
    if not changed:
        return
    with house.store.write("widen") as unit:
        for name in changed:
            stage = unit.systems.of(name, lock=True).stage
            before = unit.onboardings.of(name).procedures
            more = [] if before is None else sorted(takes[name] - before)
            opens = bool(more) and stage is not None and stage.goes_through
            values = {"after": None, "through": False, "since": unit.now} if opens else {}
            unit.onboardings.change(name, procedures=takes[name], **values)
            if opens:
                unit.journal.add(Event.WIDENED, system=name, procedures=", ".join(more))


# -- the doors


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What may be claimed of a system's lines.

    ``codes`` are the only dossiers (``None``: any), ``begun`` leaves out what the system has nothing
    of yet, but not what is ``hurried``: what a citizen waits for at the counter.
    ``due_before``: of that only what was due before then, or was sent before: it is known there is none.
    """

    codes: frozenset[str] | None = None
    begun: bool = False
    hurried: bool = False
    due_before: datetime | None = None

    def lets(self, one: Delivery, *, begun: bool, sent: bool) -> bool:
        """Tell whether a delivery may go.

        ``begun``: the system has something of its dossier. ``sent``: it was sent there before.
        """
        if self.codes is not None and one.code not in self.codes:
            return False
        if begun:
            return True
        late = one.due_at is None or self.due_before is None or one.due_at >= self.due_before
        if self.due_before is not None and late and not sent:
            return False
        return not self.begun or (self.hurried and one.priority > 0)


def outgoing(unit: Unit, ministry: Ministry, stage: Stage | None) -> Outgoing:
    """Return what may be claimed of the lines of a system in this stage, which may send."""
    match stage:
        case Stage.HANDFUL:  # what was chosen was held beside what has come (``people.onboarding``)
            return Outgoing(codes=unit.onboardings.of(ministry.name).chosen.codes)
        case Stage.ALL:
            found = unit.onboardings.of(ministry.name)
            full = found.sent.left(found.pace, unit.now) == 0
            return Outgoing(begun=full, hurried=full, due_before=_due_before(unit, ministry))
        case Stage.RETIRING:
            return Outgoing(begun=True)
        case _:
            return Outgoing(due_before=_due_before(unit, ministry))


def _due_before(unit: Unit, ministry: Ministry) -> datetime | None:
    """Return before when what a system has nothing of was due that may go now; ``None``: all of it.

    What has come from there and nobody has looked at may be one of these dossiers: it is looked at
    first, and what is like it then waits for a person.
    """
    oldest = unit.inbox.fresh(ministry.name) if asks_first(ministry) else None
    if oldest is None:
        return None
    before = max(oldest - LOOKED_AT, unit.now - LONGEST)
    return before if unit.systems.of(ministry.name).since < before else _NEVER


def within(
    unit: Unit,
    ministry: Ministry,
    stage: Stage | None,
    going: Sequence[Delivery],
    blank: Mapping[int, bool],
) -> set[int]:
    """Return which deliveries may be sent now, and use up the ceiling for them.

    The stage is looked at anew, for it may have changed since they were claimed. Only what is sent
    for the first time counts (``blank``: see ``Links.lock``); whoever is at
    the counter does not wait.
    """
    lets = outgoing(unit, ministry, stage).lets
    going = [
        one
        for one in going
        if lets(one, begun=one.link_id not in blank, sent=blank.get(one.link_id, False))
    ]
    ids = {one.id for one in going}
    counted = [one.id for one in going if one.link_id in blank and not one.priority]
    if stage is not Stage.ALL or not counted:
        return ids
    may = unit.onboardings.take(ministry.name, len(counted), way="sent")
    return ids - set(counted[may:])


def workable(
    unit: Unit, ministry: Ministry, only: Collection[str] | None
) -> Collection[str] | None:
    """Return the names of the inbox records that may be worked, among ``only``; ``None``: any."""
    stage = unit.systems.of(ministry.name).stage
    if stage is None or (stage.takes_in and stage is not Stage.HANDFUL):
        return only
    if not stage.takes_in:
        return frozenset()
    chosen = unit.onboardings.of(ministry.name).chosen
    links = unit.links.of_codes(chosen.codes)
    refs = {one.ref for one in links.values() if one.system == ministry.name and one.ref}
    names = chosen.codes | chosen.refs | refs | {UNNUMBERED + code for code in chosen.codes}
    return names if only is None else names & set(only)


def importable(unit: Unit, ministry: Ministry, refs: Sequence[str]) -> Collection[str]:
    """Take turns to make dossiers of records; returns those of which one may be made now.

    The stage is looked at anew, for it may have changed since they were read.
    """
    stage = unit.systems.of(ministry.name, lock=True).stage  # nobody changes it until this commits
    names = workable(unit, ministry, refs) or ()
    may = [ref for ref in refs if ref in names]
    if stage is not Stage.ALL:
        return may
    return may[: unit.onboardings.take(ministry.name, len(may), way="imported")]


def turns_left(unit: Unit, ministry: Ministry) -> int | None:
    """Return how many records may become dossiers now; ``None``: any number."""
    if unit.systems.of(ministry.name).stage is not Stage.ALL:
        return None
    found = unit.onboardings.of(ministry.name)
    return found.imported.left(found.pace, unit.now)


def call_in(house: House, ministry: Ministry) -> int:
    """Let as many of the records that wait for their turn be worked as may; returns how many.

    Where there is no ceiling any more it is all of them.
    """
    with house.store.glance() as unit:
        if not unit.inbox.any_in_turn(ministry.name):
            return 0
    with house.store.read() as unit:
        if turns_left(unit, ministry) == 0:
            return 0
    with house.store.write("call in") as unit:
        left = turns_left(unit, ministry)
        most = None if left is None else min(left, house.page)
        return unit.inbox.call_in(ministry.name, most)
