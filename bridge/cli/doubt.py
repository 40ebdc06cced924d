"""``doubt``: what nobody knows the fate of, asked about and settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.deciding import Number, OfSystems, Reason, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened, places_named
from bridge.cli.people import carried_on, refusals_said
from bridge.cli.shape import DataVerb, Ledger
from bridge.cli.telling import local, place, state_name, word
from bridge.domain.delivery import State
from bridge.i18n import N_, _, spoken

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.engine.people.doubts import Doubt, Fate

app = typer.Typer(
    cls=Ledger,
    add_completion=False,
    rich_markup_mode=None,
    help=N_(
        "Show, ask about and settle submissions whose fate is unknown: the answer was lost, or a "
        "receipt does not come. Nothing of them is sent again on silence."
    ),
    epilog="dossier-bridge doubt\ndossier-bridge doubt ask 17",
)


@app.command(
    "list",
    cls=DataVerb,
    help=N_("List what is in doubt. Ends with 1 when there is something."),
    epilog="dossier-bridge doubt list --system gplx --json",
)
def show_doubts(
    context: typer.Context,
    system: OfSystems = None,
) -> None:
    """Read the doubts and report them."""
    from bridge.engine.people.doubts import doubts

    desk = Desk.of(context)
    with opened(desk) as house:
        found = doubts(house.house, places_named(house, system or []))
        zone = house.house.zone
    if desk.as_json:
        desk.answer({"in_doubt": [as_json(one) for one in found]})
    elif found:
        _show(desk, found, zone)
    else:
        desk.show(_("nothing is in doubt"))
    if found:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "ask",
    cls=DataVerb,
    help=N_(
        "Ask the ministry about one now, and say what came of it. Ends with 3 when it can't be "
        "asked, with 1 while the doubt stands."
    ),
    epilog="dossier-bridge doubt ask 17",
)
def ask(context: typer.Context, delivery: Number) -> None:
    """Ask, and report where it stands then."""
    from bridge.engine.people.doubts import ask_now

    desk = Desk.of(context)
    with opened(desk) as house, refusals_said():
        fate = ask_now(house.house, delivery)
        _report(desk, fate, house.house.zone)
        carried_on(desk, house, fate.system)
    if fate.trouble is not None and not fate.unsure:
        raise typer.Exit(ExitCode.UNREACHABLE)
    if fate.state in {State.IN_DOUBT, State.ACCEPTED, State.DEAD}:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "settle",
    cls=DataVerb,
    help=N_(
        "Say what the ministry said of one: applied under its number REF, or not applied, and then "
        "it is sent again."
    ),
    epilog=(
        "dossier-bridge doubt settle 17 --applied GPLX-26-0000017 --reason "
        '"the ministry found it, by telephone"\n'
        'dossier-bridge doubt settle 18 --not-applied --reason "not in their software"'
    ),
)
def settle(
    context: typer.Context,
    delivery: Number,
    *,
    reason: Reason,
    applied: Annotated[
        str | None,
        typer.Option("--applied", metavar="REF", help=N_("It was applied, under this number.")),
    ] = None,
    not_applied: Annotated[
        bool, typer.Option("--not-applied", help=N_("It was not applied: it is sent again."))
    ] = False,
) -> None:
    """Settle it by a person's word, and report where it stands then."""
    from bridge.engine.people import doubts

    desk = Desk.of(context)
    ref = (applied or "").strip() or None
    if (ref is None) is not not_applied:
        raise CommandFault(_("say one of the two: --applied REF, or --not-applied"))
    decision = decided(reason)
    with opened(desk) as house, refusals_said():
        fate = doubts.settle(house.house, decision, delivery, ref)
        _report(desk, fate, house.house.zone)
        carried_on(desk, house, fate.system)
    if fate.shared or fate.state in {State.IN_DOUBT, State.ACCEPTED, State.DEAD}:
        raise typer.Exit(ExitCode.ATTENTION)


def as_json(one: Doubt) -> dict[str, Any]:
    """Return a doubt with the keys of contracts/cli.md, and more beside them."""
    return {
        "id": one.id,
        "code": one.code,
        "system": one.system,
        "since": one.since.isoformat(),
        "asked": one.asked,
        "kind": one.kind,
        "state": one.state.value,
        "cause": one.cause,
        "reason": one.reason and spoken(one.reason),
        "attempts": one.attempts,
        "next_question_at": one.next_question_at and one.next_question_at.isoformat(),
        "overdue": one.overdue,
        "enabled": one.enabled,
    }


def _show(desk: Desk, found: Sequence[Doubt], zone: tzinfo) -> None:
    heads = [
        _("id"),
        _("dossier"),
        _("system"),
        _("since"),
        _("asked"),
        _("attempts"),
        _("next question"),
        _("why"),
    ]
    rows = [
        [
            str(one.id),
            one.code,
            place(one.system, enabled=one.enabled),
            local(one.since, zone),
            str(one.asked),
            str(one.attempts),
            local(one.next_question_at, zone) if one.next_question_at else "-",
            _why(one),
        ]
        for one in found
    ]
    for line in columns([heads, *rows]):
        desk.show(line)
    late = [str(one.id) for one in found if one.overdue]
    if late:
        desk.say(
            _(
                "past the deadline, ask the ministry and settle: {ids} "
                "(dossier-bridge doubt settle ID --applied REF or --not-applied)",
                ids=", ".join(late),
            )
        )


def _why(one: Doubt) -> str:
    step = [_("a step")] if one.kind == "step" else []
    said = [spoken(one.reason)] if one.reason else []
    late = [_("PAST THE DEADLINE")] if one.overdue and one.cause is not None else []
    known = [word(one.cause)] if one.cause and not late else []
    return "; ".join([*late, *step, *known, *said])


def _report(desk: Desk, fate: Fate, zone: tzinfo) -> None:
    if desk.as_json:
        desk.answer(
            {
                "id": fate.id,
                "code": fate.code,
                "system": fate.system,
                "state": fate.state.value,
                "ministry_ref": fate.ref,
                "reason": fate.trouble and spoken(fate.trouble),
                "next_question_at": fate.next_question_at and fate.next_question_at.isoformat(),
            }
        )
        return
    desk.show(f"{fate.id}  {fate.code}  {fate.system}: {_told(fate, zone)}")
    if fate.shared:
        desk.say(
            _(
                "that number belongs to another dossier, so it was left out; it is a conflict now: "
                "dossier-bridge conflicts"
            )
        )


def _told(fate: Fate, zone: tzinfo) -> str:
    if fate.trouble is not None:
        known = N_("asked, and it can't tell: {reason}")
        sentence = known if fate.unsure else N_("it could not be asked: {reason}")
        return _(sentence, reason=spoken(fate.trouble))
    if fate.state is State.CONFIRMED:
        return _("it was applied; their number: {ref}", ref=fate.ref or "-")
    if fate.state is State.PENDING:
        return _("it was not applied, and is sent again")
    if fate.next_question_at is not None and fate.state is State.IN_DOUBT:
        when = local(fate.next_question_at, zone)
        return _("no trace of it, which proves nothing yet; the next question: {when}", when=when)
    if fate.next_question_at is not None and fate.state is State.ACCEPTED:
        when = local(fate.next_question_at, zone)
        return _("still not confirmed; the next question: {when}", when=when)
    return _("it is {state} now", state=state_name(fate.state))
