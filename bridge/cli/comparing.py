"""Comparing both sides as a command does it: taken up, shown, written into files, carried out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bridge.bootstrap import Opened
from bridge.cli.days import moment, period
from bridge.cli.deciding import decided
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.plan_file import Plan, save_plan
from bridge.cli.repairing import Job, Outcome, Planned, look_spoken, repaired, say_part
from bridge.cli.whole_file import whole_file
from bridge.domain.comparison import Comparison, Kind
from bridge.engine.catalogue import titles
from bridge.engine.people import comparisons as people
from bridge.engine.reconcile import (
    ComparedElsewhereError,
    ComparisonGoneError,
    Course,
    Stage,
    Terms,
    course,
)
from bridge.i18n import N_, _, spoken
from bridge.reports import (
    Look,
    comparison_text,
    differing,
    trend_text,
    write_csv,
    write_html,
    write_json,
)
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import OneStopFault

__all__ = ["Files", "compare", "show_trend", "terms_of"]

DAYS = 30
"""How many days are compared where none are named, today included."""

_KEPT = N_("what was compared is kept: the same command goes on from there")

TREND_MOST = 100
"""How many comparisons the trend goes back."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where what was found is written, beside the terminal."""

    plan: Path | None
    html: Path | None
    csv: Path | None


def terms_of(house: Opened, since: str | None, until: str | None, restored_to: str | None) -> Terms:
    """Read the days and the moment a comparison is about.

    Raises:
        CommandFault: one is no day, or the first is later than the last.
    """
    first, last = period(house.house, since, until, DAYS)
    return Terms(first, last, restored_to=moment("--restored-to", restored_to))


def show_trend(job: Job) -> None:
    """List the earlier comparisons of the system, oldest first."""
    earlier = job.earlier(TREND_MOST)
    if job.desk.as_json:
        rows = [_totals(one) for one in earlier]
        job.desk.answer({"system": job.ministry.name, "comparisons": rows})
    elif not earlier:
        job.desk.show(_("{system} was not compared yet", system=job.ministry.name))
    else:
        for line in trend_text(earlier, job.look()):
            job.desk.show(line)


def _totals(one: Comparison) -> dict[str, Any]:
    return {
        "made_at": one.made_at.isoformat(),
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "compared": one.compared,
        "differing": differing(one.counts),
        **{kind.value: one.counts.get(kind, 0) for kind in Kind},
    }


def compare(job: Job, terms: Terms, files: Files, *, repairs: bool, anew: bool) -> None:
    """Compare, show and write what was found, and have it repaired if that is asked."""
    house, earlier = job.house.house, job.earlier(TREND_MOST)
    with _alone(), course(house, job.ministry, terms, anew=anew) as under_way:
        away, comparison = _run(job, under_way)
        if job.with_values:
            decision = decided("reconcile --with-values")
            people.values_read(house, job.ministry, decision, under_way.rows())
        look = _titled(job)
        done = None if away is None else under_way.done_until()
        if away is None or done is not None:
            _write_files(job, files, under_way, comparison, earlier, look, done)
        elif files != Files(None, None, None):
            job.desk.say(_("nothing was compared, so no file was written"))
        more: dict[str, Any] = {"complete": away is None}
        if not job.desk.as_json:
            rows = under_way.rows()
            for line in comparison_text(comparison, rows, look, earlier[-1:]):
                job.desk.show(line)
        outcome = None
        if repairs and away is None:
            outcome = repaired(job, terms, Planned(under_way))
            more |= {"applied": None if outcome is None else outcome.as_json()}
        if job.desk.as_json:
            more |= {"before": _totals(earlier[-1]) if earlier else None}
            write_json(sys.stdout, comparison, under_way.rows(), look, more)
        left = _left(comparison, outcome) + under_way.for_a_person()
    _end(job, away, left)


def _titled(job: Job) -> Look:
    """Return how the report looks, with the names of units and procedures as the one-stop has them."""
    look = job.look()
    return replace(look, titles={**titles(job.house.house), **look.titles})


@contextmanager
def _alone() -> Iterator[None]:
    """Say that another process makes the comparison already, or has taken it over."""
    try:
        yield
    except ComparisonGoneError:
        words = _("another process took the comparison over, or made a newer one: compare again")
        raise CommandFault(words, ExitCode.ATTENTION) from None
    except ComparedElsewhereError:
        words = _("another process makes this comparison now; see --trend when it is done")
        raise CommandFault(words, ExitCode.ATTENTION) from None


def _run(job: Job, under_way: Course) -> tuple[str | None, Comparison]:
    """Compare as far as both sides can be asked; returns why no further, and what it came to."""
    desk, look = job.desk, job.look()
    if under_way.anew is not None:
        words = _(
            "not going on with the comparison that stopped: {why}", why=spoken(under_way.anew)
        )
        desk.say(words)
    done = under_way.done_until()
    if done is not None:
        desk.say(_("going on behind {day}, where the comparison stopped", day=look.day(done)))
    try:
        with progress(desk) as heard:
            return None, under_way.run(heard)
    except (AdapterError, OneStopFault) as error:
        return error.reason, under_way.so_far()
    except KeyboardInterrupt:
        desk.say(_(_KEPT))
        raise


def _left(comparison: Comparison, outcome: Outcome | None) -> int:
    """Return how much does not agree, or was not seen, and was not put in line to be repaired."""
    amiss = differing(comparison.counts) + comparison.counts.get(Kind.NOT_SEEN, 0)
    return amiss - (0 if outcome is None else outcome.mended)


def _end(job: Job, away: str | None, left: int) -> None:
    """Say what is left to do, and end with the code that says so too."""
    if away is not None:
        job.desk.say(
            _(
                "{system}: compared no further: {reason}",
                system=job.ministry.name,
                reason=spoken(away),
            )
        )
        job.desk.say(_(_KEPT))
        raise typer.Exit(ExitCode.UNREACHABLE)
    if left > 0:
        raise typer.Exit(ExitCode.ATTENTION)


@contextmanager
def progress(desk: Desk) -> Iterator[Callable[[Stage], None]]:
    """Show a bar with rate and time left on a terminal; elsewhere a line now and then."""
    look = look_spoken(with_values=False)
    plainly = _plain_lines(desk, look)
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[day]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(_("days compared"), total=None, day="", rate="")

        def heard(stage: Stage) -> None:
            if not console.is_terminal:
                plainly(stage)
                return
            seconds = bar.tasks[0].elapsed or 0
            rate = look.number(round(stage.findings / seconds)) if seconds else ""
            told = _("{count}/s", count=rate) if rate else ""
            day = look.day(stage.at)
            bar.update(task, completed=stage.done, total=stage.days, day=day, rate=told)

        yield heard


def _plain_lines(desk: Desk, look: Look) -> Callable[[Stage], None]:
    """Return what says how far a comparison is, a line for every tenth of the days."""
    said = 0

    def heard(stage: Stage) -> None:
        nonlocal said
        tenths = 10 * stage.done // stage.days
        if tenths > said:
            said = tenths
            desk.say(
                _(
                    "{done} of {days} days compared, until {day}: {count} dossiers and records",
                    done=stage.done,
                    days=stage.days,
                    day=look.day(stage.at),
                    count=look.number(stage.findings),
                )
            )

    return heard


def _write_files(  # noqa: PLR0913 - what was found, where it goes, how it looks, and of what part
    job: Job,
    files: Files,
    under_way: Course,
    comparison: Comparison,
    earlier: list[Comparison],
    look: Look,
    part_until: date | None,
) -> None:
    if files.plan is not None:
        name, now = job.ministry.name, job.house.house.now()
        plan = Plan(files.plan, name, under_way.terms, now, part_until=part_until)
        count = save_plan(plan, under_way.plan())
        job.desk.say(_("{file}: a plan of {count} repairs", file=files.plan, count=count))
        say_part(job.desk, plan)
    if files.csv is not None:
        with whole_file(files.csv, newline="") as out:
            write_csv(out, comparison, under_way.rows(), look)
        job.desk.say(_("{file}: written", file=files.csv))
    if files.html is not None:
        with whole_file(files.html) as out:
            write_html(out, comparison, under_way.rows(), look, earlier)
        job.desk.say(_("{file}: written", file=files.html))
