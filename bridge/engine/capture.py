"""Room 1: what changed in the one-stop database enters the inbox.

A page enters in the same transaction that moves the cursor. The database is read with an
overlap, so most of what it shows is known already: by its stamp (not read again), or by its
content (a stamp that moved over equal content, our own writes among them).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from bridge.domain.dossier import Snapshot
from bridge.domain.journal import Event
from bridge.engine import admission, clerk
from bridge.engine.house import ONESTOP, House
from bridge.engine.stride import Stride
from bridge.sdk.records import Unreadable
from bridge.store import Arrival, KnownDossier, Unit

FEWEST = 50
"""Dossiers of the first page of many."""

CLOCKS_APART = timedelta(minutes=5)
"""How far the clocks of two machines may be apart. What was captured later than that from now was by one
that ran ahead, and tells nothing of what came first."""


def capture(house: House) -> Iterator[int]:
    """Read one round of the one-stop database; yields of each page how many changed dossiers it gave.

    It ends early when enough of them wait to be posted.

    Raises:
        OneStopFault: the database can't be read; what was read before stays captured.
    """
    admission.admit(house)
    stride, more = Stride(FEWEST, house.page), True
    while more:
        with house.store.glance() as unit:
            if unit.inbox.is_full(ONESTOP, house.waiting_most):
                return
        with stride.portion(house.now):
            captured, more = _page(house, stride.now)
        yield captured


def _page(house: House, most: int) -> tuple[int, bool]:
    """Read one page; returns how many changed dossiers it held, and whether there is more."""
    with house.store.glance() as unit:
        cursor, began = unit.inbox.cursor(ONESTOP), unit.now
    page = house.onestop.changes(cursor, _seen(house), most)
    if not page.snapshots and page.cursor == cursor:
        return 0, page.more
    with house.store.write("capture page") as unit:
        if unit.inbox.cursor(ONESTOP, lock=True) != cursor:
            return 0, True  # another process read on meanwhile; it is read from there
        entered = _enter(unit, page.snapshots, began)
        unit.inbox.move_cursor(ONESTOP, page.cursor)
    return entered, page.more


def capture_unrouted(house: House) -> int:
    """Capture again what no system took, and one takes now; returns how many dossiers that was.

    The configuration was mended, of which no row tells: so it is looked at when the engine starts.
    What was captured before goes there by way of the backlog.

    Raises:
        OneStopFault: the database can't be read.
    """
    admission.widen(house)
    with house.store.read() as unit:
        known = unit.dossiers.known(unit.notices.of_kind(clerk.UNROUTED))
    taken = sorted(code for code, one in known.items() if house.routed(one.procedure_code))
    rows = house.onestop.fetch(taken) if taken else {}
    snapshots = [one for one in rows.values() if isinstance(one, Snapshot)]
    if snapshots:
        with house.store.write("capture unrouted") as unit:
            unit.inbox.add([as_arrival(one) for one in snapshots])
    return len(snapshots)


def capture_one(house: House, code: str) -> Snapshot | Unreadable | None:
    """Capture one dossier now, ahead of what else has changed; returns it as it is.

    Raises:
        OneStopFault: the database can't be read.
    """
    admission.admit(house)
    with house.store.read() as unit:
        began = unit.now
    row = house.onestop.fetch([code]).get(code)
    if row is not None:
        with house.store.write("capture one") as unit:
            _enter(unit, [row], began)
    return row


def _seen(house: House) -> Callable[[Collection[tuple[str, str]]], Collection[str]]:
    """Return the question "which of these are known at this stamp?" for the reader."""

    def seen(pairs: Collection[tuple[str, str]]) -> Collection[str]:
        with house.store.glance() as unit:
            stamps = unit.dossiers.stamps([code for code, _ in pairs])
        return {code for code, changed_at in pairs if stamps.get(code) == changed_at}

    return seen


def _enter(unit: Unit, rows: Collection[Snapshot | Unreadable], began: datetime) -> int:
    """Enter what is new among rows that were read after ``began``.

    A dossier we wrote ourselves since then may have been read before: the next round reads it.
    """
    read = [one for one in rows if isinstance(one, Snapshot)]
    unreadable = [one for one in rows if isinstance(one, Unreadable)]
    known = unit.dossiers.known([one.code for one in read])
    meanwhile = {
        code for code, one in known.items() if began < one.captured_at <= unit.now + CLOCKS_APART
    }
    snapshots = [one for one in read if one.code not in meanwhile]
    changed = [
        one
        for one in snapshots
        if one.code not in known or known[one.code].content_hash != one.content_hash
    ]
    arrivals = [as_arrival(one) for one in changed] + [
        Arrival(ONESTOP, one.name, f"unreadable:{one.reason}", None, one.reason)
        for one in unreadable
    ]
    where = {one.name: one.field for one in unreadable}
    noticed = unit.notices.standing([one.code for one in snapshots])
    for arrival in unit.inbox.add(arrivals):
        code = arrival.ref
        if arrival.reason is not None:
            unit.journal.add(Event.QUARANTINED, code=code, system=ONESTOP, reason=arrival.reason)
            clerk.unreadable(unit, code, where[code])
            continue
        unit.journal.add(Event.CAPTURED, code=code, system=ONESTOP)
        if (code, ONESTOP) in noticed:
            clerk.resolved(unit, code, ONESTOP, clerk.UNREADABLE)
    remember(unit, snapshots, known)
    return len(changed)


def remember(
    unit: Unit, snapshots: Sequence[Snapshot], known: Collection[str] | None = None
) -> None:
    """Note what was seen of these dossiers, so that it is not captured again."""
    if known is None:
        known = unit.dossiers.known([one.code for one in snapshots])
    unit.dossiers.remember([_as_known(unit, one) for one in snapshots], known)


def as_arrival(snapshot: Snapshot) -> Arrival:
    """Return the inbox record of a one-stop snapshot."""
    payload = {"fields": dict(snapshot.fields), "stamp": snapshot.stamp}
    return Arrival(ONESTOP, snapshot.code, snapshot.content_hash, payload)


def _as_known(unit: Unit, snapshot: Snapshot) -> KnownDossier:
    procedure = snapshot.get("procedure.code")
    return KnownDossier(
        snapshot.code,
        snapshot.stamp,
        str(snapshot.extra.get("changed_at", "")),
        snapshot.content_hash,
        procedure if isinstance(procedure, str) else None,
        unit.now,
    )
