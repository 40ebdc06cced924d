"""Where each system stands: running, paused, held, in maintenance, unreachable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bridge.domain.said import as_json, from_json
from bridge.store import tables
from bridge.store.entries import Brake
from bridge.store.upsert import upsert

RUNNING = "running"
PAUSED = "paused"
HELD = "held"
MAINTENANCE = "maintenance"
UNREACHABLE = "unreachable"

_system = tables.system


class Systems:
    """The brakes as they are set, seen by every process."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def all(self) -> dict[str, Brake]:
        """Return every system's brake by name."""
        return {row.name: _as_brake(row) for row in self._connection.execute(select(_system))}

    def of(self, name: str) -> Brake:
        """Return the brake of a system; one never heard of is running."""
        row = self._connection.execute(select(_system).where(_system.c.name == name)).first()
        return _as_brake(row) if row else Brake(name, RUNNING, None, None, self._now)

    def set(self, name: str, **values: Any) -> None:
        """Set columns of a system's brake."""
        if "reason" in values:
            values["reason"] = as_json(values["reason"])
        blank = {"name": name, "state": RUNNING, "since": self._now, "failures": 0}
        upsert(self._connection, _system, blank | values, values)


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
    )
