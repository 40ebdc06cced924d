"""A link's line as a batch works on it: what stands in it, what is put in, what is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.domain.delivery import UNSENT, State
from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.engine import clerk
from bridge.engine.house import Ministry
from bridge.store import Arrival, Conflict, Delivery, Link, Unit
from bridge.store.entries import NewDelivery


@dataclass(frozen=True)
class Desk:
    """What a batch needs to know, read once.

    ``routes`` are the systems that each dossier goes to, ``nobodys`` those that none takes in hand; of
    what the ``retired`` have nothing moves.
    """

    links: Mapping[tuple[str, str], Link]
    lines: dict[int, list[Delivery]]
    last_seq: Mapping[int, int]
    steps: Mapping[int, set[str]]
    conflicts: Mapping[tuple[str, str], list[Conflict]]
    noticed: set[tuple[str, str]]
    routes: Mapping[str, Sequence[Ministry]]
    nobodys: Collection[str]
    retired: frozenset[str]
    unpaired: Collection[str] = ()
    """The systems that have records whose dossier a person is asked about."""

    def links_of(
        self, code: str, ministries: Iterable[Ministry]
    ) -> Iterator[tuple[Ministry, Link]]:
        """Yield the links of a dossier to these systems, as far as there are any."""
        for ministry in ministries:
            link = self.links.get((code, ministry.name))
            if link is not None:
                yield ministry, link


@dataclass
class Tray:
    """What a batch leaves behind."""

    deliveries: list[NewDelivery] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    woken: set[str] = field(default_factory=set)


def leave(unit: Unit, tray: Tray) -> None:
    """Write what a batch leaves behind."""
    unit.outbox.supersede(tray.superseded)
    unit.outbox.post(tray.deliveries)
    unit.links.change_many(tray.links)
    unit.inbox.add(tray.arrivals)


def put(  # noqa: PLR0913 - the place, the content and what it replaces
    unit: Unit,
    tray: Tray,
    ministry: Ministry,
    link: Link,
    fields: Mapping[str, Json],
    unsent: Delivery | None,
    seq: int,
    paths: Sequence[str],
    due_at: datetime | None = None,
) -> int:
    """Put a state in line, in the place of ``unsent`` where there is one; returns the last place.

    ``seq`` is the last place taken, ``paths`` the fields that are news. It is not sent before
    ``due_at``.
    """
    place = seq + 1 if unsent is None else unsent.seq
    if unsent is not None:
        tray.superseded.append(unsent.id)
        event = Event.REVIVED if unsent.state is State.DEAD else Event.SUPERSEDED
        unit.journal.add(event, code=link.code, system=link.system, delivery=unsent.id)
    tray.deliveries.append(
        NewDelivery(
            link.id,
            link.code,
            link.system,
            link.shard,
            place,
            "state",
            fields,
            f"{ministry.lens.name}.v{ministry.lens.version}",
            priority=unsent.priority if unsent else 0,
            due_at=due_at,
        )
    )
    detail: dict[str, Json] = {"fields": list(paths)} if link.base is not None else {"all": True}
    unit.journal.add(Event.POSTED, code=link.code, system=link.system, **detail)
    if link.base is None:
        _left_out(unit, ministry, link, fields)
    return max(seq, place)


def _left_out(unit: Unit, ministry: Ministry, link: Link, fields: Mapping[str, Json]) -> None:
    """Say in the journal that papers don't go out: the system would have to fetch them itself."""
    rows: Any = fields.get("documents") or []
    papers = sum(1 for one in rows if not one["deleted"])
    if papers and not ministry.lens.sends_papers:
        unit.journal.add(
            Event.DOCUMENTS_LEFT_OUT,
            code=link.code,
            system=link.system,
            count=papers,
            reason="console.public_url",
        )


def take_back(unit: Unit, tray: Tray, unsent: Delivery) -> None:
    """End an unsent delivery that has nothing to tell any more, and the notice it caused."""
    tray.superseded.append(unsent.id)
    unit.journal.add(Event.SUPERSEDED, code=unsent.code, system=unsent.system, delivery=unsent.id)
    if unsent.state is State.DEAD:
        clerk.resolved(unit, unsent.code, unsent.system, clerk.DEAD)


def recall(unit: Unit, tray: Tray, ministry: Ministry, line: Sequence[Delivery]) -> None:
    """Take back what was not sent; not from a system of steps, for those behind it go once."""
    for one in () if ministry.capabilities.steps else line:
        if one.state in UNSENT:
            take_back(unit, tray, one)
