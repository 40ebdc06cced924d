"""``sync``: one full round over every room, now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.house import needs_a_person, opened, systems_named
from bridge.cli.shape import DataVerb
from bridge.cli.status import say_unreadable
from bridge.domain.journal import Event
from bridge.engine import round as rounds
from bridge.engine import survey
from bridge.engine.survey import Standing
from bridge.i18n import N_, _, spoken

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_COUNTED = {
    "captured": Event.POSTED,
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
        names = [one.name for one in ministries]
        since, before = survey.last_entry(house.house), _standings(house, names)
        aloud: list[str] = []
        listening = replace(house.house, aloud=lambda name, text: aloud.append(f"{name}: {text}"))
        turns = rounds.full(listening, ministries, house.paces)
        after = _standings(house, names)
        happened = survey.totals(house.house, since)
        unreadable = survey.unreadable(house.house)
    rows = [_row(now, was, happened) for now, was in zip(after, before, strict=True)]
    for turn in turns:
        if turn.problem:
            desk.say(f"{turn.ministry.name}: {spoken(turn.problem)}")
    for text in aloud:
        desk.say(text)
    if desk.as_json:
        desk.answer({"systems": rows})
    else:
        _show(desk, rows)
    say_unreadable(desk, unreadable)
    if turns and not any(turn.answered for turn in turns):
        raise typer.Exit(ExitCode.UNREACHABLE)
    left = any(needs_a_person(one) or one.pending or one.held for one in after)
    if left or unreadable or aloud or any(turn.problem for turn in turns):
        raise typer.Exit(ExitCode.ATTENTION)


def _standings(house: Opened, names: Sequence[str]) -> list[Standing]:
    return survey.standings(house.house, names) if names else []


def _row(
    now: Standing, was: Standing, happened: Mapping[tuple[str, str], int]
) -> dict[str, str | int]:
    """Return a system's line of the round, with the keys of contracts/cli.md, in their order."""
    counted = {key: happened.get((now.name, event.value), 0) for key, event in _COUNTED.items()}
    revived = happened.get((now.name, Event.REVIVED.value), 0)
    return {
        "name": now.name,
        "captured": counted.pop("captured"),
        "delivered": max(0, _reached(now) - _reached(was) + revived),
        **counted,
        "conflicts": now.conflicts,
        "in_doubt": now.in_doubt,
        "dead": now.dead,
    }


def _reached(one: Standing) -> int:
    """Count the deliveries that reached the system, or may have: an attempt alone is none.

    A dead letter that is mended leaves the count, and ``revived`` tells so.
    """
    return one.accepted + one.confirmed + one.in_doubt + one.dead


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
    for line in columns(
        [heads, *([str(value) for value in row.values()] for row in rows)], numbers_from=1
    ):
        desk.show(line)
