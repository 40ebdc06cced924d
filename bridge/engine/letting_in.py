"""The report of each stage: what is there, what would happen, what did; kept until the next look.

It reads and asks, and writes nothing but the report, and what the feed shows into the inbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bridge.domain.comparison import Kind, kind_of
from bridge.domain.delivery import State
from bridge.domain.dossier import Json
from bridge.domain.reconcile import Different, Duplicates, Finding, InStep, OnItsWay
from bridge.domain.said import as_json
from bridge.domain.stage import Stage
from bridge.engine import admission, dry_run, feed, reconcile
from bridge.engine.dry_run import Refusals
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile import Terms
from bridge.sdk.errors import AdapterError
from bridge.store import Brake, Onboarding, Unit
from bridge.store.inbox import IN_TURN, QUARANTINED, WAITING

OUT = {
    "waiting": (State.PENDING, State.HELD),
    "sending": (State.SENDING,),
    "accepted": (State.ACCEPTED,),
    "in_doubt": (State.IN_DOUBT,),
    "dead": (State.DEAD,),
    "confirmed": (State.CONFIRMED,),
}
"""What is counted of a system's deliveries, and which states that is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a system stands on its way in: its stage, what was decided, and counts of now.

    ``deliveries`` are by the names of ``OUT``; ``inbox`` counts its records that wait, ``aside`` those
    that were set aside, ``conflicts`` the open ones.
    """

    system: str
    title: str
    stage: Stage
    onboarding: Onboarding
    deliveries: Mapping[str, int]
    inbox: int
    aside: int
    conflicts: int

    @property
    def looked(self) -> bool:
        """Whether the report of this stage was made."""
        return self.onboarding.looked_at is not None


def standing(house: House, ministry: Ministry) -> Standing:
    """Return where a system stands.

    Raises:
        OneStopFault: its first stage is not known yet, and can't be seen now.
    """
    admission.admit(house)
    with house.store.read() as unit:
        return standing_in(unit, ministry)


def standing_in(unit: Unit, ministry: Ministry) -> Standing:
    """Return the same of one state of the store."""
    brake: Brake = unit.systems.of(ministry.name)
    counted, inbox = unit.outbox.counts(), unit.inbox.counts()
    return Standing(
        ministry.name,
        ministry.title,
        brake.stage or Stage.RUNNING,
        unit.onboardings.of(ministry.name),
        {
            name: sum(counted.get((ministry.name, state), 0) for state in states)
            for name, states in OUT.items()
        },
        sum(inbox.get((ministry.name, state), 0) for state in (WAITING, IN_TURN)),
        inbox.get((ministry.name, QUARANTINED), 0),
        unit.conflicts.counts().get(ministry.name, 0),
    )


def look(house: House, ministry: Ministry, terms: Terms) -> Standing:
    """Make the report of a system's stage, and keep it; returns where it stands then.

    Raises:
        AdapterError: the system can't be asked now.
        OneStopFault: the one-stop can't be read now.
    """
    now = standing(house, ministry)
    with suppress(AdapterError):  # a feed that can't be read now is said by the comparison
        feed.poll_open(house, ministry)
    report = _report(house, ministry, terms, now)
    with house.store.write("looked") as unit:
        if unit.systems.of(ministry.name, lock=True).stage == now.stage:
            unit.onboardings.change(ministry.name, looked_at=unit.now, report=report)
    return standing(house, ministry)


def _report(house: House, ministry: Ministry, terms: Terms, now: Standing) -> dict[str, Json]:
    period = {"since": terms.since.isoformat(), "until": terms.until.isoformat()}
    unseen: list[Json] = [as_json(one) for one in reconcile.unseen(ministry)]
    chosen = now.onboarding.chosen.codes if now.stage is Stage.HANDFUL else None
    seen = _Seen.of((one.finding for one in reconcile.sweep(house, ministry, terms)), chosen)
    report: dict[str, Json] = {**period, "counts": dict(seen.counts), "unseen": unseen}
    if chosen is not None:
        report["dossiers"] = dict(sorted(seen.named.items()))
    if now.stage is Stage.DRY_RUN:
        report |= _would(dry_run.rehearse(house, ministry, terms, frozenset(seen.there)))
    return report


@dataclass
class _Seen:
    """A comparison in few words; ``named`` is what each chosen dossier came to."""

    counts: Counter[str]
    there: set[str]
    named: dict[str, Json]

    @classmethod
    def of(cls, findings: Iterable[Finding], chosen: frozenset[str] | None) -> _Seen:
        seen = cls(Counter(), set(), {})
        for one in findings:
            code = getattr(one, "code", None)
            if chosen is not None and code not in chosen:
                continue
            kind: Kind = kind_of(one)
            seen.counts[kind.value] += 1
            known = isinstance(one, OnItsWay) and one.ref is not None
            if code is not None and (known or isinstance(one, (InStep, Different, Duplicates))):
                seen.there.add(code)
            if chosen is not None:
                seen.named[str(code)] = kind.value
        return seen


def _would(found: dry_run.Rehearsed) -> dict[str, Json]:
    return {
        "would_create": found.create,
        "would_tell_steps": found.steps,
        "known_there": found.known,
        "refused": _reasons(found.refused),
        "readable": found.readable,
        "unreadable": _reasons(found.unreadable),
    }


def _reasons(refusals: Refusals) -> list[Json]:
    rows: list[Any] = [
        {"field": what, "reason": as_json(why), "count": count, "first": list(first)}
        for what, why, count, first in refusals
    ]
    return rows
