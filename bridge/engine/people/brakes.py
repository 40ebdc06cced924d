"""Pausing a system and letting it go again: live, obeyed by every process before its next call.

Paused means that no call is made, neither to send nor to read, ask or confirm. Nothing is lost:
what is captured waits in line, and the feed is read on from where it was left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.domain.breaker import Stance
from bridge.domain.delivery import State
from bridge.domain.said import Said
from bridge.engine import brake
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision
from bridge.store import Brake
from bridge.store import systems as states


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a lever found: how the system stood ``before``, and whether that was ``changed``.

    ``under_way`` counts the deliveries whose calls are being made now; they end normally.
    ``waiting`` counts those in line. ``shut`` is why it is not called all the same once resumed.
    """

    before: Brake
    changed: bool
    under_way: int
    waiting: int
    shut: str | None = None


def pause(house: House, ministry: Ministry, decision: Decision) -> Pulled:
    """Pause a system; one that is paused stays so, for the first reason."""
    with house.store.write("pause") as unit:
        before = unit.systems.of(ministry.name)
        counts = unit.outbox.counts()
        if changed := before.state != states.PAUSED:
            at = unit.now.astimezone(house.zone)
            reason = Said(
                "paused by {by} since {at}: {reason}",
                by=decision.by,
                at=f"{at:%Y-%m-%d %H:%M}",
                reason=decision.reason,
            )
            unit.systems.set(
                ministry.name, state=states.PAUSED, reason=reason, until=None, since=unit.now
            )
            decision.journal(unit, "pause", system=ministry.name, was=before.state)
    return _pulled(before, counts, changed=changed)


def resume(house: House, ministry: Ministry, decision: Decision) -> Pulled:
    """Let a system run again, whatever held it: a person's pause, a refused login, its absence.

    Everything goes at once: no backoff is left over, and the time it was kept waiting counts
    against no delivery. What still holds the system is found out by the next call.
    """
    with house.store.write("resume") as unit:
        before = unit.systems.of(ministry.name)
        counts = unit.outbox.counts()
        if changed := before.state != states.RUNNING:
            unit.systems.stand(ministry.name, Stance(), since=unit.now)
            unit.outbox.hasten(ministry.name)
            unit.inbox.hasten(ministry.name)
            decision.journal(unit, "resume", system=ministry.name, was=before.state)
        gate = brake.see(unit, house, ministry)
    if changed:
        house.wake(ministry.name)
    pulled = _pulled(before, counts, changed=changed)
    return pulled if gate.open else replace(pulled, shut=gate.reason)


def _pulled(before: Brake, counts: dict[tuple[str, State], int], *, changed: bool) -> Pulled:
    def count(*among: State) -> int:
        return sum(counts.get((before.name, state), 0) for state in among)

    return Pulled(before, changed, count(State.SENDING), count(State.PENDING, State.HELD))
