"""Comparisons of both sides: their totals for ever, what differed until a later one is made.

A comparison grows by *portions*, some days of reception each, every one written whole. What is in
step is only counted, by its place; everything else is a row, known by its key, so that what two
portions speak of is there once. Who compares, or reads what was found, *holds* the comparison:
nothing of it goes while somebody does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from bridge.domain.comparison import Kind, Place
from bridge.domain.dossier import Json
from bridge.domain.reconcile import Action
from bridge.store import tables
from bridge.store.chunks import chunks, insert_many
from bridge.store.looks import named
from bridge.store.upsert import insert_new

_c = tables.comparison
_p = tables.comparison_portion
_r = tables.comparison_row
_LAST_NIGHT = (
    select(_c)
    .where(_c.c.system == bindparam("system"), _c.c.unasked, _c.c.made_at.is_not(None))
    .order_by(_c.c.id.desc())
    .limit(1)
)
GIVEN_UP = timedelta(days=1)
"""One that was begun so long ago and never finished ends with the next that is."""

_KEYS_AT_ONCE = 500
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A comparison as it is kept; ``made_at`` and ``counts`` are ``None`` until it is whole.

    ``since`` and ``until`` are days of reception, ``terms`` a text that is the same for the same
    terms, ``rules`` a hash of what the comparison rests on beside them. ``unasked``: the timetable
    made it. ``worker`` holds it until ``worked_until``. ``settled_at``: when what may be repaired of
    it unasked had been.
    """

    id: int
    system: str
    since: date
    until: date
    terms: str
    rules: str | None
    unasked: bool
    worker: str | None
    worked_until: datetime | None
    begun_at: datetime
    made_at: datetime | None
    counts: Mapping[Kind, int] | None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Portion:
    """Days that were compared: how many were in step at each place, and what was set aside of them.

    ``aside`` are the numbers of records whose dossiers were received on other days, ``signs`` what the
    dossiers in step are known by, eight bytes each.
    """

    since: date
    until: date
    in_step: Mapping[Place, int]
    aside: tuple[str, ...] = ()
    signs: bytes = b""


@dataclass(frozen=True, slots=True)
class Row:
    """A finding that is not in step, as it is kept: ``finding`` is JSON without personal values."""

    key: str
    kind: Kind
    action: str
    place: Place
    finding: Mapping[str, Any]


class Comparisons:
    """Comparisons, finished and under way."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    # -- one that is under way

    def begin(  # noqa: PLR0913 - the columns of a comparison
        self,
        system: str,
        since: date,
        until: date,
        *,
        terms: str,
        rules: str,
        worker: str,
        unasked: bool,
    ) -> Kept:
        """Begin a comparison, which ``worker`` holds from now on."""
        row = {"system": system, "since": since, "until": until, "terms": terms, "rules": rules}
        row |= {"unasked": unasked, "begun_at": self._now, "worker": worker}
        made = self._connection.execute(insert(_c).values(row).returning(_c))
        return _as_kept(made.one())

    def hold(self, comparison: int, worker: str, until: datetime, *, over: bool = False) -> bool:
        """Hold a comparison until a moment; False where another worker does, or it was let go of.

        ``over`` takes it over. It is locked until the end of the transaction.
        """
        mine = _c.c.worker.is_not(None) if over else _c.c.worker == worker
        here = update(_c).where(_c.c.id == comparison, mine)
        values = {"worker": worker, "worked_until": until}
        return self._connection.execute(here.values(values)).rowcount == 1

    def is_held(self, comparison: int, worker: str) -> bool:
        """Tell whether a worker holds a comparison: what was found is all there then."""
        query = select(_c.c.worker).where(_c.c.id == comparison)
        return bool(self._connection.execute(query).scalar() == worker)

    def unfinished(self, system: str, since: date, until: date, terms: str) -> Kept | None:
        """Return the last comparison on these terms, if it was not finished."""
        same = (_c.c.system == system) & (_c.c.since == since) & (_c.c.until == until)
        query = select(_c).where(same, _c.c.terms == terms).order_by(_c.c.id.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None or row.made_at is not None else _as_kept(row)

    def days(self, comparison: int) -> list[tuple[date, date]]:
        """Return the first and the last day of each portion that is done, in order."""
        query = select(_p.c.since, _p.c.until).where(_p.c.comparison_id == comparison)
        rows = self._connection.execute(query.order_by(_p.c.since))
        return [(row.since, row.until) for row in rows]

    def aside(self, comparison: int, since: date) -> frozenset[str]:
        """Return the numbers of the records that were set aside in the portion of a day."""
        own = (_p.c.comparison_id == comparison) & (_p.c.since == since)
        return frozenset(self._connection.execute(select(_p.c.aside).where(own)).scalar() or ())

    def signs(self, comparison: int) -> Iterator[bytes]:
        """Yield what the dossiers that were in step are known by, a portion at a time."""
        query = select(_p.c.signs).where(_p.c.comparison_id == comparison).order_by(_p.c.since)
        for (signs,) in self._connection.execute(query):
            yield signs

    def in_step(self, comparison: int) -> Iterator[tuple[Place, int]]:
        """Yield how many dossiers of a place were in step, by portion."""
        query = select(_p.c.in_step).where(_p.c.comparison_id == comparison)
        for counts in self._connection.execute(query).scalars():
            yield from counts_read(counts or [])

    def add_portion(self, comparison: int, portion: Portion) -> bool:
        """Keep a portion; False where another process has done it meanwhile."""
        row = {
            "comparison_id": comparison,
            "since": portion.since,
            "until": portion.until,
            "in_step": counts_written(portion.in_step),
            "aside": list(portion.aside),
            "signs": portion.signs,
        }
        return insert_new(self._connection, _p, row)

    def put(self, comparison: int, rows: Sequence[Row]) -> None:
        """Keep rows, each in the place of one with its key."""
        latest = {row.key: row for row in rows}
        self.drop(comparison, latest)
        values = [_as_values(comparison, row) for row in latest.values()]
        insert_many(self._connection, _r, values)

    def drop(self, comparison: int, keys: Collection[str]) -> None:
        """Let go of the rows with these keys."""
        own = _r.c.comparison_id == comparison
        for some in chunks(keys, _KEYS_AT_ONCE):
            self._connection.execute(delete(_r).where(own, _r.c.key.in_(some)))

    def of_keys(self, comparison: int, keys: Collection[str]) -> dict[str, Row]:
        """Return the rows that are known by these keys."""
        query = select(_r).where(_r.c.comparison_id == comparison, named(_r.c.key, "keys"))
        found: dict[str, Row] = {}
        for some in chunks(keys, _KEYS_AT_ONCE):
            for row in self._connection.execute(query, {"keys": some}):
                found[row.key] = _as_row(row)
        return found

    def tally(self, comparison: int) -> Iterator[tuple[Place, Kind, int]]:
        """Yield how many rows there are of each place and kind."""
        group = (_r.c.day, _r.c.unit, _r.c.procedure, _r.c.kind)
        query = select(*group, func.count()).where(_r.c.comparison_id == comparison)
        for day, unit, procedure, kind, count in self._connection.execute(query.group_by(*group)):
            yield Place(day, unit, procedure), Kind(kind), count

    def for_a_person(self, comparison: int) -> int:
        """Return how many dossiers and records on their way wait for a person."""
        waits = (_r.c.kind == Kind.ON_ITS_WAY.value) & (_r.c.action == Action.PERSON.value)
        query = select(func.count()).where(_r.c.comparison_id == comparison, waits)
        return int(self._connection.execute(query).scalar_one())

    def finish(self, comparison: int, counts: Json) -> None:
        """Note what a comparison came to, and let go of the rows of those before it that nobody holds.

        Those of a night stay whose repairs are owed still.
        """
        here = update(_c).where(_c.c.id == comparison)
        self._connection.execute(here.values(made_at=self._now, counts=counts))
        system = select(_c.c.system).where(_c.c.id == comparison).scalar_subquery()
        before = (_c.c.system == system) & (_c.c.id < comparison)
        over = _c.c.made_at.is_not(None) | (_c.c.begun_at < self._now - GIVEN_UP)
        owed = _c.c.unasked & _c.c.made_at.is_not(None) & _c.c.settled_at.is_(None)
        self._forget(before & over & ~owed)
        self._connection.execute(delete(_p).where(_p.c.comparison_id == comparison))

    # -- those that are finished

    def trend(self, system: str, limit: int) -> list[Kept]:
        """Return the newest comparisons of a system that are whole, newest first."""
        whole = (_c.c.system == system) & _c.c.made_at.is_not(None)
        query = select(_c).where(whole).order_by(_c.c.id.desc()).limit(limit)
        return [_as_kept(row) for row in self._connection.execute(query)]

    def last_unasked(self, system: str) -> Kept | None:
        """Return the newest comparison of a system that the timetable made, whole or not."""
        own = (_c.c.system == system) & _c.c.unasked
        query = select(_c).where(own).order_by(_c.c.id.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _as_kept(row)

    def last_night(self, system: str) -> Kept | None:
        """Return the newest comparison of a system that the timetable made and that is whole."""
        row = self._connection.execute(_LAST_NIGHT, {"system": system}).first()
        return None if row is None else _as_kept(row)

    def rows(self, comparison: int, after: tuple[str, str]) -> list[Row]:
        """Return rows in order of kind and key, those behind ``after`` (kind, key), some at a time."""
        kind, key = after
        behind = (_r.c.kind > kind) | ((_r.c.kind == kind) & (_r.c.key > key))
        query = select(_r).where(_r.c.comparison_id == comparison, behind)
        ordered = query.order_by(_r.c.kind, _r.c.key).limit(_ROWS_AT_ONCE)
        return [_as_row(row) for row in self._connection.execute(ordered)]

    def settle(self, comparison: int) -> None:
        """Note that what may be repaired unasked of a comparison has been."""
        here = update(_c).where(_c.c.id == comparison)
        self._connection.execute(here.values(settled_at=self._now))

    def purge(self, before: datetime) -> None:
        """Let go of the rows of comparisons that were begun before a moment and nobody holds."""
        self._forget(_c.c.begun_at < before)

    def _forget(self, those: Any) -> None:
        """Let go of all but the totals of what nobody holds; one that was never finished has none."""
        idle = _c.c.worked_until.is_(None) | (_c.c.worked_until < self._now)
        query = select(_c.c.id).where(those, _c.c.worker.is_not(None), idle)
        for comparisons in chunks(self._connection.scalars(query.with_for_update()).all(), 500):
            for table in (_r, _p):
                here = table.c.comparison_id.in_(comparisons)
                self._connection.execute(delete(table).where(here))
            own = _c.c.id.in_(comparisons)
            self._connection.execute(delete(_c).where(own, _c.c.made_at.is_(None)))
            gone = {"worker": None, "worked_until": None}
            self._connection.execute(update(_c).where(own).values(gone))


def counts_written(counts: Mapping[Place, int]) -> list[Json]:
    """Return counts by place as they are kept."""
    return [[place.day, place.unit, place.procedure, count] for place, count in counts.items()]


def counts_read(kept: Sequence[Any]) -> Iterator[tuple[Place, int]]:
    """Yield places and their counts; see ``counts_written``."""
    return ((Place(*one[:3]), one[3]) for one in kept)


def _as_values(comparison: int, row: Row) -> dict[str, Any]:
    return {
        "comparison_id": comparison,
        "key": row.key,
        "kind": row.kind.value,
        "action": row.action,
        "day": row.place.day,
        "unit": row.place.unit,
        "procedure": row.place.procedure,
        "finding": dict(row.finding),
    }


def _as_row(row: Any) -> Row:
    place = Place(row.day, row.unit, row.procedure)
    return Row(row.key, Kind(row.kind), row.action, place, row.finding)


def _as_kept(row: Any) -> Kept:
    return Kept(
        row.id,
        row.system,
        row.since,
        row.until,
        row.terms,
        row.rules,
        row.unasked,
        row.worker,
        row.worked_until,
        row.begun_at,
        row.made_at,
        None if row.counts is None else {Kind(name): count for name, count in row.counts.items()},
        row.settled_at,
    )
