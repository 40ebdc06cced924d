"""Room 8: what a ministry shows is stored, and worked into the one-stop database.

Two halves with a commit between them. ``poll`` stores pages of the feed with the cursor and only
then acknowledges them. ``work`` takes the stored records, each version after the one before it:
translates them, finds the dossier, and has them brought in (``into``) or imported (``imports``).
A crash between the two databases repeats the record, and every row it writes has an id that
depends on nothing but the record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from bridge.domain.delivery import State, Taken
from bridge.domain.dossier import Json, Snapshot
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import ask, brake, clerk, code_lists, imports, settle
from bridge.engine.house import House, Ministry
from bridge.engine.into import Case, bring_in, later, set_aside
from bridge.engine.paused import is_paused
from bridge.engine.seen import UNNUMBERED, Seen, as_known, lift, looks_anothers
from bridge.engine.watch.observe import feed_read
from bridge.engine.weighing import flying_state, procedure_of
from bridge.mapping import LiftError, Lists, ListUnread
from bridge.sdk.hashing import content_hash
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.records import Receipt, Record, Unreadable
from bridge.store import Arrival, Delivery, Link, StoreClash, StoreFault, Unit, Waiting
from bridge.store.links import OPEN, ORPHAN, PAIRING

FAILED_MOST = 6
"""How often a record may fail as none should before it is set aside."""

UNKNOWN_MOST = 24
"""How often a part of a dossier nobody knows yet is looked at again: for about an hour and a half."""

ANOTHERS = Said("its number is known as another dossier's")
"""Why a record waits whose ministry has given a number anew: reconciling tells whose it is."""

NOT_YET = timedelta(seconds=2)

_COMPARED = (OPEN, ORPHAN)
"""The states of a link whose record is compared with its dossier."""


# -- the feed


def poll(house: House, ministry: Ministry) -> int:
    """Read the feed to its end, or until enough of it waits; returns how many records entered.

    Raises:
        AdapterError: the feed can't be read now; the brake is set, what was stored stays.
    """
    if ministry.capabilities.feed == "none":
        return 0
    total = 0
    more = True
    while more:
        with house.store.read() as unit:
            full = unit.inbox.is_full(ministry.name, house.waiting_most)
            if full or is_paused(unit, ministry):
                break
            cursor, asked = unit.inbox.cursor(ministry.name), unit.now
        with brake.heard(house, ministry):
            page = ask.changes(house, ministry, cursor)
        if not page.records and page.cursor == cursor and page.token is None:
            break
        with house.store.write("receive page") as unit:
            if unit.inbox.cursor(ministry.name, lock=True) != cursor:
                continue  # another process read on meanwhile; it is read from there
            records = [as_arrival(ministry, one) for one in page.records]
            entered = unit.inbox.add(records, read_at=asked)
            unit.inbox.move_cursor(ministry.name, page.cursor)
            _announce(unit, ministry, entered, page.warnings)
        for text in page.warnings:
            house.aloud(ministry.name, text)
        total += len(entered)
        more = page.more
        if page.token is not None and ask.acknowledge(house, ministry, page.token) is not None:
            break
    feed_read(house, ministry)
    return total


def is_full(house: House, ministry: Ministry) -> bool:
    """Tell whether so many records of a system wait that its feed is not read on."""
    with house.store.read() as unit:
        return unit.inbox.is_full(ministry.name, house.waiting_most)


def poll_open(house: House, ministry: Ministry) -> int:
    """Read the feed if the system may be called now; returns how many records entered."""
    if ministry.capabilities.feed == "none" or not brake.may_call(house, ministry):
        return 0
    return poll(house, ministry)


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


def as_arrival(ministry: Ministry, one: Record | Unreadable) -> Arrival:
    """Return the inbox record of what a system showed."""
    if isinstance(one, Unreadable):
        return Arrival(ministry.name, one.name, f"unreadable:{one.reason}", None, one.reason)
    lens = ministry.lenses.get(one.kind)
    if lens is None:
        reason = f"the adapter has no mapping for records of the kind {one.kind}"
        return Arrival(ministry.name, one.ref, f"unreadable:{reason}", None, reason)
    payload: dict[str, Json] = {
        "body": dict(one.body),
        "version": one.version,
        "at": None if one.at is None else one.at.isoformat(),
        "kind": one.kind,
    }
    ref = one.ref or UNNUMBERED + str(lens.key(one.body) or content_hash(payload))
    return Arrival(ministry.name, ref, content_hash(payload), payload)


# -- the records


def work(house: House, ministry: Ministry, only: Collection[str] | None = None) -> int:
    """Work the stored records of a system that are due; returns how many were taken.

    ``only`` those of these refs, where some are given.

    One at a time works them, in one process and over all: the versions of a record are brought
    in one after the other, the oldest first.

    Raises:
        OneStopFault: the one-stop database can't be used; the records stay.
    """
    if not _due(house, ministry, only):
        return 0
    with house.leases.records(house, ministry.name) as hold:
        total = 0
        while hold is not None and (waiting := _due(house, ministry, only)):
            if not hold.still(house):
                return total
            total += len(waiting)
            for record in _together(house, ministry, waiting):
                if not hold.still(house):
                    return total
                _contained(house, ministry, record)
        return total


def _due(house: House, ministry: Ministry, only: Collection[str] | None) -> list[Waiting]:
    with house.store.read() as unit:
        return unit.inbox.oldest_due(ministry.name, house.page, only)


def _together(house: House, ministry: Ministry, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
    """Work what is known to belong to a dossier of ours, many at a time; returns the others.

    Where that stumbles over one of them, all are the others: it is said of the one it concerns.
    """
    again = [record for record in waiting if "look" in record.payload]
    fresh = [record for record in waiting if "look" not in record.payload]
    try:
        _look_again(house, ministry, again)
        return _linked(house, ministry, fresh)
    except StoreClash:
        return waiting
    except (OneStopFault, StoreFault):
        raise
    except Exception:  # noqa: BLE001 - see above
        return waiting


def _linked(house: House, ministry: Ministry, records: Sequence[Waiting]) -> list[Waiting]:
    """Work the records of linked dossiers that nothing is on its way to; return the others."""
    lists = code_lists.at_hand(house, ministry)
    lifted = {record.id: _lifted(ministry, record, lists) for record in records}
    seen = {number: one for number, one in lifted.items() if one is not None}
    with house.store.read() as unit:
        links = unit.links.of_refs(ministry.name, {one.ref for one in seen.values() if one.ref})
        lines = unit.outbox.open_of_links([one.id for one in links.values()])
    cases: list[Case] = []
    known: list[Waiting] = []
    others: list[Waiting] = []
    for record in records:
        one = seen.get(record.id)
        link = None if one is None else links.get(one.ref)
        if (
            one is None
            or link is None
            or link.state != OPEN
            or looks_anothers(link, one)
            or flying_state(lines.get(link.id, [])) is not None
        ):
            others.append(record)
        elif _stale(link, one):
            known.append(record)
        else:
            cases.append(Case(record, link, one))
    if known:
        _drop(house, *known)
    if cases:
        bring_in(house, ministry, cases)
    return others


def _lifted(ministry: Ministry, record: Waiting, lists: Lists) -> Seen | None:
    try:
        return lift(ministry, record, lists)
    except (LiftError, ListUnread):
        return None


def _contained(house: House, ministry: Ministry, record: Waiting) -> None:
    """Work one record; one that can't be worked waits, and in the end is set aside."""
    try:
        _one(house, ministry, record)
    except OneStopFault as fault:
        if fault.code is None:
            raise
        later(house, record, fault.reason)
    except StoreClash as clash:
        _failed(house, record, str(clash))
    except StoreFault:
        raise
    except Exception as error:  # noqa: BLE001 - one record's trouble is not its neighbours'
        _failed(house, record, f"unexpected {type(error).__name__}")


def _failed(house: House, record: Waiting, reason: str, most: int = FAILED_MOST) -> None:
    """Count a failure that should not be; after some the record is set aside for a person."""
    if record.attempts < most:
        later(house, record, reason)
        return
    set_aside(house, record, reason)


def _one(house: House, ministry: Ministry, record: Waiting) -> None:
    if "look" in record.payload:
        _look_again(house, ministry, [record])
        return
    try:
        seen = lift(ministry, record, code_lists.at_hand(house, ministry))
    except LiftError as error:
        set_aside(house, record, str(error), error.rule)
        return
    except ListUnread as unread:
        later(house, record, str(unread))
        return
    link = find(house, ministry, seen)
    if link is not None and not seen.ref:
        seen = replace(seen, ref=link.ref or "")
    if link is None:
        _of_no_link(house, ministry, record, seen)
    else:
        _linked_already(house, ministry, record, link, seen)


def _linked_already(
    house: House, ministry: Ministry, record: Waiting, link: Link, seen: Seen
) -> None:
    """Work a record that a link was found for."""
    match link.state:
        case "importing":
            imports.finish(house, ministry, record, seen, link)
        case "parted":
            _pass_over(house, record, link, seen)
        case "pairing":
            bring_in(house, ministry, [Case(record, link, seen)])
        case _:
            _known(house, ministry, record, _proved(house, ministry, record, link, seen), seen)


def _of_no_link(house: House, ministry: Ministry, record: Waiting, seen: Seen) -> None:
    """Work a record of which no dossier is known: it is imported, if it may be."""
    if (code := _named_elsewhere(house, ministry, seen)) is not None:
        with house.store.write("names another's") as unit:
            clerk.elsewhere(unit, ministry, code, seen.ref or None)
        set_aside(house, record, Said("it names a dossier that is not for this system"))
    elif not seen.ref:
        set_aside(house, record, Said("it has no number, and no dossier is named"))
    elif _is_taken(house, ministry, seen):
        _failed(house, record, ANOTHERS, UNKNOWN_MOST)
    elif not seen.whole:
        _unknown(house, record)
    else:
        imports.take_in(house, ministry, record, seen)


def _is_taken(house: House, ministry: Ministry, seen: Seen) -> bool:
    """Tell whether a record's number is that of a dossier it is not: until a person compares."""
    with house.store.read() as unit:
        return seen.ref in unit.links.of_refs(ministry.name, [seen.ref])


def _known(house: House, ministry: Ministry, record: Waiting, link: Link, seen: Seen) -> None:
    """Work a record of a linked dossier."""
    if _stale(link, seen):
        _drop(house, record)
    elif link.ref is None and _in_flight(house, link) is not None:
        _nudge(house, record, link)
    elif link.base is None and not seen.whole and _takes_the_first_only(ministry):
        _before_our_first(house, record, link)
    else:
        bring_in(house, ministry, [Case(record, link, seen)])


def _unknown(house: House, record: Waiting) -> None:
    """Let a part of a dossier nobody knows yet wait: behind the whole of it, where that has come."""
    _failed(house, record, Said("its dossier is not known yet"), UNKNOWN_MOST)
    with house.store.write("give way") as unit:
        unit.inbox.give_way(record.id)


def _pass_over(house: House, record: Waiting, link: Link, seen: Seen) -> None:
    """Take nothing in of a record that a person parted from its dossier; say so once a version.

    Another record that names the dossier may be the right one: a person looks at it.
    """
    if seen.ref and link.ref not in (None, seen.ref):
        set_aside(house, record, Said("it names a dossier that was parted by hand; link the two"))
        return
    with house.store.write("passed over") as unit:
        if seen.hash != link.theirs_hash:
            unit.links.change(link.id, theirs_hash=seen.hash, ref=seen.ref or link.ref)
            unit.journal.add(
                Event.PASSED_OVER, code=link.code, system=link.system, ref=seen.ref or None
            )
        unit.inbox.done([record.id])


def _takes_the_first_only(ministry: Ministry) -> bool:
    """Tell whether a system takes no corrections: what we send must find nothing agreed yet.

    A part of a dossier that comes before our first word (others had filed it under its code)
    waits for it, and for the answer that it is there already.
    """
    return ministry.capabilities.writes and not ministry.capabilities.updates


def _before_our_first(house: House, record: Waiting, link: Link) -> None:
    """Let a part of a dossier wait for our first delivery, for as long as there is one in line."""
    with house.store.read() as unit:
        in_line = bool(unit.outbox.open_of_links([link.id]).get(link.id))
    reason = Said("its dossier was not sent yet")
    if in_line:
        later(house, record, reason)
    else:
        _failed(house, record, reason, UNKNOWN_MOST)


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
        by_ref = unit.links.of_refs(ministry.name, [seen.ref] if seen.ref else []).get(seen.ref)
        codes = [] if seen.code is None else [seen.code]
        link = unit.links.of_codes(codes).get((seen.code or "", ministry.name))
    if by_ref is not None and (
        by_ref.state == PAIRING  # a person has looked at the two
        or not (looks_anothers(by_ref, seen) and (link is not None or _is_known(house, codes)))
    ):
        return by_ref
    if seen.code is None:
        return None
    if link is None and not seen.whole and _takes_the_first_only(ministry):
        return None
    if link is None:
        return _adopt(house, ministry, seen.code)
    if seen.ref and link.ref not in (None, seen.ref) and link.state in _COMPARED:
        with house.store.write("second record") as unit:
            clerk.twice(unit, ministry, link, 2)
    return link


def _is_known(house: House, codes: Sequence[str]) -> bool:
    """Tell whether a record that looks like another dossier's is one: without a code, by its person.

    A code that is nobody's in the one-stop is a ministry's own affair, and names no other dossier.
    """
    return not codes or bool(house.onestop.present(codes))


def _adopt(house: House, ministry: Ministry, code: str) -> Link | None:
    """Link a record that carries the code of a dossier of ours nobody has linked yet."""
    row = house.onestop.fetch([code]).get(code)
    if row is None or not _is_for(ministry, row):
        return None
    with house.store.write("link") as unit:
        pair = (code, ministry.name)
        links = unit.links.of_codes([code])
        link = links.get(pair) or unit.links.open([pair], {pair: ministry.shard_of(code)})[pair]
        unit.journal.add(Event.LINKED, code=code, system=ministry.name, why="the record names it")
    return link


def _named_elsewhere(house: House, ministry: Ministry, seen: Seen) -> str | None:
    """Return the dossier of ours that a record names and that is not for this system."""
    code = seen.code
    row = None if code is None else house.onestop.fetch([code]).get(code)
    return None if row is None or _is_for(ministry, row) else code


def _is_for(ministry: Ministry, row: Snapshot | Unreadable) -> bool:
    """Tell whether a dossier goes to a system, as far as can be read."""
    return isinstance(row, Unreadable) or ministry.takes(procedure_of(row.fields))


def _stale(link: Link, seen: Seen) -> bool:
    if link.ref is not None and seen.ref and link.ref != seen.ref:
        return True
    older = (
        seen.version is not None
        and link.theirs_version is not None
        and seen.version <= link.theirs_version
    )
    return older or (seen.hash == link.theirs_hash and link.base is not None)


def _drop(house: House, *records: Waiting) -> None:
    with house.store.write("known records") as unit:
        unit.inbox.done([record.id for record in records])


def _in_flight(house: House, link: Link) -> Delivery | None:
    with house.store.read() as unit:
        return flying_state(unit.outbox.open_of_links([link.id]).get(link.id, []))


def _nudge(house: House, record: Waiting, link: Link) -> None:
    """Our own submission shows up before its answer: let the doubt be asked first.

    Where it can't be answered, ever more slowly.
    """
    wait = NOT_YET * 2 ** min(record.attempts, 8)
    with house.store.write("own record early") as unit:
        unit.inbox.wait(record.id, unit.now + wait, "its delivery is not settled yet")
        for one in unit.outbox.open_of_links([link.id]).get(link.id, []):
            if one.state.value == "in_doubt":
                unit.outbox.change(one.id, due_at=unit.now)


def _look_again(house: House, ministry: Ministry, records: Sequence[Waiting]) -> None:
    """Compare what links remember of their records with the one-stop's dossiers of now."""
    with house.store.read() as unit:
        links = unit.links.by_ids([record.payload["look"] for record in records])
    cases = []
    for record in records:
        link = links.get(record.payload["look"])
        if link is None or link.theirs is None or link.ref is None or link.state not in _COMPARED:
            _drop(house, record)
        else:
            cases.append(Case(record, link, as_known(link), again=True))
    if cases:
        bring_in(house, ministry, cases)
