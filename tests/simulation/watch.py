"""Looks on: what must hold at every commit, and where there is something to do."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bridge.engine.house import Ministry
from bridge.sdk.records import Command

if TYPE_CHECKING:
    from tests.simulation.world import Process, World

_TWO_AT_ONCE = (
    "SELECT code, system FROM delivery WHERE state = 'sending' AND kind = 'state'"
    " GROUP BY link_id HAVING count(*) > 1"
)


class Watch:
    """Looks into the store beside the engine, and keeps what is found wrong."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.findings: list[str] = []
        self._calls: Counter[tuple[str, int]] = Counter()

    def open(self) -> None:
        """Look into the database of this seed."""
        self._sql = sqlite3.connect(
            self._world.ground.folder / "bridge.db", isolation_level=None, check_same_thread=False
        )

    def close(self) -> None:
        """Look away."""
        self._sql.close()

    def found(self, what: str) -> None:
        """Note what must not be; the simulation stops."""
        self._world.kernel.note(f"FOUND: {what}")
        self.findings.append(what)
        self._world.kernel.over = True

    # -- while it runs

    def committed(self) -> None:
        """Look at what must hold at every commit."""
        for code, system in self._sql.execute(_TWO_AT_ONCE):
            self.found(f"{system}: two states of {code} are being sent at once")

    def applied(self, name: str) -> None:
        """Look at what must hold whenever a ministry was written to."""
        for code in self._world.ministries[name].duplicates():
            self.found(f"{name}: {code} is there twice")
        repeated = [one for one, n in self._world.network.applied.items() if n > 1]
        for system, operation, body in repeated:
            self.found(f"{system}: the same {operation} was applied twice: {body.decode()[:400]}")

    def over(self, process: Process, ministry: Ministry) -> None:
        """See that one process at a time sends what stands in one shard."""
        real = ministry.adapter.submit

        def submit(commands: Sequence[Command]) -> Any:
            shards = {(ministry.name, ministry.shard_of(one.code)) for one in commands}
            busy = [shard for shard in shards if self._calls[shard]]
            if busy and not self._world.jumped:
                self.found(f"two processes send what stands in one shard: {busy}")
            self._calls.update(shards)
            try:
                return real(commands)
            finally:
                self._calls.subtract(shards)

        adapter: Any = ministry.adapter
        adapter.submit = submit

    # -- what there is to do

    def due(self, process: Process, system: str, *states: str) -> Callable[[], bool]:
        """Return the question whether deliveries of a system in these states are due."""
        marks = ", ".join("?" * len(states))
        query = (
            f"SELECT 1 FROM delivery WHERE system = ? AND state IN ({marks})"
            " AND coalesce(due_at, lease_until, 0) <= ? LIMIT 1"
        )
        return lambda: self._any(query, system, *states, _milliseconds(process.machine.now()))

    def arrived(self, process: Process, source: str) -> Callable[[], bool]:
        """Return the question whether records of a source are due."""
        query = "SELECT 1 FROM inbox WHERE source = ? AND state = 'waiting' AND due_at <= ? LIMIT 1"
        return lambda: self._any(query, source, _milliseconds(process.machine.now()))

    def left(self) -> bool:
        """Tell whether somebody holds something, perhaps a dead one."""
        return self._any("SELECT 1 FROM shard WHERE owner != '' LIMIT 1") or self._any(
            "SELECT 1 FROM delivery WHERE state = 'sending' LIMIT 1"
        )

    def owed(self) -> bool:
        """Tell whether notices are owed."""
        return self._any("SELECT 1 FROM notice WHERE owed IS NOT NULL LIMIT 1")

    def onestop_changed(self, process: Process) -> Callable[[], bool]:
        """Return the question whether the one-stop database changed since it was read well."""
        seen = -1
        waits = self.arrived(process, "onestop")

        def changed() -> bool:
            nonlocal seen
            before, seen = seen, self._world.office.version
            return seen != before or waits() or "capture" in process.daemon._weather

        return changed

    def _any(self, sql: str, *values: Any) -> bool:
        return self._sql.execute(sql, values).fetchone() is not None

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read from the store."""
        return list(self._sql.execute(sql, values))


def _milliseconds(at: datetime) -> int:
    """Return an instant as the store's tables keep it."""
    return int(at.timestamp() * 1000)
