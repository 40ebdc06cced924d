"""Spares a system, and spares the dossiers a system that is closed.

A brake is set by what the system answered (login refused, closed, nobody there), by a person
(paused) or by the clock (opening hours), is kept in the store so that every process sees it, and
is let go by the first success.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.domain.delivery import Closed, NotApplied, Outcome, Taken, patience, reopens
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine.house import House, Ministry
from bridge.sdk.errors import AdapterError, AuthFailed, Maintenance, Retryable
from bridge.store import Brake, Unit
from bridge.store import systems as states

LOGIN_RETRY = timedelta(minutes=5)
UNREACHABLE_MOST = timedelta(seconds=30)
OUTSIDE_HOURS = Said("outside opening hours")
NOTED_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether calls may be made now; ``reason`` and ``until`` when they may not."""

    open: bool
    state: str
    reason: str | None = None
    until: datetime | None = None


def gate(
    brake: Brake, ministry: Ministry, now: datetime, local: datetime, *, probing: bool = False
) -> Gate:
    """Tell whether the system may be called at ``now`` (``local``: the same on its wall clock).

    ``probing`` tries a system that is held or was not reached, but never one a person paused.
    """
    if brake.state == states.PAUSED:
        return Gate(open=False, state=states.PAUSED, reason=brake.reason)
    if not in_hours(ministry, local):
        return Gate(open=False, state=states.HELD, reason=OUTSIDE_HOURS)
    over = brake.until is not None and brake.until <= now
    if probing or over or brake.state == states.RUNNING:
        return Gate(open=True, state=brake.state, reason=brake.reason)
    return Gate(open=False, state=brake.state, reason=brake.reason, until=brake.until)


def in_hours(ministry: Ministry, local: datetime) -> bool:
    """Tell whether the system's opening hours hold; hours over midnight are understood."""
    if ministry.open_hours is None:
        return True
    start, end = ministry.open_hours
    clock = local.time()
    return start <= clock < end if start <= end else clock >= start or clock < end


def look(house: House, ministry: Ministry, *, probing: bool = False) -> Gate:
    """Read the brake of a system and say whether it may be called now."""
    with house.store.read() as unit:
        return see(unit, house, ministry, probing=probing)


def see(unit: Unit, house: House, ministry: Ministry, *, probing: bool = False) -> Gate:
    """Say the same as ``look``, inside a transaction of the caller's."""
    brake = unit.systems.of(ministry.name)
    now = house.now()
    return gate(brake, ministry, now, now.astimezone(house.zone), probing=probing)


def answered(unit: Unit, ministry: Ministry, outcome: Outcome, now: datetime) -> None:
    """Set or let go the brake after what a write came to."""
    match outcome:
        case Closed(cause="login"):
            _set(unit, ministry, states.HELD, outcome.reason, now + LOGIN_RETRY)
        case Closed():
            until = reopens(outcome.until, now)
            _set(unit, ministry, states.MAINTENANCE, outcome.reason, until)
        case NotApplied(unreachable=True):
            unreachable(unit, ministry, outcome.reason, now)
        case NotApplied(after=float() as after):
            wait = now + patience(after)
            _set(unit, ministry, states.MAINTENANCE, outcome.reason, wait)
        case Taken():
            succeeded(unit, ministry, now)
        case _:
            pass


def failed_read(unit: Unit, ministry: Ministry, error: AdapterError, now: datetime) -> None:
    """Set the brake after a read that failed."""
    match error:
        case AuthFailed():
            _set(unit, ministry, states.HELD, error.reason, now + LOGIN_RETRY)
        case Maintenance():
            until = reopens(error.until, now)
            _set(unit, ministry, states.MAINTENANCE, error.reason, until)
        case Retryable(unreachable=True):
            unreachable(unit, ministry, error.reason, now)
        case Retryable(after=float() as after):
            wait = now + patience(after)
            _set(unit, ministry, states.MAINTENANCE, error.reason, wait)
        case _:
            pass


def unreachable(unit: Unit, ministry: Ministry, reason: str, now: datetime) -> None:
    """Note that nobody answers at the address: tried again soon, then every half minute."""
    failures = unit.systems.of(ministry.name).failures + 1
    wait = min(UNREACHABLE_MOST, timedelta(seconds=2 ** min(failures, 10) / 2))
    _set(unit, ministry, states.UNREACHABLE, reason, now + wait)
    unit.systems.set(ministry.name, failures=failures)


def succeeded(unit: Unit, ministry: Ministry, now: datetime) -> None:
    """Note a success: the brake is let go (a person's pause stays)."""
    if noted(unit, ministry, now):
        return
    brake = unit.systems.of(ministry.name)
    if brake.state in (states.RUNNING, states.PAUSED):
        unit.systems.set(ministry.name, last_success_at=now)
        return
    unit.journal.add(Event.RESUMED, system=ministry.name, was=brake.state)
    unit.systems.set(
        ministry.name,
        state=states.RUNNING,
        reason=None,
        until=None,
        since=now,
        failures=0,
        last_success_at=now,
    )


def noted(unit: Unit, ministry: Ministry, now: datetime) -> bool:
    """Tell whether a success now is no news: nothing holds the system and it is known to answer."""
    brake = unit.systems.of(ministry.name)
    recent = brake.last_success_at is not None and now - brake.last_success_at <= NOTED_EVERY
    return recent and brake.state in (states.RUNNING, states.PAUSED)


def _set(unit: Unit, ministry: Ministry, state: str, reason: str, until: datetime) -> None:
    brake = unit.systems.of(ministry.name)
    if brake.state == states.PAUSED:
        return
    if brake.state != state:
        unit.journal.add(Event.HELD, system=ministry.name, state=state, reason=reason)
        unit.systems.set(ministry.name, since=unit.now)
    unit.systems.set(ministry.name, state=state, reason=reason, until=until)
