"""Walks the dossiers in order of ``(updated_at, code)`` so that no change is ever skipped.

A *round* starts at the watermark less the overlap and walks to the end, page by page. The
watermark it will leave behind, ``min(largest stamp there, now)``, is taken when the round
*begins*: however long the walk lasts, or lies still between two pages, a row stamped early and
committed late is no older than that less the overlap, so the next round meets it.

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

CANDIDATES = 20
"""How many of the latest stamps are tried before the watermark stays where it is."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a round stands: the cursor the engine keeps.

    ``watermark`` is where the last round ended, ``ahead`` where this one will, ``at`` the last
    ``(updated_at, code)`` handled (``None``: the round has not begun).
    """

    watermark: datetime | None = None
    at: tuple[str, str] | None = None
    ahead: datetime | None = None

    @classmethod
    def resume(cls, cursor: Json) -> Walk:
        """Read a cursor this module wrote; anything else is the beginning."""
        if not isinstance(cursor, dict):
            return cls()
        at = cursor.get("at")
        return cls(
            watermark=moment(cursor.get("watermark")),
            at=(str(at[0]), str(at[1])) if isinstance(at, list) else None,
            ahead=moment(cursor.get("ahead")),
        )

    def cursor(self) -> Json:
        """Return the walk as the plain value the engine stores."""
        return {
            "watermark": self.watermark.isoformat() if self.watermark else None,
            "at": list(self.at) if self.at else None,
            "ahead": self.ahead.isoformat() if self.ahead else None,
        }

    def ended(self) -> Walk:
        """Return the walk between two rounds."""
        return Walk(watermark=self.ahead or self.watermark)


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
    """The queries of the walk: each of its shapes is made once, to make one takes longer than it."""

    def __init__(self, schema: Schema, overlap: timedelta) -> None:
        self._code = schema.dossier.c.code
        self._stamp = schema.dossier.c.updated_at
        self._overlap = overlap
        self._walk = cache(self._shape)
        self._stamps = (
            select(self._stamp)
            .where(self._stamp <= bindparam("bound"))
            .order_by(self._stamp.desc())
            .limit(CANDIDATES)
        )

    def begin(self, connection: Connection, walk: Walk, now: datetime) -> Walk:
        """Fix the watermark a round that begins now will leave; a begun round is returned as is.

        One in the future was left by a clock that ran ahead, and what was stamped since it was put right
        lies before it: so the round starts from now.
        """
        if walk.at is not None:
            return walk
        since = None if walk.watermark is None else min(walk.watermark, now)
        latest = self._latest(connection, now)
        return Walk(since, ahead=since if latest is None else min(latest, now))

    def keys(self, connection: Connection, walk: Walk, size: int, now: datetime) -> list[Key]:
        """Return the next ``size`` rows of the round in order, ``[]`` at its end."""
        dialect = connection.dialect.name
        values: dict[str, Any] = {"size": size}
        if walk.watermark is not None:
            values |= _start(dialect, walk.watermark - self._overlap)
        if walk.at is not None:
            values |= {"u": _bound(connection, walk.at[0]), "c": walk.at[1]}
        query = self._walk(dialect, walk.watermark is not None, walk.at is not None)
        rows = connection.execute(query, values)
        return [Key(code, as_text(stamp), changed_at(stamp, now)) for code, stamp in rows]

    def _shape(self, dialect: str, starts: bool, goes_on: bool) -> Select[Any]:  # noqa: FBT001 - what a shape is kept by
        """Return the query of a round that ``starts`` at a watermark and ``goes_on`` behind a row."""
        query = select(self._code, self._stamp)
        query = query.where(self._from(dialect)) if starts else query
        query = query.where(self._behind()) if goes_on else query
        return query.order_by(self._stamp, self._code).limit(bindparam("size"))

    def _behind(self) -> ColumnElement[bool]:
        stamp, code = self._stamp, self._code
        after = or_(stamp > bindparam("u"), and_(stamp == bindparam("u"), code > bindparam("c")))
        return and_(stamp >= bindparam("u"), after)

    def _from(self, dialect: str) -> ColumnElement[bool]:
        if dialect != "sqlite":
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


def _start(dialect: str, start: datetime) -> dict[str, Any]:
    """Return what a round that starts at an instant compares with."""
    if dialect != "sqlite":
        return {"start": start}
    return {
        "start": start.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M:%S"),
        "wide": (utc(start) - FARTHEST_WEST).strftime("%Y-%m-%d %H:%M:%S"),
        "utc": utc(start).strftime("%Y-%m-%d %H:%M:%S"),
    }


def _first_time(stamps: Sequence[Any]) -> datetime | None:
    for stamp in stamps:
        try:
            if (at := moment(stamp)) is not None:
                return at
        except Unfit:
            continue
    return None


def _bound(connection: Connection, stamp: str) -> Any:
    """Return a stamp of a cursor as the database compares it."""
    return stamp if connection.dialect.name == "sqlite" else datetime.fromisoformat(stamp)
