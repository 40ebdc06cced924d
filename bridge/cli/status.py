"""``status``: where each system stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Annotated, Any

import typer

from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.house import needs_a_person, opened, places_named
from bridge.cli.shape import DataVerb
from bridge.cli.telling import local, state_word
from bridge.domain.alerts import Opened
from bridge.engine import survey, switched_off
from bridge.engine.survey import Standing
from bridge.engine.watch import alarm, words
from bridge.i18n import N_, _, spoken
from bridge.store import ReceiverState

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_HEADS = {
    "pending": N_("pending"),
    "held": N_("held"),
    "in_flight": N_("sending"),
    "accepted": N_("accepted"),
    "in_doubt": N_("in doubt"),
    "dead": N_("dead"),
    "conflicts": N_("conflicts"),
    "quarantined": N_("quarantined"),
    "confirmed": N_("confirmed"),
    "superseded": N_("superseded"),
}
_COUNTS = tuple(_HEADS)
_ALWAYS = frozenset({"pending", "in_doubt", "dead", "conflicts", "confirmed"})
"""Columns of the table that stand there even where they are empty; the others make way."""

CODES_MOST = 10


@app.command(
    "status",
    cls=DataVerb,
    help=N_(
        "Show where each system stands: what waits, what is in doubt, what was refused, and how "
        "old the oldest is. Ends with 1 when something needs a person, or the two sides did not "
        "agree in the last night that was compared."
    ),
    epilog="dossier-bridge status\ndossier-bridge status gplx --json",
)
def status(
    context: typer.Context,
    systems: Annotated[
        list[str] | None, typer.Argument(metavar="SYSTEM", help=N_("Only these systems."))
    ] = None,
) -> None:
    """Read the counts and report them."""
    desk = Desk.of(context)
    with opened(desk) as house:
        names = places_named(house, systems or [])
        every = survey.standings(house.house) + switched_off.standings(house.house)
        standings = [one for one in every if one.name in names]
        unreadable = survey.unreadable(house.house)
        backlog = survey.backlog(house.house)
        alerts, receivers = alarm.standing(house.house)
        zone = house.house.zone
    if desk.as_json:
        desk.answer(
            {
                "systems": [as_json(one) for one in standings],
                "alerts": [alert_as_json(one) for one in alerts],
                "receivers": [receiver_as_json(one) for one in receivers],
            }
        )
    else:
        _show(desk, standings, zone)
        for one in standings:
            if one.last_success_at is not None:
                when = local(one.last_success_at, zone)
                desk.show(_("{name}: last success {when}", name=one.name, when=when))
    for alert in alerts:
        since = local(alert.since, zone)
        what = spoken(words.what_is_open(alert.matter, alert.subject))
        desk.say(_("alert since {since}: {what}", since=since, what=what))
    for receiver in receivers:
        if receiver.trouble is not None:
            reason = spoken(receiver.trouble)
            desk.say(_("{name} can't be told: {reason}", name=receiver.name, reason=reason))
    say_unreadable(desk, unreadable)
    if backlog is not None:
        desk.say(_("one-stop: {reason}", reason=spoken(backlog)))
    differing = any(one.differing for one in standings)
    if unreadable or differing or any(map(needs_a_person, standings)):
        raise typer.Exit(ExitCode.ATTENTION)


def say_unreadable(desk: Desk, codes: Sequence[str]) -> None:
    """Name the one-stop's dossiers that could not be read, if there are any."""
    if codes:
        desk.say(
            _(
                "set aside, for they can't be read in the one-stop database: {codes}",
                codes=", ".join(codes[:CODES_MOST]),
            )
            + (f" (+{len(codes) - CODES_MOST})" if len(codes) > CODES_MOST else "")
        )


def as_json(one: Standing) -> dict[str, Any]:
    """Return a system's line with the keys of contracts/cli.md."""
    counts = {key: getattr(one, key) for key in _COUNTS}
    return (
        {"name": one.name, "state": one.state, "reason": _reason(one)}
        | counts
        | {
            "dropped": one.dropped,
            "overdue": one.overdue,
            "orphans": one.orphans,
            "unanswered": one.unanswered,
            "stale_lists": one.stale_lists,
            "posted": one.posted,
            "lag_seconds": one.lag_seconds,
            "last_success_at": one.last_success_at and one.last_success_at.isoformat(),
            "next_poll_at": one.next_poll_at and one.next_poll_at.isoformat(),
            "until": one.until and one.until.isoformat(),
            "failure_rate": one.failure_rate,
            "received": one.received,
            "stage": one.stage.value,
            "differing": one.differing,
            "enabled": one.enabled,
        }
    )


def alert_as_json(one: Opened) -> dict[str, Any]:
    """Return an open alert: what, of which subject, how grave, since when."""
    return {
        "matter": one.matter.value,
        "subject": one.subject,
        "severity": one.severity.value,
        "since": one.since.isoformat(),
    }


def receiver_as_json(one: ReceiverState) -> dict[str, Any]:
    """Return a receiver that messages wait for, and why the oldest could not be sent."""
    trouble = one.trouble and spoken(one.trouble)
    return {"name": one.name, "waiting": one.waiting, "reason": trouble}


def _show(desk: Desk, standings: Sequence[Standing], zone: tzinfo) -> None:
    if not standings:
        desk.show(_("no system is switched on"))
        return
    shown = [key for key in _COUNTS if key in _ALWAYS or any(getattr(o, key) for o in standings)]
    heads = [_("system"), _("state"), *(_(_HEADS[key]) for key in shown), _("oldest")]
    rows = [
        [one.name, state_word(one.state)]
        + [str(getattr(one, key)) for key in shown]
        + [_age(one.lag_seconds)]
        for one in standings
    ]
    for line in columns([heads, *rows], numbers_from=2):
        desk.show(line)
    for one in standings:
        if one.differing:
            desk.show(
                _(
                    "{name}: differs in {count} dossiers (dossier-bridge reconcile {name})",
                    name=one.name,
                    count=one.differing,
                )
            )
        for reason in one.reasons:
            desk.show(f"{one.name}: {spoken(reason)}")
        if one.until is not None:
            when = local(one.until, zone)
            desk.show(_("{name}: tried again from {when}", name=one.name, when=when))


def _reason(one: Standing) -> str | None:
    return "; ".join(map(spoken, one.reasons)) or None


def _age(seconds: int) -> str:
    """Return an age as hours, minutes and seconds, the same in every language."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
