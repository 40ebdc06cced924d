"""``quarantine``: the records that were set aside, and their release once the cause is mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from bridge.cli.deciding import NO_REASON, ReasonIfAny, Yes, agreed, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened
from bridge.cli.shape import DataVerb, Ledger, Verb
from bridge.cli.telling import local
from bridge.engine.house import ONESTOP, House
from bridge.engine.people import aside
from bridge.i18n import N_, _
from bridge.settings import suggest
from bridge.store import SetAside

app = typer.Typer(
    cls=Ledger,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Show the records that were set aside, or release them."),
    epilog="dossier-bridge quarantine\ndossier-bridge quarantine release gplx",
)

SHOWN_MOST = 50


@app.command(
    "list",
    cls=DataVerb,
    help=N_(
        "Show the records that were set aside: which, why, and the rule of the mapping that failed. "
        "Ends with 1 when there are any."
    ),
    epilog="dossier-bridge quarantine list --json",
)
def show(context: typer.Context) -> None:
    """List them, the oldest first."""
    desk = Desk.of(context)
    with opened(desk) as house:
        records, zone = aside.all_of(house.house), house.house.zone
    if desk.as_json:
        desk.answer({"quarantined": [as_json(one) for one in records]})
    else:
        _show(desk, records, zone)
    if records:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "release",
    cls=Verb,
    help=N_(
        "Let records be taken in again after what set them aside was mended: all of a system, or "
        "those with these numbers. One that fails again is set aside again."
    ),
    epilog="dossier-bridge quarantine release gplx\ndossier-bridge quarantine release 17 21 --yes",
)
def release(
    context: typer.Context,
    wanted: Annotated[
        list[str],
        typer.Argument(
            metavar="SYSTEM|ID", help=N_("A system (or onestop), or numbers of the list.")
        ),
    ],
    *,
    reason: ReasonIfAny = NO_REASON,
    yes: Yes = False,
) -> None:
    """Show what would be released, and release it."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house:
        records = aside.all_of(house.house)
        chosen = aside.chosen(records, *_wanted(house.house, wanted, records))
        can = [one for one in chosen if one.kept]
        _show(desk, chosen, house.house.zone)
        if len(can) < len(chosen):
            desk.say(
                _("not released, for they could not even be read: {n}", n=len(chosen) - len(can))
            )
            desk.say(_("those come by themselves once they are mended where they come from"))
        if not can:
            desk.say(_("there is nothing to release"))
            return
        question = _("Release {n}?", n=len(can))
        if len(can) > 1 and not agreed(desk, question, yes=yes):
            raise typer.Exit(ExitCode.ATTENTION)
        released = aside.release(house.house, can, decision)
    desk.say(_("released: {n}", n=len(released)))
    desk.say(_("the daemon takes them in by itself; without one: dossier-bridge sync"))


def _wanted(
    house: House, wanted: Sequence[str], records: Sequence[SetAside]
) -> tuple[set[str], set[int]]:
    """Return the sources and the numbers that are meant; an unknown one is a fault."""
    sources = {*house.ministries, ONESTOP}
    numbers = {str(one.id) for one in records}
    for word in wanted:
        if word not in sources and word not in numbers:
            raise CommandFault(
                _("nothing is set aside under {word}", word=word) + suggest(word, sorted(sources))
            )
    return {one for one in wanted if one in sources}, {int(n) for n in wanted if n in numbers}


def as_json(one: SetAside) -> Mapping[str, Any]:
    """Return a record as ``--json`` shows it."""
    return {
        "id": one.id,
        "system": one.source,
        "ref": one.ref,
        "reason": one.reason,
        "rule": one.rule,
        "since": one.received_at.isoformat(),
        "kept": one.kept,
    }


def _show(desk: Desk, records: Sequence[SetAside], zone: Any) -> None:
    if not records:
        desk.show(_("nothing is set aside"))
        return
    heads = [_("number"), _("system"), _("record"), _("since"), _("why")]
    rows = [
        [str(one.id), _source(one), one.ref, local(one.received_at, zone), _(one.reason)]
        for one in records[:SHOWN_MOST]
    ]
    for line in columns([heads, *rows]):
        desk.show(line)
    if len(records) > SHOWN_MOST:
        desk.show(_("and {n} more", n=len(records) - SHOWN_MOST))


def _source(one: SetAside) -> str:
    return _("one-stop") if one.source == ONESTOP else one.source
