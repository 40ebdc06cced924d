"""What pairing a dossier with a record writes, in the transaction of whoever has decided it.

The link is ``pairing`` until its record was compared: nothing goes out before. What waited to be
filed for the first time makes way, so that no second record is made over there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bridge.domain.delivery import UNSENT, State
from bridge.domain.dossier import Snapshot
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import capture, clerk
from bridge.engine.house import House, Ministry
from bridge.engine.people.parting import under_way
from bridge.engine.people.refusal import Refusal
from bridge.store import Arrival, Link, Unit
from bridge.store.links import IMPORTING, OPEN, PAIRING, PARTED

BY_HAND = "paired by hand"
"""How a conflict ended whose record a person paired."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a pair was looked at with: its record, and what the store had then of both sides.

    ``record`` is ``None`` where the two go on from what they agreed on. ``newest`` is the content of
    the newest version of the record in the inbox, ``captured`` that of the dossier as it was captured.
    """

    record: Arrival | None
    newest: str | None = None
    captured: str | None = None


MOVED = Said("one of the two has changed meanwhile: look again")


def newest_of(unit: Unit, ministry: Ministry, code: str, ref: str) -> tuple[str | None, str | None]:
    """Return what the store has of a record and of a dossier now: the contents of their newest versions."""
    record, dossier = unit.inbox.last_of(ministry.name, ref), unit.dossiers.known([code]).get(code)
    return (
        None if record is None else record.content_hash,
        None if dossier is None else dossier.content_hash,
    )


def free(unit: Unit, ministry: Ministry, code: str, ref: str, *, lock: bool) -> Link | None:
    """Return the dossier's link (``None``: it has none), if it and the record are free for each other.

    Raises:
        Refusal: they are not; what to do first is said.
    """
    links = unit.links.of_codes([code], lock=lock)
    link = links.get((code, ministry.name))
    holder = unit.links.of_refs(ministry.name, [ref]).get(ref)
    if holder is not None and holder.code != code and holder.state != PARTED:
        raise Refusal(
            Said(
                "the record {ref} is paired with {code}: part those first, with unlink",
                ref=ref,
                code=holder.code,
            )
        )
    if link is None or link.state == PARTED:
        return link
    if link.state == IMPORTING:
        raise Refusal(Said("the dossier is being taken over from the ministry: run sync"))
    if link.ref not in (None, ref):
        raise Refusal(
            Said(
                "the dossier is paired with the record {ref}: part those first, with unlink",
                ref=link.ref or "-",
            )
        )
    if link.ref is None:
        under_way(unit, link)
    return link


def held_for(house: House, ministry: Ministry, code: str, ref: str) -> list[Snapshot]:
    """Return the other dossiers that wait until it is said whose a record is.

    Raises:
        OneStopFault: they can't be read now.
    """
    with house.store.read() as unit:
        asked = unit.conflicts.about(ministry.name, clerk.pair(ref))
    rows = house.onestop.fetch([one.code for one in asked if one.code != code])
    return [row for row in rows.values() if isinstance(row, Snapshot)]


def make(  # noqa: PLR0913 - the pair, how it was seen, and who waited for it
    unit: Unit,
    ministry: Ministry,
    code: str,
    ref: str,
    sight: Sight,
    held: Sequence[Snapshot] = (),
) -> Link:
    """Pair the two, as they were seen; the record is compared next.

    ``held`` are the dossiers that had to wait for it (``held_for``): they are posted now. Returns
    the link as it was.

    Raises:
        Refusal: they are not free for each other any more, or one of them has changed since it was
            seen; nothing was written.
    """
    link = free(unit, ministry, code, ref, lock=True)
    if newest_of(unit, ministry, code, ref) != (sight.newest, sight.captured):
        raise Refusal(MOVED, moved=True)
    record = sight.record
    before = unit.links.of_refs(ministry.name, [ref]).get(ref)
    if before is not None and before.code != code:
        unit.links.change(before.id, ref=None)
    pairs = {(code, ministry.name): ministry.shard_of(code)}
    link = link or unit.links.open(pairs, pairs)[code, ministry.name]
    if record is None:
        unit.links.change(link.id, state=OPEN, rulings=None)
        unit.dossiers.distrust([code])
        return link
    unit.links.change(link.id, **_afresh(link, ref))
    make_way(unit, link)
    unit.inbox.release_ref(ministry.name, ref)
    unit.unpaired.forget(ministry.name, [ref])
    unit.inbox.add([record])
    unit.inbox.hurry(ministry.name, {ref})
    clerk.paired(unit, link, ref, BY_HAND)
    if held:
        unit.inbox.add([capture.as_arrival(one) for one in held])
        capture.remember(unit, held)
    return link


def _afresh(link: Link, ref: str) -> dict[str, Any]:
    """Return what a link becomes that is compared anew; with another record, as if for the first time."""
    values: dict[str, Any] = {"ref": ref, "state": PAIRING, "rulings": None}
    values |= {"theirs_hash": None, "theirs_version": None}
    another = link.ref not in (None, ref)
    forgotten: dict[str, Any] = {
        "base": None,
        "theirs": None,
        "known": None,
        "stubborn": {},
        "rulings": None,
    }
    return values | (forgotten if another else {})


def make_way(unit: Unit, link: Link) -> None:
    """Take back what waits in line: what differs from the record is put there anew."""
    line = unit.outbox.open_of_links([link.id]).get(link.id, [])
    waiting = [one for one in line if one.kind == "state" and one.state in UNSENT]
    unit.outbox.supersede([one.id for one in waiting])
    for one in waiting:
        unit.journal.add(Event.SUPERSEDED, code=one.code, system=one.system, delivery=one.id)
        if one.state is State.DEAD:
            clerk.resolved(unit, one.code, one.system, clerk.DEAD)
