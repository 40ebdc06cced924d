"""docs/errors.md: exit codes, what an adapter may raise and what follows, states, journal, findings.

No move is written here: each is what ``domain.delivery.after`` answers.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bridge.cli.exits import ExitCode
from bridge.cli.telling import state_name
from bridge.domain import delivery
from bridge.domain.delivery import (
    TERMINAL,
    WAYS,
    Closed,
    CrashedBefore,
    FoundAbsent,
    FoundApplied,
    NotApplied,
    NotYet,
    Outcome,
    Policy,
    Refused,
    Standing,
    State,
    Taken,
    Unknown,
    after,
)
from bridge.engine.ask import written
from bridge.i18n import use
from bridge.sdk import errors
from bridge.sdk.errors import AdapterError
from tools.reference import findings, journal
from tools.reference.tables import first_sentence, markdown, member_docs, table

_NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
_ENDED = _NOW - timedelta(minutes=5)
_POLICY, _REPEATABLE = Policy(), Policy(repeat_safe=True)
_SCENES: tuple[tuple[str, Standing, Outcome, Policy], ...] = (
    ("the answer proves it", Standing(), Taken(), _POLICY),
    ("taken, to be confirmed", Standing(), Taken(proves=False), _POLICY),
    ("refused", Standing(), Refused("", None, ""), _POLICY),
    ("not applied", Standing(), NotApplied(""), _POLICY),
    ("not applied, the system asks for 120 s", Standing(), NotApplied("", 120.0), _POLICY),
    ("nobody answers at the address", Standing(), NotApplied("", unreachable=True), _POLICY),
    (
        "not applied, failing for over 24 hours",
        Standing(failing_since=_NOW - timedelta(hours=25)),
        NotApplied(""),
        _POLICY,
    ),
    (
        "nobody answers, for over 24 hours",
        Standing(failing_since=_NOW - timedelta(hours=25)),
        NotApplied("", unreachable=True),
        _POLICY,
    ),
    ("the answer is lost", Standing(), Unknown(""), _POLICY),
    ("the answer is lost, a repeat is safe", Standing(), Unknown(""), _REPEATABLE),
    ("the system is closed", Standing(), Closed("maintenance", ""), _POLICY),
    ("we died while sending", Standing(), CrashedBefore(), _POLICY),
    ("we died, a repeat is safe", Standing(), CrashedBefore(), _REPEATABLE),
    (
        "we died for the fifth time, a repeat is safe",
        Standing(crashes=4),
        CrashedBefore(),
        _REPEATABLE,
    ),
    ("the receipt says yes", Standing(State.ACCEPTED), Taken(), _POLICY),
    ("the receipt says no", Standing(State.ACCEPTED), Refused("", None, ""), _POLICY),
    ("no receipt yet", Standing(State.ACCEPTED, call_ended_at=_ENDED), NotYet(), _POLICY),
    (
        "no receipt for over a day",
        Standing(State.ACCEPTED, call_ended_at=_NOW - timedelta(hours=25)),
        NotYet(),
        _POLICY,
    ),
    ("asked: it is there", Standing(State.IN_DOUBT), FoundApplied(), _POLICY),
    (
        "asked within the grace: absent",
        Standing(State.IN_DOUBT, call_ended_at=_NOW),
        FoundAbsent(_NOW),
        _POLICY,
    ),
    (
        "asked after the grace: absent",
        Standing(State.IN_DOUBT, call_ended_at=_ENDED),
        FoundAbsent(_NOW),
        _POLICY,
    ),
    (
        "absent for the second time",
        Standing(State.IN_DOUBT, call_ended_at=_ENDED, absences=1),
        FoundAbsent(_NOW),
        _POLICY,
    ),
    (
        "absent for the second time, and it crashed us five times",
        Standing(State.IN_DOUBT, call_ended_at=_ENDED, absences=1, crashes=5),
        FoundAbsent(_NOW),
        _POLICY,
    ),
    ("it could not be asked", Standing(State.IN_DOUBT, call_ended_at=_ENDED), NotYet(), _POLICY),
)


def page() -> str:
    """Return the whole page."""
    return f"""# Errors, states and findings

What a command, an adapter, a delivery, the journal and `check` may say, and what follows. Made from the code by
`python -m tools.reference`: the moves are the answers of `bridge.domain.delivery.after`.

## How a command ends

{table(["code", "", "means"], _exits())}

Of several, what could not be reached outweighs what was found.

## What an adapter may raise

{table(["error", "means", "what was sent becomes", "journal's cause", "attempt counted", "due again"], _raised())}

{markdown((inspect.getdoc(errors) or "").rpartition(chr(10) * 2)[2])} *A repeat is safe* where the adapter declares `submit` idempotent
([capabilities.md](capabilities.md)): then doubt is ended by sending again.

## The states of a delivery

{table(["state", "in English", "in Vietnamese", "may become"], _states())}

```mermaid
{delivery.diagram()}
```

## What each outcome makes of a delivery

With the patience a system has unless its file says otherwise: backoff from {_POLICY.backoff_first:.0f} s to {_POLICY.backoff_most:.0f} s
(half to all of it, by chance; here all), grace {_POLICY.grace_seconds:.0f} s, {_POLICY.absences_needed} absences, {_POLICY.ceilings.crashes} crashes.

{table(["it is", "and", "then it is", "journal's cause", "due again"], _moves())}

## The events of the journal

{journal.events()}

## The findings of `check`

{findings.listed()}
"""


def _exits() -> Iterator[list[str]]:
    docs = member_docs(ExitCode)
    for code in ExitCode:
        yield [str(code.value), code.name.lower(), docs[code.name]]


def _adapter_errors() -> Iterator[tuple[str, type[AdapterError], AdapterError]]:
    for one in (getattr(errors, name) for name in errors.__all__):
        if one is errors.Rejected:
            yield one.__name__, one, errors.Rejected("", None, "")
        elif one is not AdapterError:
            yield one.__name__, one, one("")
    unreachable = errors.Retryable("", unreachable=True)
    yield "Retryable(unreachable=True)", errors.Retryable, unreachable
    yield "anything else", AdapterError, AdapterError("")


def _raised() -> Iterator[list[str]]:
    for name, kind, error in _adapter_errors():
        outcome = written(error)
        told = after(Standing(), outcome, _NOW, _POLICY, 1.0)
        becomes = f"`{told.state}`"
        safe = after(Standing(), outcome, _NOW, _REPEATABLE, 1.0)
        if safe.state is not told.state:
            becomes += f"; `{safe.state}` where a repeat is safe"
        counted = "yes" if told.attempts else "no"
        means = first_sentence(kind) if name != "anything else" else "an exception of no such kind"
        yield [
            f"`{name}`" if kind.__name__ in name else name,
            means,
            becomes,
            told.cause,
            counted,
            _due(told),
        ]


def _states() -> Iterator[list[str]]:
    for state in State:
        names = []
        for language in ("en", "vi"):
            use(language)
            names.append(state_name(state))
        use("en")
        ways = [f"`{new}`: {why}" for new, why in WAYS.get(state, {}).items()]
        yield [f"`{state}`", *names, "; ".join(ways) if state not in TERMINAL else "*(its end)*"]


def _moves() -> Iterator[list[str]]:
    for said, standing, outcome, policy in _SCENES:
        told = after(standing, outcome, _NOW, policy, 1.0)
        yield [f"`{standing.state}`", said, f"`{told.state}`", told.cause, _due(told)]


def _due(told: delivery.Next) -> str:
    if told.due_at is None:
        return ""
    if told.state is State.HELD:
        return "when it opens"
    seconds = (told.due_at - _NOW).total_seconds()
    return f"in {seconds:g} s" if seconds else "at once"
