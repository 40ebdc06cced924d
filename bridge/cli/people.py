"""What commands of people's decisions share: a refusal is said, a decision is carried on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.engine.people.carry import carry_out
from bridge.engine.people.refusal import Refusal
from bridge.i18n import _, spoken
from bridge.sdk.onestop import OneStopFault

__all__ = ["carried_on", "refusals_said"]


@contextmanager
def refusals_said() -> Iterator[None]:
    """Say why a decision can't be carried out: 2, or 1 where what it was about is not so any more."""
    try:
        yield
    except Refusal as refusal:
        code = ExitCode.ATTENTION if refusal.moved else ExitCode.WRONG
        raise CommandFault(spoken(refusal.said), code) from None


def carried_on(desk: Desk, house: Opened, system: str) -> None:
    """Carry a decision on; where the one-stop is away it waits for it, and that is said."""
    try:
        carry_out(house.house, house.house.ministries[system])
    except OneStopFault as fault:
        desk.say(
            _(
                "decided; the one-stop database can't be written now, and is as soon as it can "
                "be: {reason}",
                reason=spoken(fault.reason),
            )
        )
        raise typer.Exit(ExitCode.UNREACHABLE) from None
