"""``sync``: one full round over every room, now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.shape import DataVerb
from bridge.domain.journal import Event
from bridge.engine import round as rounds
from bridge.engine import survey
from bridge.i18n import N_, _

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_COUNTED = {
    "captured": Event.POSTED,
    "delivered": Event.SENDING,
    "confirmed": Event.CONFIRMED,
    "received": Event.INTO_ONESTOP,
    "imported": Event.IMPORTED,
}
"""What happened in the round: the journal's events, by system."""


@app.command(
    "sync",
    cls=DataVerb,
    help=N_(
        "Run one full round now: capture, deliver, receive, confirm; then end. Ignores backoff and "
        "probes held systems. Ends with 1 when something needs a person, 3 when no system answered."
    ),
    epilog="dossier-bridge sync\ndossier-bridge sync gplx yte --json",
)
def sync(
    context: typer.Context,
    systems: Annotated[
        list[str] | None, typer.Argument(metavar="SYSTEM", help=N_("Only these systems."))
    ] = None,
) -> None:
    """Run the round and report it."""
    desk = Desk.of(context)
    with opened(desk) as house:
        ministries = systems_named(house, systems or [])
        before = survey.last_entry(house.house)
        turns = rounds.full(house.house, ministries, house.paces)
        rows = _rows(house, [one.ministry.name for one in turns], before)
        for turn in turns:
            if turn.problem:
                desk.say(f"{turn.ministry.name}: {turn.problem}")
        unanswered = [turn for turn in turns if not turn.answered]
    if desk.as_json:
        desk.answer({"systems": rows})
    else:
        _show(desk, rows)
    if turns and len(unanswered) == len(turns):
        raise typer.Exit(ExitCode.UNREACHABLE)
    if any(row["conflicts"] or row["in_doubt"] or row["dead"] for row in rows) or unanswered:
        raise typer.Exit(ExitCode.ATTENTION)


def _rows(house: Opened, names: Sequence[str], since: int) -> list[dict[str, str | int]]:
    happened = survey.totals(house.house, since)
    standings = survey.standings(house.house, names) if names else []
    return [
        {"name": one.name}
        | {key: happened.get((one.name, event.value), 0) for key, event in _COUNTED.items()}
        | {"conflicts": one.conflicts, "in_doubt": one.in_doubt, "dead": one.dead}
        for one in standings
    ]


def _show(desk: Desk, rows: Sequence[dict[str, str | int]]) -> None:
    if not rows:
        desk.show(_("no system is switched on"))
        return
    heads = [
        _("system"),
        _("posted"),
        _("sent"),
        _("confirmed"),
        _("received"),
        _("imported"),
        _("conflicts"),
        _("in doubt"),
        _("dead"),
    ]
    for line in columns([heads, *([str(value) for value in row.values()] for row in rows)]):
        desk.show(line)
