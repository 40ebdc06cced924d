"""A feed by windows of time: days, or times of today; what is listed again unchanged is left out.

Each time is read from the last one on, less an overlap, in spans of as many days as may be asked
for. Days missed while the bridge was down are read so too. Where only times of today can be asked
for, what was missed on a day that has ended is lost to the feed, and that is said aloud.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from bridge.domain.dossier import Json
from bridge.domain.said import Said
from bridge.sdk.declared.forms import HANOI
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.pages import Pages, Place, lacking
from bridge.sdk.declared.rows import Rows
from bridge.sdk.declared.service import Answered
from bridge.sdk.declared.tables import Feed
from bridge.sdk.paging import Turn
from bridge.sdk.records import Page

__all__ = ["Windows"]

ONE_DAY = timedelta(days=1)
LAST_MINUTE = timedelta(hours=23, minutes=59)


class Span(BaseModel):
    """A window that is being read, and the moment ``goal`` up to which spans are read in turn."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    until: datetime
    goal: datetime
    place: Place = Place()


class Reading(BaseModel):
    """The cursor. ``known`` holds the rows of the last reading by their hash, ``listed`` of this one.

    ``through`` is the moment up to which was read. ``short``: people were told that rows are missing.
    """

    model_config = ConfigDict(frozen=True)

    through: datetime | None = None
    span: Span | None = None
    known: Mapping[str, str] = {}
    listed: Mapping[str, str] = {}
    short: bool = False


class Windows:
    """Reads such a feed; keeps no state."""

    def __init__(
        self,
        interface: Interface,
        feed: Feed,
        pages: Pages,
        ask: Callable[[dict[str, Any]], Answered],
        now: Callable[[], datetime],
    ) -> None:
        self._interface = interface
        self._feed = feed
        self._pages = pages
        self._ask = ask
        self._now = now

    def first_values(self) -> dict[str, Any]:
        """Return the values by which the window that ends now is asked for."""
        now = self._now().astimezone(HANOI)
        return self._values(self._window(now.replace(hour=0, minute=0), now))

    def page(self, cursor: Json) -> Page:
        """Return the next page; see ``Adapter.changes``."""
        now = self._now().astimezone(HANOI).replace(second=0, microsecond=0)
        reading = Reading() if cursor is None else Reading.model_validate(cursor)
        missed = self._missed(reading, now)
        span = reading.span
        if span is None or missed:
            reading = reading.model_copy(update={"listed": {}})
            span = self._window(self._start(reading, now), now)
        rows = Rows(self._ask(self._values(span)), self._pages.operation, self._interface.record)
        found, place = self._pages.turn(
            span.place, rows.names, rows.plain, patient=not reading.short
        )
        hashes = {name: rows.hash(name) for name in found.fresh}
        news = [name for name in found.fresh if reading.known.get(name) != hashes[name]]
        reading = reading.model_copy(
            update={"known": {**reading.known, **hashes}, "listed": {**reading.listed, **hashes}}
        )
        following = self._following(reading, span, place, found)
        warnings = missed
        if following.short and not reading.short:
            warnings = (*warnings, lacking(found))
        return Page(
            tuple(map(rows.record, news)),
            following.model_dump(mode="json"),
            more=following.span is not None,
            warnings=warnings,
        )

    def _following(self, reading: Reading, span: Span, place: Place | None, found: Turn) -> Reading:
        """Return how far was read after a page: within its span, to the next, or to the end."""
        if place is not None:
            changes: dict[str, Any] = {"span": span.model_copy(update={"place": place})}
            return reading.model_copy(update=changes)
        short = found.lacking > 0
        if span.until.astimezone(HANOI).date() < span.goal.astimezone(HANOI).date():
            ahead = self._window(span.until + ONE_DAY, span.goal)
            changes = {"span": ahead, "through": span.until, "short": short}
            return reading.model_copy(update=changes)
        return Reading(through=span.goal, known=reading.listed, short=short)

    def _start(self, reading: Reading, now: datetime) -> datetime:
        midnight = now.replace(hour=0, minute=0)
        through = None if reading.through is None else reading.through.astimezone(HANOI)
        if self._feed.unit == "minute":
            overlap = timedelta(minutes=self._feed.overlap)
            return midnight if through is None else max(midnight, min(through, now) - overlap)
        if through is None:
            return midnight - self._feed.first_days * ONE_DAY
        day = min(through, now).replace(hour=0, minute=0)
        return day - self._feed.overlap * ONE_DAY

    def _window(self, since: datetime, goal: datetime) -> Span:
        """Return the span from ``since`` on, as long as it may be."""
        until = goal
        if self._feed.unit == "day" and self._feed.most_days is not None:
            until = min(goal, since + (self._feed.most_days - 1) * ONE_DAY)
        return Span(since=since, until=until, goal=goal)

    def _missed(self, reading: Reading, now: datetime) -> tuple[Said, ...]:
        """Return what can't be read any more of a feed that shows only today."""
        midnight = now.replace(hour=0, minute=0)
        through = reading.through if reading.span is None else reading.span.since
        if self._feed.unit == "day" or through is None or through >= midnight:
            return ()
        words = Said(
            "what changed from {since} to {until} can't be read any more, as far as it was not: "
            "the ministry shows only today",
            since=f"{through.astimezone(HANOI):%H:%M %d/%m/%Y}",
            until=f"{midnight:%H:%M %d/%m/%Y}",
        )
        return (words,)

    def _values(self, span: Span) -> dict[str, Any]:
        forms = self._interface.forms
        since, until = span.since.astimezone(HANOI), span.until.astimezone(HANOI)
        if self._feed.unit == "minute":  # to the end of the day: their clock may be ahead of ours
            until = since.replace(hour=0, minute=0) + LAST_MINUTE
        form = forms.day if self._feed.unit == "day" else forms.minute
        return {
            **self._pages.values(span.place),
            "since": since.strftime(form),
            "until": until.strftime(form),
        }
