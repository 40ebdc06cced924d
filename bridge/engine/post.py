"""Rooms 3 and 4: a one-stop dossier is compared with what each system has, and put in line.

One transaction takes a batch of dossiers from the inbox, decides for every system each goes to,
and leaves the deliveries, the journal and the links behind, or nothing at all. A newer state
takes the place of an older one that was not sent; progress steps are never merged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.domain.decide import TAKEN_BACK, Decision, Ruling, Take, decide
from bridge.domain.delivery import IN_FLIGHT, UNSENT, State
from bridge.domain.dossier import Fields, Json, Snapshot
from bridge.domain.journal import Event
from bridge.domain.supplements import ready
from bridge.engine import clerk
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.orphans import found_again
from bridge.engine.versions import as_received
from bridge.store import Arrival, Conflict, Delivery, Link, StoreFault, Unit, Waiting
from bridge.store.entries import NewDelivery
from bridge.store.links import OPEN, ORPHAN

ASKED = 5
"""The status of a dossier whose ministry waits for more papers."""
OUT_OF_THEIR_HANDS = frozenset({7, 10})
"""Withdrawn, handed over: a sector system that never had the dossier is told nothing of it."""
NEVER_PUSHED = frozenset({1, 3})
"""Statuses of a dossier that is not (or no longer) a system's business."""


@dataclass(frozen=True)
class _Desk:
    """What a batch needs to know, read once."""

    links: Mapping[tuple[str, str], Link]
    lines: Mapping[int, list[Delivery]]
    last_seq: Mapping[int, int]
    steps: Mapping[int, set[str]]
    conflicts: Mapping[tuple[str, str], list[Conflict]]
    noticed: set[tuple[str, str]]

    def links_of(
        self, code: str, ministries: Iterable[Ministry]
    ) -> Iterator[tuple[Ministry, Link]]:
        """Yield the links of a dossier to these systems, as far as there are any."""
        for ministry in ministries:
            link = self.links.get((code, ministry.name))
            if link is not None:
                yield ministry, link


@dataclass
class _Tray:
    """What a batch leaves behind."""

    deliveries: list[NewDelivery] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    woken: set[str] = field(default_factory=set)


def post(house: House) -> int:
    """Work one batch of captured dossiers; returns how many records it took.

    Where that stumbles over one of them, each is worked by itself: it is said of the one it
    concerns, which is set aside until its row changes.
    """
    try:
        return _batch(house)
    except StoreFault:
        raise
    except Exception:  # noqa: BLE001 - see above
        return _singly(house)


def post_one(house: House, code: str) -> int:
    """Work what was captured of one dossier, ahead of the others; returns how many records."""
    try:
        return _batch(house, code)
    except StoreFault:
        raise
    except Exception as error:  # noqa: BLE001 - it is set aside until its row changes
        _set_aside(house, code, f"unexpected {type(error).__name__}")
        return 1


def _singly(house: House) -> int:
    with house.store.read() as unit:
        waiting = unit.inbox.waiting(ONESTOP, house.page)
    for code in dict.fromkeys(one.ref for one in waiting):
        post_one(house, code)
    return len(waiting)


def _set_aside(house: House, code: str, reason: str) -> None:
    with house.store.write("set dossier aside") as unit:
        for record in unit.inbox.waiting(ONESTOP, house.page, code):
            unit.inbox.quarantine(record.id, reason)
        unit.journal.add(Event.QUARANTINED, code=code, system=ONESTOP, reason=reason)
        clerk.unreadable(unit, code, None)


def _batch(house: House, only: str | None = None) -> int:
    """Work a batch, or what is in it of one dossier."""
    with house.store.write("post") as unit:
        waiting = unit.inbox.waiting(ONESTOP, house.page, only)
        if not waiting:
            return 0
        overtaken = unit.inbox.overtaken(waiting)
        newest = {one.ref: one for one in waiting if one.id not in overtaken}
        tray = _Tray()
        desk = _desk(house, unit, newest)
        snapshots = [_snapshot(code, record) for code, record in newest.items()]
        for ours in as_received(unit, snapshots):
            _one(house, unit, desk, tray, ours)
        _leave(unit, tray)
        unit.inbox.done([one.id for one in waiting])
    for name in tray.woken:
        house.wake(name)
    return len(waiting)


def post_all(house: House) -> int:
    """Work everything captured."""
    total = 0
    while worked := post(house):
        total += worked
    return total


def _snapshot(code: str, record: Waiting) -> Snapshot:
    return Snapshot(code, record.payload["fields"], record.payload["stamp"])


def procedure_of(fields: Fields) -> str | None:
    """Return the code of a dossier's procedure, by which it is routed."""
    procedure = fields.get("procedure.code")
    return procedure if isinstance(procedure, str) else None


def _desk(house: House, unit: Unit, records: Mapping[str, Waiting]) -> _Desk:
    links = unit.links.of_codes(records, lock=True)
    wanted: dict[tuple[str, str], int] = {}
    for code, record in records.items():
        fields = record.payload["fields"]
        for ministry in house.routed(procedure_of(fields)) if _concerns_systems(fields) else ():
            if (code, ministry.name) not in links and ministry.capabilities.writes:
                wanted[code, ministry.name] = ministry.shard_of(code)
    links |= unit.links.open(wanted, wanted)
    ids = [one.id for one in links.values()]
    return _Desk(
        links,
        unit.outbox.open_of_links(ids),
        unit.outbox.last_seq(ids),
        unit.outbox.steps_of_links(ids),
        unit.conflicts.open_of(records),
        unit.notices.standing(records),
    )


def _concerns_systems(fields: Fields) -> bool:
    """Nothing is sent before reception, nor of what is new or refused at the counter."""
    return fields.get("received_at") is not None and fields.get("status") not in NEVER_PUSHED


def _leave(unit: Unit, tray: _Tray) -> None:
    unit.outbox.supersede(tray.superseded)
    unit.outbox.post(tray.deliveries)
    unit.links.change_many(tray.links)
    unit.inbox.add(tray.arrivals)


def _one(house: House, unit: Unit, desk: _Desk, tray: _Tray, ours: Snapshot) -> None:
    ministries = house.routed(procedure_of(ours.fields))
    for ministry, link in desk.links_of(ours.code, house.ministries.values()):
        if ministry not in ministries:
            _not_theirs(unit, desk, tray, ministry, link)
    if not _concerns_systems(ours.fields):
        for ministry, link in desk.links_of(ours.code, ministries):
            if link.state == OPEN:
                _not_pushed(unit, desk, tray, ministry, link, ours)
        return
    if not ministries:
        clerk.nobody_handles(unit, ours.code, procedure_of(ours.fields))
        return
    if (ours.code, ONESTOP) in desk.noticed:
        clerk.resolved(unit, ours.code, ONESTOP)
    for ministry, link in desk.links_of(ours.code, ministries):
        now = found_again(unit, link) if link.state == ORPHAN else link
        if now.state == OPEN:
            _for_system(unit, desk, tray, ministry, now, ours)


def _for_system(  # noqa: PLR0913 - one dossier before one system: all of it is needed
    unit: Unit, desk: _Desk, tray: _Tray, ministry: Ministry, link: Link, ours: Snapshot
) -> None:
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
    dropped = never_sent and not out and link.rulings is not None
    gone = never_sent and not ministry.mirror and ours.get("status") in OUT_OF_THEIR_HANDS
    if gone:
        _never_sent(unit, tray, link, unsent)
    elif out or (never_sent and not dropped):
        content = {**ministry.carried(fields)}
        kept = {path for path in ("status",) if decision.ruled.get(path) is Take.NEITHER}
        content |= _undecided(base, theirs, (clashes | kept) & content.keys())
        if unsent is None or dict(unsent.fields) != content:
            seq = _state(unit, tray, ministry, link, content, unsent, seq, sorted(out))
    elif unsent is not None:
        _take_back(unit, tray, unsent)
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


def _not_theirs(unit: Unit, desk: _Desk, tray: _Tray, ministry: Ministry, link: Link) -> None:
    """Keep a dossier from a system whose procedure it is not any more; what it has, it keeps."""
    line = desk.lines.get(link.id, [])
    _recall(unit, tray, ministry, line)
    if link.base is not None or flying_state(line) is not None:
        clerk.elsewhere(unit, ministry, link.code, link.ref)


def _not_pushed(  # noqa: PLR0913 - see _for_system
    unit: Unit, desk: _Desk, tray: _Tray, ministry: Ministry, link: Link, ours: Snapshot
) -> None:
    """Send nothing of a dossier that is new again, or refused; see that it may have become so.

    What a system was never sent is taken back, for it goes when the dossier is received.
    """
    line = desk.lines.get(link.id, [])
    in_flight = flying_state(line)
    if link.base is None and in_flight is None:
        _recall(unit, tray, ministry, line)
        return
    base, theirs = agreed(ministry, link.base, link.theirs, in_flight)
    mine = ministry.lens.project(ours.fields)
    decision = weigh(ministry, base, mine, theirs, rulings(link))
    for clash in decision.clashes:
        if clash.path == "status":
            clerk.clash(unit, ministry, link, clash)


def _recall(unit: Unit, tray: _Tray, ministry: Ministry, line: Sequence[Delivery]) -> None:
    """Take back what was not sent; not from a system of steps, for those behind it go once."""
    for one in () if ministry.capabilities.steps else line:
        if one.state in UNSENT:
            _take_back(unit, tray, one)


def _never_sent(unit: Unit, tray: _Tray, link: Link, unsent: Delivery | None) -> None:
    """Leave a dossier unsent that was withdrawn or handed over before the system ever had it."""
    if unsent is not None:
        _take_back(unit, tray, unsent)
    unit.journal.add(Event.NEVER_SENT, code=link.code, system=link.system)


def _take_back(unit: Unit, tray: _Tray, unsent: Delivery) -> None:
    """End an unsent delivery that has nothing to tell any more, and the notice it caused."""
    tray.superseded.append(unsent.id)
    unit.journal.add(Event.SUPERSEDED, code=unsent.code, system=unsent.system, delivery=unsent.id)
    if unsent.state is State.DEAD:
        clerk.resolved(unit, unsent.code, unsent.system, clerk.DEAD)


def flying_state(line: Sequence[Delivery]) -> Delivery | None:
    """Return the state of a link's line that is on its way, if one is."""
    states = (one for one in reversed(line) if one.kind == "state" and one.state in IN_FLIGHT)
    return next(states, None)


def _undecided(base: Fields | None, theirs: Fields | None, paths: Collection[str]) -> Fields:
    """Return what goes out in place of fields a person must decide: what stands over there.

    Of the status that is what was agreed, for a status of theirs is not ours to repeat.
    """
    if base is None:
        return {}
    standing = {**base, **(theirs or {}), "status": base.get("status")}
    return {path: standing.get(path) for path in paths}


def agreed(
    ministry: Ministry, base: Fields | None, theirs: Fields | None, in_flight: Delivery | None
) -> tuple[Fields | None, Fields | None]:
    """Return what both sides agree on, and what the system shows, once what is on its way is in."""
    theirs = None if ministry.mirror else theirs
    if in_flight is None:
        return base, theirs
    carried = {
        path: value
        for path, value in ministry.lens.project(in_flight.fields).items()
        if path in ministry.lens.outgoing and (path != "status" or _tells(ministry, value))
    }
    if theirs is not None:
        shown = {path: value for path, value in carried.items() if path in ministry.lens.incoming}
        theirs = {**theirs, **shown}
    return {**(base or {}), **carried}, theirs


def _tells(ministry: Ministry, status: Json) -> bool:
    return ministry.mirror or status in ministry.lens.status_out


def rulings(link: Link) -> dict[str, Ruling]:
    """Return what a person decided of a link's fields."""
    return {
        path: Ruling(kept["ours"], kept["theirs"], Take(str(kept["take"])))
        for path, kept in (link.rulings or {}).items()
    }


def weigh(
    ministry: Ministry,
    base: Fields | None,
    ours: Fields,
    theirs: Fields | None,
    ruled: Mapping[str, Ruling] | None = None,
) -> Decision:
    """Ask ``decide`` with what this system's mapping says of owners and ways."""
    lens = ministry.lens
    return decide(
        base,
        ours,
        theirs,
        owner=lens.owner,
        outgoing=lens.outgoing,
        incoming=lens.incoming,
        status_out=lens.status_out,
        mirror=ministry.mirror,
        rulings=ruled,
    )


def look_again(link: Link, why: str) -> Arrival:
    """Return the inbox record that has a link compared anew with the one-stop's dossier."""
    return Arrival(link.system, link.code, why, {"look": link.id})


def _state(  # noqa: PLR0913 - the place, the content and what it replaces
    unit: Unit,
    tray: _Tray,
    ministry: Ministry,
    link: Link,
    fields: Mapping[str, Json],
    unsent: Delivery | None,
    seq: int,
    paths: Sequence[str],
) -> int:
    place = seq + 1 if unsent is None else unsent.seq
    if unsent is not None:
        tray.superseded.append(unsent.id)
        event = Event.REVIVED if unsent.state is State.DEAD else Event.SUPERSEDED
        unit.journal.add(event, code=link.code, system=link.system, delivery=unsent.id)
    tray.deliveries.append(
        NewDelivery(
            link.id,
            link.code,
            link.system,
            link.shard,
            place,
            "state",
            fields,
            f"{ministry.lens.name}.v{ministry.lens.version}",
            priority=unsent.priority if unsent else 0,
        )
    )
    detail: dict[str, Json] = {"fields": list(paths)} if link.base is not None else {"all": True}
    unit.journal.add(Event.POSTED, code=link.code, system=link.system, **detail)
    if link.base is None:
        _left_out(unit, ministry, link, fields)
    return max(seq, place)


def _left_out(unit: Unit, ministry: Ministry, link: Link, fields: Mapping[str, Json]) -> None:
    """Say in the journal that papers don't go out: the system would have to fetch them itself."""
    rows: Any = fields.get("documents") or []
    papers = sum(1 for one in rows if not one["deleted"])
    if papers and not ministry.lens.sends_papers:
        unit.journal.add(
            Event.DOCUMENTS_LEFT_OUT,
            code=link.code,
            system=link.system,
            count=papers,
            reason="console.public_url",
        )


def _by_hand(unit: Unit, desk: _Desk, ministry: Ministry, link: Link, ours: Snapshot) -> None:
    """Tell the clerk to send what was brought by hand, for as long as the ministry waits for it."""
    brought = ours.get("supplements_brought")
    if ours.get("status") == ASKED and isinstance(brought, list) and brought:
        clerk.by_hand(unit, ministry, link)
    elif (link.code, link.system) in desk.noticed:
        clerk.resolved(unit, link.code, link.system, clerk.BY_HAND)


def _steps(  # noqa: PLR0913 - see _for_system
    unit: Unit,
    desk: _Desk,
    tray: _Tray,
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


def _mended(unit: Unit, desk: _Desk, link: Link, rows: Sequence[dict[str, Any]]) -> None:
    """Put a refused step back in line whose row has changed since."""
    now = {row["id"]: {"code": link.code, **row} for row in rows}
    for one in desk.lines.get(link.id, []):
        refused = one.kind == "step" and one.state is State.DEAD
        if refused and one.step_id in now and now[one.step_id] != dict(one.fields):
            unit.outbox.renew_step(one.id, now[one.step_id])
            unit.journal.add(Event.REVIVED, code=link.code, system=link.system, delivery=one.id)
            clerk.resolved(unit, link.code, link.system, clerk.DEAD)


def _clashes(
    unit: Unit, desk: _Desk, ministry: Ministry, link: Link, decision: Decision
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


def over(conflict: Conflict, decision: Decision) -> bool:
    """Tell whether nothing is left to decide on a conflict's field.

    A status conflict is over once the move is legal; of any other field both sides must agree,
    for what a person is to decide must not be sent or taken in before. What a ministry has taken
    back it may say anew.
    """
    path = conflict.field
    if conflict.why == TAKEN_BACK and decision.into.get(path) is not None:
        return True
    if any(clash.path == path for clash in decision.clashes):
        return False
    return path == "status" or (path not in decision.out and path not in decision.into)


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
        and not _tells(ministry, status)
        and (link.theirs or {}).get("status") != status
    ):
        clerk.no_word(unit, link, int(status))
