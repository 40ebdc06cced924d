"""``push CODE``: the citizen is at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from bridge.cli.deciding import ReasonIfAny, decided
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode, worst
from bridge.cli.house import opened, systems_named
from bridge.cli.shape import DataVerb
from bridge.cli.telling import whereabouts_word
from bridge.engine.people import push as counter
from bridge.engine.people.whereabouts import Whereabouts
from bridge.engine.round import kept
from bridge.i18n import N_, _, spoken

app = typer.Typer(add_completion=False, rich_markup_mode=None)

IN_PERSON = N_("the citizen is at the counter")


@app.command(
    "push",
    cls=DataVerb,
    help=N_(
        "Take one dossier to its systems now, ahead of all others, and read their answers: the "
        "citizen is at the counter. It answers within seconds and may run beside the daemon. Ends "
        "with 1 when something is open or refused, with 3 when a system was not reached."
    ),
    epilog="dossier-bridge push H40.05-261120-0001\ndossier-bridge push H40.05-261120-0001 gplx",
)
def push(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("The dossier's code."))],
    system: Annotated[
        str | None, typer.Argument(metavar="SYSTEM", help=N_("Only to this system."))
    ] = None,
    *,
    lifting: Annotated[
        bool,
        typer.Option("--dropped", help=N_("Send what a person dropped of it, too.")),
    ] = False,
    reason: ReasonIfAny = IN_PERSON,
) -> None:
    """Push it and say where it is."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house:
        if system is not None:
            systems_named(house, [system])
        try:
            with kept(house.house):
                found = counter.push(
                    house.house, house.paces, code, system, decision, lifting=lifting
                )
        except counter.NoSuchDossierError:
            raise CommandFault(
                _(
                    "there is no dossier {code}, in the one-stop database or in the bridge's; "
                    "check the code",
                    code=code,
                )
            ) from None
        except counter.NotForThisSystemError as other:
            to = ", ".join(other.goes_to) or "-"
            raise CommandFault(
                _(
                    "the dossier {code} does not go to {system}, but to: {systems}",
                    code=code,
                    system=system,
                    systems=to,
                )
            ) from None
    if desk.as_json:
        desk.answer({"code": code, "systems": [_as_json(one) for one in found.systems]})
    else:
        _show(desk, code, found.systems)
    if found.trouble is not None:
        desk.say(spoken(found.trouble))
    if not found.done:
        raise typer.Exit(worst(ExitCode.ATTENTION, *map(_code, found.systems)))


def _code(one: Whereabouts) -> ExitCode:
    return ExitCode.UNREACHABLE if one.unreached else ExitCode.ATTENTION


def _as_json(one: Whereabouts) -> dict[str, str | None]:
    return {
        "name": one.name,
        "state": one.state,
        "ministry_ref": one.ministry_ref,
        "reason": None if one.reason is None else spoken(one.reason),
    }


def _show(desk: Desk, code: str, found: Sequence[Whereabouts]) -> None:
    desk.show(_("Dossier {code}", code=code))
    for one in found:
        number = _(", their number {ref}", ref=one.ministry_ref) if one.ministry_ref else ""
        why = f" ({spoken(one.reason)})" if one.reason else ""
        desk.show(f"  {one.title}: {whereabouts_word(one.state)}{number}{why}")
