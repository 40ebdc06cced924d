"""What was changed there: the days that may hold news are read again, a page of 50 at a time.

``dsHoSoDangKy`` knows days, not moments, so the day of the last round is asked for again until it
is over, and one more day before it: a change that was stamped late is not missed. Who has seen a
record with the same content drops it. What was registered when it was read is left out for a while
(``WHOLE``): it changes by a correction at most, and a busy day would be read again whole, 50 records a
call, as often as it is asked what is new. A cursor is ``{"day"}`` between rounds, and has ``began``
(the day this round began) and ``after`` (the last number read) within one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bridge.sdk import Json
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.times import VIETNAM

from .client import BATCH, HotichClient
from .faults import whole_number
from .record import REGISTERED, completed, read

__all__ = ["OVERLAP", "Feed"]

OVERLAP = timedelta(days=1)

WHOLE = timedelta(minutes=10)
"""How often a round reads all its records, also those that were registered before."""

Row = Record | Unreadable


@dataclass(frozen=True, slots=True)
class _Round:
    """A reading of all days from ``since``; ``after`` is the last number that was read."""

    since: date
    began: date
    after: int | None


@dataclass(frozen=True, slots=True)
class _Listing:
    """What ``dsHoSoDangKy`` said at one time: numbers, ascending, and rows that have none."""

    refs: tuple[int, ...]
    strange: tuple[Unreadable, ...]

    def without(self, refs: Collection[int]) -> _Listing:
        """Return it without some numbers."""
        return replace(self, refs=tuple([ref for ref in self.refs if ref not in refs]))


class _Registered:
    """Numbers of what was registered when it was read, for ``WHOLE``.

    Those of a page count once the page behind it is asked for: until then it may be asked for again.
    """

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._days: date | None = None
        self._refs: set[int] = set()
        self._page: tuple[int, ...] = ()

    def left_out(self, since: date, now: datetime) -> Collection[int]:
        """Return the numbers that a round of the days from ``since`` leaves out which begins now."""
        fresh = self._began is not None and self._began <= now < self._began + WHOLE
        if not fresh or since != self._days:
            self._began, self._days, self._refs, self._page = now, since, set(), ()
        return self._refs

    def read(self, rows: Iterable[Row], after: int | None) -> None:
        """Take in what a page showed that came behind a number."""
        if after is not None:
            self._refs.update([ref for ref in self._page if ref <= after])
        records = [one for one in rows if isinstance(one, Record)]
        settled = [one.ref for one in records if one.body.get("trangThai") == REGISTERED]
        self._page = tuple(map(int, settled))


class Feed:
    """The feed of births. Safe between threads.

    The list of the round is remembered, because every page would have to ask for the whole of it
    again; where it is forgotten it is asked for.
    """

    def __init__(self, client: HotichClient, now: Callable[[], datetime], first_day: date) -> None:
        self._client = client
        self._now = now
        self._first_day = first_day
        self._listed: tuple[date, date, _Listing] | None = None
        self._registered = _Registered()

    def page(self, cursor: Json) -> Page:
        """Return the page after ``cursor``."""
        here = self._round(cursor)
        page = self._read(self._listing(here), here.after)
        self._registered.read(page.records, here.after)
        if not page.more:
            return Page(page.records, {"day": here.began.isoformat()})
        days = {"day": here.since.isoformat(), "began": here.began.isoformat()}
        return Page(page.records, {**days, "after": page.cursor}, more=True)

    def since(self, day: date, cursor: Json) -> Page:
        """Return a page of what was created or changed since a day; ``cursor`` is a number."""
        return self._read(_listing(self._client.changed(day)), whole_number(cursor))

    def find(self, code: str, day: date) -> Record | None:
        """Return the record that bears our code among those changed since a day."""
        refs = _listing(self._client.changed(day)).refs
        for start in range(0, len(refs), BATCH):
            for row in map(read, self._client.records(refs[start : start + BATCH])):
                if isinstance(row, Record) and row.body.get("maHoSo") == code:
                    return row
        return None

    def _round(self, cursor: Json) -> _Round:
        today = self._now().astimezone(VIETNAM).date()
        said: Mapping[str, Any] = cursor if isinstance(cursor, dict) else {}
        day, began, after = _day(said.get("day")), _day(said.get("began")), said.get("after")
        if day is not None and began is not None:
            return _Round(day, began, whole_number(after))
        since = self._first_day if day is None else min(day, today) - OVERLAP
        return _Round(max(since, self._first_day), today, None)

    def _listing(self, here: _Round) -> _Listing:
        known = self._listed
        if here.after is not None and known is not None and known[:2] == (here.since, here.began):
            return known[2]
        left_out = self._registered.left_out(here.since, self._now())
        listing = _listing(self._client.changed(here.since)).without(left_out)
        self._listed = here.since, here.began, listing
        return listing

    def _read(self, listing: _Listing, after: int | None) -> Page:
        waiting = [ref for ref in listing.refs if after is None or ref > after]
        chosen = waiting[:BATCH]
        strange = listing.strange if after is None else ()
        rows = (*strange, *self._looked_up(chosen))
        last = chosen[-1] if chosen else after
        return Page(rows, last, more=len(waiting) > len(chosen))

    def _looked_up(self, refs: Sequence[int]) -> Iterator[Row]:
        """Yield the records with these numbers, each once, with all that belongs to it.

        One that is listed and not shown is Unreadable: it may have been taken away meanwhile.
        """
        missing = dict.fromkeys(map(str, refs))
        shown: list[Row] = []
        for row in map(read, self._client.records(refs) if refs else ()):
            if row in shown:
                continue
            shown.append(row)
            missing.pop(row.ref if isinstance(row, Record) else "", None)
            yield completed(self._client, row) if isinstance(row, Record) else row
        for ref in missing:
            yield Unreadable(ref, "dsHoSoDangKy lists it, traDanhSachHoSo does not show it", "id")


def _listing(numbers: Sequence[int | None]) -> _Listing:
    refs: set[int] = set()
    strange: list[Unreadable] = []
    for n, ref in enumerate(numbers, 1):
        if ref is None:
            strange.append(Unreadable(f"dsHoSoDangKy, row {n}", "the row has no number", "id"))
        else:
            refs.add(ref)
    return _Listing(tuple(sorted(refs)), tuple(strange))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
