"""Rooms 3 and 4: a one-stop dossier is compared with what each system has, and put in line.

One transaction takes a batch of dossiers from the inbox, decides for every system each goes to,
and leaves the deliveries, the journal and the links behind, or nothing at all. A newer state
takes the place of an older one that was not sent; progress steps are never merged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.domain.decide import Decision, Take
from bridge.domain.delivery import UNSENT, State
from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.journal import Event
from bridge.domain.status import OVER
from bridge.domain.supplements import ready
from bridge.engine import clerk, entrance, unpaired, withdraw
from bridge.engine.entrance import Entrance
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.line import Desk, Tray, leave, put, recall, take_back
from bridge.engine.orphans import found_again
from bridge.engine.stride import Stride
from bridge.engine.unpaired import asks_first
from bridge.engine.versions import as_received
from bridge.engine.weighing import (
    agreed,
    flying_state,
    look_again,
    over,
    procedure_of,
    rulings,
    tells,
    undecided,
    weigh,
)
from bridge.store import Delivery, Link, StoreFault, Unit, Waiting
from bridge.store.entries import NewDelivery
from bridge.store.links import OPEN, ORPHAN, WITHDRAWN

ASKED = 5
"""The status of a dossier whose ministry waits for more papers."""
OUT_OF_THEIR_HANDS = frozenset({7, 10})
"""Withdrawn, handed over: a sector system that never had the dossier is told nothing of it."""
FEWEST = 25
"""Dossiers of the first batch of many."""
NEVER_PUSHED = frozenset({1, 3})
"""Statuses of a dossier that is not (or no longer) a system's business."""


def post(house: House, most: int | None = None) -> int:
    """Work one batch of captured dossiers, ``most`` or a page; returns how many records it took.

    Where that stumbles over one of them, each is worked by itself: it is said of the one it
    concerns, which is set aside until its row changes.
    """
    most = house.page if most is None else most
    try:
        return _batch(house, most)
    except StoreFault:
        raise
    except Exception:  # noqa: BLE001 - see above
        return _singly(house, most)


def post_one(house: House, code: str) -> int:
    """Work what was captured of one dossier, ahead of the others; returns how many records."""
    try:
        return _batch(house, house.page, code)
    except StoreFault:
        raise
    except Exception as error:  # noqa: BLE001 - it is set aside until its row changes
        _set_aside(house, code, f"unexpected {type(error).__name__}")
        return 1


def _singly(house: House, most: int) -> int:
    with house.store.glance() as unit:
        waiting = unit.inbox.waiting(ONESTOP, most)
    for code in dict.fromkeys(one.ref for one in waiting):
        post_one(house, code)
    return len(waiting)


def _set_aside(house: House, code: str, reason: str) -> None:
    with house.store.write("set dossier aside") as unit:
        for record in unit.inbox.waiting(ONESTOP, house.page, code):
            unit.inbox.quarantine(record.id, reason)
        unit.journal.add(Event.QUARANTINED, code=code, system=ONESTOP, reason=reason)
        clerk.unreadable(unit, code, None)


def _batch(house: House, most: int, only: str | None = None) -> int:
    """Work a batch of so many at most, or what is in it of one dossier."""
    with house.store.write("post") as unit:
        waiting = unit.inbox.waiting(ONESTOP, most, only)
        if not waiting:
            return 0
        house.marks.turn(unit, [one.name for one in house.ministries.values() if asks_first(one)])
        overtaken = unit.inbox.overtaken(waiting)
        newest = {one.ref: one for one in waiting if one.id not in overtaken}
        tray = Tray()
        desk = _desk(house, unit, newest)
        snapshots = [_snapshot(code, record) for code, record in newest.items()]
        for ours in as_received(unit, snapshots):
            _one(house, unit, desk, tray, ours)
        leave(unit, tray)
        unit.inbox.done([one.id for one in waiting])
    for name in tray.woken:
        house.wake(name)
    return len(waiting)


def post_all(house: House) -> int:
    """Work everything captured, in batches that are ever larger while each takes a moment only.

    What is captured first goes out while the rest is worked, and a process that dies loses little.
    """
    total = 0
    stride, worked = Stride(FEWEST, house.page), 1
    while worked:
        with stride.portion(house.now):
            worked = post(house, stride.now)
        total += worked
    return total


def _snapshot(code: str, record: Waiting) -> Snapshot:
    return Snapshot(code, record.payload["fields"], record.payload["stamp"])


def _desk(house: House, unit: Unit, records: Mapping[str, Waiting]) -> Desk:
    links = unit.links.of_codes(records, lock=True)
    doors = entrance.doors(unit)
    begun = entrance.begun_lines(unit, house, doors, links.values())
    wanted: dict[tuple[str, str], int] = {}
    routes: dict[str, list[Ministry]] = {}
    nobodys: set[str] = set()
    own = entrance.by_code(links)
    for code, record in records.items():
        fields = record.payload["fields"]
        routes[code] = doors.routed(house, fields, own.get(code, {}), begun)
        if doors.nobodys(house, fields, routes[code], own.get(code, {}), begun):
            nobodys.add(code)
        for ministry in routes[code] if concerns_systems(fields) else ():
            if (code, ministry.name) in links or not ministry.capabilities.writes:
                continue
            match doors.entrance(ministry, code, fields):
                case Entrance.OPEN:
                    wanted[code, ministry.name] = ministry.shard_of(code)
                case Entrance.LATE:
                    unit.latecomers.note(ministry.name, [code])
                case Entrance.SHUT:
                    pass
    _note_for_newer(house, unit, doors, records)
    links |= unit.links.open(wanted, wanted)
    asking = {one.name for some in routes.values() for one in some if asks_first(one)}
    ids = [one.id for one in links.values()]
    return Desk(
        links,
        unit.outbox.open_of_links(ids),
        unit.outbox.last_seq(ids),
        unit.outbox.steps_of_links(ids),
        unit.conflicts.open_of(records),
        unit.notices.standing(records),
        routes,
        nobodys,
        doors.retired,
        {name for name in asking if unit.unpaired.any_of(name)},
    )


def _note_for_newer(
    house: House, unit: Unit, doors: entrance.Doors, records: Mapping[str, Waiting]
) -> None:
    """Note what a system misses that takes a procedure by a configuration newer than this process's.

    The process that knows it goes through the one-stop once, and what is captured here it never sees.
    """
    shown = {code: one.payload["fields"] for code, one in records.items()}
    for name, more in doors.newer(house).items():
        codes = [
            code
            for code, fields in shown.items()
            if ("*" in more or procedure_of(fields) in more) and concerns_systems(fields)
        ]
        unit.latecomers.note(name, codes)


def concerns_systems(fields: Fields) -> bool:
    """Nothing is sent before reception, nor of what is new or refused at the counter."""
    return fields.get("received_at") is not None and fields.get("status") not in NEVER_PUSHED


def _one(house: House, unit: Unit, desk: Desk, tray: Tray, ours: Snapshot) -> None:
    ministries = desk.routes[ours.code]
    another = _has_another(desk, ours.code, ministries)
    waits = [
        withdraw.leave(unit, desk, tray, ministry, link, ours.fields, another=another)
        for ministry, link in desk.links_of(ours.code, house.ministries.values())
        if ministry not in ministries and ministry.name not in desk.retired
    ]
    if not concerns_systems(ours.fields):
        for ministry, link in desk.links_of(ours.code, ministries):
            if link.state == OPEN:
                _not_pushed(unit, desk, tray, ministry, link, ours)
        return
    if ours.code in desk.nobodys and ours.get("status") not in OVER:
        clerk.nobody_handles(unit, ours.code, procedure_of(ours.fields))
    elif (ours.code, ONESTOP) in desk.noticed:
        clerk.resolved(unit, ours.code, ONESTOP)
    for ministry, link in desk.links_of(ours.code, ministries):
        now = _opened(unit, desk, tray, ministry, link)
        if now is not None and now.state == OPEN:
            if _asked_first(house, unit, desk, tray, ministry, now, ours):
                continue
            first_at = max((one for one in waits if one is not None), default=None)
            _for_system(unit, desk, tray, ministry, now, ours, first_at)


def _has_another(desk: Desk, code: str, ministries: Sequence[Ministry]) -> bool:
    """Tell whether a sector system takes a dossier; one it may not go to yet does not."""
    sector = next((one for one in ministries if not one.mirror), None)
    if sector is None:
        return False
    return not sector.capabilities.writes or (code, sector.name) in desk.links


def _opened(unit: Unit, desk: Desk, tray: Tray, ministry: Ministry, link: Link) -> Link | None:
    """Return a link as it is now that its dossier is there, and for this system."""
    if link.state == ORPHAN:
        return found_again(unit, link)
    if link.state == WITHDRAWN:
        return withdraw.come_back(unit, desk, tray, ministry, link)
    return link


def _for_system(  # noqa: PLR0913 - one dossier before one system: all of it is needed
    unit: Unit,
    desk: Desk,
    tray: Tray,
    ministry: Ministry,
    link: Link,
    ours: Snapshot,
    first_at: datetime | None,
) -> None:
    """Put in line what a system is to be told; what it is told first not before ``first_at``."""
    line = desk.lines.get(link.id, [])
    in_flight = flying_state(line)
    unsent = next((one for one in line if one.kind == "state" and one.state in UNSENT), None)
    base, theirs = agreed(ministry, link.base, link.theirs, in_flight)
    fields = ready(ours.fields, base)
    mine = ministry.lens.project(fields)
    decision = weigh(ministry, base, mine, theirs, rulings(link))
    clashes = _clashes(unit, desk, ministry, link, decision)
    _account(unit, ministry, link, decision)
    seq = desk.last_seq.get(link.id, 0)
    never_sent = ministry.capabilities.writes and link.base is None and in_flight is None
    out = decision.out.keys() - clashes
    dropped = never_sent and not out and Take.NEITHER in decision.ruled.values()
    gone = never_sent and not ministry.mirror and ours.get("status") in OUT_OF_THEIR_HANDS
    if gone:
        _never_sent(unit, tray, link, unsent)
    elif out or (never_sent and not dropped):
        content = {**ministry.carried(fields)}
        kept = {path for path in ("status",) if decision.ruled.get(path) is Take.NEITHER}
        content |= undecided(base, theirs, (clashes | kept) & content.keys())
        if unsent is None or dict(unsent.fields) != content:
            due_at = first_at if never_sent and not ministry.mirror else None
            seq = put(unit, tray, ministry, link, content, unsent, seq, sorted(out), due_at)
    elif unsent is not None:
        take_back(unit, tray, unsent)
    if decision.agreed and link.base is not None:
        tray.links.append({"id": link.id, "base": {**link.base, **decision.agreed}})
    if decision.into.keys() - clashes:
        tray.arrivals.append(look_again(link, f"restore:{ours.stamp}"))
    if (link.code, link.system) in desk.noticed:
        clerk.papers_no_more_asked(unit, link, ours.fields)
    if not (ministry.mirror or ministry.capabilities.supplements):
        _by_hand(unit, desk, ministry, link, ours)
    if ministry.capabilities.steps and "status" not in clashes:
        _steps(unit, desk, tray, ministry, link, ours, seq)
    tray.woken.add(ministry.name)


def _not_pushed(  # noqa: PLR0913 - see _for_system
    unit: Unit, desk: Desk, tray: Tray, ministry: Ministry, link: Link, ours: Snapshot
) -> None:
    """Send nothing of a dossier that is new again, or refused; see that it may have become so.

    What a system was never sent is taken back, for it goes when the dossier is received.
    """
    line = desk.lines.get(link.id, [])
    in_flight = flying_state(line)
    if link.base is None and in_flight is None:
        recall(unit, tray, ministry, line)
        return
    base, theirs = agreed(ministry, link.base, link.theirs, in_flight)
    mine = ministry.lens.project(ours.fields)
    decision = weigh(ministry, base, mine, theirs, rulings(link))
    for clash in decision.clashes:
        if clash.path == "status":
            clerk.clash(unit, ministry, link, clash)


def _asked_first(  # noqa: PLR0913 - see _for_system
    house: House,
    unit: Unit,
    desk: Desk,
    tray: Tray,
    ministry: Ministry,
    link: Link,
    ours: Snapshot,
) -> bool:
    """Tell whether a dossier that was never sent may be there already: a person is asked first.

    A record of its person was set aside, or is now found among those that are kept.
    """
    line = desk.lines.get(link.id, [])
    if not asks_first(ministry) or link.base is not None:
        return False
    if flying_state(line) is not None:
        return False
    conflicts = desk.conflicts.get((link.code, link.system), ())
    waits = any(one.why == clerk.ALIKE for one in conflicts)
    kept = ministry.name in desk.unpaired
    for ref in unpaired.there(house, unit, ministry, ours) if kept else ():
        waits = clerk.alike(unit, ministry, link.code, ref) or waits
    for one in line if waits else ():
        if one.kind == "state" and one.state in UNSENT:
            take_back(unit, tray, one)
    return waits


def _never_sent(unit: Unit, tray: Tray, link: Link, unsent: Delivery | None) -> None:
    """Leave a dossier unsent that was withdrawn or handed over before the system ever had it."""
    if unsent is not None:
        take_back(unit, tray, unsent)
    unit.journal.add(Event.NEVER_SENT, code=link.code, system=link.system)


def _by_hand(unit: Unit, desk: Desk, ministry: Ministry, link: Link, ours: Snapshot) -> None:
    """Tell the clerk to send what was brought by hand, for as long as the ministry waits for it."""
    brought = ours.get("supplements_brought")
    if ours.get("status") == ASKED and isinstance(brought, list) and brought:
        clerk.by_hand(unit, ministry, link)
    elif (link.code, link.system) in desk.noticed:
        clerk.resolved(unit, link.code, link.system, clerk.BY_HAND)


def _steps(  # noqa: PLR0913 - see _for_system
    unit: Unit,
    desk: Desk,
    tray: Tray,
    ministry: Ministry,
    link: Link,
    ours: Snapshot,
    seq: int,
) -> None:
    sent = desk.steps.get(link.id, set())
    rows = ours.get("progress")
    _mended(unit, desk, link, rows if isinstance(rows, list) else [])
    fresh = [
        row
        for row in (rows if isinstance(rows, list) else [])
        if row["id"] not in sent and row["status"] not in NEVER_PUSHED
    ]
    for row in fresh:
        seq += 1
        lens = ministry.step_lens or ministry.lens
        tray.deliveries.append(
            NewDelivery(
                link.id,
                link.code,
                link.system,
                link.shard,
                seq,
                "step",
                {"code": link.code, **row},
                f"{lens.name}.v{lens.version}",
                step_id=row["id"],
            )
        )
    if fresh:
        unit.journal.add(
            Event.POSTED, code=link.code, system=link.system, steps=[one["status"] for one in fresh]
        )


def _mended(unit: Unit, desk: Desk, link: Link, rows: Sequence[dict[str, Any]]) -> None:
    """Put a refused step back in line whose row has changed since."""
    now = {row["id"]: {"code": link.code, **row} for row in rows}
    for one in desk.lines.get(link.id, []):
        refused = one.kind == "step" and one.state is State.DEAD
        if refused and one.step_id in now and now[one.step_id] != dict(one.fields):
            unit.outbox.renew_step(one.id, now[one.step_id])
            unit.journal.add(Event.REVIVED, code=link.code, system=link.system, delivery=one.id)
            clerk.resolved(unit, link.code, link.system, clerk.DEAD)


def _clashes(
    unit: Unit, desk: Desk, ministry: Ministry, link: Link, decision: Decision
) -> set[str]:
    """Open and close the conflicts of a link; returns the paths a person must decide.

    A standing conflict ends by itself when nothing is left to decide (see ``over``).
    """
    for clash in decision.clashes:
        clerk.clash(unit, ministry, link, clash)
    held = {clash.path for clash in decision.clashes}
    for conflict in desk.conflicts.get((link.code, link.system), []):
        path = conflict.field
        if conflict.why == clerk.ELSEWHERE:
            clerk.clash_over(unit, link, path, "it is for this system again")
            continue
        if path not in ministry.lens.outgoing | ministry.lens.incoming:
            continue
        if over(conflict, decision):
            clerk.clash_over(unit, link, path, "nothing is left to decide")
        else:
            held.add(path)
    return held


def _account(unit: Unit, ministry: Ministry, link: Link, decision: Decision) -> None:
    """Journal what waits, and what the system has no word for.

    What gave way is journalled by ``receive``, once, when the system's word comes in.
    """
    for path, value in decision.waits.items():
        unit.journal.add(
            Event.STATUS_WAITS, code=link.code, system=link.system, field=path, status=value
        )
    status = decision.agreed.get("status")
    if (
        status in (7, 10)
        and not tells(ministry, status)
        and (link.theirs or {}).get("status") != status
    ):
        clerk.no_word(unit, link, int(status))
