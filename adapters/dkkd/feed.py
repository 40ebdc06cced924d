"""The ministry's changes: today's list by windows, ended days whole; a page of the feed a call.

Days that can't be read are put off only while today's list can be read: where neither can, nothing
was read, and that is the error.

``reading`` says what is to be read, ``bridge.sdk.paging`` how a list is read, ``rows`` what a row
shows; here it is asked for. A row of today's list shows no contact, so one that is keyed only there
is handed on when ``danhSachHoSo`` shows it whole, and so is a certificate, whose day only that list
has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bridge.sdk import Json, Said
from bridge.sdk.errors import AdapterError
from bridge.sdk.paging import Turn, Window, turn
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.times import VIETNAM

from .client import LIMIT, DkkdClient, Listing
from .faults import passing
from .reading import Pass, Reading, Span
from .rows import keyed_here, name_of, record, row_hash, wants_whole

__all__ = ["Feed", "named"]

Rows = Mapping[str, Any]
Read = Record | Unreadable


class Feed:
    """Reads the feed; keeps no state. Safe between threads."""

    def __init__(
        self,
        client: DkkdClient,
        now: Callable[[], datetime],
        *,
        statuses: Mapping[str, int],
        first_days: int,
    ) -> None:
        self._client = client
        self._now = now
        self._statuses = statuses
        self._first_days = first_days

    def page(self, cursor: Json) -> Page:
        """Return the next page; see ``Adapter.changes``. Ended days come before today."""
        now = self._now().astimezone(VIETNAM)
        reading = Reading.read(cursor, now, self._first_days).at(now)
        span = reading.due(now)
        if span is not None:
            return self._ended(reading, span, now)
        return self._today(reading, reading.pass_at(now))

    def _ended(self, reading: Reading, span: Span, now: datetime) -> Page:
        """Return a page of days that have ended; of today, if only those days can't be read now.

        Raises:
            AdapterError: today can't be read either, so no day was put off.
        """
        try:
            listing = self._client.days(span.first, span.last, span.window.offset)
        except AdapterError as error:
            if not passing(error):
                raise
            put_off = reading.put_off(span, now)
            today = self._today(put_off, put_off.pass_at(now))
            return replace(today, warnings=_put_off(put_off, span, error) + today.warnings)
        names = named(listing)
        rows = dict(zip(names, listing.rows, strict=True))
        page = turn(span.window, names, listing.count, limit=LIMIT)
        records = tuple(record(rows[name], self._statuses) for name in page.fresh)
        stored = reading.read_on(span, page.window).stored()
        return Page(records, stored, more=True, warnings=tuple(_read(span, page)))

    def _today(self, reading: Reading, today: Pass) -> Page:
        """Return a page of today's list, without what was handed on as it is."""
        listing = self._client.today(today.since, today.window.offset)
        names = named(listing)
        rows = dict(zip(names, listing.rows, strict=True))
        page = turn(today.window, names, listing.count, limit=LIMIT, patient=not reading.short)
        hashes = {name: row_hash(rows[name]) for name in page.fresh}
        news = {name: rows[name] for name in page.fresh if reading.known.get(name) != hashes[name]}
        records = self._records(news, today.upto.astimezone(VIETNAM).date())
        handed_on = {one.ref: hashes[one.ref] for one in records if isinstance(one, Record)}
        reading = reading.knowing(handed_on)
        if page.window is not None:
            return Page(records, reading.today_on(today, page.window).stored(), more=True)
        short = page.lacking > 0
        what = Said("today from {time}", time=f"{today.since:%H:%M}")
        warnings = (_short(what, page),) if short else ()
        stored = reading.today_read(today, page.read, short=short).stored()
        return Page(records, stored, warnings=() if reading.short else warnings)

    def _records(self, news: Rows, day: date) -> tuple[Read, ...]:
        """Return rows of today's list; one that is keyed only there is left out until it is whole."""
        read = {name: record(row, self._statuses) for name, row in news.items()}
        partial = {
            name: one for name, one in read.items() if isinstance(one, Record) and wants_whole(one)
        }
        whole = self._whole(partial, day) if partial else {}
        read |= {name: record(row, self._statuses) for name, row in whole.items()}
        left_out = {
            name for name, one in partial.items() if name not in whole and not keyed_here(one.body)
        }
        return tuple(one for name, one in read.items() if name not in left_out)

    def _whole(self, names: Collection[str], day: date) -> dict[str, Any]:
        """Return the rows of these names as ``danhSachHoSo`` shows them, as far as it can be read."""
        found: dict[str, Any] = {}
        window: Window | None = Window()
        try:
            while window is not None and len(found) < len(names):
                listing = self._client.days(day, day, window.offset)
                shown = named(listing)
                rows = zip(shown, listing.rows, strict=True)
                found |= {name: row for name, row in rows if name in names}
                window = turn(window, shown, listing.count, limit=LIMIT).window
        except AdapterError as error:
            if not passing(error):
                raise
        return found


def named(listing: Listing) -> list[str]:
    """Return the names of a page's rows, in order."""
    return list(map(name_of, listing.rows))


def _read(span: Span, page: Turn) -> list[Said]:
    """Return what people must know of days whose list was read to its end."""
    if page.window is not None:
        return []
    said = [_short(str(span), page)] if page.lacking else []
    if span.open_gap:
        said.append(Said("{days} could be read after all", days=str(span)))
    return said


def _put_off(reading: Reading, span: Span, error: AdapterError) -> tuple[Said, ...]:
    """Return what people must know of days that failed: something once they failed often."""
    failed = [one for one in reading.spans if one.open_gap and span.first <= one.first <= span.last]
    return tuple(
        Said(
            "{day} can't be read ({reason}): changes of that day may be missing; "
            "it is tried again at {time}",
            day=str(one),
            reason=error.reason,
            time=f"{one.due:%H:%M %d/%m/%Y}",
        )
        for one in failed
    )


def _short(what: str, page: Turn) -> Said:
    return Said(
        "{what}: {lacking} of {announced} announced rows were not found, "
        "however often it was read: their changes may be missing",
        what=what,
        lacking=page.lacking,
        announced=len(page.read) + page.lacking,
    )
