"""The life of a delivery: what each outcome makes of it (``WAYS`` shows it whole)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias, assert_never


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    HELD = "held"
    IN_DOUBT = "in_doubt"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


TERMINAL = frozenset({State.CONFIRMED, State.SUPERSEDED, State.DROPPED})
OPEN = frozenset(State) - TERMINAL
IN_FLIGHT = frozenset({State.SENDING, State.IN_DOUBT, State.ACCEPTED})
UNANSWERED = IN_FLIGHT - {State.SENDING}
UNSENT = OPEN - IN_FLIGHT
"""Not on its way: a newer state may take its place."""

_FROM_LINE = {
    State.SENDING: "claimed",
    State.SUPERSEDED: "a newer state took its place",
    State.DEAD: "its dossier was deleted in the one-stop",
    State.DROPPED: "a person parted its dossier from the record",
}
WAYS: Mapping[State, Mapping[State, str]] = {
    State.PENDING: _FROM_LINE,
    State.HELD: _FROM_LINE,
    State.SENDING: {
        State.CONFIRMED: "the answer proves it",
        State.ACCEPTED: "taken, not proved yet",
        State.PENDING: "known not applied, or safe to repeat",
        State.HELD: "the system is closed",
        State.IN_DOUBT: "the answer was lost, or we died",
        State.DEAD: "refused, or poison",
    },
    State.ACCEPTED: {
        State.CONFIRMED: "read back",
        State.ACCEPTED: "not yet; past the deadline a person is told",
        State.PENDING: "a person was told that it was not applied",
        State.DEAD: "refused",
    },
    State.IN_DOUBT: {
        State.CONFIRMED: "found applied",
        State.IN_DOUBT: "absent so far, or no answer; past the deadline a person is told",
        State.PENDING: "absent twice after the grace, or a person was told so",
        State.DEAD: "absent, and poison",
    },
    State.DEAD: {
        State.SUPERSEDED: "mended in the one-stop",
        State.PENDING: "a person sends it again, or its file or its dossier is found",
        State.DROPPED: "a person dropped it",
    },
}
"""Where a delivery may go from each state, and why."""


def diagram() -> str:
    """Draw ``WAYS`` as a mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> pending"]
    lines += [f"    {old} --> {new}: {why}" for old in WAYS for new, why in WAYS[old].items()]
    lines += [f"    {state} --> [*]" for state in State if state in TERMINAL]
    return "\n".join(lines)


LEAST_PATIENCE = timedelta(seconds=1)
LOOK_AGAIN = timedelta(minutes=1)
MOST_PATIENCE = timedelta(hours=1)
MOST_CLOSED = timedelta(days=1)
"""The longest a system is left alone because it said so: it may be back long before."""
OVERDUE = "no answer past the deadline"
"""The cause of what is waited for so long that a person is told."""
OVERDUE_EVERY = timedelta(minutes=10)
"""How often it is asked for from then on."""
TOO_LONG = "failed for too long"
TOO_OFTEN = "failed too often"
CRASHED_US = "crashed us"
"""The causes of what is given up."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The system took it; ``proves`` when taking is applying."""

    proves: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """The system understood and refused; ``field`` is its name of the field at fault.

    ``ours``: the reason is in our words, not the system's.
    """

    code: str
    field: str | None
    reason: str
    ours: bool = False


class Failure(StrEnum):
    """In what way an attempt failed that is made again: each has a ceiling of its own."""

    NOT_APPLIED = "not_applied"
    """The system said, or it is known, that it was not applied."""
    LOST = "lost"
    """No answer, or one that tells nothing: nobody knew, until the system was asked."""
    CONTRACT = "contract"
    """An answer that breaks the contract."""
    UNEXPECTED = "unexpected"
    """What nobody foresaw."""


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Known not applied; ``after`` is the number of seconds the system asked for."""

    reason: str
    after: float | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it was applied."""

    reason: str
    failure: Failure = Failure.LOST


@dataclass(frozen=True, slots=True)
class Closed:
    """The system is closed to us: ``login`` refused, or in ``maintenance``."""

    cause: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """Accepted or in doubt, and nothing was learnt of what became of it."""


@dataclass(frozen=True, slots=True)
class FoundApplied:
    """Asked about, and found to be applied."""


@dataclass(frozen=True, slots=True)
class FoundAbsent:
    """Asked about at ``asked_at``, and no trace found."""

    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """A person asked the ministry, and was told that it was not applied."""


@dataclass(frozen=True, slots=True)
class CrashedBefore:
    """The process that was sending it died."""


Outcome: TypeAlias = (
    Taken
    | Refused
    | NotApplied
    | Unknown
    | Closed
    | NotYet
    | FoundApplied
    | FoundAbsent
    | Denied
    | CrashedBefore
)


FEWER = 8
"""By how many times what a process died in sending has less company with each time more."""

LONELY_TRIES = 2
"""How often a delivery is sent alone at least before it is given up as what kills the process."""

FEW_DOUBTS = 3
"""So often at least a dossier's answer must be lost before that it takes long counts against it."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """When a dossier that fails on and on is given up, and waits for a person.

    After ``hours`` of failing, in whatever way; after so many failures of one kind in a row
    (``None``: however many); or when the process died ``crashes`` times in sending it. That
    nobody answers at the address, or that the system is closed, counts for none of them.
    """

    hours: float = 24.0
    not_applied: int | None = None
    lost: int | None = None
    contract: int | None = None
    unexpected: int | None = None
    crashes: int = 5

    def company(self, crashes: int, most: int) -> int:
        """Return how many deliveries are sent in one turn that a process died in sending ``crashes`` times.

        Of ``most`` that would go otherwise ever fewer, at last each alone: so the one that kills the
        process is found, and its neighbours, who stood in the same turn by chance, are soon through.
        """
        if crashes and crashes >= self.crashes - LONELY_TRIES:
            return 1
        return max(1, most // int(FEWER**crashes))

    def most(self, failure: Failure) -> int | None:
        """Return how many failures of a kind in a row are too many."""
        match failure:
            case Failure.NOT_APPLIED:
                return self.not_applied
            case Failure.LOST:
                return self.lost
            case Failure.CONTRACT:
                return self.contract
            case Failure.UNEXPECTED:
                return self.unexpected


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the engine is with one system. Times in seconds, except where named.

    ``repeat_safe``: a repeated submit changes nothing (the same file name), so doubt is ended
    by sending again. Past ``deadline_hours`` without an answer a person is told.
    """

    backoff_first: float = 2.0
    backoff_most: float = 45.0
    ceilings: Ceilings = Ceilings()
    grace_seconds: float = 60.0
    absences_needed: int = 2
    ask_again_seconds: float = 5.0
    deadline_hours: float = 24.0
    repeat_safe: bool = False

    @property
    def grace(self) -> timedelta:
        """How long after the call ended "absent" does not count."""
        return timedelta(seconds=self.grace_seconds)

    @property
    def deadline(self) -> timedelta:
        """How long after the call an answer is waited for before a person is told."""
        return timedelta(hours=self.deadline_hours)

    @property
    def ask_again(self) -> timedelta:
        """When a question that could not be asked is asked again."""
        return timedelta(seconds=self.ask_again_seconds)


@dataclass(frozen=True, slots=True)
class Standing:
    """What ``after`` must know of a delivery.

    ``failed_times`` counts the failures of the kind ``failed_as`` in a row.
    """

    state: State = State.SENDING
    attempts: int = 0
    crashes: int = 0
    failing_since: datetime | None = None
    failed_as: Failure | None = None
    failed_times: int = 0
    call_ended_at: datetime | None = None
    absences: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Next(Standing):
    """What an outcome makes of a delivery; ``cause`` is its word in the journal."""

    due_at: datetime | None
    cause: str


_WELL: Mapping[str, Any] = {"failing_since": None, "failed_as": None, "failed_times": 0}
"""What ends a run of failures."""

_ALLOWED: dict[State, tuple[type, ...]] = {
    State.SENDING: (Taken, Refused, NotApplied, Unknown, Closed, CrashedBefore),
    State.ACCEPTED: (Taken, Refused, NotYet, Denied),
    State.IN_DOUBT: (FoundApplied, FoundAbsent, NotYet, Denied),
}


def after(  # noqa: C901, PLR0911, PLR0912 - one arm an outcome
    standing: Standing, outcome: Outcome, now: datetime, policy: Policy, jitter: float
) -> Next:
    """Return what ``outcome`` makes of a delivery; ``jitter`` in [0, 1) spreads the backoff.

    Raises:
        ValueError: a delivery in this state can't have this outcome.
    """
    if type(outcome) not in _ALLOWED.get(standing.state, ()):
        raise ValueError(f"a delivery that is {standing.state} can't be {type(outcome).__name__}")
    match outcome:
        case Taken(proves=True):
            return _next(standing, State.CONFIRMED, None, "applied", **_WELL)
        case Taken() if standing.state is State.SENDING:
            return _accepted(standing, now)
        case Refused():
            return _next(standing, State.DEAD, None, "refused", attempts=standing.attempts + 1)
        case NotApplied():
            return _not_applied(standing, outcome, now, policy, jitter)
        case Unknown():
            return _unknown(standing, outcome.failure, now, policy, jitter)
        case Closed():
            return _next(standing, State.HELD, now, outcome.cause)  # the brake says when
        case Taken() | NotYet():
            return _not_yet(standing, now, policy)
        case FoundApplied():
            return _next(standing, State.CONFIRMED, None, "found applied", **_WELL)
        case FoundAbsent():
            return _absent(standing, outcome.asked_at, now, policy)
        case Denied():
            fresh = Standing(crashes=standing.crashes, attempts=standing.attempts)
            return _next(fresh, State.PENDING, now, "denied", call_ended_at=standing.call_ended_at)
        case CrashedBefore():
            return _crashed(standing, now, policy, jitter)
        case _:
            assert_never(outcome)


def overdue(standing: Standing, now: datetime, policy: Policy) -> bool:
    """Tell whether the answer to a delivery is waited for past the deadline.

    It stays where it is, for silence proves nothing; a person is told, and it is asked on.
    """
    ended = standing.call_ended_at
    return standing.state in UNANSWERED and ended is not None and now - ended > policy.deadline


def _accepted(standing: Standing, now: datetime) -> Next:
    return _next(standing, State.ACCEPTED, now, "accepted", call_ended_at=now, asked=0, **_WELL)


def _not_yet(standing: Standing, now: datetime, policy: Policy) -> Next:
    """Ask again: ever more slowly for a receipt, soon for a doubt, now and then once overdue."""
    asked = standing.asked + 1
    if overdue(standing, now, policy):
        return _next(standing, standing.state, now + OVERDUE_EVERY, OVERDUE, asked=asked)
    slower = timedelta(seconds=min(30.0, 0.5 * 2 ** min(standing.asked, 10)))
    wait = slower if standing.state is State.ACCEPTED else policy.ask_again
    return _next(standing, standing.state, now + wait, "not yet", asked=asked)


def _not_applied(
    standing: Standing, outcome: NotApplied, now: datetime, policy: Policy, jitter: float
) -> Next:
    due = now + timedelta(seconds=_backoff(standing.attempts + 1, policy, jitter))
    if outcome.unreachable:  # the system's trouble, not the dossier's: it waits as long as it takes
        tried = standing.attempts + 1
        return _next(standing, State.PENDING, due, "unreachable", attempts=tried)
    if outcome.after is not None:
        due = now + patience(outcome.after)
    return _back_in_line(_failing(standing, Failure.NOT_APPLIED, now), due, now, policy)


def _failing(standing: Standing, failure: Failure, now: datetime) -> Standing:
    """Count an attempt that failed."""
    return replace(
        standing,
        attempts=standing.attempts + 1,
        failing_since=standing.failing_since or now,
        failed_as=failure,
        failed_times=standing.failed_times + 1 if standing.failed_as is failure else 1,
    )


def _back_in_line(failing: Standing, due: datetime, now: datetime, policy: Policy) -> Next:
    """Send it again when it is ``due``, unless it is given up."""
    cause = _too_much(failing, now, policy)
    if cause is not None:
        return _next(failing, State.DEAD, None, cause)
    return _next(failing, State.PENDING, due, "not applied")


def _too_much(failing: Standing, now: datetime, policy: Policy) -> str | None:
    """Return why what failed is given up, ``None`` while it is not."""
    since, most = failing.failing_since, None
    if failing.failed_as is not None:
        most = policy.ceilings.most(failing.failed_as)
    if most is not None and failing.failed_times >= most:
        return TOO_OFTEN
    too_long = since is not None and now - since > timedelta(hours=policy.ceilings.hours)
    return TOO_LONG if too_long else None


def _unknown(
    standing: Standing, failure: Failure, now: datetime, policy: Policy, jitter: float
) -> Next:
    failing = _failing(standing, failure, now)
    if policy.repeat_safe:
        due = now + timedelta(seconds=_backoff(failing.attempts, policy, jitter))
        return _back_in_line(failing, due, now, policy)
    due = now + timedelta(seconds=min(2.0, policy.grace_seconds))
    fresh = {"call_ended_at": now, "absences": 0, "asked": 0}
    return _next(failing, State.IN_DOUBT, due, "answer lost", **fresh)


def _absent(standing: Standing, asked_at: datetime, now: datetime, policy: Policy) -> Next:
    """Absent counts only after the grace, and twice: a call may still be running over there."""
    ended = standing.call_ended_at or now
    asked = standing.asked + 1
    late = overdue(standing, now, policy)
    if asked_at < ended + policy.grace:
        due = max(now, ended + policy.grace)
        cause = OVERDUE if late else "absent so far"
        return _next(standing, State.IN_DOUBT, due, cause, asked=asked)
    absences = standing.absences + 1
    if absences >= policy.absences_needed:
        return _known_absent(replace(standing, absences=0, asked=0), now, policy)
    again = now + timedelta(seconds=max(1.0, policy.grace_seconds / 2))
    cause = OVERDUE if late else "absent once"
    return _next(standing, State.IN_DOUBT, again, cause, absences=absences, asked=asked)


def _known_absent(standing: Standing, now: datetime, policy: Policy) -> Next:
    """Send it again, unless it is poison: that it took long counts only where it was tried often."""
    if standing.crashes >= policy.ceilings.crashes:
        return _next(standing, State.DEAD, None, CRASHED_US)
    cause = _too_much(standing, now, policy)
    if cause is TOO_OFTEN or (cause is TOO_LONG and standing.failed_times >= FEW_DOUBTS):
        return _next(standing, State.DEAD, None, cause)
    return _next(standing, State.PENDING, now, "not applied")


def _crashed(standing: Standing, now: datetime, policy: Policy, jitter: float) -> Next:
    """Ask what became of it; what crashes us again and again is not sent again.

    Where a repeat is not safe, it is dead only once the system says that it is not there.
    """
    crashes = standing.crashes + 1
    if crashes >= policy.ceilings.crashes and policy.repeat_safe:
        return _next(standing, State.DEAD, None, CRASHED_US, crashes=crashes)
    following = _unknown(standing, Failure.LOST, now, policy, jitter)
    if following.state is State.DEAD:
        return replace(following, crashes=crashes)
    return replace(
        following,
        crashes=crashes,
        cause="the sender died",
        due_at=now if following.state is State.PENDING else following.due_at,
        failed_as=standing.failed_as,  # it was ours to fail
        failed_times=standing.failed_times,
    )


def patience(seconds: float) -> timedelta:
    """Return how long to wait where a system asked for ``seconds``: never none, never for ever."""
    return min(max(timedelta(seconds=seconds), LEAST_PATIENCE), MOST_PATIENCE)


def reopens(said: datetime | None, now: datetime) -> datetime:
    """Return when to look at a closed system again, given when it ``said`` it would be open.

    One that is closed still when it should be open, or says nothing, is looked at in a minute.
    """
    if said is None or said <= now:
        return now + LOOK_AGAIN
    return min(said, now + MOST_CLOSED)


def _backoff(attempts: int, policy: Policy, jitter: float) -> float:
    whole: float = min(policy.backoff_most, policy.backoff_first * 2 ** min(attempts - 1, 16))
    return whole * (0.5 + jitter / 2)


_STANDING = tuple(one.name for one in fields(Standing))


def _next(
    standing: Standing, state: State, due_at: datetime | None, cause: str, **changes: Any
) -> Next:
    kept = {name: getattr(standing, name) for name in _STANDING}
    return Next(**kept | {"state": state, "due_at": due_at, "cause": cause} | changes)
