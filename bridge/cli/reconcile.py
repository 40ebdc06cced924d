"""``reconcile``: do both sides agree over some days, what would be done, and have it done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.days import Until
from bridge.cli.deciding import NO_REASON, ReasonIfAny, Yes
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.cli.house import opened, systems_named
from bridge.cli.shape import DataVerb
from bridge.i18n import N_, _

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DAY",
        help=N_("The first day of reception (default: 30 days with today)."),
    ),
]
_Apply = Annotated[
    bool,
    typer.Option(
        "--apply",
        help=N_(
            "Have it repaired, through the ordinary line. A terminal is asked first; in a script "
            "this is the yes."
        ),
    ),
]
_Save = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help=N_("Write the plan into a file.")),
]
_Plan = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help=N_(
            "Take the plan from this file instead of comparing: with --apply just that is done, and "
            "a row is refused where the world has moved."
        ),
    ),
]
_WithValues = Annotated[
    bool,
    typer.Option("--with-values", help=N_("Show personal values; that is journalled.")),
]
_Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help=N_("Write a page to read and print.")),
]
_Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help=N_("Write a table for a spreadsheet.")),
]
_Thorough = Annotated[
    bool,
    typer.Option(
        "--thorough",
        help=N_("Ask as well what no list shows: files, versions, every step. Takes its time."),
    ),
]
_RestoredTo = Annotated[
    str | None,
    typer.Option(
        "--restored-to",
        metavar="WHEN",
        help=N_("The ministry was set back to a backup of this moment: 20/11/2026 09:15."),
    ),
]
_AlsoDecided = Annotated[
    bool,
    typer.Option(
        "--also-decided",
        help=N_("Send what it had decided and lost anew as well: it decides a second time."),
    ),
]
_Anew = Annotated[
    bool,
    typer.Option("--anew", help=N_("Begin anew, though a comparison stopped half way.")),
]
_Trend = Annotated[
    bool,
    typer.Option("--trend", help=N_("List the earlier comparisons, and compare nothing.")),
]


@app.command(
    "reconcile",
    cls=DataVerb,
    help=N_(
        "Compare both sides over some days of reception, and say what differs and what would be "
        "done. Stopped half way, the same command goes on where it was. Ends with 1 when something "
        "differs, with 3 when a side could not be reached: what was compared until then is kept."
    ),
    epilog=(
        "dossier-bridge reconcile gplx --since 01/11/2026 --html gplx.html\n"
        "dossier-bridge reconcile gplx --save gplx.plan\n"
        "dossier-bridge reconcile gplx --plan gplx.plan --apply\n"
        "dossier-bridge reconcile gplx --trend"
    ),
)
def reconcile(  # noqa: PLR0913 - the options of contracts/cli.md and more
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    *,
    since: _Since = None,
    until: Until = None,
    apply: _Apply = False,
    save: _Save = None,
    plan: _Plan = None,
    with_values: _WithValues = False,
    html: _Html = None,
    csv: _Csv = None,
    thorough: _Thorough = False,
    restored_to: _RestoredTo = None,
    also_decided: _AlsoDecided = False,
    anew: _Anew = False,
    trend: _Trend = False,
    reason: ReasonIfAny = NO_REASON,
    yes: Yes = False,
) -> None:
    """Compare, or take a plan, and do what is asked."""
    from bridge.cli.comparing import Files, compare, show_trend, terms_of
    from bridge.cli.repairing import Job, carry_out_plan

    desk = Desk.of(context)
    compares = any((since, until, restored_to, thorough, also_decided, anew, save, html, csv))
    if plan is not None and compares:
        raise CommandFault(_("a plan says itself what it is of: --plan goes with --apply alone"))
    with opened(desk) as house:
        [ministry] = systems_named(house, [system])
        job = Job(desk, house, ministry, reason, yes=yes, with_values=with_values)
        if trend:
            show_trend(job)
        elif plan is not None:
            carry_out_plan(job, plan, repairs=apply)
        else:
            terms = terms_of(house, since, until, restored_to)
            terms = replace(terms, thorough=thorough, also_decided=also_decided)
            compare(job, terms, Files(save, html, csv), repairs=apply, anew=anew)
