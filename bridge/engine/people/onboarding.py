"""A person lets a system in, a stage at a time, and back: nothing moves that nobody asked for.

Each step forward wants a look at the stage before (``engine.letting_in``). What was begun is not
undone by a step back: what went out is there, what waits in line waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.domain.ceiling import Ceiling
from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.domain.stage import Stage, following, preceding
from bridge.engine import admission, ask, backlog, brake, feed
from bridge.engine.already_there import already_there, why
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.engine.post import concerns_systems
from bridge.engine.weighing import procedure_of
from bridge.sdk.records import Record
from bridge.sdk.times import VIETNAM
from bridge.store import Chosen, Unit

CHOSEN_MOST = 1000
"""More than that is no handful."""


def step(
    house: House, ministry: Ministry, decision: Decision, *, back: bool, ceiling: Ceiling | None
) -> Stage:
    """Let a system enter the next stage, or the one before; returns which that is.

    ``ceiling`` is for the stage ``all``, and needed there.

    Raises:
        Refusal: there is no such stage, the report was not looked at, or a ceiling is needed.
        OneStopFault: the one-stop can't be read now.
    """
    admission.admit(house)
    with house.store.write("onboard") as unit:
        was = unit.systems.of(ministry.name, lock=True).stage or Stage.RUNNING
        to = preceding(was) if back else following(was)
        if to is None:
            raise Refusal(Said("{system}: there is no stage to go to", system=ministry.name))
        if not back:
            _looked_at(unit, ministry, was)
        if to is Stage.ALL and ceiling is None:
            raise Refusal(Said("say how many may go: --per-hour N, or --per-day N"))
        values: dict[str, Any] = {}
        if to is Stage.ALL:
            values = {"ceiling": ceiling, "spent": {}, "after": None, "through": False}
        if to is not Stage.RUNNING:
            backlog.let_go(unit, ministry)
        if was is Stage.RETIRING:  # what it missed while it was leaving is its backlog
            values = {"after": None, "through": False}
        if to is Stage.READ_ONLY or was.leaves:
            values["heir"] = None
        unit.onboardings.enter(ministry.name, to, **values)
        unit.inbox.call_in(ministry.name)
        decision.journal(unit, "onboard", system=ministry.name, was=was.value, stage=to.value)
    house.wake(ministry.name)
    return to


def _looked_at(unit: Unit, ministry: Ministry, stage: Stage) -> None:
    """See that a person has looked at what a stage came to, and that its work is done.

    What is retired begins anew.
    """
    found = unit.onboardings.of(ministry.name)
    if stage in (Stage.READ_ONLY, Stage.DRY_RUN, Stage.HANDFUL) and found.looked_at is None:
        raise Refusal(
            Said("look at this stage first: onboard {system} --look", system=found.system)
        )
    if stage is Stage.ALL and backlog.is_open(unit, ministry):
        raise Refusal(
            Said(
                "the backlog of {system} is not through yet: what is left of it would never go; "
                "wait, or raise the ceiling: onboard {system} --per-hour N",
                system=found.system,
            )
        )


def set_ceiling(house: House, ministry: Ministry, decision: Decision, ceiling: Ceiling) -> None:
    """Set another ceiling while everything goes, or for what a running system missed.

    Raises:
        Refusal: the system is at another stage.
    """
    with house.store.write("onboard") as unit:
        if unit.systems.of(ministry.name, lock=True).stage is not Stage.RUNNING:
            _must_be(unit, ministry, Stage.ALL)
        unit.onboardings.change(ministry.name, ceiling=ceiling)
        decision.journal(
            unit, "onboard", system=ministry.name, per_hour=ceiling.hour, per_day=ceiling.day
        )
    house.wake(ministry.name)


def _must_be(unit: Unit, ministry: Ministry, stage: Stage) -> None:
    if unit.systems.of(ministry.name, lock=True).stage is not stage:
        raise Refusal(
            Said("{system} is not at the stage {stage}", system=ministry.name, stage=stage.value)
        )


# -- the handful


@dataclass(frozen=True, slots=True)
class Picked:
    """Who goes first: ``ours`` the system has nothing of, ``theirs`` are its records of the others.

    ``only`` are records that a person named by their numbers. ``unanswered`` are left out, for nothing could
    be learnt of them: why, by code.
    """

    ours: Sequence[Snapshot]
    theirs: Mapping[str, Record]
    only: Sequence[Record]
    unanswered: Mapping[str, str]

    @property
    def codes(self) -> list[str]:
        """The dossiers, in order."""
        return sorted([*(one.code for one in self.ours), *self.theirs])


def pick(house: House, ministry: Ministry, codes: Collection[str], refs: Collection[str]) -> Picked:
    """Return dossiers and records by name, as both sides have them now; changes nothing.

    Raises:
        Refusal: one is not there, does not go to this system, or they are too many.
        AdapterError: the system can't be asked now.
        OneStopFault: the one-stop can't be read now.
    """
    if len(codes) + len(refs) > CHOSEN_MOST:
        raise Refusal(Said("more than {most} is no handful", most=CHOSEN_MOST))
    rows = house.onestop.fetch(sorted(codes)) if codes else {}
    found = [one for one in rows.values() if isinstance(one, Snapshot)]
    for code in sorted(set(codes) - {one.code for one in found}):
        raise Refusal(Said("there is no dossier {code} in the one-stop", code=code))
    for one in found:
        if not (ministry.takes(procedure_of(one.fields)) and concerns_systems(one.fields)):
            raise Refusal(
                Said("{code} does not go to {system}", code=one.code, system=ministry.name)
            )
    answers = already_there(house, ministry, found, trying=True)
    if answers.stopped is not None:
        raise answers.stopped
    records = [_record(house, ministry, ref) for ref in sorted(set(refs))]
    unanswered = {
        one.code: why(house, ministry, one, answers.unanswered[one.code])
        for one in found
        if one.code in answers.unanswered
    }
    return Picked(answers.new(found), answers.there, records, unanswered)


def _record(house: House, ministry: Ministry, ref: str) -> Record:
    if not ministry.capabilities.fetches:
        raise Refusal(Said("{system} shows no record by its number", system=ministry.name))
    shut = brake.shut(house, ministry)
    if shut is not None:
        raise Refusal(Said("the record can't be read now: {reason}", reason=shut))
    with brake.heard(house, ministry):
        found = ask.fetch(house, ministry, ref)
    if found is None:
        raise Refusal(Said("{system} has no record {ref}", system=ministry.name, ref=ref))
    return found


def of_kind(
    house: House, ministry: Ministry, *, unit: str | None, procedure: str | None, most: int
) -> Iterator[str]:
    """Yield dossiers that the system has none of: of a unit, of a procedure, ``most`` of them.

    Those received within a year, in the order of the one-stop's keys.

    Raises:
        OneStopFault: the one-stop can't be read now.
    """
    today = house.now().astimezone(VIETNAM).date()
    taken = None if "*" in ministry.procedures else ministry.procedures
    procedures = taken if procedure is None else (procedure,)
    after: str | None = None
    left = most
    while left:
        page = house.onestop.received(today - admission.PAST, today, procedures, after, house.page)
        rows = [one for one in page.dossiers if isinstance(one, Snapshot)]
        with house.store.read() as store:
            links = store.links.of_codes([one.code for one in rows])
        for one in rows:
            ours = unit is None or one.get("agency.code") == unit
            free = (one.code, ministry.name) not in links and concerns_systems(one.fields)
            if left and ours and free and ministry.takes(procedure_of(one.fields)):
                left -= 1
                yield one.code
        if (after := page.after) is None:
            return


def choose(house: House, ministry: Ministry, picked: Picked, decision: Decision) -> Chosen:
    """Let these go first, beside those that were chosen before; returns all who are chosen.

    What the system has already is taken in as if its feed had shown it, and not sent as new.

    Raises:
        Refusal: the system is at another stage, or they are too many together.
    """
    with house.store.write("onboard") as unit:
        _must_be(unit, ministry, Stage.HANDFUL)
        before = unit.onboardings.of(ministry.name).chosen
        records = [*picked.theirs.values(), *picked.only]
        refs = {one.ref for one in records}
        chosen = Chosen(before.codes | set(picked.codes), before.refs | refs)
        if len(chosen.codes) + len(chosen.refs) > CHOSEN_MOST * 2:
            raise Refusal(Said("more than {most} is no handful", most=CHOSEN_MOST))
        unit.onboardings.change(ministry.name, chosen=chosen, looked_at=None)
        backlog.put_in_line(unit, ministry, picked.ours)
        unit.inbox.add([feed.as_arrival(ministry, one) for one in records])
        for code in picked.codes:
            decision.journal(unit, "onboard", code=code, system=ministry.name, stage="handful")
    house.wake(ministry.name)
    return chosen


__all__ = ["CHOSEN_MOST", "Picked", "choose", "of_kind", "pick", "set_ceiling", "step"]
