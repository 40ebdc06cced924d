"""How long the bridge took to recover from each fault, told by its own journal.

A fault's recovery begins when the fault ends: a kill is over at once, so the new start counts in.
It ends when two things are true of every system the fault reached: each delivery that was being
sent or in doubt at that moment is settled (confirmed, accepted, or known not applied and back in
line), and the system has taken something again. Where nothing waited to be sent, the second is
counted from the moment something did; where all that waited came to another end (a newer state took
its place), to that end. Other faults go on meanwhile, and count in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.domain.journal import Event

_BEGINS = frozenset({Event.SENDING.value, Event.IN_DOUBT.value})
_ENDS = frozenset(
    one.value
    for one in (
        Event.CONFIRMED,
        Event.ACCEPTED,
        Event.RETRY,
        Event.PUT_BACK,
        Event.HELD,
        Event.DEAD,
        Event.SUPERSEDED,
    )
)
_TAKEN = frozenset({Event.CONFIRMED.value, Event.ACCEPTED.value})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong. ``systems`` are those it kept from being reached."""

    kind: str
    side: str
    systems: frozenset[str]
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the journal about a delivery."""

    at: datetime
    system: str
    event: str
    delivery: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """A fault and the seconds it took; ``None`` when it was never recovered from."""

    fault: Fault
    settled: float
    seconds: float | None


@dataclass
class _History:
    """What the journal says of one system."""

    open: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """From when until when each delivery was being sent or in doubt."""
    taken: list[datetime] = field(default_factory=list)
    posted: list[datetime] = field(default_factory=list)
    done: list[datetime] = field(default_factory=list)


def recoveries(
    faults: Iterable[Fault],
    moves: Iterable[Move],
    work: Mapping[str, Sequence[tuple[datetime, datetime | None]]],
) -> list[Recovery]:
    """Return what became of each fault.

    ``moves`` is the journal in order; ``work`` has, by system, when each delivery was posted and
    when it was done with, if it was.
    """
    histories = _histories(moves)
    for history in histories.values():
        history.taken.sort()
    for system, spans in work.items():
        histories[system].posted = sorted(began for began, _ in spans)
        histories[system].done = sorted(ended for _, ended in spans if ended is not None)
    return [_recovery(fault, histories) for fault in faults]


def _histories(moves: Iterable[Move]) -> dict[str, _History]:
    histories: dict[str, _History] = defaultdict(_History)
    going: dict[int, datetime] = {}
    systems: dict[int, str] = {}
    for move in moves:
        history = histories[move.system]
        if move.event in _BEGINS:
            going.setdefault(move.delivery, move.at)
            systems[move.delivery] = move.system
        elif move.event in _ENDS and move.delivery in going:
            history.open.append((going.pop(move.delivery), move.at))
        if move.event in _TAKEN:
            history.taken.append(move.at)
    for delivery, began in going.items():
        histories[systems[delivery]].open.append((began, None))
    return histories


def _recovery(fault: Fault, histories: Mapping[str, _History]) -> Recovery:
    settled, seconds = 0.0, 0.0
    for system in fault.systems & histories.keys():
        history = histories[system]
        ends = [end for began, end in history.open if began <= fault.ended and _after(end, fault)]
        if any(end is None for end in ends):
            return Recovery(fault, float("inf"), None)
        late = [(end - fault.ended).total_seconds() for end in ends if end is not None]
        settled = max([settled, *late])
        taken = _until_taken(history, fault.ended)
        if taken is None:
            return Recovery(fault, settled, None)
        seconds = max(seconds, taken)
    return Recovery(fault, settled, max(settled, seconds))


def _after(end: datetime | None, fault: Fault) -> bool:
    return end is None or end > fault.ended


def _until_taken(history: _History, moment: datetime) -> float | None:
    """Return the seconds from when something waited until the system took something again.

    ``None`` where it never did, and something waits still.
    """
    posted = bisect_right(history.posted, moment)
    if posted <= bisect_right(history.done, moment):
        if posted == len(history.posted):
            return 0.0
        moment = history.posted[posted]
    following = bisect_left(history.taken, moment)
    if following < len(history.taken):
        return (history.taken[following] - moment).total_seconds()
    if len(history.done) < len(history.posted):
        return None
    return max(0.0, (history.done[-1] - moment).total_seconds())


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of all are not above (nearest rank); 0 of none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1)]
