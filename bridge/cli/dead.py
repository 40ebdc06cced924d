"""``dead``: what was refused or given up, listed, sent again, dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.dead_shown import as_json, fates_as_json, preview, show, told
from bridge.cli.deciding import (
    MOST_NUMBER,
    NO_REASON,
    OfSystems,
    Reason,
    ReasonIfAny,
    Yes,
    agreed,
    decided,
)
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened, places_named
from bridge.cli.people import carried_on, refusals_said
from bridge.cli.shape import DataVerb, Ledger
from bridge.i18n import N_, _

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.bootstrap import Opened
    from bridge.engine.people.decision import Decision
    from bridge.engine.people.letters import Fate, Sieve

app = typer.Typer(
    cls=Ledger,
    add_completion=False,
    rich_markup_mode=None,
    help=N_(
        "Show, send again or drop what a ministry refused, or what was given up. What a clerk mends "
        "in the one-stop is sent again by itself."
    ),
    epilog="dossier-bridge dead\ndossier-bridge dead retry --system gplx --field NgaySinh",
)

_Ids = Annotated[
    list[int] | None,
    typer.Argument(metavar="ID", help=N_("Their numbers in the list."), max=MOST_NUMBER),
]
_Field = Annotated[
    str | None,
    typer.Option(
        "--field",
        metavar="FIELD",
        help=N_("Only this field: the ministry's name of it, the path, or the column."),
    ),
]
_Code = Annotated[str | None, typer.Option("--code", metavar="CODE", help=N_("Only this dossier."))]
_Error = Annotated[
    str | None, typer.Option("--error", metavar="ERROR", help=N_("Only this error code."))
]
_Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help=N_("Only what died since: 20/11/2026 09:15.")),
]


@app.command(
    "list",
    cls=DataVerb,
    help=N_("List the dead letters, what to mend, and what revives them. Ends with 1 if any."),
    epilog="dossier-bridge dead\ndossier-bridge dead list --system gplx --error DuLieuSai",
)
def show_letters(  # noqa: PLR0913 - the filters
    context: typer.Context,
    *,
    system: OfSystems = None,
    field: _Field = None,
    code: _Code = None,
    error: _Error = None,
    since: _Since = None,
) -> None:
    """Read the letters that fit and report them."""
    from bridge.engine.people.letters import letters

    desk = Desk.of(context)
    with opened(desk) as house:
        found = letters(house.house, _sieve(house, system, field, code, error, since))
        zone = house.house.zone
    if desk.as_json:
        desk.answer({"dead": [as_json(one) for one in found]})
    elif found:
        show(desk, found, zone)
    else:
        desk.show(_("no dead letters"))
    if found:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "retry",
    cls=DataVerb,
    help=N_(
        "Put dead letters back in line, each in its old place. Numbers and --all are done at once; "
        "a filter alone shows what would be done, and asks."
    ),
    epilog=(
        "dossier-bridge dead retry 17 18\n"
        "dossier-bridge dead retry --system gplx --field NgaySinh --yes\n"
        "dossier-bridge dead retry --all"
    ),
)
def retry(  # noqa: PLR0913 - the filters, and the consent
    context: typer.Context,
    ids: _Ids = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help=N_("All that fit."))] = False,
    system: OfSystems = None,
    field: _Field = None,
    code: _Code = None,
    error: _Error = None,
    since: _Since = None,
    reason: ReasonIfAny = NO_REASON,
    yes: Yes = False,
) -> None:
    """Send again what is meant, and say of each what became of it."""
    from bridge.engine.people import letters

    filters = (system, field, code, error, since)
    way = _Way(letters.retry, lambda n: _("send {count} again?", count=n), _("back in line"))
    _decide(context, way, ids, filters, reason, everything=everything, yes=yes or everything)


@app.command(
    "drop",
    cls=DataVerb,
    help=N_(
        "Drop dead letters for good: they leave the line, and are not sent unless the dossier "
        "changes. By numbers, or by a filter with --yes."
    ),
    epilog=(
        'dossier-bridge dead drop 17 --reason "told the ministry by letter"\n'
        'dossier-bridge dead drop --system lltp --error NO_CORRECTIONS --yes --reason "by letter"'
    ),
)
def drop(  # noqa: PLR0913 - the filters, and the consent
    context: typer.Context,
    ids: _Ids = None,
    *,
    reason: Reason,
    system: OfSystems = None,
    field: _Field = None,
    code: _Code = None,
    error: _Error = None,
    since: _Since = None,
    yes: Yes = False,
) -> None:
    """Drop what is meant, and say of each what became of it."""
    from bridge.engine.people import letters

    filters = (system, field, code, error, since)
    way = _Way(letters.drop, lambda n: _("drop {count} for good?", count=n), _("dropped"))
    _decide(context, way, ids, filters, reason, everything=False, yes=yes)


@dataclass(frozen=True, slots=True)
class _Way:
    """What is done to letters: the room that does it, the question before, the word after."""

    room: Callable[[Any, Decision, Sequence[int]], list[Fate]]
    question: Callable[[int], str]
    done: str


def _decide(  # noqa: PLR0913 - what is done, to which, and the consent
    context: typer.Context,
    way: _Way,
    ids: Sequence[int] | None,
    filters: Sequence[Any],
    reason: str,
    *,
    everything: bool,
    yes: bool,
) -> None:
    """Do it to the letters that are meant, once it may be done, and say of each what became of it."""
    desk = Desk.of(context)
    decision = decided(reason)
    _one_way(ids, filters, everything=everything)
    with opened(desk) as house:
        meant = _meant(desk, house, ids, filters)
        if meant is None:
            return
        if not (ids or agreed(desk, way.question(len(meant)), yes=yes)):
            _nothing_done(desk, meant)
        _carry(desk, house, way, decision, meant)


def _one_way(ids: Sequence[int] | None, filters: Sequence[Any], *, everything: bool) -> None:
    """Refuse numbers beside a filter, and nothing at all: it would not be plain what is meant."""
    if bool(ids) is bool(everything or any(filters)):
        raise CommandFault(_("say which: their numbers, or a filter (see --help)"))


def _sieve(  # noqa: PLR0913 - the filters
    house: Opened,
    system: Sequence[str] | None,
    field: str | None,
    code: str | None,
    error: str | None,
    since: str | None,
) -> Sieve:
    from bridge.engine.people.keyed import read_form
    from bridge.engine.people.letters import Sieve

    with refusals_said():
        at = read_form("instant", "--since", since) if since else None
    begin = datetime.fromisoformat(str(at)) if at else None
    return Sieve(places_named(house, system or []), field, code, error, begin)


def _meant(
    desk: Desk, house: Opened, ids: Sequence[int] | None, filters: Sequence[Any]
) -> list[int] | None:
    """Return the numbers of the letters that are meant, shown before; ``None`` if none fits."""
    from bridge.engine.people.letters import letters

    if ids:
        return list(dict.fromkeys(ids))
    found = letters(house.house, _sieve(house, *filters))
    if not found:
        if desk.as_json:
            desk.answer({"done": [], "left": []})
        else:
            desk.show(_("no dead letter fits"))
        return None
    preview(desk, found)
    return [one.id for one in found]


def _nothing_done(desk: Desk, meant: Sequence[int]) -> None:
    if desk.as_json:
        left = [{"id": one, "reason": _("nothing was done")} for one in meant]
        desk.answer({"done": [], "left": left})
    raise typer.Exit(ExitCode.ATTENTION)


def _carry(desk: Desk, house: Opened, way: _Way, decision: Decision, meant: Sequence[int]) -> None:
    fates = way.room(house.house, decision, meant)
    left = [one for one in fates if one.left is not None]
    if desk.as_json:
        desk.answer(fates_as_json(fates))
    for one in () if desk.as_json else fates:
        desk.show(told(one, way.done))
    for system in {one.system for one in fates if one.left is None and one.system}:
        carried_on(desk, house, system)
    if left:
        raise typer.Exit(ExitCode.ATTENTION)
