"""``retire SYSTEM``: a service has changed hands; what its system has is brought to its end."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bridge.cli.deciding import ReasonToAct, Yes, agreed, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.onboarding_shown import STAGES
from bridge.cli.people import carried_on, refusals_said
from bridge.cli.shape import DataVerb
from bridge.cli.telling import state_name
from bridge.domain.stage import Stage
from bridge.engine.people import retiring
from bridge.engine.people.retiring import Leaving
from bridge.engine.round import kept
from bridge.i18n import N_, _

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "retire",
    cls=DataVerb,
    help=N_(
        "Retire a system whose service has changed hands: nothing new is sent to it, what it has "
        "is brought to its end there, and what it never had goes to the system that takes over. "
        "Shown first; called again, it tells what is left, and ends the system once nothing is. "
        "Ends with 1 while something is left."
    ),
    epilog="dossier-bridge retire gplx\n"
    "dossier-bridge retire gplx --to gplx_cong_an"
    ' --reason "driver licences went to the police"',
)
def retire(
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    *,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="SYSTEM", help=N_("The system that takes over.")),
    ] = None,
    reason: ReasonToAct = None,
    yes: Yes = False,
) -> None:
    """Show what it has, and go one step on its way out."""
    desk = Desk.of(context)
    with opened(desk) as house, refusals_said(), kept(house.house):
        [ministry] = systems_named(house, [system])
        for name in [to] if to else []:
            systems_named(house, [name])
        found = retiring.leaving(house.house, ministry)
        heir = retiring.heir_of(house.house, ministry, to or found.heir)
        if reason is not None or yes:
            decision = decided(reason or "")
            _show(desk, found)
            if found.stage is not Stage.RETIRED and agreed(desk, _question(found), yes=yes):
                if found.stage is Stage.RETIRING and found.is_over:
                    retiring.end(house.house, ministry, decision)
                else:
                    retiring.retire(house.house, ministry, heir, decision)
                    carried_on(desk, house, ministry.name)
            found = retiring.leaving(house.house, ministry)
    if desk.as_json:
        desk.answer(as_json(found))
    else:
        _tell(desk, found)
    if found.stage is not Stage.RETIRED:
        raise typer.Exit(ExitCode.ATTENTION)


def _question(found: Leaving) -> str:
    if found.stage is Stage.RETIRING and found.is_over:
        return _("Nothing is left: end {system} for good?", system=found.system)
    return _("Send nothing new to {system} from now on?", system=found.system)


def _show(desk: Desk, found: Leaving) -> None:
    """Say on stderr what is decided about, before it is."""
    desk.say(
        _(
            "{system} has {open} dossiers open and {decided} decided; in line, and never there: "
            "{unsent}",
            system=found.system,
            open=found.open,
            decided=found.decided,
            unsent=found.unsent,
        )
    )


def as_json(found: Leaving) -> dict[str, Any]:
    """Return what a leaving system has; ``over``: nothing is left to be brought to its end.

    ``through``: what it had not come to was gone through.
    """
    return {
        "system": found.system,
        "stage": found.stage.value,
        "heir": found.heir,
        "open": found.open,
        "decided": found.decided,
        "unsent": found.unsent,
        **{state.value: n for state, n in found.deliveries.items()},
        "records": found.records,
        "conflicts": found.conflicts,
        "through": found.through,
        "over": found.is_over,
    }


def _tell(desk: Desk, found: Leaving) -> None:
    desk.show(f"{found.system} ({found.title}): {_(STAGES[found.stage])}")
    if found.heir is not None:
        desk.show("  " + _("taken over by: {heir}", heir=found.heir))
    rows = [
        [_("dossiers it has and has not decided"), str(found.open)],
        [_("dossiers it has decided"), str(found.decided)],
        [_("in line, and never there"), str(found.unsent)],
    ]
    rows += [
        [_("deliveries: {state}", state=state_name(state)), str(n)]
        for state, n in found.deliveries.items()
        if n
    ]
    if found.records:
        rows.append([_("its records that wait to be worked"), str(found.records)])
    rows.append([_("conflicts for a person"), str(found.conflicts)])
    for line in columns([["  " + name, n] for name, n in rows], numbers_from=1):
        desk.show(line)
    if found.stage is Stage.RETIRING and not found.through:
        desk.show(
            "  "
            + _(
                "what it had not come to is gone through; the clerk is told of what no system takes"
            )
        )
    _next(desk, found)


def _next(desk: Desk, found: Leaving) -> None:
    match found.stage:
        case Stage.RETIRED:
            desk.show(_("links and history are kept; dossier CODE tells them"))
        case Stage.RETIRING if found.is_over:
            desk.show(
                _(
                    "nothing is left; end it: dossier-bridge retire {system} --reason …",
                    system=found.system,
                )
            )
        case Stage.RETIRING:
            desk.show(_("its feed is read until the last is decided; see: dead, doubt, conflicts"))
        case _:
            desk.show(
                _("retire it: dossier-bridge retire {system} --reason …", system=found.system)
            )
