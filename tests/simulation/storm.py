"""What befalls a world while the storm lasts: people at work on both sides, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

from tests.simulation.ground import GPLX, HOTICH, LLTP, PORTAL_ONLY
from tests.simulation.world import Kept, World

SECTOR = {"gplx": GPLX, "hotich": HOTICH, "lltp": LLTP}
WAYS: Mapping[str, Mapping[Any, str]] = {
    "gplx": {"TN": "XL", "XL": "CP"},
    "hotich": {1: "3", 3: "4"},
    "lltp": {"3": "4", "4": "5"},
}
OF_THE_CLERK = {2: 4, 4: 9, 9: 10}
"""Where the clerk moves a dossier that goes to no sector ministry."""

LATE_MOST = 30.0
"""Seconds between the stamp of a one-stop transaction and its commit, at the most."""

BACKUPS = 0.15
"""How many of the worlds have a ministry that is restored from its backup after the storm."""

JUMP_MOST = 3 * 3600.0


class Storm:
    """Fills the timetable of a world; every item of it can be left out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._choices = world.choices

    def brew(self) -> None:
        """Note what happens when."""
        moods = self._world.moods
        for n in range(moods.dossiers):
            early = 0.0 if n == 0 else 0.7 * moods.storm
            self._plan(f"key {n}", 1.0, early, partial(self._key, n))
        for n in range(int(self._choices.between("edits", 0, 8))):
            self._plan(f"edit {n}", 1.0, moods.storm, partial(self._edit, n))
        for n in range(int(self._choices.between("moves", 0, 10))):
            self._plan(f"move {n}", 1.0, moods.storm, partial(self._move, n))
        for n in range(int(self._choices.between("own", 0, 2.5))):
            self._plan(f"file own {n}", 1.0, moods.storm, partial(self._file_own, n))
        self._plan("kill", 0.35, moods.storm, self._kill)
        self._plan("kill again", 0.2, moods.storm, self._kill)
        self._plan("clock jumps", 0.12, moods.storm, self._jump)
        self._plan("backup", BACKUPS, 0.8 * moods.storm, self._back_up)
        for n in range(2):
            self._plan(f"closed {n}", 0.25, moods.storm, partial(self._close, n))

    def _plan(self, name: str, odds: float, most: float, call: Callable[[], object]) -> None:
        if self._choices.happens(f"plan {name}", odds) is not None:
            self._world.kernel.at(self._choices.between(f"when {name}", 0.0, most), call)

    # -- the clerk

    def _key(self, n: int) -> None:
        systems = self._world.moods.systems
        known = [SECTOR[one] for one in systems if one in SECTOR]
        if "dvcqg" in systems:
            known.append(PORTAL_ONLY)
        self._world.office.key(
            self._choices.one_of(f"procedure {n}", known), self._late(f"key {n}")
        )

    def _edit(self, n: int) -> None:
        office = self._world.office
        # lltp takes no corrections: what the clerk changes there is a dead letter, and rightly so
        codes = [code for code, procedure in office.codes.items() if procedure != LLTP]
        if not codes:
            return
        code = self._choices.one_of(f"edit whom {n}", codes)
        (row,) = office.rows("SELECT status FROM dossier WHERE code = ?", code)
        if office.codes[code] == PORTAL_ONLY and row["status"] in OF_THE_CLERK:
            office.step(code, OF_THE_CLERK[row["status"]])
        else:
            office.edit(code, self._late(f"edit {n}"))

    def _late(self, name: str) -> float:
        if self._choices.happens(f"late {name}", 0.3) is None:
            return 0.0
        return self._choices.between(f"how late {name}", 2.0, LATE_MOST)

    # -- the ministries' officers

    def _move(self, n: int) -> None:
        name, ministry = self._ministry(f"move where {n}")
        if ministry is None or self._is_kept(name):
            return
        on_their_way = [one for one in ministry._register.entries() if one.status in WAYS[name]]
        if on_their_way:
            entry = self._choices.one_of(f"move whom {n}", on_their_way)
            ref = str(getattr(entry, "ref", None) or entry.id)
            self._world.kernel.note(f"{name} moves {ref} to {WAYS[name][entry.status]}")
            ministry.move(ref, WAYS[name][entry.status])

    def _file_own(self, n: int) -> None:
        name, ministry = self._ministry(f"own where {n}")
        if ministry is not None and not self._is_kept(name):
            (ref,) = ministry.file_own(1, Random(f"{self._world.seed}/own/{n}"))
            self._world.kernel.note(f"somebody files {ref} at {name}")

    def _ministry(self, name: str) -> tuple[str, Any]:
        sector = [one for one in self._world.moods.systems if one in SECTOR]
        if not sector:
            return "", None
        found = self._choices.one_of(name, sector)
        return found, self._world.ministries[found]

    # -- what goes wrong

    def _back_up(self) -> None:
        """Keep what a ministry holds, to set it back after the storm.

        Its officers rest from here on: what they do and a restored backup takes back is theirs
        alone to do again.
        """
        world = self._world
        name = self._choices.one_of("backup of whom", world.moods.systems)
        world.backup = Kept(name, world.ministries[name].snapshot(), world.kernel.time())
        world.kernel.note(f"{name} makes its backup")

    def _is_kept(self, name: str) -> bool:
        return self._world.backup is not None and self._world.backup.ministry == name

    def _kill(self) -> None:
        world = self._world
        living = [one for one in world.processes if not one.dead]
        if living and world.may_crash():
            victim = self._choices.one_of(f"victim {world.crashed}", living)
            world.kernel.note(f"{victim.name} is killed")
            world.crash(victim)

    def _jump(self) -> None:
        world = self._world
        if world.network.late:  # what is still on its way is not outlived by any clock
            world.kernel.at(world.kernel.now + 1.0, self._jump)
            return
        machine = self._choices.one_of("whose clock", list(world.ahead))
        by = self._choices.between("jump", -JUMP_MOST, JUMP_MOST)
        world.jumped = True
        world.ahead[machine] += by
        world.kernel.note(f"a clock jumps by {by:.0f} s")

    def _close(self, n: int) -> None:
        world = self._world
        name = self._choices.one_of(f"closed where {n}", world.moods.systems)
        how = self._choices.one_of(f"closed how {n}", ("down", "maintenance"))
        world.network.closed[name] = how
        world.kernel.note(f"{name}: {how}")
        ends = world.kernel.now + self._choices.between(f"closed long {n}", 1.0, 15.0)
        world.kernel.at(ends, lambda: world.network.closed.pop(name, None))
