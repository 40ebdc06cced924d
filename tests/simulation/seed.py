"""Runs the world of one seed from the first morning to the last look."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bridge import heap
from tests.simulation.calm import calm
from tests.simulation.choices import Choice
from tests.simulation.ground import MEMORY, Ground
from tests.simulation.invariants import broken
from tests.simulation.kernel import Step, StuckError
from tests.simulation.storm import Storm
from tests.simulation.world import World


@dataclass(frozen=True)
class Ending:
    """What became of a seed: what was found wrong, the account, the choices that were made."""

    seed: int
    findings: tuple[str, ...]
    account: tuple[Step, ...]
    choices: Mapping[Choice, str]
    steps: int
    seconds: float

    @property
    def well(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@cache
def ground() -> Ground:
    """Return what the seeds of this process stand on."""
    heap.look_seldom()
    folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=MEMORY if MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Ground(folder)


def run(seed: int, only: Collection[Choice] | None = None) -> Ending:
    """Run a seed; ``only`` leaves out every unusual thing but these."""
    with World(ground(), seed, only) as world:
        Storm(world).brew()
        findings: list[str] = []
        try:
            world.kernel.run(world.moods.storm)
            if not (world.watch.findings or world.kernel.crashes):
                last = calm(world)
                if last is not None:
                    findings += broken(world, last)
        except StuckError as stuck:
            findings.append(str(stuck))
        kernel = world.kernel
        account, steps, seconds = tuple(kernel.account), kernel.steps, kernel.now
        findings = [*world.watch.findings, *kernel.crashes, *findings]
    return Ending(seed, tuple(findings), account, dict(world.choices.made), steps, seconds)
