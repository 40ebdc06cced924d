"""The report of each stage: what is there, what would happen, what did; kept until the next look.

It reads and asks, and writes nothing but the report, and what the feed shows into the inbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bridge.domain.comparison import Kind
from bridge.domain.delivery import State
from bridge.domain.dossier import Json, Snapshot
from bridge.domain.said import Said, as_json
from bridge.domain.stage import Stage
from bridge.engine import admission, backlog, dry_run, feed, reconcile
from bridge.engine.dry_run import Refusals, Rehearsed
from bridge.engine.house import House, Ministry
from bridge.engine.people.refusal import Refusal
from bridge.engine.reconcile import ComparedElsewhereError, ComparisonGoneError, Terms
from bridge.engine.reconcile import Stage as Compared
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Unreadable
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


_DRAFT = "draft"
"""Where a report that is not whole yet says how far it is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a system stands on its way in: its stage, what was decided, and counts of now.

    ``through``: nothing of what it missed is left to be put in line. ``deliveries`` are by the names of
    ``OUT``; ``inbox`` counts its records that wait, ``aside`` those that were set aside, ``conflicts``
    the open ones, ``unanswered`` the dossiers it was asked about in vain, which wait.
    """

    system: str
    title: str
    stage: Stage
    onboarding: Onboarding
    through: bool
    deliveries: Mapping[str, int]
    inbox: int
    aside: int
    conflicts: int
    unanswered: int

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
        (stage := brake.stage or Stage.RUNNING),
        unit.onboardings.of(ministry.name),
        stage.goes_through and not backlog.is_open(unit, ministry),
        {
            name: sum(counted.get((ministry.name, state), 0) for state in states)
            for name, states in OUT.items()
        },
        sum(inbox.get((ministry.name, state), 0) for state in (WAITING, IN_TURN)),
        inbox.get((ministry.name, QUARANTINED), 0),
        unit.conflicts.counts().get(ministry.name, 0),
        len(unit.latecomers.unanswered_of(ministry.name)),
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """Who hears how far a look is: of the comparison, and how many dossiers were made ready so far."""

    compared: Callable[[Compared], None] = lambda _stage: None
    tried: Callable[[int], None] = lambda _count: None


def look(house: House, ministry: Ministry, terms: Terms, heard: Heard | None = None) -> Standing:
    """Make the report of a system's stage, and keep it; returns where it stands then.

    It is made and kept a piece at a time: one that was broken off is gone on with.

    Raises:
        AdapterError: the system can't be asked now.
        OneStopFault: the one-stop can't be read now.
        Refusal: another process makes it now.
    """
    now = standing(house, ministry)
    with suppress(AdapterError):  # a feed that can't be read now is said by the comparison
        feed.poll_open(house, ministry)
    making = _Making(house, ministry, terms, now, heard or Heard())
    report = _compared(making) if (draft := _draft(making)) is None else draft
    if now.stage is Stage.DRY_RUN:
        report = _rehearsed(making, report)
    _keep(making, report, over=True)
    return standing(house, ministry)


@dataclass(frozen=True, slots=True)
class _Making:
    """A report that is being made."""

    house: House
    ministry: Ministry
    terms: Terms
    now: Standing
    heard: Heard


def _period(terms: Terms) -> dict[str, Json]:
    return {"since": terms.since.isoformat(), "until": terms.until.isoformat()}


def _draft(making: _Making) -> dict[str, Json] | None:
    """Return the report of this stage and period that was broken off, if one was.

    Not where another comparison was made since: what the system has is not kept any more.
    """
    kept = making.now.onboarding.report
    if making.now.looked or kept is None or _DRAFT not in kept:
        return None
    with making.house.store.read() as unit:
        [last] = unit.comparisons.trend(making.ministry.name, 1)
    same = kept.items() >= _period(making.terms).items()
    return dict(kept) if same and last.id == kept[_DRAFT]["comparison"] else None


def _keep(making: _Making, report: Mapping[str, Json], *, over: bool) -> None:
    told = {name: value for name, value in report.items() if not (over and name == _DRAFT)}
    with making.house.store.write("looked") as unit:
        name = making.ministry.name
        if unit.systems.of(name, lock=True).stage == making.now.stage:
            looked_at = unit.now if over else None
            unit.onboardings.change(name, looked_at=looked_at, report=told)


def _compared(making: _Making) -> dict[str, Json]:
    """Compare both sides; of a handful only what was chosen is told."""
    house, ministry = making.house, making.ministry
    try:
        with reconcile.course(house, ministry, making.terms) as under_way:
            made, number = under_way.run(making.heard.compared), under_way.id
    except (ComparedElsewhereError, ComparisonGoneError):
        raise Refusal(Said("another process makes this report now"), moved=True) from None
    counts: dict[str, Json] = {kind.value: n for kind, n in made.counts.items() if n}
    unseen: list[Json] = [as_json(one) for one in reconcile.unseen(ministry)]
    report: dict[str, Json] = {**_period(making.terms), "counts": counts, "unseen": unseen}
    report[_DRAFT] = {"comparison": number}
    if making.now.stage is Stage.HANDFUL:
        named = _of_handful(making, number)
        report |= {"counts": dict(Counter(named.values())), "dossiers": dict(named)}
    return report


def _of_handful(making: _Making, comparison: int) -> dict[str, str]:
    """Return what each dossier that was chosen came to, as far as it is of the period."""
    chosen = sorted(making.now.onboarding.chosen.codes)
    rows = making.house.onestop.fetch(chosen)
    with making.house.store.read() as unit:
        kept = unit.comparisons.of_keys(comparison, chosen)
    found = {}
    for code in chosen:
        if code in kept:
            found[code] = kept[code].kind.value
        elif _is_of(making.terms, rows.get(code), making.house.zone):
            found[code] = Kind.IN_STEP.value
    return found


def _is_of(terms: Terms, row: Snapshot | Unreadable | None, zone: tzinfo) -> bool:
    at = row.get("received_at") if isinstance(row, Snapshot) else None
    if not isinstance(at, str):
        return False
    return terms.since <= datetime.fromisoformat(at).astimezone(zone).date() <= terms.until


def _rehearsed(making: _Making, report: dict[str, Json]) -> dict[str, Json]:
    """Make what would go out, keeping how far that is after each page, and read what would come in."""
    draft: Any = report[_DRAFT]
    number, found = draft["comparison"], _gone_through(report)
    under_way = dry_run.rehearse(making.house, making.ministry, making.terms, number)
    for _ in under_way.pages(found):
        so_far: dict[str, Json] = {"comparison": number, "after": found.after}
        _keep(making, {**report, **_would(found), _DRAFT: so_far}, over=False)
        making.heard.tried(found.tried)
    under_way.records(found)
    return {**report, **_would(found)}


def _gone_through(report: Mapping[str, Any]) -> Rehearsed:
    """Return what a dry run has come to that was broken off."""
    after = report[_DRAFT].get("after")
    if after is None:
        return Rehearsed()
    return Rehearsed(
        create=report["would_create"],
        steps=report["would_tell_steps"],
        known=report["known_there"],
        refused=Refusals.of(report["refused"]),
        after=after,
    )


def _would(found: Rehearsed) -> dict[str, Json]:
    return {
        "would_create": found.create,
        "would_tell_steps": found.steps,
        "known_there": found.known,
        "refused": found.refused.as_json(),
        "readable": found.readable,
        "unreadable": found.unreadable.as_json(),
    }
