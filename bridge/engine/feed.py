"""Room 8, the first half: what a ministry's feed shows is stored with the cursor, then acknowledged."""

from __future__ import annotations

from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.engine import ask, brake
from bridge.engine.house import House, Ministry
from bridge.engine.paused import is_paused
from bridge.engine.seen import UNNUMBERED
from bridge.engine.watch.observe import feed_read
from bridge.sdk.hashing import content_hash
from bridge.sdk.records import Record, Unreadable
from bridge.store import Arrival, Unit


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
            _linked_since(unit, ministry, entered)
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
    with house.store.glance() as unit:
        return unit.inbox.is_full(ministry.name, house.waiting_most)


def poll_open(house: House, ministry: Ministry) -> int:
    """Read the feed if the system may be called now; returns how many records entered."""
    if ministry.capabilities.feed == "none" or not brake.may_call(house, ministry):
        return 0
    return poll(house, ministry)


def _linked_since(unit: Unit, ministry: Ministry, entered: list[Arrival]) -> None:
    """Have worked what waits in turn of dossiers that the bridge has by now: that is no import."""
    if unit.inbox.any_in_turn(ministry.name):
        links = unit.links.of_refs(ministry.name, [one.ref for one in entered])
        unit.inbox.call_in_refs(ministry.name, links)


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
