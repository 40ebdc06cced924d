"""Before a dossier is sent for the first time: may a record that is there be it?

Kept are the records that nobody has linked and that wait, for a person or for their turn, and for a
month those that became a dossier: a clerk who does not know of it may key it here as well. Kept are
marks alone; who it is of is looked up where it stands, in the inbox or in its link.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from bridge.domain import matching
from bridge.domain.dossier import Snapshot
from bridge.engine import gone_over
from bridge.engine.alike import entry
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
from bridge.engine.seen import lift
from bridge.engine.twins import Told, may_be_double, same_person
from bridge.mapping import LiftError, ListUnread
from bridge.store import Arrival, Link, Unit, Waiting
from bridge.store.links import PARTED

KEPT = timedelta(days=31)
"""How long a record is kept that became a dossier: who keys it here as well does so within days."""


def keep(house: House, unit: Unit, ministry: Ministry, record: Told) -> None:
    """Keep the marks of a record for as long as it waits in the inbox."""
    unit.unpaired.keep(ministry.name, record.entry.key, house.marks.of(record.entry))


def keep_imported(house: House, unit: Unit, ministry: Ministry, record: Told) -> None:
    """Keep the marks of a record that becomes a dossier."""
    marks = house.marks.of(record.entry)
    unit.unpaired.keep(ministry.name, record.entry.key, marks, unit.now + KEPT)


def tidy(house: House) -> None:
    """Let go of the marks that have no reason any more, of records and of what was gone over."""
    with house.store.write("marks tidied") as unit:
        unit.unpaired.tidy()
        unit.outbox.forget_gone_over(unit.now - gone_over.KEPT)


def there(house: House, unit: Unit, ministry: Ministry, dossier: Snapshot) -> list[str]:
    """Return the numbers of the kept records of a system that a dossier of ours may be.

    Those that a person has told apart from it are not among them.
    """
    ours = Told(entry(dossier.code, dossier.fields), dossier.fields)
    refs = unit.unpaired.of_marks(ministry.name, house.marks.sought(ours.entry))
    apart = {ref for _, ref in told_apart(unit, ministry, [dossier.code])} if refs else set()
    refs = [ref for ref in refs if ref not in apart]
    if not refs:
        return []
    links = unit.links.of_refs(ministry.name, refs)
    taken = {ref: one for ref, one in links.items() if one.state != PARTED}
    theirs = told(house, unit, ministry.name, refs)
    unit.unpaired.forget(ministry.name, [ref for ref in refs if ref not in theirs])
    others = {ref: one for ref, one in theirs.items() if not _is_of(taken.get(ref), dossier)}
    unread = {ref for ref, one in others.items() if one is None}
    read = {ref: one for ref, one in others.items() if one is not None}
    waiting = {ref: one for ref, one in read.items() if ref not in taken}
    imported = {ref: one for ref, one in read.items() if ref in taken}
    return sorted({*unread, *_may_be(ours, waiting), *_doubles(ours, imported)})


def _is_of(link: Link | None, dossier: Snapshot) -> bool:
    return link is not None and link.code == dossier.code


def told(house: House, unit: Unit, system: str, refs: Collection[str]) -> dict[str, Told | None]:
    """Return what is known of these records: what a link remembers, else what the inbox has.

    ``None`` where that can't be read now (or its system is switched off); one that is in neither is
    left out.
    """
    links = unit.links.of_refs(system, refs)
    found: dict[str, Told | None] = {}
    for ref in refs:
        link = links.get(ref)
        if link is not None and link.state != PARTED and link.base is not None:
            fields = {**link.base, **(link.theirs or {})}
            found[ref] = Told(entry(ref, fields), fields)
            continue
        arrival = unit.inbox.last_of(system, ref)
        if arrival is not None:
            found[ref] = _lifted(house, unit, arrival)
    return found


def _may_be(ours: Told, waiting: Mapping[str, Told]) -> set[str]:
    theirs = [one.entry for one in waiting.values()]
    near = {one.theirs for one in matching.near(ours.entry, matching.Index(theirs))}
    return near | {ref for _, ref in same_person([ours.entry], theirs)}


def _doubles(ours: Told, imported: Mapping[str, Told]) -> set[str]:
    index = matching.Index([one.entry for one in imported.values()])
    near = [one.theirs for one in matching.near(ours.entry, index)]
    return {ref for ref in near if may_be_double(ours, imported[ref])}


def _lifted(house: House, unit: Unit, arrival: Arrival) -> Told | None:
    ministry = house.ministries.get(arrival.source)
    if ministry is None or not isinstance(arrival.payload, dict) or "body" not in arrival.payload:
        return None
    today = unit.now.astimezone(house.zone).date()
    lists = house.shelf.taken(unit, ministry.name, ministry.lists, today)
    record = Waiting(
        0, arrival.source, arrival.ref, arrival.payload, 0, unit.now, arrival.content_hash
    )
    try:
        return Told.of(ministry, lift(ministry, record, lists))
    except (LiftError, ListUnread):
        return None
