"""Which systems a dossier goes to now, and whether it may begin there: what *post* and the backlog ask.

A system on its way out keeps what it has; of the rest nothing begins there, and its heir waits for it
to leave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.stage import Stage
from bridge.engine.house import House, Ministry
from bridge.engine.weighing import flying_state, procedure_of
from bridge.store import Delivery, Link, Onboarding, Unit
from bridge.store.links import OPEN, PARTED, WITHDRAWN


class Entrance(StrEnum):
    """Whether a dossier that a system has no link of may get one."""

    OPEN = "open"
    LATE = "late"
    """It may, by way of the backlog: at its pace, and once the system was asked."""
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Doors:
    """What *post* must know: the stage of each system, and how it is let in.

    ``unanswered`` are (system, code) of what a system was asked about in vain.
    """

    stages: Mapping[str, Stage]
    onboardings: Mapping[str, Onboarding]
    unanswered: Collection[tuple[str, str]]

    @property
    def leaving(self) -> Sequence[str]:
        """The systems that are on their way out, or out."""
        return [name for name, stage in self.stages.items() if stage.leaves]

    @property
    def retired(self) -> frozenset[str]:
        """The systems that are out."""
        return frozenset(name for name, one in self.stages.items() if one is Stage.RETIRED)

    def entrance(self, ministry: Ministry, code: str, fields: Fields) -> Entrance:
        """Tell whether a dossier that has no link to a system may get one.

        While its backlog is open what was received since goes at once, and everything older by way
        of the backlog, whatever it was when the walk through the one-stop passed it. What the system
        gave no answer about never goes but that way.
        """
        stage = self.stages.get(ministry.name, Stage.RUNNING)
        if not stage.goes_through:
            return Entrance.SHUT
        if (ministry.name, code) in self.unanswered:
            return Entrance.LATE
        one = self.onboardings.get(ministry.name)
        if one is None or (one.through and stage is Stage.RUNNING):
            return Entrance.OPEN
        if _received_since(fields, one.since):
            return Entrance.OPEN
        return Entrance.LATE

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

    def nobodys(
        self,
        house: House,
        fields: Fields,
        goes_to: Sequence[Ministry],
        links: Mapping[str, Link],
        lines: Mapping[int, Sequence[Delivery]],
    ) -> bool:
        """Tell whether no system takes a dossier now: none is for it, or the one that was leaves.

        ``goes_to`` are those it is routed to; a mirror is told of it all the same. What a system that
        leaves has is its.
        """
        left = all(one.mirror for one in goes_to) and house.sector(procedure_of(fields)) is not None
        if goes_to and not left:
            return False
        ours = (links[name] for name in self.leaving if name in links)
        return not any(has(link, lines.get(link.id, ())) for link in ours)

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


def doors(unit: Unit) -> Doors:
    """Read what *post* must know."""
    stages = {name: one.stage for name, one in unit.systems.all().items() if one.stage is not None}
    return Doors(stages, unit.onboardings.all(), unit.latecomers.unanswered())


def by_code(links: Mapping[tuple[str, str], Link]) -> Mapping[str, Mapping[str, Link]]:
    """Return the links of dossiers by code, then by system."""
    found: dict[str, dict[str, Link]] = defaultdict(dict)
    for (code, system), link in links.items():
        found[code][system] = link
    return found


def begun_lines(
    unit: Unit, house: House, found: Doors, links: Iterable[Link]
) -> Mapping[int, Sequence[Delivery]]:
    """Return what stands in the lines of links, where it tells to which system a dossier goes."""
    heirs = any(one.successor is not None for one in house.ministries.values())
    return unit.outbox.open_of_links([one.id for one in links]) if found.leaving or heirs else {}


def bound_for(
    unit: Unit, house: House, ministry: Ministry, ours: Sequence[Snapshot]
) -> list[Snapshot]:
    """Return those of some dossiers that go to a system now, and that it has nothing of."""
    found, links = doors(unit), unit.links.of_codes([one.code for one in ours])
    lines = begun_lines(unit, house, found, links.values())
    blank = {link.id for link in links.values() if link.system == ministry.name and is_blank(link)}
    waits = unit.outbox.open_of_links(blank)
    own = by_code(links)

    def is_bound(one: Snapshot) -> bool:
        its = own.get(one.code, {})
        link = its.get(ministry.name)
        free = link is None or (link.id in blank and link.id not in waits)
        return free and ministry in found.routed(house, one.fields, its, lines)

    return [one for one in ours if is_bound(one)]


def nobodys(unit: Unit, house: House, ours: Sequence[Snapshot]) -> list[Snapshot]:
    """Return those of some dossiers that no system takes now."""
    found, links = doors(unit), unit.links.of_codes([one.code for one in ours])
    lines, own = begun_lines(unit, house, found, links.values()), by_code(links)

    def is_nobodys(one: Snapshot) -> bool:
        its = own.get(one.code, {})
        goes_to = found.routed(house, one.fields, its, lines)
        return found.nobodys(house, one.fields, goes_to, its, lines)

    return [one for one in ours if is_nobodys(one)]


def is_blank(link: Link) -> bool:
    """Tell whether a link is open, and the system is not known to have a record of its dossier."""
    return link.state == OPEN and link.base is None and link.ref is None


def has(link: Link, line: Sequence[Delivery]) -> bool:
    """Tell whether a system has a dossier, or may have it."""
    if link.state in (PARTED, WITHDRAWN):
        return False
    return link.base is not None or link.ref is not None or flying_state(line) is not None


def _received_since(fields: Fields, since: datetime) -> bool:
    received = fields.get("received_at")
    return isinstance(received, str) and datetime.fromisoformat(received) >= since
