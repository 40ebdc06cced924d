"""Room 8: what a ministry shows is stored, compared, and written into the one-stop database.

Two halves with a commit between them. ``poll`` stores pages of the feed with the cursor and only
then acknowledges them. ``work`` takes the stored records one by one: the one-stop row is read
fresh, decided about, and written under its stamp; a row that moved meanwhile is decided again.
A crash between the two databases repeats the record, and every row it writes has an id that
depends on nothing but the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bridge.domain.authority import Owner
from bridge.domain.decide import Decision
from bridge.domain.delivery import State, Taken
from bridge.domain.dossier import Fields, Json, Snapshot
from bridge.domain.journal import Event
from bridge.domain.supplements import ready
from bridge.engine import ask, brake, capture, clerk, imports, settle
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.post import IN_FLIGHT, agreed, over, weigh
from bridge.engine.seen import UNNUMBERED, Seen, as_known, lift, progress
from bridge.mapping import LiftError
from bridge.sdk.errors import AdapterError
from bridge.sdk.hashing import content_hash
from bridge.sdk.onestop import Moved, OneStopChange, OneStopFault
from bridge.sdk.records import Receipt, Record, Unreadable
from bridge.store import Arrival, Delivery, Link, StoreClash, StoreFault, Unit, Waiting

STUBBORN_MOST = 3
"""How often a system may show something else than what it accepted before a person decides."""

MOVED_MOST = 5
FAILED_MOST = 6
"""How often a record may fail as none should before it is set aside."""

NOT_YET = timedelta(seconds=2)


# -- the feed


def poll(house: House, ministry: Ministry) -> int:
    """Read the feed to its end; returns how many records entered the inbox.

    Raises:
        AdapterError: the feed can't be read now; the brake is set, what was stored stays.
    """
    if ministry.capabilities.feed == "none":
        return 0
    total = 0
    more = True
    while more:
        with house.store.read() as unit:
            cursor = unit.inbox.cursor(ministry.name)
        try:
            page = ask.changes(house, ministry, cursor)
        except AdapterError as error:
            with house.store.write("feed failed") as unit:
                brake.failed_read(unit, ministry, error, unit.now)
            raise
        if not page.records and page.cursor == cursor and page.token is None:
            _alive(house, ministry)
            break
        with house.store.write("receive page") as unit:
            entered = unit.inbox.add([_as_arrival(ministry, one) for one in page.records])
            unit.inbox.move_cursor(ministry.name, page.cursor)
            brake.succeeded(unit, ministry, unit.now)
            _announce(unit, ministry, entered, page.warnings)
        total += len(entered)
        more = page.more
        if page.token is not None and ask.acknowledge(ministry, page.token) is not None:
            break
    return total


def _alive(house: House, ministry: Ministry) -> None:
    """Note that an empty feed is an answer too, without a write where nothing changes."""
    with house.store.read() as unit:
        noted = brake.noted(unit, ministry, unit.now)
    if not noted:
        with house.store.write("feed answered") as unit:
            brake.succeeded(unit, ministry, unit.now)


def poll_open(house: House, ministry: Ministry) -> int:
    """Read the feed if the system may be called now; returns how many records entered."""
    return poll(house, ministry) if brake.look(house, ministry).open else 0


def _announce(
    unit: Unit, ministry: Ministry, entered: list[Arrival], warnings: tuple[str, ...]
) -> None:
    for one in entered:
        if one.reason is not None:
            unit.journal.add(
                Event.QUARANTINED, system=ministry.name, ref=one.ref, reason=one.reason
            )
    for text in warnings:
        unit.journal.add(Event.FEED_WARNING, system=ministry.name, reason=text)


def _as_arrival(ministry: Ministry, one: Record | Unreadable) -> Arrival:
    if isinstance(one, Unreadable):
        return Arrival(ministry.name, one.name, f"unreadable:{one.reason}", None, one.reason)
    payload: dict[str, Json] = {
        "body": dict(one.body),
        "version": one.version,
        "at": None if one.at is None else one.at.isoformat(),
    }
    ref = one.ref or UNNUMBERED + str(ministry.lens.key(one.body) or content_hash(payload))
    return Arrival(ministry.name, ref, content_hash(payload), payload)


# -- the records


def work(house: House, ministry: Ministry) -> int:
    """Work the stored records of a system that are due; returns how many were taken.

    One at a time works them, in one process and over all: the versions of a record are brought
    in one after the other, the oldest first.

    Raises:
        OneStopFault: the one-stop database can't be used; the records stay.
    """
    if not _due(house, ministry):
        return 0
    with house.leases.records(house, ministry.name) as hold:
        total = 0
        while hold is not None and (waiting := _due(house, ministry)):
            for record in waiting:
                if not hold.still(house):
                    return total
                _contained(house, ministry, record)
                total += 1
        return total


def _due(house: House, ministry: Ministry) -> list[Waiting]:
    with house.store.read() as unit:
        return unit.inbox.oldest_due(ministry.name, house.page)


def _contained(house: House, ministry: Ministry, record: Waiting) -> None:
    """Work one record; one that can't be worked waits, and in the end is set aside."""
    try:
        _one(house, ministry, record)
    except OneStopFault as fault:
        if fault.code is None:
            raise
        _later(house, record, fault.reason)
    except StoreClash as clash:
        _failed(house, record, str(clash))
    except StoreFault:
        raise
    except Exception as error:  # noqa: BLE001 - one record's trouble is not its neighbours'
        _failed(house, record, f"unexpected {type(error).__name__}")


def _failed(house: House, record: Waiting, reason: str) -> None:
    """Count a failure that should not be; after some the record is set aside for a person."""
    if record.attempts < FAILED_MOST:
        _later(house, record, reason)
        return
    with house.store.write("quarantine") as unit:
        unit.inbox.quarantine(record.id, reason)
        unit.journal.add(Event.QUARANTINED, system=record.source, ref=record.ref, reason=reason)


def _one(house: House, ministry: Ministry, record: Waiting) -> None:
    if "look" in record.payload:
        _look_again(house, ministry, record)
        return
    try:
        seen = lift(ministry, record)
    except LiftError as error:
        with house.store.write("quarantine") as unit:
            unit.inbox.quarantine(record.id, str(error), error.rule)
            unit.journal.add(
                Event.QUARANTINED, system=ministry.name, ref=record.ref, reason=str(error)
            )
        return
    link = find(house, ministry, seen)
    if link is not None and not seen.ref:
        seen = replace(seen, ref=link.ref or "")
    if link is None and not seen.ref:
        imports.set_aside(house, ministry, record, "it has no number, and no dossier is named")
    elif link is None:
        imports.take_in(house, ministry, record, seen)
    elif link.state == "importing":
        imports.finish(house, ministry, record, seen, link)
    else:
        _known(house, ministry, record, _proved(house, ministry, record, link, seen), seen)


def _known(house: House, ministry: Ministry, record: Waiting, link: Link, seen: Seen) -> None:
    """Work a record of a linked dossier."""
    if _stale(link, seen):
        _drop(house, record)
    elif link.ref is None and _in_flight(house, link) is not None:
        _nudge(house, record, link)
    else:
        bring_in(house, ministry, record, link, seen)


def _proved(house: House, ministry: Ministry, record: Waiting, link: Link, seen: Seen) -> Link:
    """Return the link, once what was only accepted is confirmed by what the record shows.

    A receipt may be lost for good. The first record that names our dossier proves that it was
    taken; a later version is proved by a record that shows what it changed.
    """
    flying = _in_flight(house, link)
    if flying is None or flying.state is not State.ACCEPTED or flying.sent_at is None:
        return link
    if record.received_at < flying.sent_at:
        return link
    base, lens = link.base or {}, ministry.lens
    sent, shown = lens.project(flying.fields), lens.project(seen.fields)
    changed = [path for path in sent if path in lens.incoming and sent[path] != base.get(path)]
    first = link.ref is None and seen.ref
    if not first and not (changed and all(shown.get(path) == sent[path] for path in changed)):
        return link
    settle.settle(house, ministry, [(flying, ask.Reply(Taken(), Receipt(seen.ref or link.ref)))])
    with house.store.read() as unit:
        return unit.links.by_ids([link.id])[link.id]


def find(house: House, ministry: Ministry, seen: Seen) -> Link | None:
    """Find the link of a record: by its number, else by the dossier code it carries."""
    with house.store.read() as unit:
        by_ref = unit.links.of_refs(ministry.name, [seen.ref] if seen.ref else [])
        if seen.ref in by_ref:
            return by_ref[seen.ref]
        code = ministry.lens.key(seen.body)
        if code is None:
            return None
        link = unit.links.of_codes([code]).get((code, ministry.name))
    if link is None:
        return _adopt(house, ministry, code)
    if seen.ref and link.ref is not None and link.ref != seen.ref:
        with house.store.write("second record") as unit:
            clerk.twice(unit, ministry, link, 2)
    return link


def _adopt(house: House, ministry: Ministry, code: str) -> Link | None:
    """Link a record that carries the code of a dossier of ours nobody has linked yet."""
    if code not in house.onestop.fetch([code]):
        return None
    with house.store.write("link") as unit:
        pair = (code, ministry.name)
        links = unit.links.of_codes([code])
        link = links.get(pair) or unit.links.open([pair], {pair: ministry.shard_of(code)})[pair]
        unit.journal.add(Event.LINKED, code=code, system=ministry.name, why="the record names it")
    return link


def _stale(link: Link, seen: Seen) -> bool:
    if link.ref is not None and seen.ref and link.ref != seen.ref:
        return True
    older = (
        seen.version is not None
        and link.theirs_version is not None
        and seen.version <= link.theirs_version
    )
    return older or (seen.hash == link.theirs_hash and link.base is not None)


def _drop(house: House, record: Waiting) -> None:
    with house.store.write("known record") as unit:
        unit.inbox.done([record.id])


def _in_flight(house: House, link: Link) -> Delivery | None:
    with house.store.read() as unit:
        line = unit.outbox.open_of_links([link.id]).get(link.id, [])
    return next(
        (one for one in reversed(line) if one.kind == "state" and one.state in IN_FLIGHT), None
    )


def _nudge(house: House, record: Waiting, link: Link) -> None:
    """Our own submission shows up before its answer: let the doubt be asked first."""
    with house.store.write("own record early") as unit:
        unit.inbox.wait(record.id, unit.now + NOT_YET, "its delivery is not settled yet")
        for one in unit.outbox.open_of_links([link.id]).get(link.id, []):
            if one.state.value == "in_doubt":
                unit.outbox.change(one.id, due_at=unit.now)


def _look_again(house: House, ministry: Ministry, record: Waiting) -> None:
    with house.store.read() as unit:
        link = unit.links.by_ids([record.payload["look"]]).get(record.payload["look"])
    if link is None or link.theirs is None or link.ref is None:
        _drop(house, record)
        return
    bring_in(house, ministry, record, link, as_known(link))


# -- into the one-stop


def bring_in(house: House, ministry: Ministry, record: Waiting, link: Link, seen: Seen) -> None:
    """Decide about a record of a linked dossier and write what it changes."""
    for _ in range(MOVED_MOST):
        current = house.onestop.fetch([link.code]).get(link.code)
        if current is None:
            _orphan(house, record, link)
            return
        if isinstance(current, Unreadable):
            _later(house, record, current.reason)
            return
        told = _told(house, ministry, record, link, seen)
        decision = _decide(house, ministry, link, current, told)
        change = to_change(house, ministry, link, decision, seen, current)
        try:
            written = (
                current if _empty(change) else house.onestop.apply(link.code, change, current.stamp)
            )
        except Moved:
            continue
        _conclude(house, ministry, record, link, seen, told, decision, written, change)
        return
    _later(house, record, "the one-stop row keeps moving")


def _told(house: House, ministry: Ministry, record: Waiting, link: Link, seen: Seen) -> Fields:
    """Return what a record tells that is news.

    A record that was read before our last word, or has a newer one behind it, still shows the
    one-stop's fields as we had sent them before: of these only what the ministry changed counts.
    """
    lens = ministry.lens
    shown = lens.project(seen.fields)
    with house.store.read() as unit:
        old = unit.inbox.overtaken(record) or unit.outbox.confirmed_since(
            link.id, record.received_at
        )
    if not old or link.theirs is None:
        return shown
    before = lens.project(lens.lift(link.known)) if link.known else shown
    return {
        path: value
        for path, value in shown.items()
        if value != before.get(path) or lens.owner(path) in (Owner.MINISTRY, Owner.BY_STATUS)
    }


def _decide(house: House, ministry: Ministry, link: Link, ours: Snapshot, told: Fields) -> Decision:
    shown = {**(link.theirs or {}), **told}
    base, theirs = agreed(ministry, link.base, shown, _in_flight(house, link))
    mine = ministry.lens.project(ready(ours.fields, base))
    return weigh(ministry, base, mine, theirs)


def to_change(  # noqa: PLR0913 - a record, what was decided, and what it meets
    house: House,
    ministry: Ministry,
    link: Link,
    decision: Decision,
    seen: Seen,
    current: Snapshot,
) -> OneStopChange:
    """Return what a record changes in the one-stop's dossier.

    A status is a step of progress when the dossier takes it, or the clerk keyed it ahead of the
    ministry; one that the dossier never left is none.
    """
    with house.store.read() as unit:
        open_ = unit.conflicts.open_of([link.code]).get((link.code, link.system), [])
    held = {one.field for one in open_ if not over(one, decision)}
    fields = {path: value for path, value in decision.into.items() if path not in held}
    before = (link.theirs or {}).get("status")
    if seen.status not in (decision.into.get("status"), decision.agreed.get("status"), before):
        return OneStopChange(fields)
    steps, supplements = progress(ministry, seen, link.theirs or {}, current.fields)
    return OneStopChange(fields, steps, supplements)


def _empty(change: OneStopChange) -> bool:
    return not (change.fields or change.steps or change.supplements)


def _conclude(  # noqa: PLR0913 - everything a record came to, in one transaction
    house: House,
    ministry: Ministry,
    record: Waiting,
    link: Link,
    seen: Seen,
    told: Fields,
    decision: Decision,
    written: Snapshot,
    change: OneStopChange,
) -> None:
    with house.store.write("received") as unit:
        now = unit.links.by_ids([link.id], lock=True)[link.id]
        if now.theirs_version != link.theirs_version:
            return  # decided from what is past: the record is worked again
        link = now
        theirs = {**(link.theirs or {}), **told}
        settled = {**decision.agreed, **change.fields}
        shown = ministry.lens.project(written.fields)
        base = {**(link.base or {}), **{path: shown.get(path) for path in settled}}
        stubborn = _stubborn(unit, ministry, link, decision, theirs, shown)
        unit.links.change(
            link.id,
            theirs=theirs,
            known=dict(seen.body) or link.known,
            theirs_hash=seen.hash,
            theirs_version=seen.version or link.theirs_version,
            ref=seen.ref or link.ref,
            base=_first_base(link, decision, base, shown),
            stubborn=stubborn,
        )
        _journal(unit, link, decision, change)
        for clash in decision.clashes:
            clerk.clash(unit, ministry, link, clash)
        _end_conflicts(unit, ministry, link, decision)
        if decision.out.keys() - _held(unit, link):
            unit.inbox.add([capture.as_arrival(written)])
        unit.inbox.done([record.id])
    house.wake(ONESTOP)


def _first_base(
    link: Link, decision: Decision, base: Mapping[str, Json], shown: Fields
) -> Mapping[str, Json]:
    """Two records paired just now agree on all that needs no sending."""
    if link.base is not None:
        return base
    agreed_on = {path: value for path, value in shown.items() if path not in decision.out}
    return {**agreed_on, **base}


def _end_conflicts(unit: Unit, ministry: Ministry, link: Link, decision: Decision) -> None:
    known = ministry.lens.outgoing | ministry.lens.incoming
    for one in unit.conflicts.open_of([link.code]).get((link.code, link.system), []):
        if one.field in known and over(one, decision):
            clerk.clash_over(unit, link, one.field, "nothing is left to decide")


def _held(unit: Unit, link: Link) -> set[str]:
    standing = unit.conflicts.open_of([link.code]).get((link.code, link.system), [])
    return {one.field for one in standing}


def _stubborn(  # noqa: PLR0913 - see _conclude
    unit: Unit,
    ministry: Ministry,
    link: Link,
    decision: Decision,
    theirs: Fields,
    ours: Fields,
) -> dict[str, int]:
    """Count what the system shows otherwise than it accepted; after three times a person decides."""
    counts = dict(link.stubborn)
    for path in list(counts):
        if theirs.get(path) == ours.get(path):
            del counts[path]
            clerk.clash_over(unit, link, path, "both sides agree")
    for loss in decision.losses:
        if loss.loser != "ministry" or link.base is None:
            continue
        counts[loss.path] = counts.get(loss.path, 0) + 1
        if counts[loss.path] >= STUBBORN_MOST:
            clerk.never_equal(unit, ministry, link, loss)
    return counts


def _journal(unit: Unit, link: Link, decision: Decision, change: OneStopChange) -> None:
    for loss in decision.losses:
        unit.journal.add(
            Event.LOSS, code=link.code, system=link.system, field=loss.path, side=loss.loser
        )
    if not _empty(change):
        unit.journal.add(
            Event.INTO_ONESTOP,
            code=link.code,
            system=link.system,
            fields=sorted(change.fields),
            status=change.fields.get("status"),
            steps=[one.status for one in change.steps],
        )


def _orphan(house: House, record: Waiting, link: Link) -> None:
    with house.store.write("orphan") as unit:
        unit.links.change(link.id, state="orphan")
        unit.journal.add(Event.ORPHAN, code=link.code, system=link.system)
        unit.inbox.done([record.id])


def _later(house: House, record: Waiting, reason: str) -> None:
    wait = timedelta(seconds=min(300, 2 ** min(record.attempts + 1, 8)))
    with house.store.write("later") as unit:
        unit.inbox.wait(record.id, unit.now + wait, reason)
