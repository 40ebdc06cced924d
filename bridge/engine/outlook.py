"""Where a dossier stands at each system, why, what comes next and when, and who must act.

Pure: it is worked out of a ``Story`` (``survey``) and of whether each system may be called now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.domain.delivery import OPEN, OVERDUE, State
from bridge.engine.brake import OUTSIDE_HOURS, Gate
from bridge.engine.house import Ministry
from bridge.engine.settle import ours_of
from bridge.store import Conflict, Delivery, Link
from bridge.store import links as link_states
from bridge.store import systems as brakes


class Stand(StrEnum):
    """Where a dossier stands at a system."""

    IN_STEP = "in_step"
    IN_LINE = "in_line"
    TRIED = "tried"
    CLOSED = "closed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    OVERDUE = "overdue"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    WITHDRAWAL_FIRST = "withdrawal_first"
    """It waits a while for its record at another system to be withdrawn."""
    WITHDRAWN = "withdrawn"
    """Its record there was withdrawn, for its procedure is another system's."""
    PAIRING = "pairing"
    """A person paired it with its record, and the two are not compared yet."""
    PARTED = "parted"
    """A person parted it from its record."""
    ORPHAN = "orphan"
    NEVER_SENT = "never_sent"
    ELSEWHERE = "elsewhere"
    """The system has a record, and the dossier's procedure is not its own any more."""


class Actor(StrEnum):
    """Who moves next."""

    BRIDGE = "bridge"
    CLERK = "clerk"
    OPERATOR = "operator"
    NOBODY = "nobody"


_ACTORS = {
    Stand.IN_STEP: Actor.NOBODY,
    Stand.NEVER_SENT: Actor.NOBODY,
    Stand.WITHDRAWN: Actor.NOBODY,
    Stand.PARTED: Actor.NOBODY,
    Stand.REFUSED: Actor.CLERK,
    Stand.OVERDUE: Actor.CLERK,
    Stand.ELSEWHERE: Actor.CLERK,
    Stand.GIVEN_UP: Actor.OPERATOR,
    Stand.ORPHAN: Actor.OPERATOR,
}


_BY_LINK = {
    link_states.ORPHAN: Stand.ORPHAN,
    link_states.PAIRING: Stand.PAIRING,
    link_states.PARTED: Stand.PARTED,
}
"""Where a dossier stands whatever is in its line."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One system's part in a dossier's story.

    ``next_at`` is when the bridge tries, asks or looks again; ``None``: with the next turn, or
    never, as ``stand`` says. ``status`` is the national status the system last showed, ``line``
    how many changes wait for it, ``delivery`` the one at their head. ``gate`` says why it is closed.
    ``field`` is our path of what the system named, where the mapping knows it.
    """

    system: str
    title: str
    stand: Stand
    actor: Actor
    gate: Gate
    ref: str | None = None
    since: datetime | None = None
    next_at: datetime | None = None
    reason: str | None = None
    field: str | None = None
    attempts: int = 0
    status: int | None = None
    line: int = 0
    delivery: int | None = None
    mirror: bool = False
    conflicts: tuple[Conflict, ...] = ()


def outlook(  # noqa: PLR0913 - all that is known of a dossier at one system
    ministry: Ministry,
    link: Link,
    deliveries: Sequence[Delivery],
    conflicts: Sequence[Conflict],
    gate: Gate,
    *,
    routed: bool,
    local: datetime,
) -> Outlook:
    """Say where a dossier stands at a system; ``local`` is now on the office's clock."""
    line = [one for one in deliveries if one.state in OPEN]
    head = min(line, key=lambda one: one.seq, default=None)
    stand = _stand(link, head, gate, local, routed=routed)
    shown = (link.theirs or link.base or {}).get("status")
    return Outlook(
        system=ministry.name,
        title=ministry.title,
        stand=stand,
        actor=_actor(stand, gate),
        gate=gate,
        ref=link.ref,
        since=_since(head, deliveries),
        next_at=_next_at(stand, head, gate),
        reason=head.error_text if head else None,
        field=_field(ministry, head) if head else None,
        attempts=head.attempts if head else 0,
        status=shown if isinstance(shown, int) else None,
        line=len(line),
        delivery=head.id if head else None,
        mirror=ministry.mirror,
        conflicts=tuple(one for one in conflicts if one.system == link.system),
    )


def _stand(
    link: Link, head: Delivery | None, gate: Gate, local: datetime, *, routed: bool
) -> Stand:
    if link.state in _BY_LINK:
        return _BY_LINK[link.state]
    if head is None:
        return _settled(link, routed=routed)
    match head.state:
        case State.DEAD:
            return Stand.REFUSED if head.cause == "refused" else Stand.GIVEN_UP
        case State.SENDING:
            return Stand.SENDING
        case State.ACCEPTED | State.IN_DOUBT:
            waits = Stand.ACCEPTED if head.state is State.ACCEPTED else Stand.IN_DOUBT
            return Stand.OVERDUE if head.cause == OVERDUE else waits
        case _:
            return _waiting(head, gate, local)


def _settled(link: Link, *, routed: bool) -> Stand:
    """Return where a dossier stands of which nothing is in line."""
    if link.base is None:
        return Stand.NEVER_SENT
    if link.state == link_states.WITHDRAWN:
        return Stand.WITHDRAWN
    return Stand.IN_STEP if routed else Stand.ELSEWHERE


def _waiting(head: Delivery, gate: Gate, local: datetime) -> Stand:
    """Return why what stands at the head of a line is not on its way."""
    if not gate.open:
        return Stand.CLOSED
    if head.sent_at is None and head.due_at is not None and head.due_at > local:
        return Stand.WITHDRAWAL_FIRST
    return Stand.TRIED if head.attempts and head.error_text else Stand.IN_LINE


def _field(ministry: Ministry, head: Delivery) -> str | None:
    """Return our path of the field that was named, where the mapping knows it."""
    return ours_of(ministry, head.error_field) or head.error_field


def _actor(stand: Stand, gate: Gate) -> Actor:
    if stand is Stand.CLOSED:
        by_hand = gate.state == brakes.PAUSED or _locked_out(gate)
        return Actor.OPERATOR if by_hand else Actor.BRIDGE
    return _ACTORS.get(stand, Actor.BRIDGE)


def _locked_out(gate: Gate) -> bool:
    return gate.state == brakes.HELD and gate.reason != OUTSIDE_HOURS


def _since(head: Delivery | None, deliveries: Sequence[Delivery]) -> datetime | None:
    """Return since when it stands there: the last word both sides agreed on, or the call."""
    if head is not None:
        return head.sent_at or head.created_at
    return max((one.settled_at for one in deliveries if one.settled_at), default=None)


def _next_at(stand: Stand, head: Delivery | None, gate: Gate) -> datetime | None:
    match stand:
        case Stand.CLOSED:
            return gate.until
        case Stand.WITHDRAWAL_FIRST | Stand.TRIED | Stand.ACCEPTED | Stand.IN_DOUBT | Stand.OVERDUE:
            return head.due_at if head else None
        case _:
            return None
