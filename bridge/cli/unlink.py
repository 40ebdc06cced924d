"""``unlink CODE SYSTEM``: a person parts a dossier from the record it was paired with."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.deciding import Reason, Yes, agreed, decided
from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.people import refusals_said
from bridge.cli.shape import Verb
from bridge.cli.telling import field_name, state_name
from bridge.engine.people import parting
from bridge.engine.people.parting import Pair
from bridge.i18n import N_, _

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "unlink",
    cls=Verb,
    help=N_(
        "Part a dossier from a ministry's record by hand: nothing goes out on the pair any more, "
        "nothing of the record is taken in, and it is not imported as another dossier. What is "
        "written stays written on both sides."
    ),
    epilog="dossier-bridge unlink H40.05-261120-0001 gplx"
    ' --reason "the record is another person\'s"',
)
def unlink(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("The dossier's code."))],
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    *,
    reason: Reason,
    yes: Yes = False,
) -> None:
    """Show what ends, and part the two."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house, refusals_said():
        [ministry] = systems_named(house, [system])
        pair = parting.look_at(house.house, ministry, code)
        number = pair.link.ref or "-"
        if pair.parted:
            desk.say(_("{code} and {ref} are parted already", code=code, ref=number))
            return
        _show(desk, pair)
        if not agreed(desk, _("Part {code} from {ref}?", code=code, ref=number), yes=yes):
            raise typer.Exit(ExitCode.ATTENTION)
        parting.part(house.house, ministry, code, decision)
    desk.say(_("{code} and {ref} are parted", code=code, ref=number))


def _show(desk: Desk, pair: Pair) -> None:
    for one in pair.waiting:
        state = state_name(one.state)
        desk.show(_("dropped, and never sent: delivery {id} ({state})", id=one.id, state=state))
    for conflict in pair.conflicts:
        desk.show(_("the conflict on {field} ends", field=field_name(conflict.field)))
    desk.show(
        _(
            "{system} keeps its record {ref}; the dossier keeps what came from it",
            system=pair.ministry.name,
            ref=pair.link.ref or "-",
        )
    )
