"""Writes down what a delivery came to: its next state, the link's base, the journal, the clerk.

Every answer about a delivery, whether from a call, a receipt file or a probe, ends here, so the
base advances in one place and only on proof.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bridge.domain import notices as texts
from bridge.domain.decide import Take
from bridge.domain.delivery import (
    CRASHED_US,
    OVERDUE,
    UNANSWERED,
    UNSENT,
    Closed,
    FoundApplied,
    Next,
    NotApplied,
    Outcome,
    Refused,
    Standing,
    State,
    Taken,
    Unknown,
    after,
)
from bridge.domain.dossier import Fields, Json, is_personal
from bridge.domain.file_addresses import without_addresses
from bridge.domain.journal import Event
from bridge.domain.said import each
from bridge.engine import clerk, payloads, withdraw
from bridge.engine.ask import Reply
from bridge.engine.gone_over import gone_over
from bridge.engine.house import House, Ministry
from bridge.engine.weighing import look_again
from bridge.mapping import Lists, MappingError
from bridge.mapping.labels import named
from bridge.store import Arrival, Delivery, Link, Unit

DOCUMENT = "DOCUMENT"
"""The code a dossier is refused with whose file is not as the one-stop tells."""

_APPLIED = FoundApplied()
_UNPROVED = frozenset({State.IN_DOUBT, State.PENDING, State.HELD})
_EVENTS = {
    State.PENDING: Event.RETRY,
    State.ACCEPTED: Event.ACCEPTED,
    State.CONFIRMED: Event.CONFIRMED,
    State.HELD: Event.HELD,
    State.IN_DOUBT: Event.IN_DOUBT,
    State.DEAD: Event.DEAD,
}


def settle(
    house: House,
    ministry: Ministry,
    replies: Sequence[tuple[Delivery, Reply]],
    *,
    sent: bool = False,
    unsent: Sequence[Delivery] = (),
) -> None:
    """Settle a batch in one transaction.

    With ``sent`` these are the answers to what this process was sending, as it was claimed
    before; ``unsent`` of it goes back in line.
    """
    with house.store.write("settle") as unit:
        deliveries = [*(delivery for delivery, _ in replies), *unsent]
        settlement = Settlement(unit, house, ministry, deliveries, sent=sent)
        for delivery, reply in replies:
            settlement.take(delivery, reply)
        settlement.put_back(unsent)
        settlement.finish()
        payloads.answered(unit, house.safe, replies)


@dataclass(frozen=True, slots=True)
class _End:
    """What a delivery came to; most of a batch come to the same, and are written as one."""

    following: Next
    error_text: str | None
    error_field: str | None
    error_code: str | None
    gone_over: tuple[tuple[str, str], ...] = ()

    def columns(self, now: datetime) -> dict[str, Any]:
        """Return the columns it sets; of what is confirmed it is kept what it went over, by marks."""
        values = columns(self.following) | {
            "error_text": self.error_text,
            "error_field": self.error_field,
            "error_code": self.error_code,
        }
        if self.following.state is State.CONFIRMED:
            values |= {"settled_at": now, "fields": dict(self.gone_over)}
        if self.following.state is State.DEAD:
            values |= {"settled_at": now}
        return values


class Settlement:
    """What a batch of answers comes to, gathered and written in few statements.

    Lives inside a write transaction of the caller's. A delivery that moved on since it was read
    (another process took it for dead while its call was running) is not moved back: only an
    answer that proves it was applied still counts.
    """

    def __init__(
        self,
        unit: Unit,
        house: House,
        ministry: Ministry,
        deliveries: Sequence[Delivery],
        *,
        sent: bool = False,
    ) -> None:
        self._unit = unit
        self._house = house
        self._ministry = ministry
        steps = all(one.kind == "step" for one in deliveries)
        self._links = unit.links.by_ids({one.link_id for one in deliveries}, lock=True, bare=steps)
        self._standing = unit.outbox.standing({one.id for one in deliveries})
        self._sent = sent
        self._noticed = unit.notices.standing({one.code for one in deliveries})
        self._ends: dict[_End, list[int]] = defaultdict(list)
        self._back: set[int] = set()
        self._moved: dict[int, dict[str, Any]] = {}
        self._arrivals: list[Arrival] = []

    def take(self, delivery: Delivery, reply: Reply, clerk_text: str | None = None) -> None:
        """Work out what ``reply`` makes of ``delivery``; ``clerk_text`` replaces the usual notice."""
        unit, ministry = self._unit, self._ministry
        stands = standing(delivery)
        if not self._as_read(delivery):
            if not self._proves(delivery, reply):
                return
            stands, reply = replace(stands, state=State.IN_DOUBT), replace(reply, outcome=_APPLIED)
        following = after(
            stands,
            reply.outcome,
            unit.now,
            ministry.policy,
            self._house.chance.random(),
        )
        reason, field = _words(
            reply.outcome, ministry, delivery, self._house.shelf.last(ministry.name)
        )
        code = _code(reply.outcome, following)
        kept = reason
        if following.state in {State.IN_DOUBT, State.PENDING, State.DEAD}:
            kept = reason or delivery.error_text  # a question it was asked did not make it fail
        link = self._links[delivery.link_id]
        before: dict[str, str] = {}
        if following.state is State.CONFIRMED:
            if delivery.kind == "state":
                before = self._advance(delivery, link, reply)
        elif reply.receipt is not None and reply.receipt.ref and link.ref is None:
            self._move(link, ref=reply.receipt.ref)
        given_up = following.state is State.DEAD
        _journal(unit, delivery, following, reply, kept if given_up else reason, field)
        withdraw.settled(unit, ministry, link, delivery.fields, following.state)
        if given_up:
            ours = ours_of(ministry, field)
            if clerk_text is None and code == DOCUMENT:
                clerk_text = texts.bad_file(_paper(delivery, reason or ""), ministry.title)
            text = clerk_text or _told(
                reply.outcome, named(ours) if ours else field, reason, ministry
            )
            clerk.dead(unit, delivery, ours, text)
        self._overdue(delivery, stands, following)
        if delivery.kind == "state" and following.state in UNSENT:
            self._back.add(delivery.link_id)
        end = _End(following, kept, field, code, tuple(sorted(before.items())))
        self._ends[end].append(delivery.id)

    def _overdue(self, delivery: Delivery, stands: Standing, following: Next) -> None:
        """Tell the clerk that the answer is past its deadline, or that it has come after all."""
        if following.cause == OVERDUE:
            if self._standing[delivery.id].cause != OVERDUE:
                clerk.overdue(self._unit, self._ministry, delivery)
        elif stands.state in UNANSWERED and (delivery.code, delivery.system) in self._noticed:
            clerk.answered(self._unit, delivery)

    def _as_read(self, delivery: Delivery) -> bool:
        """Tell whether a delivery still stands where the answer found it."""
        now = self._standing[delivery.id]
        return now.is_sent_by(self._house.owner) if self._sent else now.is_as_read(delivery)

    def _proves(self, delivery: Delivery, reply: Reply) -> bool:
        """Tell whether a late answer still counts; journal it in any case."""
        self._unit.journal.add(
            Event.LATE_ANSWER,
            code=delivery.code,
            system=delivery.system,
            delivery=delivery.id,
            outcome=type(reply.outcome).__name__,
        )
        proof = reply.outcome in (Taken(), _APPLIED)
        return proof and self._standing[delivery.id].state in _UNPROVED

    def put_back(self, unsent: Sequence[Delivery]) -> None:
        """Put back in line what was marked and not sent after all."""
        self._unit.outbox.put_back(unsent, self._house.owner)
        for delivery in unsent:
            self._back.add(delivery.link_id)
            self._unit.journal.add(
                Event.PUT_BACK, code=delivery.code, system=delivery.system, delivery=delivery.id
            )

    def finish(self) -> None:
        """Write what was gathered."""
        self._not_shared()
        for end, ids in self._ends.items():
            self._unit.outbox.change_all(ids, end.columns(self._unit.now))
        self._unit.links.change_many([{"id": key} | row for key, row in self._moved.items()])
        if self._arrivals:
            self._unit.inbox.add(self._arrivals)
        for old in self._unit.outbox.make_way(self._back):
            self._unit.journal.add(
                Event.SUPERSEDED, code=old.code, system=old.system, delivery=old.id
            )
            if old.state is State.DEAD:
                clerk.resolved(self._unit, old.code, old.system, clerk.DEAD)

    def _not_shared(self) -> None:
        """Leave a number out that another dossier has already: a person looks at the two."""
        claimed: dict[str, int] = {}
        given = {row["ref"]: key for key, row in self._moved.items() if row.get("ref")}
        taken = self._unit.links.of_refs(self._ministry.name, given)
        for key, row in self._moved.items():
            ref = row.get("ref")
            if ref is None:
                continue
            holder = taken[ref].id if ref in taken else claimed.setdefault(ref, key)
            if holder != key:
                del row["ref"]
                clerk.shared(self._unit, self._ministry, self._links[key], ref)

    def _move(self, link: Link, **values: Any) -> Link:
        self._moved.setdefault(link.id, {}).update(values)
        self._links[link.id] = replace(link, **values)
        return self._links[link.id]

    def _advance(self, delivery: Delivery, link: Link, reply: Reply) -> dict[str, str]:
        """Move the base to what is now proved to be on both sides; returns marks of what it went over."""
        lens = self._ministry.lens
        found = reply.receipt or reply.found
        ref = link.ref or (found.ref if found is not None else None)
        sent = lens.project(delivery.fields)
        outgoing = lens.outgoing
        carried = {path: value for path, value in sent.items() if path in outgoing}
        base = {**sent, **link.base, **carried} if link.base else sent
        if link.rulings:
            self._move(link, rulings=_rulings_left(link.rulings, carried))
        if self._ministry.mirror:
            self._move(link, base=base, ref=ref or delivery.code)
        else:
            theirs = {
                **(link.theirs or {}),
                **{path: value for path, value in carried.items() if path in lens.incoming},
            }
            told = carried.get("status") in lens.status_out
            if not told and link.base is not None:
                base["status"] = link.base.get("status")
            if not told:
                theirs["status"] = (link.theirs or base).get("status")
            self._numbered(link, ref, base, theirs)
        if (link.code, link.system) in self._noticed:
            clerk.resolved(self._unit, link.code, link.system, clerk.DEAD)
        if self._ministry.mirror:
            return {}
        return gone_over(self._house.marks, lens, link.code, link.base, delivery.fields)

    def _numbered(
        self, link: Link, ref: str | None, base: dict[str, Json], theirs: dict[str, Json]
    ) -> None:
        """Keep the ministry's number, and have it written into the one-stop the first time.

        A receipt may come without it; then the feed brings it.

        What it shows next is news even where it equals what it showed before we wrote: it may
        have taken our word and kept its own.
        """
        if ref is not None and "ministry_ref" in self._ministry.lens.incoming:
            theirs["ministry_ref"] = ref
            if link.base is None:
                self._arrivals.append(look_again(link, f"ref:{ref}"))
        self._move(link, base=base, theirs=theirs, ref=ref, theirs_hash=None)


def _rulings_left(
    rulings: Mapping[str, Mapping[str, Json]], carried: Mapping[str, Json]
) -> Mapping[str, Mapping[str, Json]] | None:
    """Return the rulings that are not carried out by what was proved to be on both sides."""
    left = {
        path: kept
        for path, kept in rulings.items()
        if kept["take"] != Take.ONESTOP.value or carried.get(path) != kept["ours"]
    }
    return left or None


def standing(delivery: Delivery) -> Standing:
    """Return what ``after`` needs of a delivery."""
    return Standing(
        state=State.SENDING if delivery.state in (State.PENDING, State.HELD) else delivery.state,
        attempts=delivery.attempts,
        crashes=delivery.crashes,
        failing_since=delivery.failing_since,
        failed_as=delivery.failed_as,
        failed_times=delivery.failed_times,
        call_ended_at=delivery.call_ended_at,
        absences=delivery.absences,
        asked=delivery.asked,
    )


def columns(following: Next) -> dict[str, Any]:
    """Return the columns a next state sets."""
    return {
        "state": following.state.value,
        "due_at": following.due_at,
        "attempts": following.attempts,
        "crashes": following.crashes,
        "failing_since": following.failing_since,
        "failed_as": following.failed_as,
        "failed_times": following.failed_times,
        "call_ended_at": following.call_ended_at,
        "absences": following.absences,
        "asked": following.asked,
        "cause": following.cause,
        "lease_owner": None,
        "lease_until": None,
    }


def ours_of(ministry: Ministry, field: str | None) -> str | None:
    """Return our path of a field the system named in its own words, if the mapping knows it.

    Its whole path is looked for before its last part alone, and in the end the list it is in.
    """
    if field is None:
        return None
    rules, (group, _, _) = ministry.lens.rules, field.casefold().partition("/")
    leaf = field.rsplit("/", 1)[-1].casefold()
    known = [rule.ours for rule in rules if field in (rule.ours, rule.theirs)]
    known += [rule.ours for rule in rules if rule.theirs.rsplit("/", 1)[-1].casefold() == leaf]
    known += [rule.ours for rule in rules if rule.each and rule.theirs.casefold() == group]
    return next(iter(known), None)


def _told(outcome: Outcome, where: str | None, reason: str | None, ministry: Ministry) -> str:
    """Return what the clerk reads of a dead letter: the system's words, never English of ours."""
    if not isinstance(outcome, Refused):
        return texts.given_up(ministry.title)
    if outcome.ours or not reason:
        return texts.unfit(where, ministry.title)
    return texts.refused(where, reason, ministry.title)


def _paper(delivery: Delivery, reason: str) -> str | None:
    """Return the name of the paper whose file a refusal speaks of."""
    rows = delivery.fields.get("documents")
    papers = rows if isinstance(rows, list) else []
    return next((str(one["name"]) for one in papers if str(one["id"]) in reason), None)


def _words(
    outcome: Outcome, ministry: Ministry, delivery: Delivery, lists: Lists
) -> tuple[str | None, str | None]:
    """Return the reason, personal values and addresses of files masked, and the field."""
    reason = getattr(outcome, "reason", None)
    field = outcome.field if isinstance(outcome, Refused) else None
    if reason is None or (isinstance(outcome, Refused) and outcome.ours):
        return reason, field
    return without_people(reason, ministry, delivery.fields, lists), field


def without_people(reason: str, ministry: Ministry, fields: Fields, lists: Lists) -> str:
    """Return what a system says with all masked that a dossier says of people, and addresses of files."""
    personal = _personal(ministry, fields, lists)
    return each(reason, lambda part: texts.mask(without_addresses(part, texts.MASK), personal))


def discreet(house: House, ministry: Ministry, delivery: Delivery, outcome: Outcome) -> Outcome:
    """Return an outcome whose reason holds no personal value of the delivery's."""
    lists = house.shelf.last(ministry.name)
    match outcome:
        case Refused() | NotApplied() | Unknown() | Closed():
            reason, _ = _words(outcome, ministry, delivery, lists)
            masked = reason is not None and reason != outcome.reason
            return replace(outcome, reason=str(reason)) if masked else outcome
        case _:
            return outcome


def _personal(ministry: Ministry, fields: Fields, lists: Lists) -> set[str]:
    """Return every personal text of a dossier, as we say it and as it was said to the system."""
    lens = ministry.lens
    names = {rule.theirs.rsplit("/", 1)[-1] for rule in lens.rules if rule.says_personal}
    found = {text for path, value in fields.items() if is_personal(path) for text in _texts(value)}
    try:
        body = lens.lower(fields, lists).body
    except MappingError:
        return found
    return found | set(_texts_under(body, names))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _texts_under(body: Any, names: Collection[str]) -> Iterator[str]:
    """Yield the texts of every field of these names, however deep."""
    if isinstance(body, Mapping):
        for name, part in body.items():
            yield from _texts(part) if name in names else _texts_under(part, names)
    elif isinstance(body, list):
        for part in body:
            yield from _texts_under(part, names)


def _code(outcome: Outcome, following: Next) -> str | None:
    """Return what a delivery failed of: the system's code, or the kind of what it was given up for."""
    if isinstance(outcome, Refused):
        return outcome.code
    if following.state is not State.DEAD:
        return None
    return "crashed" if following.cause == CRASHED_US else following.failed_as


def _journal(  # noqa: PLR0913 - see one
    unit: Unit,
    delivery: Delivery,
    following: Next,
    reply: Reply,
    reason: str | None,
    field: str | None,
) -> None:
    detail: dict[str, Json] = {"delivery": delivery.id}
    if following.state is not State.CONFIRMED:
        detail |= {"cause": following.cause, "attempts": following.attempts}
    if following.state is State.DEAD and following.failed_as and following.cause != "refused":
        detail |= {"failed_as": following.failed_as, "failed_times": following.failed_times}
    if reason:
        detail["reason"] = reason
    if field:
        detail["field"] = field
    if delivery.kind == "step":
        detail["step"] = delivery.fields.get("status")
    if reply.receipt is not None and reply.receipt.note:
        detail["note"] = reply.receipt.note
    if isinstance(reply.outcome, (Taken, FoundApplied)):
        found = reply.receipt or reply.found
        if found is not None and found.ref:
            detail["ref"] = found.ref
    unit.journal.add(_EVENTS[following.state], code=delivery.code, system=delivery.system, **detail)
