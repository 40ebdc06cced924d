"""The threads of the embedded engine: one a shard, each system's apart from the others'."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.engine import deliver
from bridge.engine.house import House, Ministry
from bridge.engine.pace import Pace

IDLE_SECONDS = 1.0
"""How long a worker sleeps when nobody wakes it: bounds how late a backoff ends."""

TURN_SECONDS = 0.0005
"""How long a thread keeps the interpreter while others want it. Each answer of a database server or a
ministry waits that long before it is heard, behind each thread that computes; a statement of PostgreSQL
took 20 ms so at Python's own 5 ms: 116 deliveries a second, 181 with this; on SQLite as many as before."""


@dataclass(frozen=True)
class _Worker:
    thread: threading.Thread
    woken: threading.Event


class Workers:
    """Drains every shard of every system until told to stop."""

    def __init__(
        self,
        house: House,
        paces: Mapping[str, Pace],
        guard: Callable[[str, Callable[[], object]], bool],
    ) -> None:
        """Make the threads; ``guard`` runs a call and says whether it went well."""
        self._house = house
        self._paces = paces
        self._guard = guard
        self._stopping = threading.Event()
        self._workers: dict[str, list[_Worker]] = {
            name: [self._worker(one, shard) for shard in range(one.max_in_flight)]
            for name, one in house.ministries.items()
        }

    def start(self) -> None:
        """Start every worker."""
        sys.setswitchinterval(TURN_SECONDS)
        for worker in self._all():
            worker.thread.start()

    def wake(self, name: str) -> None:
        """Let the workers of a system look for something to do."""
        for worker in self._workers.get(name, ()):
            worker.woken.set()

    def stop(self, seconds: float) -> bool:
        """Let every worker finish its batch; False when some call outlasted ``seconds``."""
        self._stopping.set()
        for worker in self._all():
            worker.woken.set()
        end = time.monotonic() + seconds
        for worker in self._all():
            worker.thread.join(max(0.0, end - time.monotonic()))
        return not any(worker.thread.is_alive() for worker in self._all())

    def alive(self) -> bool:
        """Tell whether every worker runs."""
        return all(worker.thread.is_alive() for worker in self._all())

    def _all(self) -> list[_Worker]:
        return [worker for workers in self._workers.values() for worker in workers]

    def _worker(self, ministry: Ministry, shard: int) -> _Worker:
        woken = threading.Event()
        name = f"{ministry.name}-{shard}"

        def work() -> None:
            while not self._stopping.is_set():
                self._guard(
                    f"deliver {ministry.name}",
                    lambda: deliver.drain(
                        self._house,
                        ministry,
                        shard,
                        self._paces[ministry.name],
                        stopping=self._stopping.is_set,
                    ),
                )
                woken.wait(IDLE_SECONDS)
                woken.clear()

        return _Worker(threading.Thread(target=work, name=name, daemon=True), woken)
