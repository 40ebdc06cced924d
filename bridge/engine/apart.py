"""What people have said of a dossier and a record: that they are two, or that it is there twice.

An ``alike`` conflict that a person decided is the only memory of it there is, and parting a pair
leaves one too: so nothing proposes or makes again what somebody has decided. A ``twice`` conflict
that was decided tells which records a person has seen of a dossier (or how many), and which is its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from bridge.engine import clerk
from bridge.engine.house import Ministry
from bridge.store import Conflict, Link, Unit
from bridge.store.conflicts import BY_PERSON

SAME, TWO, _KEYED = BY_PERSON
"""How an ``alike`` conflict ends: the record is the dossier's once more, or a dossier of its own."""

ONE_MORE = "one more was found, and is asked about with the others"
"""How a ``twice`` conflict ends that nobody had decided yet."""


def told_apart(
    unit: Unit, ministry: Ministry, codes: Collection[str] | None = None
) -> set[tuple[str, str]]:
    """Return the pairs (code, number) that a person has decided are two, of these dossiers."""
    decided = unit.conflicts.by_person(ministry.name, clerk.ALIKE, TWO, codes)
    return {(code, clerk.paired_ref(field)) for code, field in decided}


def doubles(unit: Unit, ministry: Ministry, refs: Collection[str]) -> Mapping[str, str]:
    """Return whose records these are, by number, that a person has decided are there once more."""
    fields = {clerk.pair(ref) for ref in refs}
    decided = unit.conflicts.about_by_person(ministry.name, clerk.ALIKE, SAME, fields)
    return {clerk.paired_ref(field): code for field, code in decided.items()}


def left(link: Link | None, conflicts: Sequence[Conflict], refs: Collection[str]) -> set[str]:
    """Return which of these records of a dossier a person has left to the ministry.

    Its ``conflicts`` with the system, whether open or decided, tell. A record is known by its number;
    where the ministry had not told it, by how many there were, so that one more is news.
    """
    if link is None or link.ref is None:
        return set()
    decided, keyed = _decided(conflicts), _left_by_number(link, conflicts)
    seen = [one.ministry for one in _twice(link, decided) if isinstance(one.ministry, int)]
    others = set(refs) - {link.ref}
    return others if len(others - keyed) < max(seen, default=0) else others & keyed


def ask_of_several(unit: Unit, ministry: Ministry, link: Link, found: str | int) -> None:
    """Ask about several records of one dossier, once: of all that were found beside the linked one.

    ``found`` is the number of one more, or, where the system does not tell it, how many there are in
    all: that says nothing new beside the numbers. With one more it is another question, so that nobody
    decides about what he was not shown; what was decided by how many there were names none of them.
    """
    conflicts = unit.conflicts.of_codes(ministry.name, [link.code]).get(link.code, [])
    standing = [one for one in _twice(link, conflicts) if one.resolved_at is None]
    known = _numbers(link, conflicts)
    if isinstance(found, int):
        others: Sequence[str] | int = found
        news = found > 1 + len(known) and not _numbers(link, standing)
    else:
        others = sorted(known | {found})
        news = found not in _left_by_number(link, conflicts)
    if not news:
        return
    if any(one.ministry != others for one in standing):
        clerk.clash_over(unit, link, "record", ONE_MORE)
    clerk.twice(unit, ministry, link, others)


def _left_by_number(link: Link, conflicts: Iterable[Conflict]) -> set[str]:
    """Return the numbers of the records that a person has left to the ministry by their numbers."""
    decided = _decided(conflicts)
    keyed = {clerk.paired_ref(one.field) for one in decided if one.why == clerk.ALIKE}
    return keyed | _numbers(link, decided)


def _decided(conflicts: Iterable[Conflict]) -> list[Conflict]:
    return [one for one in conflicts if one.resolution == SAME]


def _numbers(link: Link, conflicts: Iterable[Conflict]) -> set[str]:
    """Return the numbers of the other records of a dossier that these conflicts are about."""
    told = (one.ministry for one in _twice(link, conflicts))
    return {str(ref) for refs in told if isinstance(refs, list) for ref in refs}


def _twice(link: Link, conflicts: Iterable[Conflict]) -> list[Conflict]:
    """Return the conflicts about several records beside the one that is linked now."""
    return [one for one in conflicts if one.why == clerk.TWICE and one.onestop == link.ref]


def remember_parted(unit: Unit, link: Link) -> None:
    """Remember that a person has parted a dossier from the record it was linked to."""
    if link.ref is None:
        return
    about = clerk.pair(link.ref)
    unit.conflicts.raise_(
        link.code, link.system, about, clerk.ALIKE, link.code, link.ref, once=True
    )
    unit.conflicts.close(link.code, link.system, about, TWO)
