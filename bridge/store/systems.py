"""Where each system stands: running, paused, held, in maintenance, unreachable."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from bridge.domain.breaker import (
    HELD,
    MAINTENANCE,
    PAUSED,
    RUNNING,
    UNREACHABLE,
    Calls,
    Stance,
)
from bridge.domain.said import as_json, from_json
from bridge.domain.stage import Stage
from bridge.store import tables
from bridge.store.entries import Brake
from bridge.store.looks import NOW
from bridge.store.upsert import insert_new, upsert

__all__ = ["HELD", "MAINTENANCE", "PAUSED", "RUNNING", "UNREACHABLE", "Systems"]

_system = tables.system
_OF = select(_system).where(_system.c.name == bindparam("name"))
_OF_LOCKED = _OF.with_for_update()
_ALL = select(_system)
_OWNERS = select(_system.c.probed_by).where(_system.c.probed_until > NOW)


class Systems:
    """The brakes as they are set, seen by every process."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def all(self) -> dict[str, Brake]:
        """Return every system's brake by name."""
        return {row.name: _as_brake(row) for row in self._connection.execute(_ALL)}

    def of(self, name: str, *, lock: bool = False) -> Brake:
        """Return the brake of a system; one never heard of is running.

        With ``lock`` nobody else sets it before the transaction ends.
        """
        query = _OF_LOCKED if lock else _OF
        row = self._connection.execute(query, {"name": name}).first()
        return _as_brake(row) if row else Brake(name, RUNNING, None, None, self._now)

    def set(self, name: str, **values: Any) -> None:
        """Set columns of a system's brake."""
        if "reason" in values:
            values["reason"] = as_json(values["reason"])
        upsert(self._connection, _system, self._blank(name) | values, values)

    def _blank(self, name: str) -> dict[str, Any]:
        counts = {"failures": 0, "good": 0.0, "bad": 0.0}
        return {"name": name, "state": RUNNING, "since": self._now} | counts

    def stand(self, name: str, stance: Stance, **values: Any) -> None:
        """Set where a system stands."""
        self.set(
            name,
            state=stance.state,
            reason=stance.reason,
            until=stance.until,
            failures=stance.tries,
            good=stance.calls.good,
            bad=stance.calls.bad,
            probed_by=stance.probed_by,
            probed_until=stance.probed_until,
            **values,
        )

    def owners(self) -> frozenset[str]:
        """Return the processes that make the one call of a system now."""
        found = self._connection.execute(_OWNERS, {"now": self._now}).scalars()
        return frozenset(one.rpartition("/")[0] for one in found if one)

    def expire_probes(self, owner: str) -> None:
        """End the calls of a process that is known to be dead: another may make them."""
        here = _system.c.probed_by.startswith(f"{owner}/", autoescape=True)
        free = {"probed_by": None, "probed_until": None}
        self._connection.execute(update(_system).where(here).values(free))

    def moments(self, name: str, gap: timedelta, wanted: int) -> datetime:
        """Take the next ``wanted`` moments of a system, ``gap`` apart; returns the first.

        Nobody else gets them. Of two that ask at once, one waits for the other's transaction.
        """
        insert_new(self._connection, _system, self._blank(name))
        here = _system.c.name == name
        query = select(_system.c.free_at).where(here).with_for_update()
        free_at = self._connection.execute(query).scalar()
        first = self._now if free_at is None else max(self._now, free_at)
        taken = update(_system).where(here).values(free_at=first + wanted * gap)
        self._connection.execute(taken)
        return first


def _as_brake(row: Any) -> Brake:
    return Brake(
        row.name,
        row.state,
        from_json(row.reason),
        row.until,
        row.since,
        row.failures,
        row.last_success_at,
        row.next_poll_at,
        Calls(row.good, row.bad),
        row.probed_by,
        row.probed_until,
        None if row.stage is None else Stage(row.stage),
    )
