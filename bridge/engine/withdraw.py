"""A dossier whose procedure was corrected after it was sent: withdrawn there, then sent here.

The record at the system it is not for any more is withdrawn through the ordinary outbox, once, in
line behind what is on its way, where that system has a word for a withdrawal; else the clerk is
told to have it withdrawn by hand, and the conflict stands.

The right system gets its first submission once the withdrawal is settled, so that the citizen has
no two live records, but waits for it ``PATIENCE`` at most: a sick ministry must not hold another,
and the citizen's deadline runs. (``sync`` and ``push``, which wait for nothing, send both at once.)
The mirrors are no case of this: they get an update.

Corrected back again before the withdrawal left, the withdrawal is taken back. Afterwards the
record there is over and is no more written to: a second record of one dossier is what a ministry
that makes one can't tell from a mistake. A person has it reopened there (then it is in step again by
itself), or parts the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.domain.delivery import UNSENT, State
from bridge.domain.dossier import Fields, Json
from bridge.domain.journal import Event
from bridge.domain.status import legal
from bridge.engine import clerk
from bridge.engine.house import House, Ministry
from bridge.engine.line import Desk, Tray, put, recall
from bridge.engine.weighing import agreed, flying_state, look_again
from bridge.store import Delivery, Link, Unit
from bridge.store.links import OPEN, PARTED, WITHDRAWN

PATIENCE = timedelta(minutes=10)
"""How long the right system's first submission waits for the withdrawal at the wrong one."""

STATUS = 7
"""The status of a withdrawn dossier: contracts/systems.md, "Status"."""


def withdrawal(line: Sequence[Delivery]) -> Delivery | None:
    """Return the withdrawal that stands in a line, if one does."""
    states = (one for one in line if one.kind == "state" and one.fields.get("status") == STATUS)
    return next(states, None)


def leave(  # noqa: PLR0913 - one dossier before one system: all of it is needed
    unit: Unit,
    desk: Desk,
    tray: Tray,
    ministry: Ministry,
    link: Link,
    ours: Fields,
    *,
    another: bool,
) -> datetime | None:
    """Take a dossier from a system it is not for any more.

    Only where it is for ``another`` is its record withdrawn: a procedure that no system has may
    be a slip of the keys; and of a pair that was parted the record is another's. Returns until
    when its first submission elsewhere should wait.
    """
    if link.state == PARTED:
        return None
    line = desk.lines.get(link.id, [])
    if link.state == WITHDRAWN:
        clerk.clash_over(unit, link, "record", "it is not for this system")
        return _under_way(withdrawal(line))
    flying = flying_state(line)
    recall(unit, tray, ministry, line)
    base, theirs = agreed(ministry, link.base, link.theirs, flying)
    if base is None:
        return None
    if not (another and _may(ministry, link, base, theirs)):
        clerk.elsewhere(unit, ministry, link.code, link.ref)
        return None
    unit.links.change(link.id, state=WITHDRAWN)
    unit.journal.add(Event.WITHDRAWN, code=link.code, system=link.system, ref=link.ref)
    _nothing_to_decide(unit, desk, ministry, link)
    if _standing(base, theirs) == STATUS:
        return None
    content = _as_it_stands(ministry, base, ours)
    put(unit, tray, ministry, link, content, None, desk.last_seq.get(link.id, 0), ["status"])
    tray.woken.add(ministry.name)
    return unit.now + PATIENCE


def _nothing_to_decide(unit: Unit, desk: Desk, ministry: Ministry, link: Link) -> None:
    """End what a person was to decide of the fields of a record that is withdrawn."""
    fields = ministry.lens.outgoing | ministry.lens.incoming | {"procedure.code"}
    for conflict in desk.conflicts.get((link.code, link.system), ()):
        if conflict.field in fields:
            clerk.clash_over(unit, link, conflict.field, "it is withdrawn there")


def _under_way(delivery: Delivery | None) -> datetime | None:
    """Return until when a withdrawal is waited for; one that was refused is not."""
    if delivery is None or delivery.state is State.DEAD:
        return None
    return delivery.created_at + PATIENCE


def _as_it_stands(ministry: Ministry, base: Fields, ours: Fields) -> dict[str, Json]:
    """Return the record as it was agreed, withdrawn: what the clerk changed since is not its.

    Where the files of its papers lie only the one-stop's rows of now tell.
    """
    content = {**ministry.carried(base), "status": STATUS}
    held, rows = content.get("documents"), ours.get("documents")
    if isinstance(held, list) and isinstance(rows, list):
        known = {one.get("id") for one in held}
        content["documents"] = [one for one in rows if one.get("id") in known]
    return content


def _may(ministry: Ministry, link: Link, base: Fields, theirs: Fields | None) -> bool:
    """Tell whether a system can be told of a withdrawal, and the record there may take it."""
    able = ministry.capabilities.updates and STATUS in ministry.lens.status_out
    return (
        able
        and not ministry.mirror
        and link.state == OPEN
        and legal(_standing(base, theirs), STATUS)
    )


def _standing(base: Fields, theirs: Fields | None) -> int | None:
    status = (theirs or base).get("status")
    return status if isinstance(status, int) else None


def come_back(unit: Unit, desk: Desk, tray: Tray, ministry: Ministry, link: Link) -> Link | None:
    """Return the open link of a withdrawn record that is for its system again, if it can be.

    A withdrawal that never left is taken back (``unwanted`` does so with one that comes back
    unsent); else a person is told, and nothing is sent.
    """
    line = desk.lines.get(link.id, [])
    unsent = withdrawal(line)
    if unsent is None or unsent.state not in UNSENT:
        clerk.withdrawn(unit, ministry, link)
        return None
    recall(unit, tray, ministry, line)
    desk.lines[link.id] = [one for one in line if one.state not in UNSENT]
    clerk.clash_over(unit, link, "procedure.code", "it is for this system again")
    unit.links.change(link.id, state=OPEN)
    return replace(link, state=OPEN)


def unwanted(unit: Unit, going: Sequence[Delivery]) -> set[int]:
    """Take back withdrawals of dossiers that are for their system again; returns which those are.

    They were on their way when that was seen, and have come back unsent.
    """
    ends = [one for one in going if one.kind == "state" and one.fields.get("status") == STATUS]
    links = unit.links.by_ids({one.link_id for one in ends})
    standing = unit.conflicts.open_of({one.code for one in ends}) if ends else {}
    back: set[int] = set()
    for one in ends:
        link = links[one.link_id]
        said = {each.why for each in standing.get((link.code, link.system), ())}
        if link.state == WITHDRAWN and clerk.WITHDRAWN in said:
            back.add(one.id)
            unit.journal.add(Event.SUPERSEDED, code=one.code, system=one.system, delivery=one.id)
            unit.links.change(link.id, state=OPEN)
            clerk.clash_over(unit, link, "record", "it is for this system again")
            unit.inbox.add([look_again(link, f"withdrawal:{one.id}")])
    unit.outbox.supersede(back)
    return back


def settled(
    unit: Unit, ministry: Ministry, link: Link, fields: Mapping[str, Json], state: State
) -> None:
    """Let the first submission elsewhere go, once a withdrawal is proved or refused.

    One that is refused is a person's business: the conflict stands until it is proved after all.
    """
    if link.state != WITHDRAWN or fields.get("status") != STATUS:
        return
    match state:
        case State.CONFIRMED:
            clerk.clash_over(unit, link, "procedure.code", "it is withdrawn there")
            unit.outbox.wait_no_more(link.code)
        case State.DEAD:
            clerk.elsewhere(unit, ministry, link.code, link.ref)
            unit.outbox.wait_no_more(link.code)
        case _:
            pass


def never_there(unit: Unit, gone: Sequence[Delivery]) -> None:
    """End withdrawals, and other ends, of what the system turned out never to have had."""
    unit.outbox.supersede([one.id for one in gone])
    links = unit.links.by_ids({one.link_id for one in gone})
    for link in links.values():
        unit.journal.add(Event.NEVER_SENT, code=link.code, system=link.system)
        if link.state == WITHDRAWN:
            unit.links.change(link.id, state=OPEN)
            unit.outbox.wait_no_more(link.code)


def expected(unit: Unit, link: Link, status: int | None) -> bool:
    """Tell whether what a system shows of a withdrawn record is no news: withdrawn, or not yet."""
    if link.state != WITHDRAWN:
        return False
    if status in (None, STATUS):
        return True
    under_way = withdrawal(unit.outbox.open_of_links([link.id]).get(link.id, []))
    return under_way is not None and under_way.state is not State.DEAD


def lost(unit: Unit, link: Link) -> None:
    """Open the link of a withdrawn record that its system has no trace of any more."""
    if link.state == WITHDRAWN:
        unit.links.change(link.id, state=OPEN)
        clerk.clash_over(unit, link, "record", "it is not there any more")


def reopened(house: House, link: Link) -> Link:
    """Open the link of a record that the ministry took up again, of a dossier that is for it."""
    with house.store.write("reopened") as unit:
        unit.links.change(link.id, state=OPEN)
        unit.journal.add(Event.FOUND_AGAIN, code=link.code, system=link.system)
        clerk.clash_over(unit, link, "record", "it is open there again")
    return replace(link, state=OPEN)
