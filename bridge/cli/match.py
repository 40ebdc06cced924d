"""``match SYSTEM``: which dossiers and records that nobody linked belong together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.days import Until, period
from bridge.cli.deciding import NO_REASON, ReasonIfAny, Yes, agreed, decided
from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.match_review import Since, review
from bridge.cli.match_shown import as_json, shown
from bridge.cli.people import refusals_said
from bridge.cli.shape import DataVerb, Ledger
from bridge.i18n import N_, _, spoken

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.domain.matching.entry import Pair
    from bridge.engine.house import House, Ministry
    from bridge.engine.match import Found, NotLinked, Outcome, Period
    from bridge.engine.people.decision import Decision

DAYS_BACK = 365
"""How many days of reception are looked at where none are named."""


class Matching(Ledger):
    """``match gplx`` is ``match pairs gplx``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; a system and options alone are those of ``pairs``."""
        bare = args and args != ["--help"] and self.commands.keys().isdisjoint(args)
        return super().parse_args(ctx, ["pairs", *args] if bare else args or ["--help"])


app = typer.Typer(
    cls=Matching,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Pair dossiers with records that were keyed by hand in both places."),
    epilog="dossier-bridge match gplx\ndossier-bridge match review gplx",
)

System = Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))]


@app.command(
    "pairs",
    cls=DataVerb,
    help=N_(
        "Pair dossiers with records that were keyed by hand in both places and have no link: what "
        "is sure, what is likely, and how many have no partner; each with its evidence, no "
        "personal value. With --apply the sure ones are linked; about the likely ones match "
        "review asks. Ends with 1 when something is left to do."
    ),
    epilog="dossier-bridge match gplx --since 01/01/2026\n"
    'dossier-bridge match gplx --apply --limit 20 --reason "first day"',
)
def pairs(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    system: System,
    *,
    since: Since = None,
    until: Until = None,
    apply: Annotated[bool, typer.Option("--apply", help=N_("Link the sure pairs."))] = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help=N_("Link at most so many, best first.")),
    ] = None,
    yes: Yes = False,
    reason: ReasonIfAny = NO_REASON,
) -> None:
    """Look, show what was found, and link what is sure."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house, refusals_said():
        [ministry] = systems_named(house, [system])
        period = period_of(house.house, since, until)
        found = looked(house.house, ministry, period)
        wanted = best(found)[:limit]
        if not desk.as_json:
            shown(desk, system, period, found)
        outcomes: list[Outcome] = []
        question = _("Link {n} with {system}?", n=len(wanted), system=system)
        if apply and wanted and agreed(desk, question, yes=yes):
            outcomes = list(_linked(house.house, ministry, wanted, found, decision))
        if desk.as_json:
            desk.answer(as_json(system, period, found, outcomes))
        elif outcomes:
            _say(desk, outcomes)
    if _left(found, outcomes):
        raise typer.Exit(ExitCode.ATTENTION)


app.command(
    "review",
    cls=DataVerb,
    help=N_(
        "Decide the likely pairs, one key each: both sides are shown beside each other, personal "
        "values too, and that they were read is journalled. What was decided is never asked "
        "again. With --json the open questions are listed instead, values masked."
    ),
    epilog='dossier-bridge match review gplx --reason "compared with the paper files"',
)(review)


def period_of(house: House, since: str | None, until: str | None) -> Period:
    """Return the days of reception that are meant; raises ``CommandFault`` for what is no day."""
    from bridge.engine.match import Period

    return Period(*period(house, since, until, DAYS_BACK))


def looked(house: House, ministry: Ministry, period: Period) -> Found:
    """Look at both sides; how far it is, is shown on a terminal."""
    from bridge.engine.match import look

    with _progress(None) as told:
        return look(
            house,
            ministry,
            period,
            lambda ours, theirs: told(
                0, _("dossiers: {ours}, records: {theirs}", ours=ours, theirs=theirs)
            ),
        )


def best(found: Found) -> list[Pair]:
    """Return the sure pairs, those with most evidence first."""
    return sorted(found.sure, key=lambda one: (-one.score, one.ours))


def _linked(
    house: House, ministry: Ministry, wanted: Sequence[Pair], found: Found, decision: Decision
) -> Iterator[Outcome]:
    from bridge.engine.match import link

    with _progress(len(wanted)) as told:
        for done, outcome in enumerate(link(house, ministry, wanted, found.beside, decision), 1):
            told(done, _("linked"))
            yield outcome


def _say(desk: Desk, outcomes: Sequence[Outcome]) -> None:
    from bridge.engine.match import Linked, NotLinked

    linked = [one for one in outcomes if isinstance(one, Linked)]
    desk.say(_("linked: {n}", n=len(linked)))
    waiting = sum(not one.compared for one in linked)
    if waiting:
        desk.say(_("linked, and their records are taken in later: {n}", n=waiting))
    for one in outcomes:
        if isinstance(one, NotLinked):
            desk.say(_refusal(one))


def _refusal(one: NotLinked) -> str:
    return _(
        "not linked: {code} with {ref}: {reason}",
        code=one.pair.ours,
        ref=one.pair.theirs,
        reason=spoken(one.reason),
    )


def _left(found: Found, outcomes: Sequence[Outcome]) -> bool:
    """Tell whether something is left to do: a sure pair not linked, a likely one not decided."""
    from bridge.engine.match import Linked

    done = sum(isinstance(one, Linked) and one.compared for one in outcomes)
    return bool(found.likely) or done < len(found.sure)


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[int, str], None]]:
    """Show how far it is on a terminal; elsewhere nothing, for the answer says it all."""
    if not sys.stderr.isatty():
        yield lambda _done, _text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done, text: progress.update(task, completed=done, description=text)
