"""The dossiers and the records that no link knows: both sides of a match, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bridge.domain.dossier import Snapshot
from bridge.domain.matching.entry import Entry
from bridge.engine.alike import entry, entry_of
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.engine.seen import Seen, lift
from bridge.engine.twins import free_of
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.records import DOSSIER, Record, Unreadable
from bridge.store import Waiting
from bridge.store.links import PARTED

MARGIN = timedelta(days=31)
"""How far beyond a period is looked for what else a pair of it may be: nothing else is told of it."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of reception, both included, as Vietnam counts them."""

    since: date
    until: date

    def has(self, day: date | None) -> bool:
        """Tell whether a day is among them; one that nobody knows may be."""
        return day is None or self.since <= day <= self.until

    @property
    def wide(self) -> Period:
        """The period with its margin on both sides."""
        since, until = self.since.toordinal(), self.until.toordinal()
        days = MARGIN.days
        return Period(
            date.fromordinal(max(since - days, date.min.toordinal())),
            date.fromordinal(min(until + days, date.max.toordinal())),
        )


@dataclass
class Sides:
    """Reads both sides. ``unread`` counts what could not be read, ``named`` the records that name us.

    ``seen_to`` is the last of the inbox that was looked at: what comes later stands behind it.
    """

    house: House
    ministry: Ministry
    period: Period
    unread: int = 0
    named: set[str] = field(default_factory=set)
    seen_to: int = 0
    _met: set[str] = field(default_factory=set)

    def records(self) -> Iterator[Entry]:
        """Yield the records that belong to no dossier: those listed, and those kept in the inbox.

        Raises:
            AdapterError: the list can't be had now.
        """
        if self.ministry.capabilities.lists:
            desk = Desk(self.house, self.ministry)
            desk.open()
            for page in desk.listed(self.period.since, self.period.until):
                shown = [one for one in page.records if isinstance(one, Record)]
                self.unread += sum(isinstance(one, Unreadable) for one in page.records)
                whole = [one for one in shown if one.ref and one.kind == DOSSIER]
                yield from self._free([self._seen(desk, one) for one in whole])
        for kept in self._kept():
            yield from self._free(kept)

    def dossiers(self) -> Iterator[Entry]:
        """Yield the dossiers of the period for this system that no record is known of.

        Raises:
            OneStopFault: the one-stop database can't be read.
        """
        ministry, page = self.ministry, self.house.page
        procedures = None if "*" in ministry.procedures else ministry.procedures
        after: str | None = None
        more = True
        while more:
            found = self.house.onestop.received(
                self.period.since, self.period.until, procedures, after, page
            )
            after, more = found.after, found.after is not None
            self.unread += sum(isinstance(one, Unreadable) for one in found.dossiers)
            rows = [one for one in found.dossiers if isinstance(one, Snapshot)]
            free = free_of(self.house, self.ministry, [one.code for one in rows])
            for one in rows:
                if one.code in free and one.code not in self.named:
                    yield entry(one.code, one.fields)

    def _seen(self, desk: Desk, record: Record) -> Seen | None:
        try:
            return desk.seen(record)
        except (LiftError, ListUnread):
            return None

    def _kept(self) -> Iterator[list[Seen | None]]:
        """Yield what has come from the system and is not worked, or was set aside."""
        lists = Desk(self.house, self.ministry).lists
        while kept := self._page_kept(self.seen_to):
            self.seen_to = kept[-1].id
            records = [one for one in kept if "body" in one.payload and one.ref not in self._met]
            whole = [one for one in records if one.payload.get("kind", DOSSIER) == DOSSIER]
            lifted: list[Seen | None] = []
            for one in whole:
                try:
                    lifted.append(lift(self.ministry, one, lists))
                except (LiftError, ListUnread):
                    lifted.append(None)
            yield [one for one in lifted if one is None or self._in_period(one)]

    def _page_kept(self, after: int) -> list[Waiting]:
        with self.house.store.read() as unit:
            return unit.inbox.kept(self.ministry.name, after, self.house.page)

    def _in_period(self, seen: Seen) -> bool:
        return bool(seen.ref) and self.period.has(entry_of(self.ministry, seen).received)

    def _free(self, shown: Sequence[Seen | None]) -> Iterator[Entry]:
        """Yield those that no link knows and that name no dossier of ours; each number once."""
        lifted = [one for one in shown if one is not None]
        self.unread += len(shown) - len(lifted)
        with self.house.store.read() as unit:
            links = unit.links.of_refs(self.ministry.name, {one.ref for one in lifted})
        names = {one.code for one in lifted if one.code is not None}
        ours = set(self.house.onestop.present(names)) if names else set()
        for one in lifted:
            link = links.get(one.ref)
            known = one.ref in self._met or (link is not None and link.state != PARTED)
            self._met.add(one.ref)
            if known:
                continue
            if one.code in ours:
                self.named.add(str(one.code))
            else:
                yield entry_of(self.ministry, one)
