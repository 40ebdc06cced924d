"""Walks the dossiers in order of ``(updated_at, code)`` so that no change is ever skipped.

A *round* starts at the watermark less the overlap and walks to the end, page by page. The
watermark it will leave behind, ``min(largest stamp there, now)``, is taken when the round
*begins*: however long the walk lasts, or lies still between two pages, a row stamped early and
committed late is no older than that less the overlap, so the next round meets it.

The overlap is ten minutes, and the engine looks twice a second: nearly all rounds would walk over
what they know. So the whole of it is walked over only now and then (``Capture``'s ``every``), and
first of all by each process; between two such rounds *short* ones look at its last seconds, and
leave the watermark where it is. Where a whole round met what a short one would have missed, the
next is whole too: a clock that is slow, or an offset of its own, is met as fast as any other.

Times on SQLite are text, and text is in order of time only while every writer uses one offset.
The walk itself needs no such order, only *an* order; the start of a round does. So a round
there takes the rows written as the bridge writes them from the start on, and rows written any
other way from so far back that no offset can hide one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select

from adapters.onestop_sql.canonical import VIETNAM, Unfit, moment, utc
from adapters.onestop_sql.reader import as_text, changed_at
from adapters.onestop_sql.schema import Schema
from bridge.sdk import Json

FARTHEST_WEST = timedelta(hours=12)
FARTHEST_EAST = timedelta(hours=14)
"""No place on earth is farther from Greenwich than these."""

SHORT = timedelta(seconds=20)
"""How much of the overlap a short round looks at: no common transaction takes longer to become visible."""

CANDIDATES = 20
"""How many of the latest stamps are tried before the watermark stays where it is."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a round stands: the cursor the engine keeps.

    ``watermark`` is where the last whole round ended, ``reached`` where the last one did, ``ahead``
    where this one will, ``at`` the last ``(updated_at, code)`` handled (``None``: the round has not
    begun). ``whole`` tells whether this one looks at the whole overlap, ``late`` that it, or the last
    whole one, met what a short one misses.
    """

    watermark: datetime | None = None
    reached: datetime | None = None
    at: tuple[str, str] | None = None
    ahead: datetime | None = None
    whole: bool = True
    late: bool = False

    @classmethod
    def resume(cls, cursor: Json) -> Walk:
        """Read a cursor this module wrote; anything else is the beginning."""
        if not isinstance(cursor, dict):
            return cls()
        at = cursor.get("at")
        return cls(
            watermark=moment(cursor.get("watermark")),
            reached=moment(cursor.get("reached")),
            at=(str(at[0]), str(at[1])) if isinstance(at, list) else None,
            ahead=moment(cursor.get("ahead")),
            whole=cursor.get("whole") is not False,
            late=cursor.get("late") is True,
        )

    def cursor(self) -> Json:
        """Return the walk as the plain value the engine stores."""
        return {
            "watermark": self.watermark.isoformat() if self.watermark else None,
            "reached": self.reached.isoformat() if self.reached else None,
            "at": list(self.at) if self.at else None,
            "ahead": self.ahead.isoformat() if self.ahead else None,
            "whole": self.whole,
            "late": self.late,
        }

    def ended(self) -> Walk:
        """Return the walk between two rounds."""
        if not self.whole:
            return Walk(self.watermark, self.ahead)
        through = self.ahead or self.watermark
        return Walk(through, through, late=self.late)


@dataclass(frozen=True, slots=True)
class Key:
    """One row met on the walk: its place, and the text that names its version to ``Seen``."""

    code: str
    updated_at: str
    changed_at: str | None

    @property
    def place(self) -> tuple[str, str]:
        """Where the walk goes on behind this row."""
        return self.updated_at, self.code


class Capture:
    """The queries of the walk: each of its shapes is made once, to make one takes longer than it.

    The whole ``overlap`` is walked over ``every`` so often; with none of it all rounds are whole.
    """

    def __init__(self, schema: Schema, overlap: timedelta, every: timedelta) -> None:
        self._code = schema.dossier.c.code
        self._stamp = schema.dossier.c.updated_at
        self._overlap = overlap
        self._every = every
        self._whole_at: datetime | None = None
        self._walk = cache(self._shape)
        self._stamps = (
            select(self._stamp)
            .where(self._stamp <= bindparam("bound"))
            .order_by(self._stamp.desc())
            .limit(CANDIDATES)
        )

    def begin(self, connection: Connection, walk: Walk, now: datetime) -> Walk:
        """Fix where a round that begins now will end; a begun round is returned as is.

        What lies in the future was left by a clock that ran ahead, and what was stamped since it was put
        right lies before it: so the round starts from now.
        """
        if walk.at is not None:
            return walk
        whole = self._is_whole(walk, now)
        if whole:
            self._whole_at = now
        watermark, reached = _no_later(walk.watermark, now), _no_later(walk.reached, now)
        since = watermark if whole else reached
        latest = self._latest(connection, now)
        ahead = since if latest is None else min(latest, now)
        return Walk(watermark, reached, ahead=ahead, whole=whole)

    def _is_whole(self, walk: Walk, now: datetime) -> bool:
        if walk.late or walk.reached is None or self._whole_at is None:
            return True
        return not timedelta() <= now - self._whole_at < self._every

    def keys(self, connection: Connection, walk: Walk, size: int, now: datetime) -> list[Key]:
        """Return the next ``size`` rows of the round in order, ``[]`` at its end."""
        dialect = connection.dialect.name
        values: dict[str, Any] = {"size": size}
        start = self._start(walk)
        if start is not None:
            values |= _borders(dialect, start, wide=walk.whole)
        if walk.at is not None:
            values |= {"u": _bound(dialect, walk.at[0]), "c": walk.at[1]}
        query = self._walk(dialect, start is not None, walk.at is not None, walk.whole)
        rows = connection.execute(query, values)
        return [Key(code, as_text(stamp), changed_at(stamp, now)) for code, stamp in rows]

    def is_late(self, walk: Walk, fresh: Sequence[Key]) -> bool:
        """Tell whether a short round in the place of this one would have missed a row.

        One whose stamp is no time is unknown in every round, and makes none of them whole.
        """
        if walk.late or not walk.whole or walk.reached is None:
            return walk.late
        start = _as_written(walk.reached - self._short)
        return any(key.updated_at < start for key in fresh if key.changed_at is not None)

    @property
    def _short(self) -> timedelta:
        return min(SHORT, self._overlap)

    def _start(self, walk: Walk) -> datetime | None:
        """Return the instant a round starts from; ``None``: from the beginning."""
        if walk.whole:
            return None if walk.watermark is None else walk.watermark - self._overlap
        return None if walk.reached is None else walk.reached - self._short

    def _shape(self, dialect: str, starts: bool, goes_on: bool, wide: bool) -> Select[Any]:  # noqa: FBT001 - what a shape is kept by
        """Return the query of a round that ``starts`` at an instant and ``goes_on`` behind a row.

        A ``wide`` one meets every offset a time may be written with.
        """
        query = select(self._code, self._stamp)
        query = query.where(self._from(dialect, wide=wide)) if starts else query
        query = query.where(self._behind()) if goes_on else query
        return query.order_by(self._stamp, self._code).limit(bindparam("size"))

    def _behind(self) -> ColumnElement[bool]:
        stamp, code = self._stamp, self._code
        after = or_(stamp > bindparam("u"), and_(stamp == bindparam("u"), code > bindparam("c")))
        return and_(stamp >= bindparam("u"), after)

    def _from(self, dialect: str, *, wide: bool) -> ColumnElement[bool]:
        if dialect != "sqlite" or not wide:
            return self._stamp >= bindparam("start")
        foreign = self._stamp.op("NOT GLOB", is_comparison=True)("????-??-??T*+07:00")
        # a time SQLite can't read is met; one without an offset it takes for a later one
        day = func.coalesce(func.julianday(self._stamp), func.julianday(bindparam("utc")))
        recent = and_(foreign, day >= func.julianday(bindparam("utc")))
        near: ColumnElement[bool] = or_(self._stamp >= bindparam("start"), recent)
        return and_(self._stamp >= bindparam("wide"), near)

    def _latest(self, connection: Connection, now: datetime) -> datetime | None:
        """Return the largest stamp there is (on SQLite: of those that can be read as a time)."""
        if connection.dialect.name != "sqlite":
            return moment(connection.execute(select(func.max(self._stamp))).scalar())
        bound = (utc(now) + FARTHEST_EAST).strftime("%Y-%m-%dT%H:%M:%S")
        return _first_time(connection.execute(self._stamps, {"bound": bound}).scalars().all())


def _borders(dialect: str, start: datetime, *, wide: bool) -> dict[str, Any]:
    """Return what a round that starts at an instant compares with."""
    if dialect != "sqlite":
        return {"start": start}
    narrow = {"start": _as_written(start)}
    if not wide:
        return narrow
    return narrow | {
        "wide": (utc(start) - FARTHEST_WEST).strftime("%Y-%m-%d %H:%M:%S"),
        "utc": utc(start).strftime("%Y-%m-%d %H:%M:%S"),
    }


def _no_later(instant: datetime | None, now: datetime) -> datetime | None:
    return None if instant is None else min(instant, now)


def _as_written(instant: datetime) -> str:
    """Return an instant as the bridge writes it, to the second."""
    return instant.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M:%S")


def _first_time(stamps: Sequence[Any]) -> datetime | None:
    for stamp in stamps:
        try:
            if (at := moment(stamp)) is not None:
                return at
        except Unfit:
            continue
    return None


def _bound(dialect: str, stamp: str) -> Any:
    """Return a stamp as the database compares it."""
    return stamp if dialect == "sqlite" else datetime.fromisoformat(stamp)
