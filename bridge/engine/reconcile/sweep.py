"""Both sides of a period, side by side: every dossier and every record comes to one finding.

The ministry's list is laid down on disk first, for it is in no order we know; then the one-stop is
walked by its days (``Calendar``), a page at a time, each dossier beside its records and its link. What is left of
the list has no dossier in the period: it is looked for by code before it counts as missing. Nothing
is held in memory but a page, and of a portion some bytes a dossier.

Where an imprint of the days holds (``Imprinting``), only what was not agreed then goes this way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import orjson

from bridge.domain.comparison import Place, Placed
from bridge.domain.dossier import Snapshot
from bridge.domain.reconcile import InStep, NotSeen
from bridge.engine import apart
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.agreed import Agreed, agreed
from bridge.engine.reconcile.asking import Desk, Reach, reach
from bridge.engine.reconcile.calendar import Calendar
from bridge.engine.reconcile.imprinting import Imprinting, packed, unpacked
from bridge.engine.reconcile.judge import Judge, place_of
from bridge.engine.reconcile.known import settled_before
from bridge.engine.reconcile.spill import Laid, Spill, by_code
from bridge.engine.reconcile.terms import Terms
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.onestop import Unchanged
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.times import VIETNAM

Aside: TypeAlias = Callable[[Sequence[Laid]], None]
"""Takes records whose dossier is there and was not received in the period, to be judged later."""


PAGES = 10
"""How many pages of the house are looked at together: each look of a database costs as such."""


def sweep(house: House, ministry: Ministry, terms: Terms) -> Iterator[Placed]:
    """Compare both sides over a period; yields a finding for each dossier and each record.

    Nothing is written but the brake of a ministry that could not be asked, and what is agreed. What
    was yielded stands, whatever comes after it.

    Raises:
        AdapterError: the ministry can't be asked now.
        OneStopFault: the one-stop database can't be read.
    """
    terms = replace(terms, until=min(terms.until, today(house)))
    desk = Desk(house, ministry)
    with Calendar(desk, terms) as calendar:
        yield from swept(desk, terms, calendar, None)


def swept(
    desk: Desk,
    terms: Terms,
    calendar: Calendar,
    aside: Aside | None,
    imprinting: Imprinting | None = None,
) -> Iterator[Placed]:
    """Compare a portion of the ``calendar``'s period; yields and raises as ``sweep``.

    With ``aside`` nothing is said of what it is given. With ``imprinting`` nothing is said of what is
    agreed while that ``stands``.
    """
    desk.open()
    with Spill() as spill:
        kept = agreed(desk, terms, spill)
        still_since = settled_before(desk.house.now(), terms.age, desk.ministry)
        judge = Judge(desk, terms, still_since, kept)
        one = _Sweep(desk, terms, spill, judge, kept, imprinting)
        yield from one.both(calendar)
        yield from one.left_over(aside)


def list_again(desk: Desk, terms: Terms, spill: Spill, only: Collection[str]) -> None:
    """Lay down what the ministry lists of a period, of it only the records with these numbers."""
    judge = Judge(desk, terms, desk.house.now())
    for _ in _Sweep(desk, terms, spill, judge, None).lay_down(only):
        pass


def today(house: House) -> date:
    """Return the day it is in Vietnam: nobody has received anything later."""
    return house.now().astimezone(VIETNAM).date()


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The pages of either side, one after the other."""

    desk: Desk
    terms: Terms
    spill: Spill
    judge: Judge
    agreed: Agreed | None = None
    imprinting: Imprinting | None = None

    @property
    def house(self) -> House:
        return self.desk.house

    @property
    def ministry(self) -> Ministry:
        return self.desk.ministry

    # -- the pages of either side

    def both(self, calendar: Calendar) -> Iterator[Placed]:
        """Lay the list down, and yield a finding for each dossier received in the period."""
        terms, size = self.terms, PAGES * self.house.page
        pages: Iterable[Sequence[str]] = calendar.pages(terms.since, terms.until, size)
        imprinting = self.imprinting
        if imprinting is None or self.agreed is None or not imprinting.may_stand:
            if reach(self.ministry) is Reach.LIST:
                yield from self.lay_down()
            yield from self.walk(pages)
            return
        imprinting.begin(self.agreed.rules)
        left = imprinting.ours_hold(pages, self.agreed.paths)
        yield from self._lay_down_by(imprinting, known=left is not None)
        if left is not None and imprinting.theirs_hold():
            yield from self.walk(left[at : at + size] for at in range(0, len(left), size))
            return
        self._lay_down_pages()
        if self.spill.count() != imprinting.records:  # one is listed twice
            imprinting.spoil()
        yield from self.walk(calendar.pages(terms.since, terms.until, size), imprinting)

    def lay_down(self, only: Collection[str] | None = None) -> Iterator[Placed]:
        """Lay the ministry's list down (of it ``only`` these numbers), each record by its dossier."""
        for page in self.desk.listed(self.terms.since, self.terms.until):
            yield from self._not_seen(page)
            records = _with_number(page)
            self.spill.put(self._named([one for one in records if only is None or one.ref in only]))

    def _lay_down_by(self, imprinting: Imprinting, *, known: bool) -> Iterator[Placed]:
        """Lay the list down while an imprint of it is taken.

        ``known``: it may be as it was, so what was not agreed then is laid down, and each page as it is.
        """
        for page in self.desk.listed(self.terms.since, self.terms.until):
            for one in self._not_seen(page):
                imprinting.spoil()
                yield one
            records = _with_number(page)
            whole = packed(records)
            if known:
                self.spill.put_page(*whole)
                if others := imprinting.others_of(records):
                    self.spill.put(self._named(others))
            else:
                self.spill.put(self._named(records, imprinting.records))
            imprinting.listed(whole.shown, len(records))

    def _lay_down_pages(self) -> None:
        """Lay down the records of all pages that were laid down as they are."""
        count = 0
        for page in self.spill.pages():
            records = unpacked(*page)
            self.spill.put(self._named(records, count))
            count += len(records)

    def _not_seen(self, page: Page) -> Iterator[Placed]:
        """Yield what of a page of the list can't be read."""
        for one in page.records:
            if isinstance(one, Unreadable):
                yield Placed(NotSeen(one.name, one.reason), Place())
        for text in page.warnings:
            yield Placed(NotSeen(self.ministry.name, text), Place())

    def _named(self, records: Sequence[Record], begin: int = 0) -> list[Laid]:
        """Say of which dossier each record is: by its number, unless it names another.

        One that is agreed names its own, under the number it had then. What a person has said to be
        there once more is of the dossier it was said of. ``begin`` is the first one's position in the
        list.
        """
        laid = [
            Laid(self._claim(one), one, orjson.dumps(one.body), n=n)
            for n, one in enumerate(records, begin)
        ]
        if self.agreed is not None:
            laid = self.agreed.recognised(laid)
        unknown = [one for one in laid if one.ours is None]
        if not unknown:
            return laid
        refs = {one.record.ref for one in unknown}
        with self.house.store.read() as unit:
            codes = {
                **apart.doubles(unit, self.ministry, refs),
                **unit.links.codes_of_refs(self.ministry.name, refs),
            }
        return [
            one if one.ours is not None else self._numbered(one, codes.get(one.record.ref))
            for one in laid
        ]

    def _claim(self, record: Record) -> str | None:
        return self.ministry.lenses.get(record.kind, self.ministry.lens).key(record.body)

    def _numbered(self, laid: Laid, code: str | None) -> Laid:
        """Return a record whose number is known to be of this dossier, by its dossier."""
        if code is None or laid.code == code:
            return laid
        if laid.code is None:
            return laid if self._looks_anothers(laid.record) else laid.of(code)
        return laid if self._is_ours(laid.code) else laid.of(code)

    def _is_ours(self, code: str) -> bool:
        return bool(self.house.onestop.present([code]))

    def _looks_anothers(self, record: Record) -> bool:
        """Tell whether a record under a link's number is another's; what can't be read is not."""
        with self.house.store.read() as unit:
            link = unit.links.of_refs(self.ministry.name, [record.ref]).get(record.ref)
        try:
            seen = self.desk.seen(record)
        except (LiftError, ListUnread):
            return False
        return link is not None and seen.code is None and self.desk.is_anothers(link, record)

    def walk(
        self, pages: Iterable[Sequence[str]], imprinting: Imprinting | None = None
    ) -> Iterator[Placed]:
        """Yield a finding for each of these dossiers that the one-stop has."""
        for codes in pages:
            rows = self._rows(codes)
            yield from self._unchanged([one for one in rows.values() if isinstance(one, Unchanged)])
            for one in rows.values():
                if isinstance(one, Unreadable):
                    yield Placed(NotSeen(one.name, one.reason), Place())
            ours = {code: one for code, one in rows.items() if isinstance(one, Snapshot)}
            if ours:
                yield from self._looked_at(ours, self.spill.take(ours))
            if imprinting is not None and self.agreed is not None:
                imprinting.walked(codes, self.agreed.marks, self.agreed.settled)

    def _rows(self, codes: Sequence[str]) -> Mapping[str, Snapshot | Unreadable | Unchanged]:
        if self.agreed is None:
            return self.house.onestop.fetch(codes)
        self.agreed.turn_page()
        return self.house.onestop.fetch_unknown(codes, self.agreed.known, self.agreed.paths)

    def _looked_at(
        self, ours: Mapping[str, Snapshot], listed: dict[str, list[Record]]
    ) -> Iterator[Placed]:
        """Yield a finding for each of these dossiers.

        Where only what the system can know of them was read, that proves that one is in step; all
        others are read whole, and judged by that.
        """
        if self.agreed is None:
            yield from self.judge.page(ours, listed)
            return
        once = {code: row for code, row in ours.items() if len(listed.get(code, ())) == 1}
        in_step = set[str]()
        for one in self.judge.page(once, {code: listed[code] for code in once}):
            if isinstance(one.finding, InStep):
                in_step.add(one.finding.code)
                yield one
        if others := [code for code in ours if code not in in_step]:
            left = {code: records for code, records in listed.items() if code not in in_step}
            yield from self._judged(self.house.onestop.fetch(others), left)

    def _unchanged(self, dossiers: Sequence[Unchanged]) -> Iterator[Placed]:
        """Yield that each of these agreed dossiers is in step; its record is done with."""
        if self.agreed is None or not dossiers:
            return
        self.spill.drop([one.code for one in dossiers])
        for one in dossiers:
            place = place_of(one.fields)
            self.agreed.settle(one.code, place)
            yield Placed(InStep(one.code, self.agreed.ref(one.code)), place)

    def left_over(self, aside: Aside | None) -> Iterator[Placed]:
        """Yield a finding for each record whose dossier was not received in the period, or is not."""
        for page in self.spill.rest(self.house.page):
            codes = {one.code for one in page if one.code is not None}
            rows = self.house.onestop.fetch(sorted(codes)) if codes else {}
            laid = page
            if aside is not None:
                there = {code for code, row in rows.items() if isinstance(row, Snapshot)}
                aside([one for one in page if one.code in there])
                laid = [one for one in page if one.code not in there]
                rows = {code: row for code, row in rows.items() if code not in there}
            yield from self._judged(rows, by_code(laid))
            yield from self.judge.unnamed([one.record for one in laid if one.code is None])

    def _judged(
        self, rows: Mapping[str, Snapshot | Unreadable], listed: dict[str, list[Record]]
    ) -> Iterator[Placed]:
        """Yield a finding for each of these dossiers with its records."""
        ours = {code: row for code, row in rows.items() if isinstance(row, Snapshot)}
        for row in rows.values():
            if isinstance(row, Unreadable):
                listed.pop(row.name, None)
                yield Placed(NotSeen(row.name, row.reason), Place())
        judge = replace(self.judge, agreed=None)  # the walk's marks are not of what was read here
        yield from judge.page(ours, listed)


def _with_number(page: Page) -> list[Record]:
    """Return the records of a page that have a number."""
    return [one for one in page.records if isinstance(one, Record) and one.ref]
