"""Where a dossier is with each system, in a word and a reason: what a clerk reads out at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.domain.delivery import State
from bridge.domain.dossier import Fields
from bridge.domain.said import Said, joined
from bridge.domain.stage import Stage
from bridge.engine import admission, brake, code_lists
from bridge.engine.brake import Gate
from bridge.engine.entrance import is_blank
from bridge.engine.house import House, Ministry
from bridge.engine.people import dropped
from bridge.store import Conflict, Delivery, Link, Unit
from bridge.store.links import OPEN
from bridge.store.systems import UNREACHABLE

NOT_SENT = "not_sent"
NOT_ITS_TURN = Said("the system is let in by steps, or leaves: this dossier does not go there now")

LOOKED_AT_FIRST = Said("what has come from the system is looked at first: it may be there already")

_WORST = (
    State.DEAD,
    State.IN_DOUBT,
    State.SENDING,
    State.ACCEPTED,
    State.HELD,
    State.PENDING,
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a dossier is with one system.

    ``state`` is a delivery's (``confirmed``: it is there as it is here), a system's that is closed
    to us (``paused``, ``held``, ``maintenance``, ``unreachable``), a link's (``parted``,
    ``pairing``, ``importing``, ``orphan``), or ``not_sent``. ``reason`` says why it is not confirmed,
    and what a person must decide.
    """

    name: str
    title: str
    state: str
    ministry_ref: str | None
    reason: str | None

    @property
    def done(self) -> bool:
        """Whether nothing is open."""
        return self.state == State.CONFIRMED and self.reason is None

    @property
    def unreached(self) -> bool:
        """Whether nobody answered there."""
        return self.state == UNREACHABLE


def nowhere(ministry: Ministry, reason: Said) -> Whereabouts:
    """Return that a dossier was not sent, and why."""
    return Whereabouts(ministry.name, ministry.title, NOT_SENT, None, reason)


def whereabouts(house: House, ministry: Ministry, code: str, fields: Fields) -> Whereabouts:
    """Return where a dossier is now; ``fields`` are the one-stop's."""
    with house.store.read() as unit:
        pair = (code, ministry.name)
        link = unit.links.of_codes([code]).get(pair)
        line = unit.outbox.open_of_links([link.id]).get(link.id, []) if link else []
        conflicts = unit.conflicts.open_of([code]).get(pair, [])
        gate = brake.see(unit, house, ministry)
        lists = code_lists.unread(ministry, unit.code_lists.states(ministry.name))
        unlooked = [] if link is None else _unlooked(unit, ministry, link, line, gate)
        now = unit.now
    if link is None:
        stage = gate.stage
        gated = stage not in (None, Stage.RUNNING) and ministry.capabilities.writes
        return nowhere(ministry, NOT_ITS_TURN if gated else _unsent(ministry, fields))
    state, why = _stands(ministry, link, line, gate, fields, now)
    let_go = dropped.standing(ministry, link, line, fields)
    if let_go is not None and state == NOT_SENT:
        why = None
    waits = [*lists, *unlooked] if state == State.PENDING else []
    told: list[str | None] = [*waits] if waits else [why]
    reasons = [one for one in (*told, let_go, _undecided(conflicts)) if one]
    reason = joined(reasons) if reasons else None
    ref = link.ref if not ministry.mirror else None
    return Whereabouts(ministry.name, ministry.title, state, ref, reason)


def _unlooked(
    unit: Unit, ministry: Ministry, link: Link, line: Sequence[Delivery], gate: Gate
) -> list[Said]:
    """Return why a dossier that is new to a system waits, where it is for what has come from there."""
    goes = admission.outgoing(unit, ministry, gate.stage)
    kept = goes.due_before is not None and is_blank(link)
    sent = link.versions > 0
    let = any(goes.lets(one, begun=False, sent=sent) for one in line)
    return [LOOKED_AT_FIRST] if kept and not let else []


def _unsent(ministry: Ministry, fields: Fields) -> Said:
    if not ministry.capabilities.writes:
        return Said("nothing is sent there: the system only tells of its own dossiers")
    if fields.get("received_at") is None:
        return Said("it was not received at the counter yet")
    return Said("as it stands it does not go there")


def _stands(  # noqa: PLR0913 - all that is known of one dossier before one system
    ministry: Ministry,
    link: Link,
    line: Sequence[Delivery],
    gate: Gate,
    fields: Fields,
    now: datetime,
) -> tuple[str, str | None]:
    """Return the state a clerk is told, and the reason it is not confirmed."""
    if link.state != OPEN:
        return link.state, None
    worst = next((one for state in _WORST for one in line if one.state is state), None)
    if worst is None:
        if link.base is None:
            return NOT_SENT, _unsent(ministry, fields)
        return State.CONFIRMED.value, None
    if worst.state in (State.PENDING, State.HELD) and not gate.open:
        return gate.state, gate.reason
    if worst.state is State.PENDING and worst.cause == UNREACHABLE:
        return UNREACHABLE, worst.error_text
    return worst.state.value, _why(worst, gate, now)


def _why(  # noqa: PLR0911 - one arm a state
    delivery: Delivery, gate: Gate, now: datetime
) -> str | None:
    """Return why a delivery is not confirmed: in the system's words (masked), else in ours."""
    match delivery.state:
        case State.IN_DOUBT | State.ACCEPTED if not gate.open and gate.reason:
            return Said("it can't be asked what became of it: {reason}", reason=gate.reason)
        case State.IN_DOUBT:
            return Said("the answer was lost; the system is asked whether it has it")
        case State.ACCEPTED:
            return Said("the system has taken it; its confirmation is awaited")
        case State.SENDING:
            return Said("it is being sent just now")
        case State.PENDING if delivery.sent_at is None and (delivery.due_at or now) > now:
            return Said("its record at another system is withdrawn first")
        case State.PENDING if delivery.error_text is None:
            return Said("another process is at it; it goes before all others")
        case _:
            return delivery.error_text or delivery.cause


def _undecided(conflicts: Sequence[Conflict]) -> Said | None:
    if not conflicts:
        return None
    fields = ", ".join(sorted({one.field.partition(":")[0] for one in conflicts}))
    return Said("a person decides about: {fields}", fields=fields)
