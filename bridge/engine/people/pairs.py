"""Pairing a dossier with a ministry's record by hand.

The record is read and shown first, and compared once the two are paired: until then nothing goes
out (``store.links.PAIRING``), so nothing over there is overwritten that nobody has looked at. What
waited to be filed for the first time makes way; what differs goes out as a correction of the record
that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from bridge.domain.dossier import Json, Snapshot
from bridge.domain.said import Said
from bridge.engine import ask, brake, capture, code_lists, feed, receive
from bridge.engine.house import House, Ministry
from bridge.engine.paused import paused
from bridge.engine.people import pairing
from bridge.engine.people.decision import Decision
from bridge.engine.people.pairing import Sight
from bridge.engine.people.refusal import Refusal
from bridge.engine.seen import Seen, lift
from bridge.engine.weighing import procedure_of
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.records import Unreadable
from bridge.store import Arrival, Link, StoreClash, Waiting
from bridge.store.links import OPEN, PAIRING, PARTED

PATIENCE = timedelta(seconds=10)
"""How long another process may be at the system's records before it is said."""

LOOK_EVERY = 0.2
"""Seconds between two looks whether it still is."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A field as the one-stop has it and as the record shows it, both canonical."""

    path: str
    ours: Json
    theirs: Json


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair that may be made: the dossier as it is now, and the record ``ref`` as it is shown.

    ``fields`` are those either side has. ``there`` tells that the two are paired already, ``bar``
    what keeps them from being paired.
    """

    ministry: Ministry
    ref: str
    ours: Snapshot
    sight: Sight
    seen: Seen | None = None
    fields: tuple[Compared, ...] = ()
    there: bool = False
    bar: Said | None = None


def propose(
    house: House, ministry: Ministry, code: str, ref: str, *, barred: bool = False
) -> Proposal:
    """Look whether a dossier and a record can be paired, and read the record; changes nothing.

    ``barred``: show the two also where another link keeps them from being paired.

    Raises:
        Refusal: they can't, and why.
        AdapterError: the record can't be read now.
        OneStopFault: the dossier can't be read now.
    """
    with house.store.read() as unit:
        newest, captured = pairing.newest_of(unit, ministry, code, ref)
    ours = _ours(house, ministry, code)
    link, bar = _standing(house, ministry, code, ref)
    if bar is not None and not barred:
        raise Refusal(bar)
    if link is not None and link.ref == ref and link.state in (OPEN, PAIRING):
        return Proposal(ministry, ref, ours, Sight(None, newest, captured), there=True)
    if ministry.mirror:
        if link is None or link.state != PARTED:
            raise Refusal(
                Said(
                    "{system} shows our dossiers under our codes: there is nothing to pair",
                    system=ministry.name,
                )
            )
        return Proposal(ministry, ref, ours, Sight(None, newest, captured))
    record = _shown(house, ministry, ref, agreed=_agreed_before(link, ref))
    sight = Sight(record, newest, captured)
    if record is None:
        return Proposal(ministry, ref, ours, sight, bar=bar)
    seen = _lifted(house, ministry, record)
    _fits(house, ministry, code, seen)
    compared = tuple(_compared(ministry, ours, seen))
    return Proposal(ministry, ref, ours, sight, seen, compared, bar=bar)


def _ours(house: House, ministry: Ministry, code: str) -> Snapshot:
    ours = house.onestop.fetch([code]).get(code)
    if ours is None:
        raise Refusal(Said("there is no dossier {code} in the one-stop database", code=code))
    if isinstance(ours, Unreadable):
        raise Refusal(Said("the dossier can't be read: {reason}", reason=ours.reason))
    if not ministry.takes(procedure_of(ours.fields)):
        raise Refusal(
            Said(
                "the dossier's procedure is {procedure}, which does not go to {system}",
                procedure=procedure_of(ours.fields) or "-",
                system=ministry.name,
            )
        )
    return ours


def _standing(
    house: House, ministry: Ministry, code: str, ref: str
) -> tuple[Link | None, Said | None]:
    """Return the dossier's link, or what keeps it and the record from each other."""
    with house.store.read() as unit:
        try:
            return pairing.free(unit, ministry, code, ref, lock=False), None
        except Refusal as refusal:
            return None, refusal.said


def pair(house: House, proposal: Proposal, decision: Decision) -> Link:
    """Pair the two, and bring the record in; returns the link as it stands then.

    Two that are paired already stay as they are.

    It is ``pairing`` still where the record could not be brought in yet: whoever works the system's
    records goes on with it.

    Raises:
        Refusal: it can't be done any more, for something has changed since it was proposed.
        AdapterError: the record can't be read now.
        OneStopFault: the one-stop database can't be used now.
    """
    ministry, code = proposal.ministry, proposal.ours.code
    with at_records(house, ministry):
        now = propose(house, ministry, code, proposal.ref)
        if now.fields != proposal.fields:
            raise Refusal(pairing.MOVED, moved=True)
        held = pairing.held_for(house, ministry, code, now.ref)
        try:
            with house.store.write("pair by hand") as unit:
                if not now.there:
                    decision.journal(unit, "link", code=code, system=ministry.name, ref=now.ref)
                    pairing.make(unit, ministry, code, now.ref, now.sight, held)
        except StoreClash:
            raise Refusal(
                Said("another process has taken the record meanwhile: look again"), moved=True
            ) from None
    if ministry.mirror or not (now.there or now.sight.record):
        capture.capture_one(house, code)
    else:
        receive.work(house, ministry, {proposal.ref})
    house.wake(ministry.name)
    with house.store.read() as unit:
        return unit.links.of_codes([code])[code, ministry.name]


def _agreed_before(link: Link | None, ref: str) -> bool:
    """Tell whether the dossier was parted from this very record, after both sides had agreed."""
    return link is not None and link.state == PARTED and link.ref == ref and link.base is not None


def _shown(house: House, ministry: Ministry, ref: str, *, agreed: bool) -> Arrival | None:
    """Return the record as the system shows it, or as it came before where it shows none alone.

    ``None`` where it shows none alone and nothing came since the two sides ``agreed``: they are
    taken up from there.
    """
    if paused(house, ministry):
        raise Refusal(Said("{system} is paused, so the record can't be read", system=ministry.name))
    record = None
    if ministry.capabilities.fetches:
        shut = brake.shut(house, ministry)
        if shut is not None:
            raise Refusal(Said("the record can't be read now: {reason}", reason=shut))
        with brake.heard(house, ministry):
            found = ask.fetch(house, ministry, ref)
        record = None if found is None else feed.as_arrival(ministry, found)
    with house.store.read() as unit:
        kept = unit.inbox.last_of(ministry.name, ref)
    if record is None or (kept is not None and _version(kept) > _version(record)):
        record = kept  # whoever shows a record alone may show it later than the feed does
    if record is None or record.ref != ref or not _is_record(record):
        if agreed and not ministry.capabilities.fetches:
            return None
        raise Refusal(
            Said("{system} shows no record {ref}", system=ministry.name, ref=ref)
            if ministry.capabilities.fetches
            else Said(
                "{system} shows no record by its number, and none {ref} has come from it",
                system=ministry.name,
                ref=ref,
            )
        )
    return record


def _version(arrival: Arrival) -> int:
    """Return the number of a record's version, 0 where its system counts none."""
    version = arrival.payload.get("version") if isinstance(arrival.payload, dict) else None
    return version if isinstance(version, int) else 0


def _is_record(arrival: Arrival) -> bool:
    """Tell whether something of the inbox is a record, and not a link to be looked at again."""
    return isinstance(arrival.payload, dict) and "body" in arrival.payload


def _lifted(house: House, ministry: Ministry, record: Arrival) -> Seen:
    waiting = Waiting(
        0, record.source, record.ref, record.payload, 0, house.now(), record.content_hash
    )
    try:
        return lift(ministry, waiting, code_lists.at_hand(house, ministry))
    except (LiftError, ListUnread) as error:
        raise Refusal(Said("the record can't be read: {reason}", reason=str(error))) from None


def _fits(house: House, ministry: Ministry, code: str, seen: Seen) -> None:
    """See that the record is of this system's procedures, and names no other dossier of ours."""
    theirs = seen.fields.get("procedure.code")
    if isinstance(theirs, str) and not ministry.takes(theirs):
        raise Refusal(
            Said(
                "the record's procedure is {procedure}, which does not go to {system}",
                procedure=theirs,
                system=ministry.name,
            )
        )
    if seen.code not in (None, code) and house.onestop.present({seen.code}):
        raise Refusal(Said("the record names another dossier: {code}", code=seen.code or "-"))


def _compared(ministry: Ministry, ours: Snapshot, seen: Seen) -> Iterator[Compared]:
    lens = ministry.lens
    mine, shown = lens.project(ours.fields), lens.project(seen.fields)
    for path in sorted(mine.keys() | shown.keys()):
        if path in seen.fields and (mine.get(path) is not None or shown.get(path) is not None):
            yield Compared(path, mine.get(path), shown.get(path))


@contextmanager
def at_records(house: House, ministry: Ministry) -> Iterator[None]:
    """Keep everybody else from the system's records: none is imported while it is paired.

    Raises:
        Refusal: another process is at them, for longer than ``PATIENCE``.
    """
    until = house.now() + PATIENCE
    while True:
        with house.leases.records(house, ministry.name) as hold:
            if hold is not None:
                yield
                return
        if house.now() >= until:
            raise Refusal(
                Said(
                    "another process is at the records of {system}: try again", system=ministry.name
                )
            )
        house.sleep(LOOK_EVERY)
