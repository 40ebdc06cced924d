"""``pause SYSTEM``: no call is made to a system until a person lets it go on."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.deciding import Reason, decided
from bridge.cli.desk import Desk
from bridge.cli.house import opened, systems_named
from bridge.cli.shape import Verb
from bridge.engine.people import brakes
from bridge.i18n import N_, _, spoken

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "pause",
    cls=Verb,
    help=N_(
        "Make no call to a system, neither to send nor to read, until it is resumed. Every process "
        "obeys before its next call, without a restart; a call under way ends normally, and "
        "nothing is lost."
    ),
    epilog='dossier-bridge pause gplx --reason "the ministry moves its servers tonight"',
)
def pause(
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    reason: Reason,
) -> None:
    """Pause it and say what waits."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house:
        [ministry] = systems_named(house, [system])
        found = brakes.pause(house.house, ministry, decision)
    if not found.changed:
        why = spoken(found.before.reason or "-")
        desk.say(
            _("{system} is paused already, nothing was changed: {why}", system=system, why=why)
        )
        return
    desk.say(
        _(
            "{system} is paused: no call is made to it any more. Waiting in line: {waiting}",
            system=system,
            waiting=found.waiting,
        )
    )
    if found.under_way:
        desk.say(_("under way, to end normally: {n}", n=found.under_way))
    desk.say(_("let it go on with: dossier-bridge resume {system}", system=system))
