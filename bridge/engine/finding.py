"""Room 8: whose record is it? The link of a record is found by its number, else by its code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.domain.dossier import Snapshot
from bridge.domain.journal import Event
from bridge.engine import apart
from bridge.engine.house import House, Ministry
from bridge.engine.seen import Seen, looks_anothers
from bridge.engine.weighing import procedure_of
from bridge.sdk.records import Unreadable
from bridge.store import Link
from bridge.store.links import COMPARED, PAIRING


def plain(seen: Seen, by_ref: Link | None, by_code: Link | None) -> Link | None:
    """Return the link a record plainly belongs to; ``None`` where more must be asked for it.

    ``by_ref`` bears the record's number, ``by_code`` the dossier code it carries.
    """
    if by_ref is not None:
        pairing = by_ref.state == PAIRING  # a person has looked at the two
        return by_ref if pairing or not looks_anothers(by_ref, seen) else None
    if by_code is None or (seen.ref and by_code.ref not in (None, seen.ref)):
        return None
    return by_code


@dataclass(frozen=True, slots=True)
class Plain:
    """What is plain of whose a record is: the link it belongs to, or that it is ``nobodys``."""

    link: Link | None
    nobodys: bool = False
    """Its number is new, and it names no dossier."""


def plainly(house: House, ministry: Ministry, shown: Sequence[Seen]) -> list[Plain]:
    """Return what is plain of records, in their order."""
    with house.store.read() as unit:
        by_ref = unit.links.of_refs(ministry.name, {one.ref for one in shown if one.ref})
        codes = {one.code for one in shown if one.code and one.ref not in by_ref}
        by_code = unit.links.of_codes(codes)
    return [
        Plain(
            plain(one, by_ref.get(one.ref), by_code.get((one.code or "", ministry.name))),
            nobodys=bool(one.ref) and one.ref not in by_ref and one.code is None,
        )
        for one in shown
    ]


def find(house: House, ministry: Ministry, seen: Seen) -> Link | None:
    """Find the link of a record: by its number, else by the dossier code it carries."""
    with house.store.read() as unit:
        by_ref = unit.links.of_refs(ministry.name, [seen.ref] if seen.ref else []).get(seen.ref)
        codes = [] if seen.code is None else [seen.code]
        link = unit.links.of_codes(codes).get((seen.code or "", ministry.name))
    if (found := plain(seen, by_ref, link)) is not None:
        return found
    if by_ref is not None and link is None and not _is_known(house, codes):
        return by_ref
    if seen.code is None:
        return None
    if link is not None:
        if link.ref != seen.ref and link.state in COMPARED:
            with house.store.write("second record") as unit:
                apart.ask_of_several(unit, ministry, link, seen.ref)
        return link
    if not seen.whole and ministry.takes_the_first_only:
        return None
    return _adopt(house, ministry, seen.code)


def is_taken(house: House, ministry: Ministry, seen: Seen) -> bool:
    """Tell whether a record's number is that of a dossier it is not: until a person compares."""
    with house.store.glance() as unit:
        return seen.ref in unit.links.of_refs(ministry.name, [seen.ref])


def _is_known(house: House, codes: Sequence[str]) -> bool:
    """Tell whether a record that looks like another dossier's is one: without a code, by its person.

    A code that is nobody's in the one-stop is a ministry's own affair, and names no other dossier.
    """
    return not codes or bool(house.onestop.present(codes))


def _adopt(house: House, ministry: Ministry, code: str) -> Link | None:
    """Link a record that carries the code of a dossier of ours nobody has linked yet."""
    row = house.onestop.fetch([code]).get(code)
    if row is None or not is_for(ministry, row):
        return None
    with house.store.write("link") as unit:
        pair = (code, ministry.name)
        links = unit.links.of_codes([code])
        link = links.get(pair) or unit.links.open([pair], {pair: ministry.shard_of(code)})[pair]
        unit.journal.add(Event.LINKED, code=code, system=ministry.name, why="the record names it")
    return link


def named_elsewhere(house: House, ministry: Ministry, seen: Seen) -> str | None:
    """Return the dossier of ours that a record names and that is not for this system."""
    code = seen.code
    row = None if code is None else house.onestop.fetch([code]).get(code)
    return None if row is None or is_for(ministry, row) else code


def is_for(ministry: Ministry, row: Snapshot | Unreadable) -> bool:
    """Tell whether a dossier goes to a system, as far as can be read."""
    return isinstance(row, Unreadable) or ministry.takes(procedure_of(row.fields))
