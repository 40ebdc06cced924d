"""``lists``: the code lists of systems, and the acceptance of one that has shrunk."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bridge.cli.deciding import Reason, Yes, agreed, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.people import refusals_said
from bridge.cli.shape import DataVerb, Ledger, Verb
from bridge.cli.telling import local
from bridge.engine.people import lists as code_lists
from bridge.engine.people.lists import Standing
from bridge.i18n import N_, _, spoken
from bridge.settings import suggest

app = typer.Typer(
    cls=Ledger,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Show the code lists of systems, or accept a short one."),
    epilog="dossier-bridge lists\n"
    'dossier-bridge lists accept hotich province --reason "merged into 34"',
)

CODES_MOST = 20


@app.command(
    "list",
    cls=DataVerb,
    help=N_(
        "Show each code list: how many codes hold, when it was read, what is wrong with it. Ends "
        "with 1 when one could not be read or is not believed."
    ),
    epilog="dossier-bridge lists --json",
)
def show(context: typer.Context) -> None:
    """Report how they stand."""
    desk = Desk.of(context)
    with opened(desk) as house:
        found, zone = code_lists.standings(house.house), house.house.zone
    if desk.as_json:
        desk.answer({"lists": [_as_json(one) for one in found]})
    elif not found:
        desk.show(_("no code list was asked for yet"))
    else:
        heads = [_("system"), _("list"), _("codes"), _("last read"), ""]
        for line in columns([heads, *(_row(one, zone) for one in found)]):
            desk.show(line)
    if any(one.state.trouble for one in found):
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "accept",
    cls=Verb,
    help=N_(
        "Accept a code list that has less than half of its rows, which is not believed by itself. "
        "It is read anew and shown first; codes that are not in it end today."
    ),
    epilog='dossier-bridge lists accept hotich province --reason "merged into 34"',
)
def accept(
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("The name of the list."))],
    *,
    reason: Reason,
    yes: Yes = False,
) -> None:
    """Show what ends, and accept it."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house:
        [ministry] = systems_named(house, [system])
        shown = ministry.capabilities.code_lists
        if name not in shown:
            raise CommandFault(
                _("{system} shows no code list {name}", system=system, name=name)
                + suggest(name, list(shown))
            )
        with refusals_said():
            short = code_lists.look_at(house.house, ministry, name)
        desk.show(
            _(
                "rows now: {rows}; known: {known}",
                rows=len(short.found.names),
                known=len(short.known),
            )
        )
        gone = ", ".join(short.gone[:CODES_MOST]) or "-"
        more = f" (+{len(short.gone) - CODES_MOST})" if len(short.gone) > CODES_MOST else ""
        desk.show(_("codes that end today: {codes}", codes=gone + more))
        if not agreed(desk, _("Accept the list?"), yes=yes):
            raise typer.Exit(ExitCode.ATTENTION)
        code_lists.accept(house.house, short, decision)
    desk.say(_("the code list {name} of {system} is accepted", name=name, system=system))


def _as_json(one: Standing) -> dict[str, Any]:
    read_at = one.state.read_at
    return {
        "system": one.system,
        "name": one.name,
        "codes": one.rows,
        "read_at": read_at and read_at.isoformat(),
        "trouble": None if one.state.trouble is None else spoken(one.state.trouble),
    }


def _row(one: Standing, zone: Any) -> list[str]:
    read_at = "-" if one.state.read_at is None else local(one.state.read_at, zone)
    trouble = spoken(one.state.trouble) if one.state.trouble else ""
    return [one.system, one.name, str(one.rows), read_at, trouble]
