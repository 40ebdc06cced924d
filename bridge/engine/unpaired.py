"""Before a dossier is sent for the first time: may a record that is there be it?

Kept are the records that nobody has linked: while they are looked at, and while they wait, for a person or for
their turn; and for a month those that became a dossier: a clerk who does not know of it may key it here as well.
Kept are marks alone; who it is of is looked up where it stands, in the inbox or in its link. What has come
and nobody began to look at has none: until it was looked at, nothing new goes to its system (``admission``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from bridge.domain import matching
from bridge.domain.dossier import Snapshot
from bridge.engine import gone_over
from bridge.engine.alike import entry, entry_of
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
from bridge.engine.seen import Seen, glimpse, lift
from bridge.engine.twins import Told, may_be_double, same_person
from bridge.mapping import LiftError, Lists
from bridge.store import Arrival, Link, Unit, Waiting
from bridge.store.links import PARTED

KEPT = timedelta(days=31)
"""How long a record is kept that became a dossier: who keys it here as well does so within days."""


def asks_first(ministry: Ministry) -> bool:
    """Tell whether a person is asked before a dossier is sent to a system that may have it.

    Not where steps go out by themselves, for those must not be sent before the dossier.
    """
    return not (ministry.mirror or ministry.capabilities.steps)


def keep(house: House, unit: Unit, ministry: Ministry, records: Sequence[Told]) -> None:
    """Keep the marks of records for as long as they wait in the inbox."""
    marks = {one.entry.key: house.marks.of(one.entry) for one in records}
    unit.unpaired.keep(ministry.name, marks)


def tidy(house: House) -> None:
    """Let go of the marks that have no reason any more, of records and of what was gone over."""
    with house.store.write("marks tidied") as unit:
        unit.unpaired.tidy()
        unit.outbox.forget_gone_over(unit.now - gone_over.KEPT)


def there(house: House, unit: Unit, ministry: Ministry, dossier: Snapshot) -> list[str]:
    """Return the numbers of the kept records of a system that a dossier of ours may be, nearest first.

    Of one that can't be read whole its marks alone tell. Those that a person has told apart from it are
    not among them.
    """
    ours = Told(entry(dossier.code, dossier.fields), dossier.fields)
    refs = _bearing(unit, ministry, house.marks.sought(ours.entry))
    apart = {ref for _, ref in told_apart(unit, ministry, [dossier.code])} if refs else set()
    refs = [ref for ref in refs if ref not in apart]
    if not refs:
        return []
    links = unit.links.of_refs(ministry.name, refs)
    taken = {ref: one for ref, one in links.items() if one.state != PARTED}
    theirs = told(house, unit, ministry.name, refs)
    gone = [ref for ref in refs if ref not in theirs and ref not in links]
    unit.unpaired.forget(ministry.name, gone)
    others = {ref: one for ref, one in theirs.items() if not _is_of(taken.get(ref), dossier)}
    read = {ref: one for ref, one in others.items() if one is not None and not one.glimpsed}
    unread = others.keys() - read.keys()
    waiting = {ref: one for ref, one in read.items() if ref not in taken}
    imported = {ref: one for ref, one in read.items() if ref in taken}
    near = [*_may_be(ours, waiting), *_doubles(ours, imported), *sorted(unread)]
    return list(dict.fromkeys(near))


def unlooked(
    house: House, ministry: Ministry, ours: Sequence[Snapshot], also: Sequence[Arrival] = ()
) -> Sequence[tuple[str, str]]:
    """Return which of some dossiers may be which records that have come and belong to none yet.

    Each as (code, number). For the stage at which only what a person chose is looked at: of the rest
    there are no marks. ``also`` are records that will come. What a person has told apart is not among
    them.

    Raises:
        OneStopFault: the one-stop database can't be read now.
    """
    if not (ours and asks_first(ministry)):
        return ()
    entries = [entry(one.code, one.fields) for one in ours]
    with house.store.read() as unit:
        apart = told_apart(unit, ministry, {one.code for one in ours})
    found: set[tuple[str, str]] = set()
    for shown in _shown(house, ministry, also):
        named = _named(house, shown)
        theirs = [Told.of(ministry, one).entry for one in shown if one.code not in named]
        found |= {(one.ours, one.theirs) for one in matching.pairs(entries, theirs, apart)}
        found |= same_person(entries, theirs) - apart
    return sorted(found)


def _shown(house: House, ministry: Ministry, also: Sequence[Arrival]) -> Iterator[list[Seen]]:
    """Yield these whole records, and those that wait or were set aside and no link knows, a page at a time."""
    yield _free(house, ministry, [_as_waiting(house, one) for one in also])
    last = 0
    while kept := _kept(house, ministry, last):
        last = kept[-1].id
        yield _free(house, ministry, kept)


def come_since(house: House, ministry: Ministry, after: int) -> tuple[int, list[matching.Entry]]:
    """Return the records that have come behind the one ``after`` of the inbox and belong to no dossier.

    Each version that is here, the newest last; and the last one that was looked at.

    Raises:
        OneStopFault: the one-stop database can't be read now.
    """
    found: list[matching.Entry] = []
    while kept := _kept(house, ministry, after):
        after = kept[-1].id
        shown = _free(house, ministry, kept)
        named = _named(house, shown)
        found += [entry_of(ministry, one) for one in shown if one.code not in named]
    return after, found


def _named(house: House, shown: Sequence[Seen]) -> Collection[str]:
    """Return the dossiers of ours that some records name: they are linked by that."""
    codes = {one.code for one in shown if one.code is not None}
    return house.onestop.present(codes) if codes else ()


def _kept(house: House, ministry: Ministry, after: int) -> list[Waiting]:
    with house.store.read() as unit:
        return unit.inbox.kept(ministry.name, after, house.page)


def _free(house: House, ministry: Ministry, records: Sequence[Waiting]) -> list[Seen]:
    with house.store.read() as unit:
        links = unit.links.of_refs(ministry.name, {one.ref for one in records})
        free = [one for one in records if _is_nobodys(links.get(one.ref))]
        lifted = [_lifted(house, unit, ministry, one) for one in free]
    return [one for one in lifted if one is not None and one.whole and one.ref]


def _is_nobodys(link: Link | None) -> bool:
    return link is None or link.state == PARTED


def _bearing(unit: Unit, ministry: Ministry, sought: Mapping[str, Collection[str]]) -> list[str]:
    """Return the numbers of the kept records that bear one of these marks, some hundreds at most.

    As where whole sides are paired, a mark that a crowd bears (a firm's tax code) finds only what was
    received in that week; where that is a crowd too, it finds nobody: who is meant bears others. The
    rarest mark comes first.
    """
    found = unit.unpaired.of_marks(ministry.name, sought, matching.CROWD)
    crowds = [mark for mark, refs in found.items() if len(refs) > matching.CROWD]
    near = {one for mark in crowds for one in sought[mark]}
    if near:
        found |= unit.unpaired.of_marks(ministry.name, near, matching.CROWD)
    bearing: set[str] = set()
    for refs in sorted(found.values(), key=len):
        if len(refs) > matching.CROWD or len(bearing) >= matching.CROWD:
            break
        bearing |= refs
    return sorted(bearing)


def _is_of(link: Link | None, dossier: Snapshot) -> bool:
    return link is not None and link.code == dossier.code


def told(house: House, unit: Unit, system: str, refs: Collection[str]) -> dict[str, Told | None]:
    """Return what is known of these records: what a link remembers, else what the inbox has.

    ``None`` where that can't be read now (or its system is switched off); one that is in neither is
    left out.
    """
    found: dict[str, Told | None] = {**_remembered(unit, system, refs)}
    for ref in refs:
        if ref not in found and (arrival := unit.inbox.last_of(system, ref)) is not None:
            found[ref] = _told(house, unit, arrival)
    left = [ref for ref in refs if ref not in found]  # in neither: perhaps between the two by now
    return found | _remembered(unit, system, left)


def _remembered(unit: Unit, system: str, refs: Collection[str]) -> dict[str, Told]:
    """Return what links remember of these records."""
    found: dict[str, Told] = {}
    for ref, link in unit.links.of_refs(system, refs).items() if refs else ():
        if link.state != PARTED and link.base is not None:
            fields = {**link.base, **(link.theirs or {})}
            found[ref] = Told(entry(ref, fields), fields)
    return found


def _may_be(ours: Told, waiting: Mapping[str, Told]) -> list[str]:
    theirs = [one.entry for one in waiting.values()]
    near = [one.theirs for one in matching.near(ours.entry, matching.Index(theirs))]
    return [*near, *sorted(ref for _, ref in same_person([ours.entry], theirs))]


def _doubles(ours: Told, imported: Mapping[str, Told]) -> list[str]:
    index = matching.Index([one.entry for one in imported.values()])
    near = [one.theirs for one in matching.near(ours.entry, index)]
    return [ref for ref in near if may_be_double(ours, imported[ref])]


def _told(house: House, unit: Unit, arrival: Arrival) -> Told | None:
    ministry = house.ministries.get(arrival.source)
    if ministry is None:
        return None
    seen = _lifted(house, unit, ministry, _as_waiting(house, arrival))
    return None if seen is None else Told.of(ministry, seen)


def _as_waiting(house: House, one: Arrival) -> Waiting:
    return Waiting(0, one.source, one.ref, one.payload, 0, house.now(), one.content_hash)


def _lifted(house: House, unit: Unit, ministry: Ministry, record: Waiting) -> Seen | None:
    if not isinstance(record.payload, dict) or "body" not in record.payload:
        return None
    today = unit.now.astimezone(house.zone).date()
    lists = house.shelf.taken(unit, ministry.name, ministry.lists, today)
    try:
        return _read(ministry, record, lists)
    except Exception:  # noqa: BLE001 - one record's trouble is not its neighbours'; receive sets it aside
        return None


def _read(ministry: Ministry, record: Waiting, lists: Lists) -> Seen:
    try:
        return lift(ministry, record, lists)
    except LiftError:
        return glimpse(ministry, record, lists)
