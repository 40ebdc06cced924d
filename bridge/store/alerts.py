"""Alerts that are open, and the messages about them and the digests, until they are taken.

A message is made in the transaction that opens or closes its alert, and once: two processes that
see the same make one. It is done when its receiver has taken it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from bridge.domain.alerts import Closing, Matter, Opened, Opening, Severity
from bridge.domain.said import as_json, from_json
from bridge.store import tables
from bridge.store.entries import Message, NewMessage, ReceiverState
from bridge.store.looks import NOW
from bridge.store.upsert import insert_new

_a = tables.alert
_m = tables.message
_earlier = _m.alias("earlier")
_OPEN = select(_a).where(_a.c.closed_at.is_(None)).order_by(_a.c.opened_at, _a.c.id)
_WAITING = select(_m).where(_m.c.done_at.is_(None)).order_by(_m.c.due_at, _m.c.id)
_RECEIVERS_DUE = (
    select(_m.c.receiver)
    .where(_m.c.done_at.is_(None), _m.c.due_at <= NOW)
    .distinct()
    .order_by(_m.c.receiver)
)
_BEFORE = select(_earlier.c.id).where(
    _earlier.c.receiver == _m.c.receiver,
    _earlier.c.alert_id == _m.c.alert_id,
    _earlier.c.id < _m.c.id,
    _earlier.c.done_at.is_(None),
)
_OLDEST_DUE = (
    select(_m)
    .where(_m.c.receiver == bindparam("receiver"), _m.c.done_at.is_(None), _m.c.due_at <= NOW)
    .where(or_(_m.c.lease_until.is_(None), _m.c.lease_until <= NOW), ~_BEFORE.exists())
    .order_by(_m.c.id)
    .limit(1)
    .with_for_update()
)


class Alerts:
    """What is open, and what people must still be told of it."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    # -- alerts

    def open(self) -> list[Opened]:
        """Return the alerts that are open, oldest first."""
        return [_as_opened(row) for row in self._connection.execute(_OPEN)]

    def opens(self, opening: Opening) -> Opened | None:
        """Open an alert, or take an open one to a graver stage; ``None`` if another process did."""
        seen = opening.seen
        if opening.of is not None:
            here = (_a.c.id == opening.of.id) & _a.c.closed_at.is_(None)
            graver = update(_a).where(here, _a.c.stage < opening.stage)
            values = {"stage": opening.stage, "severity": opening.severity.value}
            if not self._connection.execute(graver.values(values)).rowcount:
                return None
            return self._opened(opening.of.id)
        row = {
            "matter": seen.matter.value,
            "subject": seen.subject,
            "stage": opening.stage,
            "severity": opening.severity.value,
            "opened_at": self._now,
        }
        if not insert_new(self._connection, _a, row):
            return None
        query = select(_a.c.id).where(
            _a.c.matter == seen.matter.value,
            _a.c.subject == seen.subject,
            _a.c.closed_at.is_(None),
        )
        return self._opened(self._connection.execute(query).scalar_one())

    def closes(self, closing: Closing) -> bool:
        """Close an alert; False when another process did."""
        here = (_a.c.id == closing.alert.id) & _a.c.closed_at.is_(None)
        closed = update(_a).where(here).values(closed_at=self._now)
        return bool(self._connection.execute(closed).rowcount)

    def _opened(self, alert_id: int) -> Opened:
        row = self._connection.execute(select(_a).where(_a.c.id == alert_id)).one()
        return _as_opened(row)

    # -- messages

    def owe(self, message: NewMessage) -> bool:
        """Owe a receiver a message, once an occasion; False when it was owed before."""
        row = {
            "receiver": message.receiver,
            "kind": message.kind,
            "occasion": message.occasion,
            "alert_id": message.alert_id,
            "content": dict(message.content),
            "made_at": self._now,
            "due_at": message.due_at,
            "attempts": 0,
            "uncertain": False,
            "sent": False,
        }
        return insert_new(self._connection, _m, row)

    def take_back(self, receiver: str, alert_id: int) -> bool:
        """Take back what a receiver was not told yet of an alert; True when it was told nothing.

        What may have been taken (its answer was lost, or it is under way now) counts as told.
        """
        mine = (_m.c.receiver == receiver) & (_m.c.alert_id == alert_id)
        under_way = and_(_m.c.lease_until.is_not(None), _m.c.lease_until > self._now)
        unsaid = mine & _m.c.done_at.is_(None) & ~_m.c.uncertain & ~func.coalesce(under_way, False)
        self._connection.execute(update(_m).where(unsaid).values(done_at=self._now))
        told = select(_m.c.id).where(mine, or_(_m.c.sent, _m.c.done_at.is_(None))).limit(1)
        return self._connection.execute(told).first() is None

    def due(self) -> list[str]:
        """Return the receivers that a message is due to now."""
        return list(self._connection.execute(_RECEIVERS_DUE, {"now": self._now}).scalars())

    def claim(self, receiver: str, until: datetime) -> Message | None:
        """Claim the oldest message that is due to a receiver.

        Of one alert they go out in order: that it is over never before that it is open.
        """
        values = {"receiver": receiver, "now": self._now}
        row = self._connection.execute(_OLDEST_DUE, values).first()
        if row is None:
            return None
        here = update(_m).where(_m.c.id == row.id)
        # one that was under way in a process that died may have been taken
        uncertain = row.uncertain or row.lease_until is not None
        self._connection.execute(here.values(lease_until=until, uncertain=uncertain))
        return _as_message(row)

    def taken(self, message_id: int) -> None:
        """Note that a message was taken by its receiver."""
        done = {"done_at": self._now, "sent": True, "lease_until": None, "trouble": None}
        self._connection.execute(update(_m).where(_m.c.id == message_id).values(done))

    def failed(self, message: Message, due_at: datetime, trouble: str, *, uncertain: bool) -> None:
        """Leave a message for later; ``uncertain``: it may have been taken all the same."""
        values = {
            "attempts": message.attempts + 1,
            "due_at": due_at,
            "lease_until": None,
            "trouble": as_json(trouble),
            "uncertain": message.uncertain or uncertain,
        }
        self._connection.execute(update(_m).where(_m.c.id == message.id).values(values))

    def give_up(self, message_id: int) -> None:
        """End a message that is of no use any more."""
        done = {"done_at": self._now, "lease_until": None}
        self._connection.execute(update(_m).where(_m.c.id == message_id).values(done))

    def give_up_all(self, receiver: str) -> None:
        """End every message that waits for a receiver: there is nobody of that name any more."""
        waiting = (_m.c.receiver == receiver) & _m.c.done_at.is_(None)
        done = {"done_at": self._now, "lease_until": None}
        self._connection.execute(update(_m).where(waiting).values(done))

    def receivers(self) -> list[ReceiverState]:
        """Return how many messages wait for each receiver, and why the oldest could not be sent."""
        waiting: dict[str, list[Any]] = {}
        for row in self._connection.execute(_WAITING):
            waiting.setdefault(row.receiver, []).append(row)
        return [
            ReceiverState(name, len(rows), max(row.attempts for row in rows), _trouble(rows))
            for name, rows in sorted(waiting.items())
        ]

    def forget(self, before: datetime) -> None:
        """Let go of what was over before a moment."""
        self._connection.execute(delete(_m).where(_m.c.done_at < before))
        self._connection.execute(delete(_a).where(_a.c.closed_at < before))


def _trouble(rows: Sequence[Any]) -> str | None:
    return next((from_json(row.trouble) for row in rows if row.trouble is not None), None)


def _as_opened(row: Any) -> Opened:
    return Opened(
        row.id,
        Matter(row.matter),
        row.subject,
        row.stage,
        Severity(row.severity),
        row.opened_at,
    )


def _as_message(row: Any) -> Message:
    return Message(
        row.id,
        row.receiver,
        row.kind,
        row.occasion,
        row.alert_id,
        row.content,
        row.made_at,
        row.attempts,
        row.uncertain or row.lease_until is not None,
    )
