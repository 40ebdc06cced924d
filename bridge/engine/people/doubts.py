"""Deliveries whose fate is unknown: listed, asked about now, and settled by a person.

A person who asked the ministry (by telephone, in its own software) says what it said. It goes
through the one door every answer goes through, ``Settlement``: as if the question had found it, or
had been denied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.domain.delivery import UNANSWERED, Denied, FoundApplied, State, Taken, overdue
from bridge.domain.said import Said
from bridge.engine import ask, brake, doubt
from bridge.engine import settle as settling
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Applied, Receipt
from bridge.store import Delivery, Link, Unit


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery nobody knows the fate of.

    ``since`` is when its call ended without an answer. ``asked`` counts the questions since then,
    ``cause`` is the engine's word for where it stands, ``reason`` what was said last (masked).
    ``overdue``: it is past the deadline, and a person is to ask the ministry. Not ``enabled``: its
    system is switched off, and nobody asks.
    """

    id: int
    code: str
    system: str
    kind: str
    state: State
    since: datetime
    asked: int
    attempts: int
    cause: str | None
    reason: str | None
    next_question_at: datetime | None
    overdue: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a delivery stands after it was asked about, or settled.

    ``ref`` is the ministry's number of its dossier. ``trouble`` is why the ministry could not be
    asked, ``unsure`` that it was, and could not tell. ``shared``: the number given belongs to
    another dossier, which is a conflict now.
    """

    id: int
    code: str
    system: str
    state: State
    ref: str | None
    next_question_at: datetime | None
    trouble: str | None = None
    unsure: bool = False
    shared: bool = False


def doubts(house: House, systems: Sequence[str]) -> list[Doubt]:
    """Return what these systems have not answered for: the longest unanswered first.

    At one that is switched off all that was taken waits unanswered, however short a time.
    """
    with house.store.read() as unit:
        return sorted(_doubts(unit, house, systems), key=lambda one: (one.since, one.id))


def _doubts(unit: Unit, house: House, systems: Sequence[str]) -> Iterator[Doubt]:
    for name in systems:
        ministry = house.ministries.get(name)
        before = unit.now - (ministry.policy.deadline if ministry else timedelta())
        for one in unit.outbox.doubtful(name, before):
            yield Doubt(
                one.id,
                one.code,
                one.system,
                one.kind,
                one.state,
                one.call_ended_at or one.sent_at or one.created_at,
                one.asked,
                one.attempts,
                one.cause,
                one.error_text,
                one.due_at if ministry else None,
                ministry is not None and overdue(settling.standing(one), unit.now, ministry.policy),
                ministry is not None,
            )


def ask_now(house: House, delivery_id: int) -> Fate:
    """Ask the ministry about a delivery, whenever its next question is due.

    Raises:
        Refusal: it is not known, or nothing is to be asked about it.
    """
    with house.store.read() as unit:
        delivery, ministry = _found(house, unit, delivery_id)
    _unanswered(delivery)
    shut = brake.shut(house, ministry)
    if shut is not None:
        return _fate(house, delivery_id, trouble=shut)
    if delivery.state is State.ACCEPTED:
        error = doubt.confirm_one(house, ministry, delivery)
    else:
        answer = doubt.ask_one(house, ministry, delivery)
        error = answer if isinstance(answer, AdapterError) else None
    trouble = None if error is None else _discreet(house, ministry, delivery, error)
    return _fate(house, delivery_id, trouble=trouble, unsure=isinstance(error, ask.Unsure))


def _discreet(house: House, ministry: Ministry, delivery: Delivery, error: AdapterError) -> str:
    """Return why a ministry could not be asked, personal values masked."""
    outcome = settling.discreet(house, ministry, delivery, ask.written(error))
    reason: str = getattr(outcome, "reason", error.reason)
    return reason


def settle(house: House, decision: Decision, delivery_id: int, applied: str | None) -> Fate:
    """Settle a delivery by what a person knows: ``applied`` under this number, or not applied.

    Raises:
        Refusal: it is not in doubt (any more), or the number can't be its.
    """
    with house.store.write("doubt settled") as unit:
        delivery, ministry = _found(house, unit, delivery_id)
        link = unit.links.by_ids([delivery.link_id], lock=True)[delivery.link_id]
        [delivery] = unit.outbox.by_ids([delivery_id])
        _unanswered(delivery)
        _not_awaited(unit, delivery, ministry)
        if applied is not None:
            _is_its_number(ministry, link, applied)
        settlement = settling.Settlement(unit, house, ministry, [delivery])
        settlement.take(delivery, _told(delivery, applied))
        settlement.finish()
        decision.journal(
            unit,
            "applied" if applied is not None else "not applied",
            code=delivery.code,
            system=delivery.system,
            delivery=delivery.id,
            ref=applied,
        )
    house.wake(delivery.system)
    return _fate(house, delivery_id, given=applied)


def _told(delivery: Delivery, applied: str | None) -> ask.Reply:
    """Return a person's word as the answer it stands for."""
    if applied is None:
        return ask.Reply(Denied())
    if delivery.state is State.ACCEPTED:
        return ask.Reply(Taken(), Receipt(applied))
    return ask.Reply(FoundApplied(), found=Applied(applied))


def _found(house: House, unit: Unit, delivery_id: int) -> tuple[Delivery, Ministry]:
    found = unit.outbox.by_ids([delivery_id])
    if not found:
        raise Refusal(Said("there is no delivery {id}", id=delivery_id))
    ministry = house.ministries.get(found[0].system)
    if ministry is None:
        raise Refusal(Said("the system {system} is not switched on", system=found[0].system))
    return found[0], ministry


def _unanswered(delivery: Delivery) -> None:
    if delivery.state is State.SENDING:
        said = Said("delivery {id} is being sent now; look again in a moment", id=delivery.id)
        raise Refusal(said, moved=True)
    if delivery.state not in UNANSWERED:
        said = Said(
            "delivery {id} is not in doubt: it is {state} now, and stays so",
            id=delivery.id,
            state=Said(delivery.state.value.replace("_", " ")),
        )
        raise Refusal(said, moved=True)


def _not_awaited(unit: Unit, delivery: Delivery, ministry: Ministry) -> None:
    late = overdue(settling.standing(delivery), unit.now, ministry.policy)
    if delivery.state is State.ACCEPTED and not late:
        said = Said(
            "delivery {id} was taken, and its confirmation is awaited for {hours} hours; "
            "ask about it: dossier-bridge doubt ask {id}",
            id=delivery.id,
            hours=f"{ministry.policy.deadline_hours:g}",
        )
        raise Refusal(said)


def _is_its_number(ministry: Ministry, link: Link, ref: str) -> None:
    if ministry.mirror and ref != link.code:
        said = Said(
            "{system} gives no numbers of its own: give the dossier's code, --applied {code}",
            system=ministry.name,
            code=link.code,
        )
        raise Refusal(said)
    if link.ref is not None and ref != link.ref:
        said = Said(
            "the ministry's number of {code} is {known}, not {given}; if that is wrong, pair the "
            "dossier anew first: dossier-bridge unlink, then dossier-bridge link",
            code=link.code,
            known=link.ref,
            given=ref,
        )
        raise Refusal(said)


def _fate(
    house: House,
    delivery_id: int,
    *,
    trouble: str | None = None,
    unsure: bool = False,
    given: str | None = None,
) -> Fate:
    with house.store.read() as unit:
        [one] = unit.outbox.by_ids([delivery_id])
        link = unit.links.by_ids([one.link_id])[one.link_id]
    confirmed = one.state is State.CONFIRMED
    return Fate(
        one.id,
        one.code,
        one.system,
        one.state,
        link.ref,
        one.due_at,
        trouble,
        unsure,
        shared=given is not None and confirmed and link.ref != given,
    )
