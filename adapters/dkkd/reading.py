"""How far the ministry's changes were read: the cursor of the feed. Pure.

What changed today is read from the last minute that was read on, less an hour. A day that has ended
is read whole, at once and again when an hour of the next day has gone: what a clock, a late commit
or a moving list hid from the windows is found then. Days missed while the bridge was down are read
the same way, in spans. A span that can't be read while today can is put off, day by day, ever
longer, and keeps nothing else from being read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from bridge.sdk import Json
from bridge.sdk.paging import Window
from bridge.sdk.times import VIETNAM

__all__ = ["DAYS", "OVERLAP", "Pass", "Reading", "Span", "spans"]

OVERLAP = timedelta(hours=1)
"""How much is read again: a clock or a commit that is later than that waits for the whole day."""

DAYS = 5
"""The most days ``danhSachHoSo`` is asked for."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
SAID_AFTER = 3
"""How often a day may fail before that is said aloud."""

ONE_DAY = timedelta(days=1)


class Span(BaseModel):
    """Days to be read whole, both included, from the moment ``due`` on."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    due: datetime
    tries: int = 0
    window: Window = Window()

    @property
    def open_gap(self) -> bool:
        """Whether it failed so often that people were told."""
        return self.tries >= SAID_AFTER

    def __str__(self) -> str:
        """Render as ``12/11/2026`` or ``12/11/2026-16/11/2026``."""
        days = dict.fromkeys(f"{day:%d/%m/%Y}" for day in (self.first, self.last))
        return "-".join(days)


class Pass(BaseModel):
    """Today's list, being read: what changed since the minute ``since``, as of ``upto``."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    upto: datetime
    window: Window = Window()


class Reading(BaseModel):
    """The cursor. All times are Hanoi's.

    ``through`` is the minute up to which today was read, ``known`` the rows of the last reading by
    their hash: they were handed on. ``short``: people were told that rows are missing today.
    """

    model_config = ConfigDict(frozen=True)

    through: datetime
    spans: tuple[Span, ...] = ()
    today: Pass | None = None
    known: Mapping[str, str] = {}
    short: bool = False

    @classmethod
    def read(cls, cursor: Json, now: datetime, first_days: int) -> Reading:
        """Return a stored cursor; without one, that of a bridge which was down ``first_days``."""
        if cursor is None:
            return cls(through=_midnight(now) - first_days * ONE_DAY)
        return cls.model_validate(cursor)

    def stored(self) -> Json:
        """Return it as plain JSON."""
        plain: Json = self.model_dump(mode="json")
        return plain

    def at(self, now: datetime) -> Reading:
        """Return it with the days that have ended since; a reading of one of them is given up."""
        return self._on_new_day(now) if self.through < _midnight(now) else self

    def pass_at(self, now: datetime) -> Pass:
        """Return today's reading: the one under way, or a new one."""
        if self.today is not None:
            return self.today
        since = max(_midnight(now), min(self.through.astimezone(VIETNAM), now) - OVERLAP)
        return Pass(since=since, upto=now.replace(second=0, microsecond=0))

    def due(self, now: datetime) -> Span | None:
        """Return the span to be read next, if one is due."""
        return next((one for one in self.spans if one.due <= now), None)

    def read_on(self, span: Span, window: Window | None) -> Reading:
        """Return it with ``span`` read up to ``window``, or whole (``None``)."""
        if window is None:
            return self._with_spans(one for one in self.spans if one != span)
        going = span.model_copy(update={"window": window})
        return self._with_spans(going if one == span else one for one in self.spans)

    def put_off(self, span: Span, now: datetime) -> Reading:
        """Return it with the days of a span that failed put off one by one, the others a little."""
        tries = span.tries + 1
        due = now + min(LONGEST_WAIT, FIRST_WAIT * 4 ** (tries - 1))
        days = [
            Span(first=day, last=day, due=due, tries=tries) for day in _days(span.first, span.last)
        ]
        others = [
            one.model_copy(update={"due": max(one.due, now + FIRST_WAIT)})
            for one in self.spans
            if one != span
        ]
        return self._with_spans([*others, *days])

    def knowing(self, rows: Mapping[str, str]) -> Reading:
        """Return it with rows that are handed on."""
        return self.model_copy(update={"known": {**self.known, **rows}})

    def today_on(self, today: Pass, window: Window) -> Reading:
        """Return it with today's list read up to ``window``."""
        return self.model_copy(update={"today": today.model_copy(update={"window": window})})

    def today_read(self, today: Pass, listed: Collection[str], *, short: bool) -> Reading:
        """Return it with today's list read to its end; ``listed`` are the rows it showed."""
        known = {name: self.known[name] for name in listed if name in self.known}
        changes = {"through": today.upto, "today": None, "known": known, "short": short}
        return self.model_copy(update=changes)

    def _on_new_day(self, now: datetime) -> Reading:
        midnight = _midnight(now)
        yesterday = midnight.date() - ONE_DAY
        ended = [*self.spans, *spans(self.through.astimezone(VIETNAM).date(), yesterday, now)]
        again = midnight + OVERLAP
        if now < again:
            ended.append(Span(first=yesterday, last=yesterday, due=again))
        return Reading(through=midnight, spans=tuple(ended))

    def _with_spans(self, spans: Collection[Span] | Iterator[Span]) -> Reading:
        return self.model_copy(update={"spans": tuple(spans)})


def spans(first: date, last: date, due: datetime) -> Iterator[Span]:
    """Yield these days, both included, in spans that may be asked for, the oldest first."""
    while first <= last:
        end = min(first + (DAYS - 1) * ONE_DAY, last)
        yield Span(first=first, last=end, due=due)
        first = end + ONE_DAY


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * ONE_DAY for n in range((last - first).days + 1))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
