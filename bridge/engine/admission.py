"""How far each system was let in, and what that lets through: the one place that says so.

A system without a past at this bridge begins with reading only: it is new in the configuration of a
bridge that runs already, or the bridge is new to an office with years of dossiers. Otherwise it
runs. Its file may say which (``onboard``). Four doors ask here: *post* before a dossier begins
its way to a system, *deliver* before a turn is claimed and marked, *receive* before records are
worked, *imports* before a dossier is made of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.journal import Event
from bridge.domain.stage import Stage
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.seen import UNNUMBERED
from bridge.engine.weighing import flying_state, procedure_of
from bridge.store import Delivery, Link, Onboarding, Unit
from bridge.store.links import PARTED, WITHDRAWN

PAST = timedelta(days=365)
"""An office that received a dossier so long ago has a backlog that is not sent unasked."""

_HOURS = 24
_BEGINNING = date(1900, 1, 1)


def admit(house: House) -> None:
    """Give each system that has none its first stage.

    Raises:
        OneStopFault: at the very first start it can't be seen whether the office has a past.
    """
    with house.store.read() as unit:
        brakes = unit.systems.all()
        new = [
            one
            for one in house.ministries.values()
            if one.name not in brakes or brakes[one.name].stage is None
        ]
        first = bool(new) and unit.inbox.cursor(ONESTOP) is None
        known = {one.name for one in new if unit.links.any_of(one.name)}
    if not new:
        return
    stages = {
        one.name: Stage.RUNNING if one.name in known else _first_stage(house, one, first=first)
        for one in new
    }
    with house.store.write("admit") as unit:
        for name, stage in stages.items():
            if unit.systems.of(name, lock=True).stage is not None:
                continue
            if stage is Stage.RUNNING:
                unit.systems.set(name, stage=stage.value)
            else:
                unit.onboardings.enter(name, stage)
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


# -- the doors


@dataclass(frozen=True, slots=True)
class Doors:
    """What *post* must know: the stage of each system, and more of those it depends on."""

    stages: Mapping[str, Stage]
    onboardings: Mapping[str, Onboarding]

    @property
    def leaving(self) -> Sequence[str]:
        """The systems that are on their way out, or out."""
        return [name for name, stage in self.stages.items() if stage.leaves]

    @property
    def retired(self) -> frozenset[str]:
        """The systems that are out."""
        return frozenset(name for name, one in self.stages.items() if one is Stage.RETIRED)

    def may_begin(self, ministry: Ministry, fields: Fields) -> bool:
        """Tell whether a dossier that has no link to a system may get one.

        While a backlog is gone through, what is received now needs not wait for it.
        """
        match self.stages.get(ministry.name, Stage.RUNNING):
            case Stage.RUNNING:
                return True
            case Stage.ALL:
                one = self.onboardings[ministry.name]
                return one.through or _received_since(fields, one.since)
            case _:
                return False

    def routed(
        self,
        house: House,
        fields: Fields,
        links: Mapping[str, Link],
        lines: Mapping[int, Sequence[Delivery]],
    ) -> list[Ministry]:
        """Return the systems a dossier goes to; ``links`` are its own, by system.

        What a system that leaves has stays with it; of the rest nothing begins there. Its heir
        waits for it to leave.
        """
        found = house.routed(procedure_of(fields))
        for name in self.leaving:
            link, heir = links.get(name), self._heir(house, name)
            sectors = {one.name for one in found if not one.mirror}
            if sectors <= {name, heir} and link is not None and has(link, lines.get(link.id, ())):
                found = [one for one in found if one.mirror]
                if self.stages[name] is Stage.RETIRING and name in house.ministries:
                    found.append(house.ministries[name])
            else:
                found = [one for one in found if one.name != name]
        return [one for one in found if one.name not in self._not_yet(found, links, lines)]

    def _not_yet(
        self,
        found: Sequence[Ministry],
        links: Mapping[str, Link],
        lines: Mapping[int, Sequence[Delivery]],
    ) -> set[str]:
        """Return the heirs of systems that stay; where an heir has the dossier, the system itself."""
        pairs = [(one.name, one.successor) for one in found if one.successor is not None]
        return {
            name if (link := links.get(heir)) and has(link, lines.get(link.id, ())) else heir
            for name, heir in pairs
        }

    def _heir(self, house: House, name: str) -> str | None:
        kept = self.onboardings[name].heir if name in self.onboardings else None
        there = house.ministries.get(name)
        return kept or (there.successor if there is not None else None)


_PLAIN = frozenset({Stage.READ_ONLY, Stage.DRY_RUN, Stage.HANDFUL, Stage.RUNNING})


def doors(unit: Unit) -> Doors:
    """Read what *post* must know."""
    stages = {name: one.stage for name, one in unit.systems.all().items() if one.stage is not None}
    plain = set(stages.values()) <= _PLAIN
    return Doors(stages, {} if plain else unit.onboardings.all())


def by_code(links: Mapping[tuple[str, str], Link]) -> Mapping[str, Mapping[str, Link]]:
    """Return the links of dossiers by code, then by system."""
    found: dict[str, dict[str, Link]] = defaultdict(dict)
    for (code, system), link in links.items():
        found[code][system] = link
    return found


def bound_for(
    unit: Unit, house: House, ministry: Ministry, ours: Sequence[Snapshot]
) -> list[Snapshot]:
    """Return those of some dossiers that go to a system now, and that it has no link of."""
    found, links = doors(unit), by_code(unit.links.of_codes([one.code for one in ours]))
    return [
        one
        for one in ours
        if ministry.name not in (own := links.get(one.code, {}))
        and ministry in found.routed(house, one.fields, own, {})
    ]


def has(link: Link, line: Sequence[Delivery]) -> bool:
    """Tell whether a system has a dossier, or may have it."""
    if link.state in (PARTED, WITHDRAWN):
        return False
    return link.base is not None or link.ref is not None or flying_state(line) is not None


def _received_since(fields: Fields, since: datetime) -> bool:
    received = fields.get("received_at")
    return isinstance(received, str) and datetime.fromisoformat(received) >= since


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What may be claimed of a system's lines.

    ``codes`` are the only dossiers (``None``: any), ``begun`` leaves out what the system has nothing
    of yet, ``most`` is how many may go now at most.
    """

    codes: frozenset[str] | None = None
    begun: bool = False
    most: int | None = None


_ALL_OF_IT = Outgoing()


def outgoing(unit: Unit, ministry: Ministry, stage: Stage | None) -> Outgoing:
    """Return what may be claimed of the lines of a system in this stage, which may send."""
    match stage:
        case Stage.HANDFUL:
            return Outgoing(codes=unit.onboardings.of(ministry.name).chosen.codes)
        case Stage.ALL:
            found = unit.onboardings.of(ministry.name)
            return Outgoing(most=found.sent.left(found.ceiling, unit.now))
        case Stage.RETIRING:
            return Outgoing(begun=True)
        case _:
            return _ALL_OF_IT


def within(
    unit: Unit, ministry: Ministry, stage: Stage | None, going: Sequence[Delivery]
) -> set[int]:
    """Use up the ceiling for what is about to be sent; returns the deliveries that may go.

    Progress steps count for nothing, and whoever is at the counter does not wait.
    """
    ids = {one.id for one in going}
    counted = [one.id for one in going if one.kind == "state" and not one.priority]
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


@dataclass(frozen=True, slots=True)
class Turns:
    """How many dossiers may be made of records now; the next at ``again_at``, so many an ``every``."""

    granted: int
    again_at: datetime
    many: int = 1
    every: timedelta = timedelta()

    def of(self, place: int) -> datetime:
        """Return when the turn of whoever has this place in the line comes (the first is 0)."""
        return self.again_at + place // self.many * self.every


def import_turns(house: House, ministry: Ministry, wanted: int) -> Turns:
    """Take turns to make dossiers of records, up to ``wanted``."""
    with house.store.read() as unit:
        if unit.systems.of(ministry.name).stage is not Stage.ALL:
            return Turns(wanted, unit.now)
    with house.store.write("import turn") as unit:
        granted = unit.onboardings.take(ministry.name, wanted, way="imported")
        found = unit.onboardings.of(ministry.name)
        hour, day = found.ceiling.hour, found.ceiling.day
        again_at = found.imported.free_at(found.ceiling, unit.now)
    by_day = day is not None and (hour is None or day < hour * _HOURS)
    many = (day if by_day else hour) or 1
    return Turns(granted, again_at, many, timedelta(days=1) if by_day else timedelta(hours=1))
