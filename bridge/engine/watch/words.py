"""What people read of an alert: codes of systems, counts and ages, said in their language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bridge.domain.alerts import Matter, Severity
from bridge.domain.said import Said
from bridge.engine.watch.station import Letter, Speak

OPENING, CLOSING = "opening", "closing"

_WHAT: Mapping[Matter, str] = {
    Matter.PENDING: Said("{subject}: deliveries wait to be sent ({count}), the oldest for {age}"),
    Matter.ACCEPTED: Said(
        "{subject}: deliveries were taken and are not confirmed ({count}), the oldest for {age}"
    ),
    Matter.IN_DOUBT: Said("{subject}: deliveries are in doubt ({count}), the oldest for {age}"),
    Matter.DEAD: Said("{subject}: dead letters wait for a person ({count}), the oldest for {age}"),
    Matter.CONFLICT: Said("{subject}: conflicts wait for a person ({count}), the oldest for {age}"),
    Matter.QUARANTINED: Said("{subject}: records can't be read ({count}), the oldest for {age}"),
    Matter.CLOSED: Said("{subject}: could not be called for {age}"),
    Matter.PAUSED: Said("{subject}: paused by a person for {age}"),
    Matter.FEED: Said("{subject}: its changes could not be read for {age}"),
    Matter.ONESTOP: Said("the one-stop database could not be reached for {age}"),
    Matter.DIFFERING: Said(
        "{subject}: both sides differ in {count} dossiers, as compared at night"
    ),
    Matter.UNACCOUNTED: Said(
        "{subject}: deliveries are not accounted for ({count}): the journal and the outbox differ"
    ),
    Matter.DISK: Said("{subject}: {amount} MB are left on its disk"),
    Matter.CERTIFICATE: Said("{subject}: its certificate ends in {age}"),
}
_ENDED = Said("{subject}: its certificate ended {age} ago")

_DO: Mapping[Matter, str] = {
    Matter.PENDING: Said("See why: dossier-bridge status {subject}"),
    Matter.ACCEPTED: Said("See why: dossier-bridge status {subject}"),
    Matter.IN_DOUBT: Said("List them and ask the ministry: dossier-bridge doubt list"),
    Matter.DEAD: Said("List them: dossier-bridge dead list"),
    Matter.CONFLICT: Said("List them and decide: dossier-bridge conflicts list"),
    Matter.QUARANTINED: Said("See why: dossier-bridge status {subject}"),
    Matter.CLOSED: Said("See why: dossier-bridge check"),
    Matter.PAUSED: Said("If it may go on: dossier-bridge resume {subject}"),
    Matter.FEED: Said("See why: dossier-bridge check"),
    Matter.ONESTOP: Said("See why: dossier-bridge check"),
    Matter.DIFFERING: Said("See in what: dossier-bridge reconcile {subject}"),
    Matter.UNACCOUNTED: Said("Prove the journal: dossier-bridge audit verify"),
    Matter.DISK: Said("Make room before the databases can't write any more."),
    Matter.CERTIFICATE: Said("Have it renewed; a new one is found within a day."),
}

_SEVERITY: Mapping[Severity, str] = {
    Severity.WARNING: Said("warning"),
    Severity.CRITICAL: Said("critical"),
}


def facts(  # noqa: PLR0913 - the words of an alert
    matter: Matter,
    subject: str,
    severity: Severity,
    amount: float | None,
    count: int | None,
    opened_at: datetime,
    closed_at: datetime | None = None,
) -> dict[str, Any]:
    """Return what is kept of an alert until it is told: plain JSON, times in ISO 8601."""
    return {
        "matter": matter.value,
        "subject": subject,
        "severity": severity.value,
        "amount": amount,
        "count": count,
        "opened_at": opened_at.isoformat(timespec="seconds"),
        "closed_at": closed_at and closed_at.isoformat(timespec="seconds"),
    }


def letter(key: str, kind: str, said: Mapping[str, Any], speak: Speak, zone: tzinfo) -> Letter:
    """Return an alert as it is told: subject and text in the receiver's language."""
    what = _what(said)
    severity = _SEVERITY[Severity(said["severity"])]
    lines: list[str] = [what]
    since = _clock(said["opened_at"], zone)
    if kind == CLOSING:
        head = Said("[dossier-bridge] over: {what}", what=_name(said))
        lines = [Said("It is over: {what}", what=_name(said))]
        until = _clock(said["closed_at"], zone)
        lines.append(Said("Told since {since}, over since {until}", since=since, until=until))
    else:
        head = Said("[dossier-bridge] {severity}: {what}", severity=severity, what=what)
        lines.append(Said("Noticed at {since}", since=since))
        lines.append(Said(_DO[Matter(said["matter"])], subject=said["subject"]))
    text = "\n".join(map(speak, lines)) + "\n"
    spoken = speak(head)
    told = {"id": key, "what": kind, **said, "text": f"{spoken}\n{text}"}
    return Letter(key, spoken, text, told)


def what_is_open(matter: Matter, subject: str) -> str:
    """Return an open alert in a few words, without its numbers."""
    return Said(_NAMES[matter], subject=subject)


def _what(said: Mapping[str, Any]) -> str:
    matter, amount = Matter(said["matter"]), said["amount"] or 0.0
    pattern = _ENDED if matter is Matter.CERTIFICATE and amount < 0 else _WHAT[matter]
    return Said(
        str(pattern),
        subject=said["subject"],
        count=said["count"] or 0,
        age=age(amount),
        amount=int(amount),
    )


_NAMES: Mapping[Matter, str] = {
    Matter.PENDING: Said("{subject}: deliveries wait to be sent"),
    Matter.ACCEPTED: Said("{subject}: deliveries are not confirmed"),
    Matter.IN_DOUBT: Said("{subject}: deliveries are in doubt"),
    Matter.DEAD: Said("{subject}: dead letters wait for a person"),
    Matter.CONFLICT: Said("{subject}: conflicts wait for a person"),
    Matter.QUARANTINED: Said("{subject}: records can't be read"),
    Matter.CLOSED: Said("{subject}: can't be called"),
    Matter.PAUSED: Said("{subject}: paused by a person"),
    Matter.FEED: Said("{subject}: its changes can't be read"),
    Matter.ONESTOP: Said("the one-stop database can't be reached"),
    Matter.DIFFERING: Said("{subject}: both sides differ, as compared at night"),
    Matter.UNACCOUNTED: Said("{subject}: deliveries are not accounted for"),
    Matter.DISK: Said("{subject}: its disk is nearly full"),
    Matter.CERTIFICATE: Said("{subject}: its certificate ends soon"),
}


def _name(said: Mapping[str, Any]) -> str:
    return what_is_open(Matter(said["matter"]), said["subject"])


def age(seconds: float) -> str:
    """Return a length of time in the two units that say most of it."""
    whole = timedelta(seconds=abs(seconds))
    hours, rest = divmod(whole.seconds, 3600)
    if whole.days:
        return Said("{days} d {hours} h", days=whole.days, hours=hours)
    if hours:
        return Said("{hours} h {minutes} min", hours=hours, minutes=rest // 60)
    return Said("{minutes} min", minutes=rest // 60)


def _clock(at: str, zone: tzinfo) -> str:
    return f"{datetime.fromisoformat(at).astimezone(zone):%H:%M %d/%m/%Y}"
