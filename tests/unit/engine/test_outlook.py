"""Where a dossier stands at a system, what comes next and who must act: one decision, no I/O."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.domain.delivery import OVERDUE, State
from bridge.engine.brake import OUTSIDE_HOURS, Gate
from bridge.engine.outlook import Actor, Outlook, Stand, outlook
from bridge.store import Delivery, Link
from bridge.store import links as link_states

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
OPEN = Gate(open=True, state="running")
PAUSED = Gate(open=False, state="paused", reason="máy chủ bảo trì")
NIGHT = Gate(open=False, state="held", reason=OUTSIDE_HOURS, until=SOON)
LOCKED = Gate(open=False, state="held", reason="login refused", until=SOON)

MINISTRY: Any = SimpleNamespace(
    name="gplx", title="Bộ Mẫu", mirror=False, lens=SimpleNamespace(rules=())
)


def link(**values: Any) -> Link:
    blank: dict[str, Any] = {one.name: None for one in fields(Link)}
    return Link(**blank | {"id": 1, "code": "A", "system": "gplx", "state": "open"} | values)


def delivery(state: State, **values: Any) -> Delivery:
    blank: dict[str, Any] = {one.name: None for one in fields(Delivery)}
    known = {"id": 7, "link_id": 1, "seq": 1, "attempts": 0, "kind": "state", "created_at": NOW}
    return Delivery(**blank | known | {"state": state} | values)


def seen(one: Link, *line: Delivery, gate: Gate = OPEN, routed: bool = True) -> Outlook:
    return outlook(MINISTRY, one, line, (), gate, routed=routed, local=NOW)


@pytest.mark.parametrize(
    ("one", "gate", "stand", "actor", "next_at"),
    [
        (delivery(State.PENDING, due_at=NOW), OPEN, Stand.IN_LINE, Actor.BRIDGE, None),
        (delivery(State.PENDING, due_at=SOON), OPEN, Stand.WITHDRAWAL_FIRST, Actor.BRIDGE, SOON),
        (
            delivery(State.PENDING, due_at=SOON, sent_at=NOW, attempts=2, error_text="x"),
            OPEN,
            Stand.TRIED,
            Actor.BRIDGE,
            SOON,
        ),
        (delivery(State.PENDING), PAUSED, Stand.CLOSED, Actor.OPERATOR, None),
        (delivery(State.HELD), NIGHT, Stand.CLOSED, Actor.BRIDGE, SOON),
        (delivery(State.HELD), LOCKED, Stand.CLOSED, Actor.OPERATOR, SOON),
        (delivery(State.SENDING), OPEN, Stand.SENDING, Actor.BRIDGE, None),
        (delivery(State.ACCEPTED, due_at=SOON), OPEN, Stand.ACCEPTED, Actor.BRIDGE, SOON),
        (delivery(State.IN_DOUBT, due_at=SOON), PAUSED, Stand.IN_DOUBT, Actor.BRIDGE, SOON),
        (
            delivery(State.IN_DOUBT, due_at=SOON, cause=OVERDUE),
            OPEN,
            Stand.OVERDUE,
            Actor.CLERK,
            SOON,
        ),
        (delivery(State.DEAD, cause="refused"), OPEN, Stand.REFUSED, Actor.CLERK, None),
        (
            delivery(State.DEAD, cause="failed for too long"),
            OPEN,
            Stand.GIVEN_UP,
            Actor.OPERATOR,
            None,
        ),
    ],
)
def test_the_head_of_the_line_says_it(
    one: Delivery, gate: Gate, stand: Stand, actor: Actor, next_at: datetime | None
) -> None:
    """Whatever stands behind it, the first that is not ended says where, when again, and by whom."""
    behind = delivery(State.PENDING, id=8, seq=2)
    found = seen(link(), behind, one, delivery(State.CONFIRMED, id=6, seq=0), gate=gate)
    assert (found.stand, found.actor, found.next_at) == (stand, actor, next_at)
    assert (found.line, found.delivery) == (2, 7)


@pytest.mark.parametrize(
    ("one", "routed", "stand", "actor"),
    [
        (link(base={"status": 2}), True, Stand.IN_STEP, Actor.NOBODY),
        (link(), True, Stand.NEVER_SENT, Actor.NOBODY),
        (link(base={"status": 2}), False, Stand.ELSEWHERE, Actor.CLERK),
        (
            link(base={"status": 7}, state=link_states.WITHDRAWN),
            False,
            Stand.WITHDRAWN,
            Actor.NOBODY,
        ),
        (link(base={"status": 2}, state=link_states.ORPHAN), True, Stand.ORPHAN, Actor.OPERATOR),
    ],
)
def test_with_nothing_in_line_the_link_says_it(
    one: Link, routed: bool, stand: Stand, actor: Actor
) -> None:
    """In step, never sent, left at another system, withdrawn there, or deleted here."""
    found = seen(one, delivery(State.SUPERSEDED), routed=routed)
    assert (found.stand, found.actor, found.line) == (stand, actor, 0)
