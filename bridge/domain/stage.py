"""How far a system has been let in: step by step to full traffic, and out again at its end. Pure.

A system that is new to a bridge begins with ``READ_ONLY``; a person takes it on, a stage at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """How far a system has been let in."""

    READ_ONLY = "read_only"
    """Its feed is read and kept, both sides are compared; nothing is written at either."""
    DRY_RUN = "dry_run"
    """What would go out is made and counted; nothing goes."""
    HANDFUL = "handful"
    """Only the dossiers that a person named go out and come in."""
    ALL = "all"
    """Everything, under a ceiling that a person set, until the backlog is through."""
    RUNNING = "running"
    RETIRING = "retiring"
    """Nothing new is sent; what it has is brought to its end."""
    RETIRED = "retired"
    """It is called for nothing any more."""

    @property
    def sends(self) -> bool:
        """Whether anything may go out."""
        return self not in {Stage.READ_ONLY, Stage.DRY_RUN, Stage.RETIRED}

    @property
    def takes_in(self) -> bool:
        """Whether anything of its records may be written into the one-stop."""
        return self.sends

    @property
    def leaves(self) -> bool:
        """Whether the system is on its way out, or out."""
        return self in {Stage.RETIRING, Stage.RETIRED}


STEPS = (Stage.READ_ONLY, Stage.DRY_RUN, Stage.HANDFUL, Stage.ALL, Stage.RUNNING)
"""The way in, in order."""


def following(stage: Stage) -> Stage | None:
    """Return the next stage of the way in; ``None`` where there is none. What is out begins anew."""
    if stage is Stage.RETIRED:
        return STEPS[0]
    if stage not in STEPS[:-1]:
        return None
    return STEPS[STEPS.index(stage) + 1]


def preceding(stage: Stage) -> Stage | None:
    """Return the stage before; ``None`` where there is none. Whoever retires a system may halt."""
    if stage is Stage.RETIRING:
        return Stage.RUNNING
    if stage not in STEPS[1:]:
        return None
    return STEPS[STEPS.index(stage) - 1]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many dossiers may move in an hour and in a day of 24 hours; ``None``: any number."""

    hour: int | None = None
    day: int | None = None


NO_CEILING = Ceiling()


@dataclass(frozen=True, slots=True)
class Window:
    """What moved since ``began``."""

    began: datetime
    count: int

    def at(self, now: datetime, length: timedelta) -> Window:
        """Return the window that ``now`` is in: a new one where this is over."""
        return self if self.began <= now < self.began + length else Window(now, 0)


_LENGTHS: Mapping[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a ceiling is used up, in the hour and in the day that began with the first."""

    hour: Window | None = None
    day: Window | None = None

    def _windows(self, now: datetime) -> tuple[tuple[str, Window], ...]:
        return tuple(
            (name, (getattr(self, name) or Window(now, 0)).at(now, length))
            for name, length in _LENGTHS.items()
        )

    def left(self, ceiling: Ceiling, now: datetime) -> int | None:
        """Return how many may still move now; ``None``: any number."""
        rest = [
            max(0, most - window.count)
            for name, window in self._windows(now)
            if (most := getattr(ceiling, name)) is not None
        ]
        return min(rest, default=None)

    def free_at(self, ceiling: Ceiling, now: datetime) -> datetime:
        """Return when something may move again; ``now`` where it may already."""
        full = [
            window.began + _LENGTHS[name]
            for name, window in self._windows(now)
            if (most := getattr(ceiling, name)) is not None and window.count >= most
        ]
        return max(full, default=now)

    def then(self, count: int, now: datetime) -> Spent:
        """Return what is used up after ``count`` more have moved."""
        windows = {
            name: replace(window, count=window.count + count) for name, window in self._windows(now)
        }
        return Spent(**windows)


NOTHING_SPENT = Spent()
