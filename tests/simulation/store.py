"""The store of the simulation: others come in between transactions, and processes die at commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from bridge.store import Store, StoreFault, Unit
from tests.simulation.kernel import KilledError

if TYPE_CHECKING:
    from tests.simulation.world import World


class SimulatedStore(Store):
    """A real store. ``world`` says what goes wrong; without one, nothing does."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        super().__init__(url, clock, on_commit=self._commits)
        self.world: World | None = None

    @contextmanager
    def write(self, name: str) -> Iterator[Unit]:
        """Run a transaction; before and after it others may come in."""
        self._between(name)
        with super().write(name) as unit:
            yield unit
        if self.world is not None:
            self.world.watch.committed()
            self.world.kernel.pause("")

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Look; before it others may come in."""
        if self.world is not None:
            self.world.kernel.pause("")
        with super().read() as unit:
            yield unit

    def _between(self, name: str) -> None:
        world = self.world
        if world is None:
            return
        world.kernel.pause("")
        if world.kernel.running and world.happens(f"no store: {name}", world.moods.store):
            raise StoreFault(f"{self.url}: the database is restarting")

    def _commits(self, name: str, phase: str) -> None:
        world = self.world
        if world is None or world.kernel.running is None:
            return
        process = world.kernel.running.process
        if world.happens(f"crash {phase} {name}", world.moods.crash) and world.may_crash():
            world.kernel.note(f"dies {phase} the commit of {name!r}")
            world.crash(process)
            raise KilledError
        if phase == "before" and world.happens(f"disk full: {name}", world.moods.disk):
            raise OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))
        if phase == "after":
            world.kernel.note(f"committed {name!r}")
