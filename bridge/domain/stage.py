"""How far a system has been let in: step by step to full traffic, and out again at its end. Pure.

A system that is new to a bridge begins with ``READ_ONLY``; a person takes it on, a stage at a time.
"""

from __future__ import annotations

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
    def goes_through(self) -> bool:
        """Whether what it missed is gone through: its backlog."""
        return self in {Stage.ALL, Stage.RUNNING}

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
