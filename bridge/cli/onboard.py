"""``onboard SYSTEM``: a system is let in, a stage at a time; nothing moves that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo
from typing import Annotated

import typer

from bridge.bootstrap import Opened
from bridge.cli.comparing import progress
from bridge.cli.days import period
from bridge.cli.deciding import ReasonToAct, Yes, agreed, decided
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.onboarding_shown import as_json, lines
from bridge.cli.people import carried_on, refusals_said
from bridge.cli.shape import DataVerb
from bridge.domain.ceiling import Ceiling
from bridge.domain.stage import Stage
from bridge.engine import letting_in
from bridge.engine.house import Ministry
from bridge.engine.letting_in import Heard, Standing
from bridge.engine.people import onboarding
from bridge.engine.reconcile import Terms
from bridge.engine.round import kept
from bridge.i18n import N_, _, spoken

app = typer.Typer(add_completion=False, rich_markup_mode=None)

YEAR = 365

SAID_EVERY = 5_000
"""After how many dossiers of a dry run it is said how many there were."""

Day = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DAY",
        help=N_("Look at dossiers received since this day, 20/11/2026; without it, of a year."),
    ),
]


@app.command(
    "onboard",
    cls=DataVerb,
    help=N_(
        "Let a system in, a stage at a time: read only, dry run, a handful, all under a ceiling, "
        "running. Without options it tells where the system stands and what comes next. Ends with "
        "1 while the system is not let in whole."
    ),
    epilog="dossier-bridge onboard gplx\n"
    "dossier-bridge onboard gplx --look\n"
    'dossier-bridge onboard gplx --next --reason "both sides were compared"\n'
    'dossier-bridge onboard gplx --choose H40.05-261120-0001 --reason "the first ones"\n'
    'dossier-bridge onboard gplx --next --per-hour 100 --reason "agreed with the ministry"',
)
def onboard(  # noqa: PLR0913 - one option a thing a person may decide
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    *,
    look: Annotated[
        bool, typer.Option("--look", help=N_("Make the report of this stage, and keep it."))
    ] = False,
    forward: Annotated[bool, typer.Option("--next", help=N_("Enter the next stage."))] = False,
    back: Annotated[bool, typer.Option("--back", help=N_("Go back to the stage before."))] = False,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose",
            metavar="CODE",
            help=N_("At the stage of a handful: this dossier goes first; repeatable."),
        ),
    ] = None,
    ref: Annotated[
        list[str] | None,
        typer.Option(
            "--ref",
            metavar="NUMBER",
            help=N_("Likewise: this record of the ministry comes in first; repeatable."),
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="UNIT", help=N_("Choose among dossiers of this unit.")),
    ] = None,
    procedure: Annotated[
        str | None,
        typer.Option(
            "--procedure", metavar="CODE", help=N_("Choose among dossiers of this procedure.")
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option("--most", metavar="N", min=1, max=1000, help=N_("Choose so many dossiers.")),
    ] = None,
    per_hour: Annotated[
        int | None,
        typer.Option(
            "--per-hour", metavar="N", min=1, help=N_("At most so many dossiers an hour, each way.")
        ),
    ] = None,
    per_day: Annotated[
        int | None,
        typer.Option(
            "--per-day", metavar="N", min=1, help=N_("At most so many dossiers a day, each way.")
        ),
    ] = None,
    since: Day = None,
    reason: ReasonToAct = None,
    yes: Yes = False,
) -> None:
    """Do what is asked, and tell where the system stands."""
    desk = Desk.of(context)
    ceiling = Ceiling(per_hour, per_day) if per_hour or per_day else None
    chooses = bool(choose or ref or unit or procedure or most)
    _one_thing(look, forward, back, chooses, ceiling is not None and not (forward or back))
    with opened(desk) as house, refusals_said(), kept(house.house):
        [ministry] = systems_named(house, [system])
        if look:
            _look(desk, house, ministry, since)
        elif forward or back:
            decision = decided(_needed(reason))
            onboarding.step(house.house, ministry, decision, back=back, ceiling=ceiling)
        elif chooses:
            codes = [*(choose or []), *_of_kind(house, ministry, unit, procedure, most)]
            _choose(desk, house, ministry, codes, ref or [], _needed(reason), yes=yes)
        elif ceiling is not None:
            onboarding.set_ceiling(house.house, ministry, decided(_needed(reason)), ceiling)
        now = letting_in.standing(house.house, ministry)
        _tell(desk, now, house.house.zone)
    if now.stage is not Stage.RUNNING:
        raise typer.Exit(ExitCode.ATTENTION)


def _one_thing(*asked: bool) -> None:
    if sum(asked) > 1:
        raise CommandFault(_("one thing at a time: --look, --next, --back or --choose"))


def _look(desk: Desk, house: Opened, ministry: Ministry, since: str | None) -> None:
    """Make the report, and say how far it is; what is done of one that is broken off stays."""
    said = 0

    def tried(count: int) -> None:
        nonlocal said
        if count >= said + SAID_EVERY:
            said = count
            desk.say(_("dossiers made ready, as if they were sent: {count}", count=count))

    with progress(desk) as compared:
        letting_in.look(house.house, ministry, _terms(house, since), Heard(compared, tried))


def _needed(reason: str | None) -> str:
    return reason or ""


def _terms(house: Opened, since: str | None) -> Terms:
    first, last = period(house.house, since, None, YEAR)
    return Terms(first, last, age=timedelta())  # hardly anything is on its way yet


def _of_kind(
    house: Opened, ministry: Ministry, unit: str | None, procedure: str | None, most: int | None
) -> Iterator[str]:
    if unit is None and procedure is None and most is None:
        return iter(())
    if most is None:
        raise CommandFault(_("say how many: --most N"))
    return onboarding.of_kind(house.house, ministry, unit=unit, procedure=procedure, most=most)


def _choose(  # noqa: PLR0913 - what is chosen, and why
    desk: Desk,
    house: Opened,
    ministry: Ministry,
    codes: Sequence[str],
    refs: Sequence[str],
    reason: str,
    *,
    yes: bool,
) -> None:
    decision = decided(reason)
    picked = onboarding.pick(house.house, ministry, codes, refs)
    for code in picked.codes:
        there = picked.theirs.get(code)
        new = _("goes out as new")
        desk.say(f"{code}  {_('the ministry has it: {ref}', ref=there.ref) if there else new}")
    for code, why in picked.unanswered.items():
        desk.say(
            _(
                "{code}  left out, for it can't be learnt whether the ministry has it: {reason}",
                code=code,
                reason=spoken(why),
            )
        )
    for one in picked.only:
        desk.say(_("{ref}  comes in", ref=one.ref))
    if not (picked.codes or picked.only):
        desk.say(_("nothing was found to choose"))
        return
    if agreed(desk, _("Let these go first?"), yes=yes):
        onboarding.choose(house.house, ministry, picked, decision)
        carried_on(desk, house, ministry.name)


def _tell(desk: Desk, now: Standing, zone: tzinfo) -> None:
    if desk.as_json:
        desk.answer(as_json(now))
        return
    for line in lines(now, zone):
        desk.show(line)
