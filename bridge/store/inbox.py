"""The inbox: what was read from a source and is not yet worked; what can't be read stays here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, distinct, func, or_, select, update

from bridge.domain.dossier import Json
from bridge.store import tables
from bridge.store.chunks import insert_many, update_all
from bridge.store.entries import Arrival, SetAside, Waiting
from bridge.store.looks import MOST, NOW, among, each, named
from bridge.store.upsert import upsert

WAITING = "waiting"
QUARANTINED = "quarantined"
IN_TURN = "in_turn"
"""It waits behind others for a ceiling: nobody looks at it, and the feed is read on."""
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When what must not wait behind the others is said to be due."""

FRESH_AMONG = 200
"""Among so many fresh records one is looked for that no link knows; behind them there may be one."""

_inbox = tables.inbox
_older = _inbox.alias("older")
_WAITING = tuple(_inbox.c[one.name] for one in fields(Waiting))
_READ: Select[Any] = select(*_WAITING)

_CURSOR = select(tables.cursor.c.value).where(tables.cursor.c.source == bindparam("source"))
_CURSOR_LOCKED = _CURSOR.with_for_update()
_OF_SOURCE = _inbox.c.source == bindparam("source")
_WAITS = _OF_SOURCE & (_inbox.c.state == WAITING)
_UNWORKED = (WAITING, IN_TURN)
_FULL = select(_inbox.c.id).where(_WAITS).offset(bindparam("before", type_=MOST.type)).limit(1)
_BEHIND = (
    select(_older.c.id)
    .where(
        _older.c.source == bindparam("source"),
        _older.c.ref == _inbox.c.ref,
        _older.c.state.in_(each(_UNWORKED)),
        _older.c.id < _inbox.c.id,
    )
    .exists()
)
"""That an older record of the same ref waits before it."""
_link = tables.link
_IS_LINKED = (
    select(_link.c.id)
    .where(
        _link.c.system == bindparam("source"),
        or_(_link.c.ref == _inbox.c.ref, _link.c.code == _inbox.c.ref),
    )
    .exists()
)
_UNLOOKED = (_WAITS, _inbox.c.attempts == 0, _inbox.c.due_at <= NOW)
_fresh = (
    select(_inbox.c.due_at, _IS_LINKED.label("linked"))
    .where(*_UNLOOKED, ~_BEHIND)
    .order_by(_inbox.c.due_at, _inbox.c.id)
    .limit(FRESH_AMONG)
    .subquery()
)
_FRESH = select(
    func.min(_fresh.c.due_at).filter(~_fresh.c.linked), func.max(_fresh.c.due_at), func.count()
).select_from(_fresh)
"""When the first that no link knows was due, when the last of all was, and how many they are."""
_COUNT_UNLOOKED = select(func.count(distinct(_inbox.c.ref))).where(*_UNLOOKED)
_NEWCOMERS = (
    _READ.where(*_UNLOOKED, ~_BEHIND, ~_IS_LINKED)
    .order_by(_inbox.c.due_at, _inbox.c.id)
    .limit(MOST)
)
_FIRST_IN_TURN = (
    select(_inbox.c.ref)
    .where(_OF_SOURCE, _inbox.c.state == IN_TURN)
    .order_by(_inbox.c.due_at, _inbox.c.id)
    .limit(MOST)
)
_OLDEST = select(func.min(_inbox.c.received_at)).where(_WAITS)
_COUNTS = select(_inbox.c.source, _inbox.c.state, func.count()).group_by(
    _inbox.c.source, _inbox.c.state
)
_OF_REFS = _OF_SOURCE & named(_inbox.c.ref, "refs")
_STATES = (
    select(_inbox.c.ref, _inbox.c.state, _inbox.c.reason).where(_OF_REFS).order_by(_inbox.c.id)
)
_NEWEST = (
    select(_inbox.c.ref, _inbox.c.id, _inbox.c.content_hash, _inbox.c.state)
    .where(_OF_REFS)
    .order_by(_inbox.c.id)
)
_LAST_WAITING = (
    select(_inbox.c.ref, func.max(_inbox.c.id))
    .where(_OF_REFS, _inbox.c.state == WAITING)
    .group_by(_inbox.c.ref)
)
_WAITING_REFS = select(_inbox.c.ref).where(_WAITS).distinct()
_WAITING_OF_REFS = _WAITING_REFS.where(named(_inbox.c.ref, "refs"))
_ASIDE = select(_inbox.c.id, _inbox.c.ref).where(
    _OF_REFS, _inbox.c.state == QUARANTINED, _inbox.c.payload.is_not(None)
)
_SET_ASIDE: Select[Any] = select(
    *(_inbox.c[name] for name in ("id", "source", "ref", "reason", "rule", "received_at")),
    _inbox.c.payload.is_not(None),
).where(_inbox.c.state == QUARANTINED)
_ASIDE_SINCE = (
    _SET_ASIDE.where(_OF_REFS, _inbox.c.payload.is_not(None))
    .where(_inbox.c.due_at <= bindparam("before"))
    .order_by(_inbox.c.due_at, _inbox.c.id)
    .limit(MOST)
)
_DONE = delete(_inbox).where(named(_inbox.c.id, "ids"))


@cache
def _due(*, only: bool) -> Select[Any]:
    """The oldest due records of a source (``only`` of one ref), kept from others that want them."""
    query = _READ.where(_WAITS, _inbox.c.due_at <= NOW)
    query = query.where(_inbox.c.ref == bindparam("only")) if only else query
    return query.order_by(_inbox.c.id).limit(MOST).with_for_update()


@cache
def _longest_due(*, only: bool) -> Select[Any]:
    """The due records of a source (``only`` of some refs) that wait behind none of their ref."""
    query = _READ.where(_WAITS, _inbox.c.due_at <= NOW, ~_BEHIND)
    query = query.where(named(_inbox.c.ref, "only")) if only else query
    return query.order_by(_inbox.c.due_at, _inbox.c.id).limit(MOST)


class _Here(NamedTuple):
    id: int
    content_hash: str
    state: str


class Inbox:
    """The inbox and the cursors of the feeds that fill it."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def cursor(self, source: str, *, lock: bool = False) -> Json:
        """Return how far ``source`` has been read; ``None`` at the beginning.

        With ``lock`` nobody else moves it before the transaction ends.
        """
        query = _CURSOR_LOCKED if lock else _CURSOR
        return self._connection.execute(query, {"source": source}).scalar_one_or_none()

    def move_cursor(self, source: str, value: Json) -> None:
        """Note how far ``source`` has been read; in the transaction of what was read."""
        row = {"source": source, "value": value, "updated_at": self._now}
        upsert(self._connection, tables.cursor, row, row)

    def add(self, arrivals: Sequence[Arrival], *, read_at: datetime | None = None) -> list[Arrival]:
        """Enter records in order; returns those entered. ``read_at`` is when they were asked for.

        A record that is here already with the same content is not entered again; one with new
        content takes the place of the quarantined one of its ref: it was mended; and one whose ref
        waits for its turn waits behind it.
        """
        here = self._here({(one.source, one.ref) for one in arrivals})
        turns = {key for key, newest in here.items() if newest.state == IN_TURN}
        entered: list[Arrival] = []
        mended: list[int] = []
        for one in arrivals:
            newest = here.get((one.source, one.ref))
            if newest is not None and newest.content_hash == one.content_hash:
                continue
            if newest is not None and newest.state == QUARANTINED:
                mended += [newest.id] if newest.id else []
                entered = [other for other in entered if not _mends(one, other)]
            here[one.source, one.ref] = _Here(0, one.content_hash, _state(one))
            entered.append(one)
        self.done(mended)
        came = read_at or self._now
        rows = [self._as_row(one, came, turns) for one in entered]
        insert_many(self._connection, _inbox, rows)
        return entered

    def newest(self, source: str, limit: int) -> list[Waiting]:
        """Return the records of ``source`` that came last and wait, whenever they are due."""
        here = (_inbox.c.source == source) & (_inbox.c.state == WAITING)
        query = _READ.where(here).order_by(_inbox.c.id.desc()).limit(limit)
        return [Waiting(*row) for row in self._connection.execute(query).all()]

    def waiting(self, source: str, limit: int, only: str | None = None) -> list[Waiting]:
        """Return the oldest due records of ``source`` (``only`` of this ref), in order of arrival.

        Others that want to work them wait until the transaction ends: whoever is late must not
        put what was read earlier over what came later.
        """
        return self._waiting(_due(only=only is not None), source, limit, only)

    def oldest_due(
        self, source: str, limit: int, only: Collection[str] | None = None
    ) -> list[Waiting]:
        """Return the due records of ``source`` that no older one of the same ref waits before.

        What is due longest comes first; ``only`` of these refs, where some are given.
        """
        return self._waiting(_longest_due(only=only is not None), source, limit, only)

    def _waiting(
        self, query: Select[Any], source: str, limit: int, only: str | Collection[str] | None
    ) -> list[Waiting]:
        values: dict[str, Any] = {"source": source, "most": limit, "now": self._now}
        values |= {} if only is None else {"only": only}
        return [Waiting(*row) for row in self._connection.execute(query, values).all()]

    def overtaken(self, records: Collection[Waiting]) -> set[int]:
        """Return those of ``records`` behind which a newer one of the same ref waits."""
        last: dict[tuple[str, str], int] = {}
        for source in {one.source for one in records}:
            refs = {one.ref for one in records if one.source == source}
            rows = self._connection.execute(_LAST_WAITING, {"source": source, "refs": refs})
            last |= {(source, ref): n for ref, n in rows}
        return {one.id for one in records if last.get((one.source, one.ref), 0) > one.id}

    def done(self, ids: Collection[int]) -> None:
        """Let worked records go; the journal has their story."""
        if ids:
            self._connection.execute(_DONE, {"ids": ids})

    def due(self, ids: Collection[int]) -> set[int]:
        """Return those of these records that wait to be worked, and are due."""
        query = select(_inbox.c.id).where(among(_inbox.c.id, ids), _inbox.c.state == WAITING)
        query = query.where(_inbox.c.due_at <= self._now)
        return set(self._connection.execute(query).scalars())

    def give_way(self, record_id: int) -> None:
        """Put a record that waits behind the newer ones of its ref, if there are any."""
        own = (_inbox.c.id == record_id) & (_inbox.c.state == WAITING)
        row = self._connection.execute(select(_inbox).where(own)).mappings().one_or_none()
        if row is None:
            return
        newer = (_inbox.c.source == row["source"]) & (_inbox.c.ref == row["ref"])
        newer &= (_inbox.c.state == WAITING) & (_inbox.c.id > record_id)
        if self._connection.execute(select(_inbox.c.id).where(newer).limit(1)).first() is None:
            return
        self.done([record_id])
        kept = {name: value for name, value in row.items() if name != "id"}
        insert_many(self._connection, _inbox, [kept])

    def wait(self, record_id: int, due_at: datetime, reason: str) -> None:
        """Leave a record for later, with the reason."""
        values = {"due_at": due_at, "reason": reason, "attempts": _inbox.c.attempts + 1}
        self._connection.execute(update(_inbox).where(_inbox.c.id == record_id).values(values))

    def looked_for(self, record_id: int, reason: str) -> None:
        """Note that its source was asked for what was set aside; what is worked by now stays as it is."""
        here = (_inbox.c.id == record_id) & (_inbox.c.state == QUARANTINED)
        values = {"due_at": self._now, "reason": reason}
        self._connection.execute(update(_inbox).where(here).values(values))

    def wait_in_turn(self, source: str, refs: Collection[str], reason: str) -> None:
        """Let the records of these refs wait behind others, until they are called in.

        All versions of a ref wait together, in the place of their arrival.
        """
        values = {"state": IN_TURN, "due_at": _inbox.c.received_at, "reason": reason}
        again = {"attempts": _inbox.c.attempts + 1}
        here = (_inbox.c.source == source) & (_inbox.c.state == WAITING)
        here &= among(_inbox.c.ref, refs)
        self._connection.execute(update(_inbox).where(here).values(values | again))

    def any_in_turn(self, source: str) -> bool:
        """Tell whether a record of ``source`` waits for its turn."""
        values = {"source": source, "most": 1}
        return self._connection.execute(_FIRST_IN_TURN, values).first() is not None

    def call_in(self, source: str, most: int | None = None) -> int:
        """Let the ``most`` records that wait longest for their turn be worked; returns how many.

        With them go the newer ones of the same refs. Without ``most`` it is all of them.
        """
        if most is None:
            here = (_inbox.c.source == source) & (_inbox.c.state == IN_TURN)
            return self._connection.execute(
                update(_inbox).where(here).values(self._due_now)
            ).rowcount
        values = {"source": source, "most": most}
        return self.call_in_refs(
            source, set(self._connection.execute(_FIRST_IN_TURN, values).scalars())
        )

    def call_in_refs(self, source: str, refs: Collection[str]) -> int:
        """Let the records of these refs be worked that wait for their turn; returns how many."""
        here = (_inbox.c.source == source) & (_inbox.c.state == IN_TURN)
        here &= among(_inbox.c.ref, refs)
        return self._connection.execute(update(_inbox).where(here).values(self._due_now)).rowcount

    @property
    def _due_now(self) -> dict[str, Any]:
        return {"state": WAITING, "due_at": self._now}

    def quarantine(self, record_id: int, reason: str, rule: str | None = None) -> None:
        """Set a record aside that can't be translated."""
        values = {"state": QUARANTINED, "reason": reason, "rule": rule}
        self._connection.execute(update(_inbox).where(_inbox.c.id == record_id).values(values))

    def last_of(self, source: str, ref: str) -> Arrival | None:
        """Return the newest record here with this ref that could be read, set aside or waiting."""
        here = (_inbox.c.source == source) & (_inbox.c.ref == ref) & _inbox.c.payload.is_not(None)
        query = select(_inbox.c.content_hash, _inbox.c.payload).where(here)
        row = self._connection.execute(query.order_by(_inbox.c.id.desc()).limit(1)).first()
        return None if row is None else Arrival(source, ref, row.content_hash, row.payload)

    def kept(self, source: str, after: int, limit: int) -> list[Waiting]:
        """Return records of ``source`` that were read and are not worked, from behind ``after``.

        Those that wait and those that were set aside, in the order of their ids.
        """
        here = (_inbox.c.source == source) & (_inbox.c.id > after) & _inbox.c.payload.is_not(None)
        query = _READ.where(here).order_by(_inbox.c.id).limit(limit)
        return [Waiting(*row) for row in self._connection.execute(query).all()]

    def all_set_aside(self) -> list[SetAside]:
        """Return every quarantined record, the oldest first."""
        rows = self._connection.execute(_SET_ASIDE)
        return sorted((SetAside(*row) for row in rows), key=lambda one: one.id)

    def aside_since(
        self, source: str, refs: Collection[str], before: datetime, limit: int
    ) -> list[SetAside]:
        """Return what was set aside of these refs, and left since ``before``: the longest first."""
        values = {"source": source, "refs": refs, "before": before, "most": limit}
        rows = self._connection.execute(_ASIDE_SINCE, values)
        return [SetAside(*row) for row in rows]

    def release(self, ids: Collection[int]) -> set[int]:
        """Let these quarantined records be tried again, as if they were new; returns which were."""
        here = among(_inbox.c.id, ids) & (_inbox.c.state == QUARANTINED)
        query = select(_inbox.c.id).where(here, _inbox.c.payload.is_not(None)).with_for_update()
        released = set(self._connection.execute(query).scalars())
        again = {"state": WAITING, "due_at": self._now, "attempts": 0, "reason": None, "rule": None}
        update_all(self._connection, _inbox, released, again)
        return released

    def outdo(self, records: Collection[Waiting]) -> None:
        """Let go of what was set aside of these before: a newer version of it has been worked."""
        newest = {(one.source, one.ref): one.id for one in records}
        aside = [
            found.id
            for source in {source for source, _ in newest}
            for found in self._kept_aside(source, [ref for one, ref in newest if one == source])
            if found.id < newest[source, found.ref]
        ]
        self.done(aside)

    def _kept_aside(self, source: str, refs: Collection[str]) -> Sequence[Any]:
        return self._connection.execute(_ASIDE, {"source": source, "refs": refs}).all()

    def hurry(self, source: str, refs: Collection[str]) -> None:
        """Put the records of these refs that wait, for whatever, before all others of ``source``."""
        here = (_inbox.c.source == source) & _inbox.c.state.in_(_UNWORKED)
        here &= among(_inbox.c.ref, refs)
        values = {"state": WAITING, "due_at": AT_ONCE}
        self._connection.execute(update(_inbox).where(here).values(values))

    def hasten(self, source: str) -> None:
        """Make every waiting record of ``source`` due now."""
        here = (_inbox.c.source == source) & (_inbox.c.state == WAITING)
        self._connection.execute(update(_inbox).where(here).values(due_at=self._now))

    def release_ref(self, source: str, ref: str) -> None:
        """Let what was set aside under one name be tried again: what stood in its way is gone."""
        here = (_inbox.c.source == source) & (_inbox.c.ref == ref)
        values = {"state": WAITING, "due_at": self._now, "attempts": 0, "reason": None}
        values["rule"] = None
        aside = (_inbox.c.state == QUARANTINED) & _inbox.c.payload.is_not(None)
        self._connection.execute(update(_inbox).where(here, aside).values(values))

    def states(self, source: str, refs: Collection[str]) -> dict[str, tuple[str, str | None]]:
        """Return state and reason of the newest record of ``source`` about each of these."""
        rows = self._connection.execute(_STATES, {"source": source, "refs": refs})
        return {ref: (state, reason) for ref, state, reason in rows}

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many records each (source, state) holds."""
        return {(source, state): n for source, state, n in self._connection.execute(_COUNTS)}

    def is_full(self, source: str, most: int) -> bool:
        """Tell whether ``most`` records of ``source`` or more wait to be worked."""
        values = {"source": source, "before": most - 1}
        return self._connection.execute(_FULL, values).first() is not None

    def fresh(self, source: str) -> datetime | None:
        """Return since when a record of ``source`` waits of no link, that nobody has looked at yet.

        What waits behind an older one of its ref is that one's. ``None`` where there is none.
        """
        values = {"source": source, "now": self._now}
        first, last, count = self._connection.execute(_FRESH, values).one()
        found: datetime | None = first or (last if count == FRESH_AMONG else None)
        return found

    def unlooked(self, source: str) -> int:
        """Return of how many records of ``source`` a version waits that nobody has looked at yet."""
        values = {"source": source, "now": self._now}
        return int(self._connection.execute(_COUNT_UNLOOKED, values).scalar_one())

    def newcomers(self, source: str, limit: int) -> list[Waiting]:
        """Return the due records of ``source`` of no link that nobody has looked at, the oldest first."""
        return self._waiting(_NEWCOMERS, source, limit, None)

    def refs(self, source: str, among_refs: Collection[str] | None = None) -> set[str]:
        """Return what the waiting records of ``source`` are about, all of it or of these."""
        values: dict[str, Any] = {"source": source}
        values |= {} if among_refs is None else {"refs": among_refs}
        query = _WAITING_REFS if among_refs is None else _WAITING_OF_REFS
        return set(self._connection.execute(query, values).scalars())

    def set_aside(self, source: str) -> list[str]:
        """Return what the quarantined records of ``source`` are about."""
        query = select(_inbox.c.ref).where(_inbox.c.source == source, _inbox.c.state == QUARANTINED)
        return sorted(set(self._connection.execute(query).scalars()))

    def taken_back(self, source: str, refs: Collection[str]) -> None:
        """Let go of what was set aside under these names: nothing is wrong with it any more."""
        if refs:
            here = (_inbox.c.source == source) & (_inbox.c.state == QUARANTINED)
            self._connection.execute(delete(_inbox).where(here, among(_inbox.c.ref, refs)))

    def oldest(self, source: str) -> datetime | None:
        """Return when the oldest waiting record of ``source`` arrived."""
        return self._connection.execute(_OLDEST, {"source": source}).scalar()

    def oldest_aside(self) -> dict[str, datetime]:
        """Return since when the oldest quarantined record of each source is here."""
        query = select(_inbox.c.source, func.min(_inbox.c.received_at))
        rows = self._connection.execute(
            query.where(_inbox.c.state == QUARANTINED).group_by(_inbox.c.source)
        )
        return {str(row[0]): row[1] for row in rows}

    def _as_row(
        self, arrival: Arrival, came: datetime, turns: Collection[tuple[str, str]]
    ) -> dict[str, Any]:
        state, in_turn = _state(arrival), (arrival.source, arrival.ref) in turns
        return {
            "source": arrival.source,
            "ref": arrival.ref,
            "content_hash": arrival.content_hash,
            "payload": arrival.payload,
            "state": IN_TURN if in_turn and state == WAITING else state,
            "reason": arrival.reason,
            "rule": None,
            "attempts": 0,
            "received_at": came,
            "due_at": self._now,
        }

    def _here(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], _Here]:
        """Return the newest record the inbox holds of each (source, ref)."""
        here: dict[tuple[str, str], _Here] = {}
        for source in {source for source, _ in keys}:
            refs = [ref for one, ref in keys if one == source]
            values = {"source": source, "refs": refs}
            for ref, *newest in self._connection.execute(_NEWEST, values).all():
                here[source, ref] = _Here(*newest)
        return here


def _state(arrival: Arrival) -> str:
    return WAITING if arrival.reason is None else QUARANTINED


def _mends(one: Arrival, other: Arrival) -> bool:
    return (one.source, one.ref) == (other.source, other.ref) and other.reason is not None
