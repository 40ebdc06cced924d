"""``resume SYSTEM``: a system runs again, and all that waited for it goes."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.deciding import NO_REASON, ReasonIfAny, decided
from bridge.cli.desk import Desk
from bridge.cli.house import opened, systems_named
from bridge.cli.shape import Verb
from bridge.cli.telling import state_word
from bridge.engine.people import brakes
from bridge.i18n import N_, _, spoken

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "resume",
    cls=Verb,
    help=N_(
        "Let a system run again that a person paused, or that is held: after its password was "
        "mended, say. Everything that waited goes at once, without the rest of any backoff."
    ),
    epilog='dossier-bridge resume gplx --reason "the new password is in place"',
)
def resume(
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    reason: ReasonIfAny = NO_REASON,
) -> None:
    """Resume it and say what goes."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house:
        [ministry] = systems_named(house, [system])
        found = brakes.resume(house.house, ministry, decision)
    if not found.changed:
        desk.say(_("{system} runs already, nothing was changed", system=system))
        _shut(desk, system, found.shut)
        return
    desk.say(
        _(
            "{system} runs again (it was: {state}). Going out now: {waiting}",
            system=system,
            state=state_word(found.before.state),
            waiting=found.waiting,
        )
    )
    desk.say(
        _("the daemon sends it by itself; without one: dossier-bridge sync {system}", system=system)
    )
    _shut(desk, system, found.shut)


def _shut(desk: Desk, system: str, why: str | None) -> None:
    """Say that what no person holds is held all the same: by its hours, or its own word."""
    if why is not None:
        desk.say(
            _(
                "{system} is not called now all the same: {reason}",
                system=system,
                reason=spoken(why),
            )
        )
