"""The one-stop database as a process of the bridge sees it, and the clerk's software on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from adapters.onestop_sql.invented import Invention
from bridge.sdk.onestop import OneStop, OneStopFault
from tests.simulation.ground import LLTP

if TYPE_CHECKING:
    from tests.simulation.world import World

FIRST_DAY = date(2026, 11, 20)
CHANGES = frozenset({"apply", "insert", "notify", "resolve", "publish"})
CALLS = CHANGES | {"changes", "fetch", "present", "alike", "procedures", "paper", "place"}


class FrontDesk:
    """The real adapter; around each of its calls others come in, and the database may be away."""

    def __init__(self, world: World, real: OneStop) -> None:
        self._world = world
        self._real = real

    def __getattr__(self, name: str) -> Any:
        """Return what the real one has; its calls are watched."""
        found = getattr(self._real, name)
        return self._watched(name, found) if name in CALLS else found

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        world = self._world

        def watched(*given: Any, **named: Any) -> Any:
            kernel = world.kernel
            kernel.pause("")
            if kernel.running is not None:
                if name == "apply" and world.happens("row moves", world.moods.moves):
                    for one in given[0][:1]:
                        world.office.meddle(one.code)
                if world.happens(f"no one-stop: {name}", world.moods.onestop):
                    raise OneStopFault("the database is restarting", transient=True)
            answer = call(*given, **named)
            if name in CHANGES:
                world.office.version += 1
            kernel.pause(f"one-stop: {name}")
            return answer

        return watched


class Office:
    """The clerk: keys dossiers, corrects them, moves those that go to no sector ministry on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._folder = world.ground.folder
        self._invention = Invention(world.seed, self._folder / "documents")
        self._engine = world.ground.office
        self._sql = sqlite3.connect(
            self._folder / "onestop.db", isolation_level=None, check_same_thread=False
        )
        self._sql.row_factory = sqlite3.Row
        self._edits = 0
        self.codes: dict[str, str] = {}
        """The procedure of every dossier the clerk keyed."""
        self.phones: dict[str, str] = {}
        """The telephone number the clerk keyed last, of every dossier that was corrected."""
        self.version = 0
        """Moves with everything that is written."""

    def key(self, procedure: str, late: float = 0.0) -> str:
        """Key a dossier; ``late``: its transaction was stamped so many seconds before it commits."""
        with self._engine.begin() as connection:
            (code,) = self._invention.dossiers(connection, 1, [procedure], start=FIRST_DAY)
            connection.exec_driver_sql(
                "UPDATE dossier SET updated_at = ? WHERE code = ?", (self._stamp(late), code)
            )
        self.codes[code] = procedure
        self.version += 1
        self._world.kernel.note(f"the clerk keys {code}{' (late)' if late else ''}")
        return code

    def edit(self, code: str, late: float = 0.0) -> None:
        """Correct the phone number of a dossier; each correction is another."""
        self._edits += 1
        self.phones[code] = f"09{self._edits:08d}"
        stamp = self._stamp(late)
        with self._sql:
            found = self.rows("SELECT updated_at FROM dossier WHERE code = ?", code)
            if not found or str(found[0]["updated_at"]) > stamp:
                stamp = self._stamp(0.0)  # a row that was written meanwhile waits for no one
            self._sql.execute(
                "UPDATE dossier SET applicant_phone = ?, updated_at = ? WHERE code = ?",
                (self.phones[code], stamp, code),
            )
        self.version += 1
        self._world.kernel.note(f"the clerk corrects {code}{' (late)' if late else ''}")

    def meddle(self, code: str) -> None:
        """Correct a dossier, or touch its row where its ministry would take no correction."""
        if self.codes.get(code) in (None, LLTP):  # filed there, or a ministry that takes none
            with self._sql:
                self._sql.execute(
                    "UPDATE dossier SET updated_at = ? WHERE code = ?", (self._stamp(0.0), code)
                )
            self.version += 1
            self._world.kernel.note(f"the clerk touches {code}")
        else:
            self.edit(code)

    def step(self, code: str, status: int) -> None:
        """Move a dossier on, with a row of its progress."""
        self._edits += 1
        at = self._stamp(0.0)
        last = self.rows("SELECT max(at) AS at FROM dossier_progress WHERE dossier_code = ?", code)
        row = (
            str(uuid5(NAMESPACE_URL, f"{self._world.seed}/{self._edits}")),
            code,
            max(at, str(last[0]["at"] or "")),
            status,
            f"Bước {self._edits}",
        )
        with self._sql:
            self._sql.execute(
                "INSERT INTO dossier_progress (id, dossier_code, at, status, note)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )
            self._sql.execute(
                "UPDATE dossier SET status = ?, updated_at = ? WHERE code = ?", (status, at, code)
            )
        self.version += 1
        self._world.kernel.note(f"the clerk moves {code} to {status}")

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Read from the one-stop database."""
        return [dict(row) for row in self._sql.execute(sql, values)]

    def close(self) -> None:
        """Let go of the database."""
        self._sql.close()

    def _stamp(self, ago: float) -> str:
        at = self._world.kernel.time() - timedelta(seconds=ago)
        return at.isoformat(timespec="milliseconds")
