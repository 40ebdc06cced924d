"""The looks of the outbox (``bridge.store.looks``): what stands in line, and in which state."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, null, or_, select, text, update

from bridge.domain.delivery import TERMINAL, UNANSWERED, Failure, State
from bridge.store import tables
from bridge.store.entries import Delivery
from bridge.store.looks import MOST, NOW, each, named

_d = tables.delivery
_earlier = _d.alias("earlier")
_ROW = tuple(_d.c[one.name] for one in fields(Delivery))
_BARE = tuple(null().label("fields") if one.name == "fields" else one for one in _ROW)
WHOLE: Select[Any] = select(*_ROW)
BARE: Select[Any] = select(*_BARE)
"""Without what they carry."""

_STATE = _ROW.index(_d.c.state)
_FAILED_AS = _ROW.index(_d.c.failed_as)
_FIELDS = _ROW.index(_d.c.fields)
STATES = {state.value: state for state in State}
SENDABLE = (State.PENDING.value, State.HELD.value)
_IS_SENDABLE = text("delivery.state IN ('pending', 'held')")
"""Spelt out: a database uses a partial index only for the condition it was made with."""
ENDED = tuple(sorted(state.value for state in TERMINAL))

_OF_SYSTEM = _d.c.system == bindparam("system")
_OF_SHARD = _d.c.shard == bindparam("shard")
_OF_LINKS = named(_d.c.link_id, "links")
_BY_IDS = named(_d.c.id, "ids")
_SENT_BY = (_d.c.state == State.SENDING.value) & (_d.c.lease_owner == bindparam("owner"))
_link = tables.link
_IS_BEGUN = (
    select(_link.c.id)
    .where(_link.c.id == _d.c.link_id, or_(_link.c.base.is_not(None), _link.c.ref.is_not(None)))
    .exists()
)
_WAS_SENT = select(_link.c.id).where(_link.c.id == _d.c.link_id, _link.c.versions > 0).exists()
_IS_DUE = or_(_d.c.due_at.is_(None), _d.c.due_at <= NOW)
_SILENT = (
    _OF_SYSTEM,
    _d.c.state.in_(each(state.value for state in UNANSWERED)),
    _d.c.call_ended_at < bindparam("before"),
)

BY_IDS = WHOLE.where(_BY_IDS)
LAST_POSTED = select(func.max(_d.c.id))
POSTED_SINCE = (
    select(_d.c.code)
    .join(_link, _link.c.id == _d.c.link_id)
    .where(_OF_SYSTEM, _d.c.id > bindparam("after", type_=_d.c.id.type), _link.c.base.is_(None))
    .distinct()
)
OPEN_OF_LINKS = WHOLE.where(_OF_LINKS, _d.c.state.not_in(each(ENDED))).order_by(_d.c.seq, _d.c.id)
UNENDED_OF_LINKS = select(_d.c.link_id).where(_OF_LINKS, _d.c.state.not_in(each(ENDED))).distinct()
LAST_SEQ = select(_d.c.link_id, func.max(_d.c.seq)).where(_OF_LINKS).group_by(_d.c.link_id)
STEPS = select(_d.c.link_id, _d.c.step_id).where(_OF_LINKS, _d.c.step_id.is_not(None))
STANDING = (
    select(_d.c.id, _d.c.state, _d.c.lease_owner, _d.c.lease_until, _d.c.sent_at, _d.c.cause)
    .where(_BY_IDS)
    .with_for_update()
)
SENDABLE_STILL = select(_d.c.id).where(_BY_IDS, _d.c.state.in_(each(SENDABLE))).with_for_update()
MARKED_BY = WHOLE.where(_OF_SYSTEM, _SENT_BY).limit(MOST)
_SENDING = _OF_SYSTEM & (_d.c.state == State.SENDING.value)
SENDERS = select(_d.c.lease_owner).where(_SENDING).distinct()
EXPIRE = (
    update(_d)
    .where(_d.c.system == bindparam("of"), _d.c.state == State.SENDING.value)
    .where(_d.c.lease_owner == bindparam("me"))
    .values(lease_until=NOW)
)
EXPIRED = WHOLE.where(_SENDING, _d.c.lease_until <= NOW).limit(MOST)
_shard = tables.shard
SHARD_OWNERS = select(_shard.c.owner).where(_shard.c.owner != "")
_HERE = (_shard.c.system == bindparam("of")) & (_shard.c.shard == bindparam("number"))
_IS_FREE = or_(_shard.c.owner == bindparam("me"), _shard.c.owner == "", _shard.c.until <= NOW)
TAKE_SHARD = (
    update(_shard)
    .where(_HERE, _IS_FREE)
    .values(owner=bindparam("me"), until=bindparam("to", type_=_shard.c.until.type))
)
FREE_SHARD = update(_shard).where(_HERE, _shard.c.owner == bindparam("me")).values(owner="")
_SHARDS = bindparam("shards", type_=_d.c.shard.type)
RESHARD = (
    update(_d)
    .where(_d.c.system == bindparam("of"), _d.c.shard >= _SHARDS, _d.c.state.not_in(each(ENDED)))
    .values(shard=_d.c.shard % _SHARDS)
)
UNANSWERED_BUT = WHOLE.where(
    *_SILENT, or_(_d.c.cause.is_(None), _d.c.cause != bindparam("but"))
).limit(MOST)
COUNT_UNANSWERED = select(func.count()).select_from(_d).where(*_SILENT)
TRIED_IN_VAIN = (
    select(_d.c.id)
    .where(_OF_SYSTEM, _d.c.state.in_(each({*SENDABLE, State.SENDING.value, State.IN_DOUBT.value})))
    .where(_d.c.sent_at.is_not(None))
    .limit(1)
)
LAST_CONFIRMED = (
    select(_d.c.link_id, func.max(_d.c.settled_at))
    .where(_OF_LINKS, _d.c.kind == "state", _d.c.state == State.CONFIRMED.value)
    .group_by(_d.c.link_id)
)
GONE_OVER = (
    select(_d.c.link_id, _d.c.fields, _d.c.settled_at)
    .where(_OF_LINKS, _d.c.kind == "state", _d.c.state == State.CONFIRMED.value)
    .where(_d.c.settled_at.is_not(None))
    .order_by(_d.c.id)
)

_HAS_GONE_OVER = text("delivery.state = 'confirmed' AND delivery.fields <> '{}'")
"""Spelt out, as above."""
FORGET_GONE_OVER = (
    update(_d)
    .where(_HAS_GONE_OVER, _d.c.settled_at <= bindparam("before", type_=_d.c.settled_at.type))
    .values(fields={})
)

_IN_STATE = _OF_SYSTEM & (_d.c.state == bindparam("state"))
DUE_BEYOND = (
    select(_d.c.id).where(_IN_STATE, _OF_SHARD, _IS_DUE).offset(bindparam("beyond")).limit(1)
)
"""One of those of a shard that are due in a state, where there are more than so many."""
NEXT_SYSTEM = select(func.min(_d.c.system)).where(_d.c.system > bindparam("last"))
COUNT = select(func.count()).select_from(_d).where(_IN_STATE)
NEW_SOME = (
    select(_d.c.id)
    .where(_OF_SYSTEM, _d.c.state == State.PENDING.value, _d.c.kind == "state", ~_IS_BEGUN)
    .limit(MOST)
)
OLDEST = select(_d.c.created_at).where(_IN_STATE).order_by(_d.c.id).limit(1)
LONGEST = select(
    func.min(func.coalesce(_d.c.sent_at, _d.c.created_at, type_=_d.c.sent_at.type))
).where(_IN_STATE)


@cache
def sendable(*, untried: bool) -> Select[Any]:
    """Return the look for one delivery of a shard that may be sent, be it the head of its line or not."""
    here = _OF_SYSTEM & _OF_SHARD & _IS_SENDABLE
    return select(_d.c.id).where(here, _is_due(untried=untried)).limit(1)


def _is_due(*, untried: bool) -> ColumnElement[bool]:
    due = _d.c.due_at <= NOW
    return or_(due, _d.c.sent_at < bindparam("untried_since")) if untried else due


@cache
def in_state(*, ignore_due: bool) -> Select[Any]:
    """Return the look for the deliveries of a system in a state whose time has come."""
    query = WHOLE.where(_IN_STATE)
    query = query if ignore_due else query.where(_IS_DUE)
    return query.order_by(_d.c.due_at, _d.c.id).limit(MOST)


@cache
def refused_for(*, ignore_due: bool) -> Select[Any]:
    """Return the look for what a system refused for one reason and may be looked at again."""
    query = WHOLE.where(
        _OF_SYSTEM,
        _d.c.state == State.DEAD.value,
        _d.c.error_code == bindparam("error_code"),
    )
    return (query if ignore_due else query.where(_IS_DUE)).limit(MOST)


@cache
def heads(  # noqa: PLR0913 - each kind of look is another statement
    *,
    untried: bool,
    of_link: bool,
    of_codes: bool = False,
    begun: bool = False,
    hurried: bool = False,
    due_before: bool = False,
) -> Select[Any]:
    """Return the look for the heads of lines that may be sent.

    ``untried``: those not sent since then too, whatever their backoff. ``of_link``: of one line.
    ``of_codes``: of these dossiers. ``begun``: of what the system has, or was known by, already;
    ``hurried``: beside what a citizen waits for at the counter. ``due_before``: of what the system has
    nothing of and was never sent, only what was due before then.
    """
    refused_step = (_earlier.c.kind == "step") & (_earlier.c.state == State.DEAD.value)
    blocked = (
        select(_earlier.c.id)
        .where(_earlier.c.link_id == _d.c.link_id, _earlier.c.seq < _d.c.seq)
        .where(_earlier.c.state.not_in(each(ENDED)))
        .where(~(refused_step & (_d.c.kind != "step")))
    )
    query = (
        select(_d.c.id, _d.c.link_id, _d.c.kind)
        .where(_OF_SYSTEM, _OF_SHARD, _IS_SENDABLE, _is_due(untried=untried))
        .where(~blocked.exists())
    )
    query = query.where(_d.c.link_id == bindparam("link")) if of_link else query
    query = query.where(named(_d.c.code, "codes")) if of_codes else query
    is_begun = or_(_IS_BEGUN, _d.c.priority > 0) if hurried else _IS_BEGUN
    query = query.where(is_begun) if begun else query
    was_due = _d.c.due_at < bindparam("due_before", type_=_d.c.due_at.type)
    query = query.where(or_(_IS_BEGUN, _WAS_SENT, was_due)) if due_before else query
    return query.order_by(_d.c.priority.desc(), _d.c.id).limit(MOST)


def as_delivery(row: Row[Any]) -> Delivery:
    """Return what a row of ``WHOLE`` or ``BARE`` says."""
    values = list(row)
    values[_STATE] = STATES[values[_STATE]]
    if values[_FAILED_AS] is not None:
        values[_FAILED_AS] = Failure(values[_FAILED_AS])
    values[_FIELDS] = values[_FIELDS] or {}
    return Delivery(*values)
