"""Writes down what a delivery came to: its next state, the link's base, the journal, the clerk.

Every answer about a delivery, whether from a call, a receipt file or a probe, ends here, so the
base advances in one place and only on proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bridge.domain import notices as texts
from bridge.domain.delivery import (
    FoundApplied,
    Next,
    Outcome,
    Refused,
    Standing,
    State,
    Taken,
    after,
)
from bridge.domain.dossier import Json, is_personal
from bridge.domain.journal import Event
from bridge.engine import brake, clerk
from bridge.engine.ask import Reply
from bridge.engine.house import House, Ministry
from bridge.engine.post import look_again
from bridge.mapping.labels import named
from bridge.store import Arrival, Delivery, Link, Unit

DOCUMENT = "DOCUMENT"
"""The code a dossier is refused with whose file is not as the one-stop tells."""

_EVENTS = {
    State.PENDING: Event.RETRY,
    State.ACCEPTED: Event.ACCEPTED,
    State.CONFIRMED: Event.CONFIRMED,
    State.HELD: Event.HELD,
    State.IN_DOUBT: Event.IN_DOUBT,
    State.DEAD: Event.DEAD,
}


def settle(house: House, ministry: Ministry, replies: Sequence[tuple[Delivery, Reply]]) -> None:
    """Settle a batch in one transaction."""
    with house.store.write("settle") as unit:
        settlement = Settlement(unit, house, ministry, [delivery for delivery, _ in replies])
        for delivery, reply in replies:
            settlement.take(delivery, reply)
        settlement.finish()
        for outcome in {type(reply.outcome): reply.outcome for _, reply in replies}.values():
            brake.answered(unit, ministry, outcome, unit.now)


class Settlement:
    """What a batch of answers comes to, gathered and written in few statements.

    Lives inside a write transaction of the caller's.
    """

    def __init__(
        self, unit: Unit, house: House, ministry: Ministry, deliveries: Sequence[Delivery]
    ) -> None:
        self._unit = unit
        self._house = house
        self._ministry = ministry
        self._links = unit.links.by_ids({one.link_id for one in deliveries}, lock=True)
        self._noticed = unit.notices.standing({one.code for one in deliveries})
        self._deliveries: list[dict[str, Any]] = []
        self._moved: dict[int, dict[str, Any]] = {}
        self._arrivals: list[Arrival] = []

    def take(self, delivery: Delivery, reply: Reply, clerk_text: str | None = None) -> None:
        """Work out what ``reply`` makes of ``delivery``; ``clerk_text`` replaces the usual notice."""
        unit, ministry = self._unit, self._ministry
        following = after(
            standing(delivery),
            reply.outcome,
            unit.now,
            ministry.policy,
            self._house.chance.random(),
        )
        reason, field = _words(reply.outcome, delivery)
        values = columns(following) | {
            "id": delivery.id,
            "error_text": reason,
            "error_field": field,
            "error_code": _code(reply.outcome),
        }
        link = self._links[delivery.link_id]
        if following.state is State.CONFIRMED:
            values |= {"settled_at": unit.now, "fields": {}}
            if delivery.kind == "state":
                self._advance(delivery, link, reply)
        elif reply.receipt is not None and reply.receipt.ref and link.ref is None:
            self._move(link, ref=reply.receipt.ref)
        if following.state is State.DEAD:
            ours = ours_of(ministry, field)
            if clerk_text is None and _code(reply.outcome) == DOCUMENT:
                clerk_text = texts.bad_file(_paper(delivery, reason or ""), ministry.title)
            where = named(ours) if ours else field
            text = clerk_text or texts.refused(where, reason or following.cause, ministry.title)
            clerk.dead(unit, delivery, ours, text)
        self._deliveries.append(values)
        _journal(unit, delivery, following, reply, reason, field)

    def finish(self) -> None:
        """Write what was gathered."""
        self._unit.outbox.change_many(self._deliveries)
        self._unit.links.change_many([{"id": key} | row for key, row in self._moved.items()])
        if self._arrivals:
            self._unit.inbox.add(self._arrivals)

    def _move(self, link: Link, **values: Any) -> Link:
        self._moved.setdefault(link.id, {}).update(values)
        self._links[link.id] = replace(link, **values)
        return self._links[link.id]

    def _advance(self, delivery: Delivery, link: Link, reply: Reply) -> None:
        """Move the base to what is now proved to be on both sides."""
        lens = self._ministry.lens
        found = reply.receipt or reply.found
        ref = link.ref or (found.ref if found is not None else None) or delivery.code
        sent = lens.project(delivery.fields)
        carried = {path: value for path, value in sent.items() if path in lens.outgoing}
        base = {**sent, **(link.base or {}), **carried}
        if self._ministry.mirror:
            self._move(link, base=base, ref=ref)
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

    def _numbered(
        self, link: Link, ref: str, base: dict[str, Json], theirs: dict[str, Json]
    ) -> None:
        """Keep the ministry's number, and have it written into the one-stop the first time.

        What it shows next is news even where it equals what it showed before we wrote: it may
        have taken our word and kept its own.
        """
        if "ministry_ref" in self._ministry.lens.incoming:
            theirs["ministry_ref"] = ref
            if link.base is None:
                self._arrivals.append(look_again(link, f"ref:{ref}"))
        self._move(link, base=base, theirs=theirs, ref=ref, theirs_hash=None)


def standing(delivery: Delivery) -> Standing:
    """Return what ``after`` needs of a delivery."""
    return Standing(
        state=State.SENDING if delivery.state in (State.PENDING, State.HELD) else delivery.state,
        attempts=delivery.attempts,
        crashes=delivery.crashes,
        failing_since=delivery.failing_since,
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
        "call_ended_at": following.call_ended_at,
        "absences": following.absences,
        "asked": following.asked,
        "cause": following.cause,
        "lease_owner": None,
        "lease_until": None,
    }


def ours_of(ministry: Ministry, field: str | None) -> str | None:
    """Return our path of a field the system named in its own words, if the mapping knows it."""
    if field is None:
        return None
    leaf = field.rsplit("/", 1)[-1].casefold()
    for rule in ministry.lens.rules:
        if field == rule.ours or (rule.theirs or "").rsplit("/", 1)[-1].casefold() == leaf:
            return rule.ours
    return None


def _paper(delivery: Delivery, reason: str) -> str | None:
    """Return the name of the paper whose file a refusal speaks of."""
    rows = delivery.fields.get("documents")
    papers = rows if isinstance(rows, list) else []
    return next((str(one["name"]) for one in papers if str(one["id"]) in reason), None)


def _words(outcome: Outcome, delivery: Delivery) -> tuple[str | None, str | None]:
    """Return the reason, with the dossier's personal values masked, and the field."""
    reason = getattr(outcome, "reason", None)
    field = outcome.field if isinstance(outcome, Refused) else None
    if reason is None:
        return None, field
    personal = [
        str(value)
        for path, value in delivery.fields.items()
        if value and is_personal(path) and not isinstance(value, (list, dict, bool, int))
    ]
    return texts.mask(reason, personal), field


def _code(outcome: Outcome) -> str | None:
    return outcome.code if isinstance(outcome, Refused) else None


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
