"""How a system is spared: what the calls that ended make of where it stands. Pure.

A system that *fails* (nobody there, 5xx, no answer in time, replies that break the contract) is
left alone once half of its latest calls failed; one that *says* it takes no calls (login refused,
maintenance, Retry-After) at once, for as long as it says. When the time is over one call is made
(``engine.brake`` sees to it that it is one): answered, everything goes on (on trial, where
that was a question while something it failed to take waits for it); failed, it waits longer, a
minute at most. The trials of a bad time are part of it: it is over once nothing is left to prove.
What a system understood and refused is an answer like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bridge.domain.delivery import (
    Closed,
    CrashedBefore,
    Denied,
    FoundAbsent,
    FoundApplied,
    NotApplied,
    NotYet,
    Outcome,
    Refused,
    Taken,
    Unknown,
    patience,
    reopens,
)

RUNNING = "running"
PAUSED = "paused"
HELD = "held"
MAINTENANCE = "maintenance"
UNREACHABLE = "unreachable"

WINDOW = 10
"""About how many of the latest calls are judged by: so many undo whatever went before."""

FEWEST = 5
"""Fewer calls say nothing yet."""

OPENS_AT = 0.5
"""The share of failures from which a system is left alone."""

FIRST_WAIT = timedelta(seconds=5)
MOST_WAIT = timedelta(seconds=25)
"""With the half minute until a feed is read next, a healed system is in use within a minute."""
AT_FIRST = 3
"""How often the first wait is kept: most troubles are over within seconds."""

BRIEF = timedelta(minutes=1)
"""A wait that is asked for up to this long is no weather: it is kept, and nobody is told."""

LOGIN_RETRY = timedelta(minutes=5)
"""A login that is refused is no worse tried seldom; one tried often may be locked."""


@dataclass(frozen=True, slots=True)
class Calls:
    """How the latest calls went, fading: the newest about ten count, the older ones make way."""

    good: float = 0.0
    bad: float = 0.0

    @property
    def total(self) -> float:
        """How many calls are remembered."""
        return self.good + self.bad

    @property
    def failure_rate(self) -> float | None:
        """The share of failures among them, 0 to 1; ``None`` where there were none."""
        return self.bad / self.total if self.total else None

    @property
    def broken(self) -> bool:
        """Whether they are enough, and failed often enough, for the system to be left alone."""
        return self.total >= FEWEST and self.bad >= OPENS_AT * self.total

    def then(self, newer: Calls) -> Calls:
        """Return what is remembered once ``newer`` calls came after these."""
        room = max(0.0, WINDOW - newer.total)
        keep = min(1.0, room / self.total) if self.total else 0.0
        return Calls(self.good * keep + newer.good, self.bad * keep + newer.bad)


NO_CALLS = Calls()


@dataclass(frozen=True, slots=True)
class Answered:
    """A call was answered: whatever the answer, the system works.

    ``proof`` where nothing more could be asked of it: one that answers questions may still fail to
    take what it is sent.
    """

    proof: bool = True


@dataclass(frozen=True, slots=True)
class Failed:
    """A call failed, for no reason of its own; ``unreachable``: nobody answers at the address."""

    reason: str
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Shut:
    """The system takes no calls before ``until``; ``state`` is what it is called meanwhile."""

    state: str
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """The system works, and asks for a moment's patience (Retry-After)."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing was learnt of the system."""


Told: TypeAlias = Answered | Failed | Shut | Wait | Nothing


@dataclass(frozen=True, slots=True)
class Stance:
    """Where a system stands, for every process.

    ``until``: no call before, running or not. ``tries`` counts the calls made in vain since it was
    left alone; running with any, it is on trial, and ``reason`` is why it was left alone.
    ``probed_by`` makes the one call that is made of a system that is not running; others think
    it lost after ``probed_until``.
    """

    state: str = RUNNING
    reason: str | None = None
    until: datetime | None = None
    tries: int = 0
    calls: Calls = NO_CALLS
    probed_by: str | None = None
    probed_until: datetime | None = None

    @property
    def troubled(self) -> bool:
        """Whether a bad time has begun and is not over: left alone, paused, or on trial."""
        return self.state != RUNNING or self.tries > 0

    def probed(self, now: datetime) -> bool:
        """Tell whether the one call is under way."""
        return self.probed_until is not None and self.probed_until > now


def told_by(outcomes: Iterable[Outcome], now: datetime) -> Told:
    """Say what one call tells of its system, by what it made of each delivery it carried.

    Where it closes itself, that counts; else one answer among failures shows that it works.
    """
    told = [_told(outcome, now) for outcome in outcomes]
    for kind in (Shut, Wait, Answered, Failed):
        for one in told:
            if isinstance(one, kind):
                return one
    return Nothing()


def _told(outcome: Outcome, now: datetime) -> Told:  # noqa: PLR0911 - one arm an outcome
    match outcome:
        case Closed(cause="login"):
            return Shut(HELD, outcome.reason, now + LOGIN_RETRY)
        case Closed():
            return Shut(MAINTENANCE, outcome.reason, reopens(outcome.until, now))
        case NotApplied(unreachable=True):
            return Failed(outcome.reason, unreachable=True)
        case NotApplied(after=float() | int() as seconds):
            return _asked_for(outcome.reason, now, patience(seconds))
        case NotApplied() | Unknown():
            return Failed(outcome.reason)
        case Refused(ours=True) | NotYet() | CrashedBefore() | Denied():
            return Nothing()  # in words of ours, or a person's: nobody may have been asked
        case Taken() | Refused() | FoundApplied() | FoundAbsent():
            return Answered()


def _asked_for(reason: str, now: datetime, wait: timedelta) -> Told:
    if wait <= BRIEF:
        return Wait(reason, now + wait)
    return Shut(MAINTENANCE, reason, now + wait)


def counted(told: Told) -> Calls:
    """Return a call as it counts for the rate: a system that closes itself does not fail."""
    match told:
        case Answered():
            return Calls(good=1.0)
        case Failed():
            return Calls(bad=1.0)
        case Shut() | Wait() | Nothing():
            return NO_CALLS


def after(stance: Stance, told: Told, now: datetime, by: str) -> Stance:  # noqa: PLR0911 - one arm a word
    """Return where a system stands once ``by`` heard ``told``; its ``calls`` are counted before.

    While it is left alone only the one call that is made on purpose moves it, or whatever comes
    when the time is over: what was under way before says nothing of now.
    """
    mine = stance.probed_by == by
    if mine:
        stance = replace(stance, probed_by=None, probed_until=None)
    if stance.state == PAUSED:
        return stance
    running = stance.state == RUNNING
    match told:
        case Shut():
            tries = max(stance.tries, 1)
            return replace(
                stance, state=told.state, reason=told.reason, until=told.until, tries=tries
            )
        case Wait():
            until = max(told.until, stance.until or told.until)
            return replace(stance, reason=told.reason if running else stance.reason, until=until)
        case Failed() if stance.calls.broken if running else mine:
            return _left_alone(stance, told.reason, now)
        case Answered() if not running and (mine or _over(stance, now)):
            running_again = replace(stance, state=RUNNING, until=None)
            return _trusted(running_again) if told.proof else running_again
        case Answered(proof=True) if running and stance.tries:
            return _trusted(stance)
        case _:
            return stance


def _trusted(stance: Stance) -> Stance:
    """Forget the bad time. Until then one more failure ends the trial, and the wait goes on."""
    return replace(stance, reason=None, tries=0, calls=Calls(good=1.0))


def is_news(before: Stance, now: Stance) -> bool:
    """Tell whether people hear that a system stands another way than before.

    They hear that a bad time begins, that its kind changes, and that it is over. That it was on
    trial meanwhile, and failed in the same way, is none.
    """
    if before.troubled != now.troubled:
        return True
    if before.state == RUNNING:
        return now.state != RUNNING and now.reason != before.reason
    return now.state not in {before.state, RUNNING}


def _over(stance: Stance, now: datetime) -> bool:
    return stance.until is not None and stance.until <= now


def _left_alone(stance: Stance, reason: str, now: datetime) -> Stance:
    """Wait, soon ever longer: a call that fails costs a dossier an attempt, or its certainty."""
    tries = stance.tries + 1
    until = now + min(MOST_WAIT, FIRST_WAIT * 2 ** min(max(0, tries - AT_FIRST), 10))
    if stance.until is not None:  # a person tried before the system said it would be open
        until = max(until, stance.until)
    return replace(stance, state=UNREACHABLE, reason=reason, until=until, tries=tries)
