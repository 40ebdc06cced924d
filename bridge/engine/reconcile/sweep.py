"""Both sides of a period, side by side: every dossier and every record comes to one finding.

The ministry's list is laid down on disk first, for it is in no order we know; then the one-stop is
walked by its keys, a page at a time, each dossier beside its records and its link. What is left of
the list has no dossier in the period: it is looked for by code before it counts as missing. Nothing
is held in memory but a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from bridge.domain.delivery import State
from bridge.domain.dossier import Snapshot
from bridge.domain.reconcile import (
    ENDED,
    KEPT_BACK,
    Action,
    Different,
    Duplicates,
    Finding,
    InStep,
    Lacks,
    Mark,
    MissingAtMinistry,
    MissingAtOneStop,
    NotSeen,
    OnItsWay,
    OrphanLink,
    Waits,
    Withdrawn,
    when_lacking,
)
from bridge.domain.said import Said
from bridge.engine.house import House, Ministry
from bridge.engine.post import procedure_of
from bridge.engine.reconcile.asking import Desk, Reach, powers, reach
from bridge.engine.reconcile.known import Known, known, mark_of, settled_before
from bridge.engine.reconcile.sides import compare, lost_steps
from bridge.engine.reconcile.spill import Laid, Spill
from bridge.engine.seen import Seen
from bridge.engine.versions import as_received
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.errors import ContractBroken, Rejected
from bridge.sdk.records import Record, Unreadable
from bridge.store import Link
from bridge.store.links import ORPHAN

YOUNG = timedelta(minutes=10)
"""What changed less long ago is not judged: the other side may not have heard of it yet."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a comparison is made.

    ``since`` and ``until`` are days of reception, both included, as Vietnam counts them. ``age`` is
    how long both sides must have been still. ``restored_to``: a person says that the ministry was
    set back to what it was at this moment; it counts where the ministry can't be asked.
    ``also_decided``: a person has said that lost dossiers which it had decided go anew as well.
    """

    since: date
    until: date
    age: timedelta = YOUNG
    restored_to: datetime | None = None
    also_decided: bool = False


def sweep(house: House, ministry: Ministry, terms: Terms) -> Iterator[Finding]:
    """Compare both sides over a period; yields a finding for each dossier and each record.

    Nothing is written but the brake of a ministry that could not be asked. What was yielded stands,
    whatever comes after it.

    Raises:
        AdapterError: the ministry can't be asked now.
        OneStopFault: the one-stop database can't be read.
    """
    desk = Desk(house, ministry)
    desk.open()
    with Spill() as spill:
        one = _Sweep(desk, terms, spill)
        if reach(ministry) is Reach.LIST:
            yield from one.lay_down()
        yield from one.walk()
        yield from one.left_over()


@dataclass(frozen=True, slots=True)
class _Sweep:
    desk: Desk
    terms: Terms
    spill: Spill
    still_since: datetime = field(init=False)

    def __post_init__(self) -> None:
        now = self.desk.house.now()
        since = settled_before(now, self.terms.age, self.ministry)
        object.__setattr__(self, "still_since", since)

    @property
    def house(self) -> House:
        return self.desk.house

    @property
    def ministry(self) -> Ministry:
        return self.desk.ministry

    # -- the pages of either side

    def lay_down(self) -> Iterator[Finding]:
        """Lay the ministry's list down, each record under the dossier it is of."""
        for page in self.desk.listed(self.terms.since, self.terms.until):
            for one in page.records:
                if isinstance(one, Unreadable):
                    yield NotSeen(one.name, one.reason)
            for text in page.warnings:
                yield NotSeen(self.ministry.name, text)
            records = [one for one in page.records if isinstance(one, Record)]
            self.spill.put(self._named([one for one in records if one.ref]))

    def _named(self, records: Sequence[Record]) -> list[Laid]:
        """Say of which dossier each record is: by its number, unless it names another."""
        with self.house.store.read() as unit:
            links = unit.links.of_refs(self.ministry.name, {one.ref for one in records})
        laid = []
        for one in records:
            lens = self.ministry.lenses.get(one.kind, self.ministry.lens)
            named, link = lens.key(one.body), links.get(one.ref)
            if link is not None and (named in (None, link.code) or not self._is_ours(named)):
                named = None if self._looks_anothers(link, one) else link.code
            laid.append(Laid(named, one))
        return laid

    def _is_ours(self, code: str) -> bool:
        return bool(self.house.onestop.present([code]))

    def _looks_anothers(self, link: Link, record: Record) -> bool:
        """Tell whether a record under a link's number is another's; what can't be read is not."""
        try:
            seen = self.desk.seen(record)
        except (LiftError, ListUnread):
            return False
        return seen.code is None and self.desk.is_anothers(link, record)

    def walk(self) -> Iterator[Finding]:
        """Yield a finding for each dossier that the one-stop received in the period."""
        procedures = None if "*" in self.ministry.procedures else self.ministry.procedures
        after: str | None = None
        more = True
        while more:
            page = self.house.onestop.received(
                self.terms.since, self.terms.until, procedures, after, self.house.page
            )
            after, more = page.after, page.after is not None
            for one in page.dossiers:
                if isinstance(one, Unreadable):
                    yield NotSeen(one.name, one.reason)
            ours = [one for one in page.dossiers if isinstance(one, Snapshot)]
            listed = self.spill.take([one.code for one in ours])
            yield from self._judged({one.code: one for one in ours}, listed)

    def left_over(self) -> Iterator[Finding]:
        """Yield a finding for each record whose dossier was not received in the period, or is not."""
        for laid in self.spill.rest(self.house.page):
            listed = {
                code: [one.record for one in group]
                for code, group in groupby(laid, lambda one: one.code)
                if code is not None
            }
            rows = self.house.onestop.fetch(list(listed)) if listed else {}
            ours = {code: row for code, row in rows.items() if isinstance(row, Snapshot)}
            for code in rows.keys() - ours.keys():
                listed.pop(code)
                yield NotSeen(code, Said("the dossier can't be read in the one-stop"))
            yield from self._judged(ours, listed)
            yield from self._unnamed([one.record for one in laid if one.code is None])

    # -- a page of dossiers

    def _judged(
        self, rows: Mapping[str, Snapshot], listed: Mapping[str, Sequence[Record]]
    ) -> Iterator[Finding]:
        """Yield a finding for each code of either side."""
        codes = list(dict.fromkeys([*rows, *listed]))
        refs = {one.ref for records in listed.values() for one in records}
        with self.house.store.read() as unit:
            know = known(unit, self.ministry, codes, refs)
            ours = {one.code: one for one in as_received(unit, list(rows.values()))}
        for code in codes:
            try:
                yield self._judge(code, ours.get(code), listed.get(code, ()), know)
            except (ContractBroken, Rejected) as error:
                yield NotSeen(code, error.reason)
            except (LiftError, ListUnread) as error:
                yield NotSeen(code, str(error))

    def _unnamed(self, records: Sequence[Record]) -> Iterator[Finding]:
        """Yield a finding for each record that is of no dossier."""
        with self.house.store.read() as unit:
            know = known(unit, self.ministry, [], {one.ref for one in records})
        for one in records:
            waits = know.waits(None, one.ref)
            if waits is not None:
                yield OnItsWay(None, one.ref, waits)
            else:
                yield self._only_there(None, one)

    def _judge(
        self, code: str, ours: Snapshot | None, records: Sequence[Record], know: Known
    ) -> Finding:
        link = know.links.get(code)
        ref = records[0].ref if records else link.ref if link is not None else None
        if len(records) > 1:
            return Duplicates(code, tuple(sorted(one.ref for one in records)))
        waits = know.waits(code, ref)
        if waits is not None and waits is not Waits.DEAD_LETTER:
            return OnItsWay(code, ref, waits)
        if ours is None:
            gone = link is not None
            return OrphanLink(code, ref) if gone else self._only_there(code, records[0])
        if know.is_young(code, ours, self.still_since):
            return OnItsWay(code, ref, Waits.YOUNG)
        return self._here(ours, link, records[0] if records else None, know)

    def _here(
        self, ours: Snapshot, link: Link | None, found: Record | None, know: Known
    ) -> Finding:
        """Judge a dossier that the one-stop has."""
        if not self.ministry.takes(procedure_of(ours.fields)):
            return NotSeen(ours.code, Said("its procedure is not for this system"))
        if found is None and (link is None or (link.base is None and link.ref is None)):
            return self._never_there(ours, link, know)
        return self._there_or_lost(ours, link, found, know)

    def _there_or_lost(
        self, ours: Snapshot, link: Link | None, found: Record | None, know: Known
    ) -> Finding:
        """Judge a dossier that the ministry shows, or has had."""
        waits = know.waits(ours.code, None)
        if found is None and link is not None:
            if link.state == ORPHAN:
                return OrphanLink(ours.code, link.ref)
            match self._sought(ours, link, know):
                case Record() as record:
                    found = record
                case finding:
                    return finding
        if found is None:
            return self._never_there(ours, link, know)
        if waits is not None:
            return OnItsWay(ours.code, found.ref, waits)
        return self._both(ours, link, found, know)

    def _sought(self, ours: Snapshot, link: Link, know: Known) -> Record | Finding:
        """Look for a dossier that was sent and is not listed; its record, or what it comes to."""
        if self._is_kept_back(ours):
            return Withdrawn(ours.code, link.ref)
        asked = reach(self.ministry)
        if asked is Reach.NOTHING:
            return self._unasked(ours, link, know)
        if self.ministry.capabilities.fetches and link.ref is not None:
            found = self.desk.of_link(link)
            if found is not None:
                return found
        elif not self.ministry.capabilities.probes:
            return NotSeen(
                ours.code, Said("its number is not known, and it can't be asked by code")
            )
        elif not self.desk.lacks(link):
            return self._by_code(ours, link, know)
        return self._lacking(ours, link, Lacks.LOST)

    def _by_code(self, ours: Snapshot, link: Link, know: Known) -> Finding:
        waits = know.waits(ours.code, None)
        if waits is not None:
            return OnItsWay(ours.code, link.ref, waits)
        return InStep(ours.code, link.ref, compared=False)

    def _unasked(self, ours: Snapshot, link: Link, know: Known) -> Finding:
        """Judge a dossier of a ministry that can't be asked: by what a person says of it."""
        restored, sent = self.terms.restored_to, know.spoken.get(link.id)
        if restored is not None and sent is not None and sent > restored:
            return self._lacking(ours, link, Lacks.UNPROVED)
        return NotSeen(ours.code, Said("the ministry can't be asked about a dossier"))

    def _never_there(self, ours: Snapshot, link: Link | None, know: Known) -> Finding:
        """Judge a dossier that the ministry does not have, and never had as far as is known."""
        ended = ours.get("status") in ENDED and not self.ministry.mirror
        if self._is_kept_back(ours) or ended:
            return Withdrawn(ours.code, None)
        if any(one.state is State.DEAD for one in know.line(ours.code)):
            return OnItsWay(ours.code, None, Waits.DEAD_LETTER)
        captured = know.is_captured(ours)
        return self._lacking(ours, link, Lacks.NEVER_SENT if captured else Lacks.UNCAPTURED)

    def _lacking(self, ours: Snapshot, link: Link | None, why: Lacks) -> MissingAtMinistry:
        action = when_lacking(
            why,
            ours.get("status"),
            powers(self.ministry),
            imported=link is not None and link.imported,
            also_decided=self.terms.also_decided,
        )
        ref = None if link is None else link.ref
        mark = Mark(ours.content_hash, mark_of(link))
        return MissingAtMinistry(ours.code, ref, why, action, mark)

    def _only_there(self, code: str | None, record: Record) -> Finding:
        """Judge a record of which the one-stop has no dossier."""
        if self.ministry.mirror:
            return MissingAtOneStop(code, record.ref, Action.PERSON, Mark(), None)
        try:
            seen = self.desk.seen(record)
        except (LiftError, ListUnread) as error:
            return NotSeen(record.ref, str(error))
        mark = Mark(theirs=seen.hash)
        return MissingAtOneStop(code, record.ref, Action.TAKE_IN, mark, _day(seen))

    def _both(self, ours: Snapshot, link: Link | None, found: Record, know: Known) -> Finding:
        """Compare a dossier with its record."""
        seen = self.desk.seen(found)
        held = know.held.get(ours.code, frozenset())
        sides = compare(self.ministry, ours, link, seen, held)
        steps: tuple[str, ...] = ()
        if link is not None and self.ministry.capabilities.steps:
            with self.house.store.read() as unit:
                sent = unit.outbox.sent_steps(link.id)
            steps = lost_steps(self.desk, ours, sent)
        renumbered = link is None or (link.ref is not None and link.ref != found.ref)
        if not (sides.fields or steps or renumbered):
            return InStep(ours.code, found.ref)
        person = not (steps or renumbered) and all(one.to == "person" for one in sides.fields)
        look = Action.SEND_AGAIN if self.ministry.mirror else Action.TAKE_IN
        mark = Mark(ours.content_hash, mark_of(link), seen.hash)
        action = Action.PERSON if person else look
        return Different(ours.code, found.ref, sides.fields, steps, action, mark, _day(seen))

    def _is_kept_back(self, ours: Snapshot) -> bool:
        return ours.get("received_at") is None or ours.get("status") in KEPT_BACK


def _day(seen: Seen) -> str | None:
    """Return the day of reception that a record shows, as ``YYYY-MM-DD``."""
    received = seen.fields.get("received_at")
    return received[:10] if isinstance(received, str) else None
