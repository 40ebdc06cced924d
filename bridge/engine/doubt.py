"""Rooms 6 and 7: what was accepted is confirmed, and what is in doubt is asked about.

Past a deadline without an answer a person is told. Nothing is sent again on silence: it is asked
on, so that an answer that comes later still settles it.

Also finds what a dead process left behind (a shard's lease, a delivery marked as being sent), and
what died for want of a file that is there now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from bridge.domain.delivery import (
    OVERDUE,
    CrashedBefore,
    FoundAbsent,
    NotYet,
    State,
    Unknown,
    after,
)
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import apart, ask, brake, clerk, code_lists, payloads, settle
from bridge.engine.ask import Reply
from bridge.engine.deliver import TURN, to_command
from bridge.engine.house import House, Ministry
from bridge.engine.papers import documents, weigh
from bridge.engine.paused import Watch
from bridge.engine.side_by_side import side_by_side
from bridge.mapping import Lists, MappingError
from bridge.sdk.documents import DocumentFault
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Action, Command
from bridge.store import Delivery, Link, Unit

LOOKED_FOR_EVERY = timedelta(minutes=1)
UNKEPT = Said("what came of it could not be kept: the store was away")


def confirm_one(house: House, ministry: Ministry, delivery: Delivery) -> AdapterError | None:
    """Ask what became of one accepted delivery; the error when that can't be asked."""
    [reply] = _receipts(house, ministry, [delivery])
    if isinstance(reply.outcome, NotYet):
        with house.store.write("not confirmed yet") as unit:
            _unanswered(unit, house, ministry, [delivery])
        return reply.trouble
    settle.settle(house, ministry, [(delivery, reply)])
    return None


def confirm(house: House, ministry: Ministry, *, now: bool = False) -> int:
    """Ask what became of accepted deliveries whose time has come; returns how many were settled."""
    if ministry.capabilities.confirms == "in_reply":
        return 0
    settled = 0
    while True:
        with house.store.glance() as unit:
            due = unit.outbox.in_state(ministry.name, State.ACCEPTED, house.page, ignore_due=now)
        if not due or not brake.may_call(house, ministry, probing=now):
            return settled
        settled += confirm_these(house, ministry, due)
        if now or len(due) < house.page:
            return settled


def confirm_these(house: House, ministry: Ministry, due: Sequence[Delivery]) -> int:
    """Ask what became of these accepted deliveries; returns how many were settled."""
    if not due:
        return 0
    replies = _receipts(house, ministry, due)
    told = [
        (one, reply)
        for one, reply in zip(due, replies, strict=True)
        if not isinstance(reply.outcome, NotYet)
    ]
    if told:
        settle.settle(house, ministry, told)
    waiting = [
        one for one, reply in zip(due, replies, strict=True) if isinstance(reply.outcome, NotYet)
    ]
    if waiting:
        with house.store.write("not confirmed yet") as unit:
            _unanswered(unit, house, ministry, waiting)
    return len(told)


def _receipts(house: House, ministry: Ministry, due: Sequence[Delivery]) -> Sequence[ask.Reply]:
    """Ask for the receipts of these; while they can't be had, there are none yet."""
    replies = ask.confirm(house, ministry, [bare_command(one) for one in due])
    trouble = next((one.trouble for one in replies if one.trouble is not None), None)
    if trouble is None:
        brake.answered(house, ministry)
    else:
        brake.failed(house, ministry, trouble)
    return replies


def bare_command(delivery: Delivery) -> Command:
    """Return a command that names what was sent, without its content."""
    return Command(
        key=f"{delivery.system}-{delivery.id}",
        action=Action.STEP if delivery.kind == "step" else Action.UPDATE,
        code=delivery.code,
        ref=None,
        body={},
        version=delivery.version or 1,
        attempt=delivery.attempts + 1,
        sent_before=True,
    )


def _unanswered(unit: Unit, house: House, ministry: Ministry, waiting: Sequence[Delivery]) -> None:
    """Note that nothing was learnt of these; of what is overdue by now a person is told.

    What was settled or sent again meanwhile, by another thread or process, stays as it is.
    """
    now = unit.outbox.standing({one.id for one in waiting})
    rows: list[dict[str, Any]] = []
    for one in waiting:
        if not now[one.id].is_as_read(one):
            continue
        chance = house.chance.random()
        following = after(settle.standing(one), NotYet(), unit.now, ministry.policy, chance)
        if following.cause == OVERDUE and now[one.id].cause != OVERDUE:
            clerk.overdue(unit, ministry, one)
        rows.append({"id": one.id} | settle.columns(following))
    unit.outbox.change_many(rows)


def remind(house: House, ministry: Ministry) -> int:
    """Tell of what is overdue though nobody could ask about it; returns how many that were."""
    with house.store.glance() as unit:
        before = unit.now - ministry.policy.deadline
        late = unit.outbox.unanswered(ministry.name, before, house.page, but=OVERDUE)
    if late:
        with house.store.write("overdue") as unit:
            _unanswered(unit, house, ministry, late)
    return len(late)


def ask_due(house: House, ministry: Ministry, *, now: bool = False) -> int:
    """Ask about every doubt whose time has come; returns how many were settled.

    What stands in different shards is asked about side by side, as it is sent: a process that dies
    leaves hundreds of doubts, and nothing goes on behind them until they are answered.
    ``now``: files that were missing are looked for whenever they were looked for last.
    """
    recover(house, ministry)
    revive(house, ministry, now=now)
    remind(house, ministry)
    with house.store.glance() as unit:
        due = unit.outbox.in_state(ministry.name, State.IN_DOUBT, house.page)
    settled = _ask_on(house, ministry, due[:1])  # one that is tried again is asked one thing first
    shards: dict[int, list[Delivery]] = defaultdict(list)
    for one in due[1:]:
        shards[one.shard].append(one)
    calls = [partial(_ask_on, house, ministry, lined_up) for lined_up in shards.values()]
    return settled + sum(side_by_side(calls, f"ask {ministry.name}"))


def _ask_on(house: House, ministry: Ministry, due: Sequence[Delivery]) -> int:
    """Ask about these one after the other, as long as the system may be called."""
    settled = 0
    while due and brake.may_call(house, ministry):
        answers = _ask(house, ministry, due)
        settled += sum(isinstance(one, Reply) and one.found is not None for one in answers)
        due = due[len(answers) :]
    return settled


def ask_one(house: House, ministry: Ministry, delivery: Delivery) -> Reply | AdapterError:
    """Ask the system whether it applied a delivery, and settle it by what it says.

    Returns what it said; the error when it can't be asked.
    """
    (answer,) = _ask(house, ministry, [delivery])
    return answer


def _ask(house: House, ministry: Ministry, due: Sequence[Delivery]) -> list[Reply | AdapterError]:
    """Ask about the first of these, as many as are answered in a moment, and settle them together.

    Returns what was said of each that was asked about; with the first that can't be, it ends, and
    when a person pauses the system. A process that dies leaves a turn of doubts: one by one, each
    would wait for the store.
    """
    with house.store.glance() as unit:
        links = unit.links.by_ids([one.link_id for one in due])
    lists = code_lists.at_hand(house, ministry)
    ends, watch = house.now() + TURN, Watch(house, ministry)
    told: list[tuple[Delivery, Reply]] = []
    for delivery in due:
        command = _command(house, ministry, delivery, links[delivery.link_id], lists)
        answer = ask.probe(house, ministry, command)
        if isinstance(answer, AdapterError):
            _told(house, ministry, told)
            _not_asked(house, ministry, delivery, answer)
            with house.store.write("doubt not asked") as unit:
                _unanswered(unit, house, ministry, [delivery])
            return [*(reply for _, reply in told), answer]
        told.append((delivery, answer))
        if house.now() >= ends or watch.paused():
            break
    _told(house, ministry, told)
    return [reply for _, reply in told]


def _command(
    house: House, ministry: Ministry, delivery: Delivery, link: Link, lists: Lists
) -> Command:
    try:
        return to_command(house, ministry, delivery, link, lists)[0]
    except (MappingError, DocumentFault):
        return bare_command(delivery)


def _told(house: House, ministry: Ministry, told: Sequence[tuple[Delivery, Reply]]) -> None:
    """Settle what was answered, in one transaction."""
    if not told:
        return
    with house.store.write("doubt asked") as unit:
        settlement = settle.Settlement(unit, house, ministry, [one for one, _ in told])
        for delivery, answer in told:
            unit.journal.add(
                Event.DOUBT_ASKED,
                code=delivery.code,
                system=delivery.system,
                delivery=delivery.id,
                answer="absent" if isinstance(answer.outcome, FoundAbsent) else "applied",
            )
            settlement.take(delivery, answer)
        settlement.finish()
        payloads.answered(unit, house.safe, told)
        _several(unit, ministry, told)
    brake.answered(house, ministry)


def _several(unit: Unit, ministry: Ministry, told: Sequence[tuple[Delivery, Reply]]) -> None:
    """Ask about dossiers of which the system has more than one record, by the numbers they have now."""
    counts = {
        one.link_id: answer.found.count
        for one, answer in told
        if answer.found is not None and answer.found.count > 1
    }
    for link in unit.links.by_ids(counts).values() if counts else ():
        apart.ask_of_several(unit, ministry, link, counts[link.id])


def _not_asked(house: House, ministry: Ministry, delivery: Delivery, error: AdapterError) -> None:
    """Tell the brake that a question failed; no personal value of the delivery's is in the reason."""
    if isinstance(error, ask.Unsure):
        brake.answered(house, ministry)
    else:
        outcome = settle.discreet(house, ministry, delivery, ask.written(error))
        brake.told(house, ministry, [[outcome]])


def recover(house: House, ministry: Ministry) -> int:
    """Put what a dead process was sending in doubt (or back in line where a repeat is safe).

    And what this process was sending when the store was away: its turn has ended, and nobody could
    note how.
    """
    before = house.leases.being_sent()
    with house.store.glance() as unit:
        left = unit.outbox.expired(ministry.name, house.page)
    with house.store.glance() as unit:
        ours = unit.outbox.marked_by(ministry.name, house.owner, house.page)
    known = before | house.leases.being_sent() | {one.id for one in left}
    lost = [one for one in ours if one.id not in known]
    replies = [(one, ask.Reply(CrashedBefore())) for one in left]
    replies += [(one, ask.Reply(Unknown(UNKEPT))) for one in lost]
    if replies:
        settle.settle(house, ministry, replies)
    return len(replies)


def revive(house: House, ministry: Ministry, *, now: bool = False) -> int:
    """Put back in line what died of a document whose file is as told now; returns how many.

    A file is mended in its folder, where no row tells of it: so it is looked for, now and then.
    """
    with house.store.glance() as unit:
        dead = unit.outbox.refused_for(ministry.name, settle.DOCUMENT, house.page, ignore_due=now)
    if not dead:
        return 0
    mended = {one.id for one in dead if _files_are_there(house, ministry, one)}
    with house.store.write("revive") as unit:
        for one in dead:
            if one.id in mended and unit.outbox.revive(one.id):
                unit.journal.add(Event.REVIVED, code=one.code, system=one.system, delivery=one.id)
            else:
                unit.outbox.change(one.id, due_at=unit.now + LOOKED_FOR_EVERY)
    return len(mended)


def _files_are_there(house: House, ministry: Ministry, delivery: Delivery) -> bool:
    try:
        lists = code_lists.at_hand(house, ministry)
        body = ministry.lens.lower(delivery.fields, lists).body
        files = documents(house, delivery.fields, body)
        weigh(ministry, files)
        for document in files.values():
            document.verify()
    except (DocumentFault, MappingError):
        return False
    return True


def bury(house: House) -> int:
    """End the leases, and the one call of a system, of dead processes; returns how many died."""
    with house.store.read() as unit:
        owners = unit.outbox.owners() | unit.systems.owners()
        dead = [one for one in sorted(owners) if one != house.owner and not house.alive(one)]
    for owner in dead:
        with house.store.write("bury") as unit:
            unit.outbox.expire_leases(owner)
            unit.systems.expire_probes(owner)
    return len(dead)
