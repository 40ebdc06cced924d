"""What people have said of a dossier and a record: that they are two, or that it is there twice.

An ``alike`` conflict that a person decided is the only memory of it there is, and parting a pair
leaves one too: so nothing proposes or makes again what somebody has decided.
"""

from __future__ import annotations

from collections.abc import Collection

from bridge.engine import clerk
from bridge.engine.house import Ministry
from bridge.store import Link, Unit
from bridge.store.conflicts import BY_PERSON

SAME, TWO, _KEYED = BY_PERSON
"""How an ``alike`` conflict ends: the record is the dossier's once more, or a dossier of its own."""


def told_apart(
    unit: Unit, ministry: Ministry, codes: Collection[str] | None = None
) -> set[tuple[str, str]]:
    """Return the pairs (code, number) that a person has decided are two, of these dossiers."""
    decided = unit.conflicts.by_person(ministry.name, clerk.ALIKE, TWO, codes)
    return {(code, clerk.paired_ref(field)) for code, field in decided}


def doubles(unit: Unit, ministry: Ministry, refs: Collection[str]) -> set[str]:
    """Return those of these records that a person has decided are another one of a dossier that has one."""
    fields = {clerk.pair(ref) for ref in refs}
    decided = unit.conflicts.about_by_person(ministry.name, clerk.ALIKE, SAME, fields)
    return {clerk.paired_ref(field) for field in decided}


def remember_parted(unit: Unit, link: Link) -> None:
    """Remember that a person has parted a dossier from the record it was linked to."""
    if link.ref is None:
        return
    about = clerk.pair(link.ref)
    unit.conflicts.raise_(
        link.code, link.system, about, clerk.ALIKE, link.code, link.ref, once=True
    )
    unit.conflicts.close(link.code, link.system, about, TWO)
