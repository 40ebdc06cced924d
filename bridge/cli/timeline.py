"""The journal of one dossier as a timeline: by day, and within a day by the side that moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from bridge.cli.telling import day, tell
from bridge.domain.journal import Event
from bridge.engine.house import ONESTOP
from bridge.i18n import _
from bridge.store import JournalRow


@dataclass(frozen=True, slots=True)
class Told:
    """One line: when, whose move, the sentence; ``times`` how often, the last time at ``until``."""

    at: datetime
    side: str
    sentence: str
    times: int = 1
    until: datetime | None = None


def timeline(rows: Sequence[JournalRow], zone: tzinfo) -> Iterator[str]:
    """Yield the lines: a day, then the moves of that day, the side named where it changes."""
    told = list(_folded(rows, zone))
    width = max((len(one.side) for one in told), default=0)
    today: date | None = None
    side = ""
    for one in told:
        if one.at.date() != today:
            today, side = one.at.date(), ""
            yield day(one.at)
        named = one.side if one.side != side else ""
        side = one.side
        yield f"  {named.ljust(width)}  {one.at:%H:%M:%S}  {one.sentence}{_often(one)}"


def _often(one: Told) -> str:
    if one.until is None:
        return ""
    return " " + _("(times: {times}, last at {at})", times=one.times, at=f"{one.until:%H:%M:%S}")


def _folded(rows: Sequence[JournalRow], zone: tzinfo) -> Iterator[Told]:
    """Yield the lines; an attempt that failed, or a question, that only came again is one."""
    last: tuple[Told, object] | None = None
    for told, kind in _lines(rows, zone):
        if last is not None and kind is not None and kind == last[1]:
            again = replace(last[0], times=last[0].times + 1, until=told.at)
            last = replace(again, sentence=told.sentence), kind
            continue
        if last is not None:
            yield last[0]
        last = told, kind
    if last is not None:
        yield last[0]


def _lines(rows: Sequence[JournalRow], zone: tzinfo) -> Iterator[tuple[Told, object]]:
    """Yield each line with what kind of repetition it may be, ``None`` for news.

    A sending and the word that it was not applied are one line.
    """
    seen = False
    ahead = iter(rows)
    row = next(ahead, None)
    while row is not None:
        behind = next(ahead, None)
        at = datetime.fromisoformat(row.at).astimezone(zone)
        side = _("one-stop") if row.system == ONESTOP else row.system or ""
        sentence = tell(row.event, row.detail)
        kind: object = None
        if row.event == Event.CAPTURED and not seen:
            seen, sentence = True, _("seen in the one-stop for the first time")
        elif row.event == Event.DOUBT_ASKED:
            kind = (at.date(), side, sentence)
        elif behind is not None and _failed(row, behind):
            words = [behind.detail.get(key) for key in ("cause", "reason")]
            kind = (at.date(), side, row.detail.get("action"), *words)
            sentence, behind = f"{sentence}: {tell(behind.event, behind.detail)}", next(ahead, None)
        yield Told(at, side, sentence), kind
        row = behind


def _failed(row: JournalRow, behind: JournalRow) -> bool:
    """Tell whether an entry is the word on the sending before it, that it was not applied."""
    pair = (row.event, behind.event) == (Event.SENDING, Event.RETRY)
    return pair and row.detail.get("delivery") == behind.detail.get("delivery")
