"""What the bridge itself knows of the dossiers that are compared, and whether they may be judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from bridge.domain.delivery import IN_FLIGHT, State
from bridge.domain.dossier import Json, Snapshot
from bridge.domain.reconcile import Waits
from bridge.engine import admission, apart
from bridge.engine.house import ONESTOP, Ministry
from bridge.engine.receive import ANOTHERS
from bridge.engine.seen import UNNUMBERED
from bridge.sdk.hashing import content_hash
from bridge.sdk.records import Record
from bridge.store import Conflict, Delivery, KnownDossier, Link, Unit
from bridge.store.inbox import IN_TURN, QUARANTINED, WAITING
from bridge.store.links import IMPORTING, PAIRING, PARTED

_Here: TypeAlias = tuple[str, str | None]
"""State and reason of what the inbox holds under a name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store says of some dossiers before one system, read at one time."""

    links: Mapping[str, Link]
    lines: Mapping[int, Sequence[Delivery]]
    spoken: Mapping[int, datetime]
    captured: Mapping[str, KnownDossier]
    conflicts: Mapping[str, Sequence[Conflict]]
    held: Mapping[str, frozenset[str]]
    ours: Mapping[str, _Here]
    theirs: Mapping[str, _Here]

    def line(self, code: str) -> Sequence[Delivery]:
        """Return what stands in line of a dossier."""
        link = self.links.get(code)
        return () if link is None else self.lines.get(link.id, ())

    def own(self, code: str, records: Sequence[Record]) -> Sequence[Record]:
        """Return those of a dossier's records that a person has not left to the ministry."""
        conflicts = self.conflicts.get(code)
        if not conflicts:
            return records
        left = apart.left(self.links.get(code), conflicts, {one.ref for one in records})
        return [one for one in records if one.ref not in left]

    def waits(self, code: str | None, ref: str | None) -> Waits | None:
        """Say why a dossier, or a record without one, is not to be judged; ``None``: it may be.

        A record that waits under the dossier's number for being another's is none of its own.
        """
        link = None if code is None else self.links.get(code)
        if link is not None and link.state in (IMPORTING, PAIRING, PARTED):
            return Waits(link.state)
        if code is not None and (waits := _in_line(self.line(code))) is not None:
            return waits
        names = {ref or "", code or "", f"{UNNUMBERED}{code}"}
        here = [self.theirs.get(name) for name in names] + [self.ours.get(code or "")]
        states = {one[0] for one in here if one and not (code and one[1] == ANOTHERS)}
        if states & {WAITING, IN_TURN}:
            return Waits.INBOX
        return Waits.SET_ASIDE if QUARANTINED in states else None

    def is_young(self, code: str, ours: Snapshot | None, since: datetime) -> bool:
        """Tell whether a side of a dossier has changed since ``since``, as far as is known."""
        link, seen = self.links.get(code), self.captured.get(code)
        spoken = None if link is None else self.spoken.get(link.id)
        read = None if seen is None else seen.captured_at
        changed = None if ours is None else _moment(ours.extra.get("changed_at"))
        return any(at is not None and at > since for at in (spoken, read, changed))

    def is_captured(self, ours: Snapshot) -> bool:
        """Tell whether the bridge has read a dossier as it is now."""
        seen = self.captured.get(ours.code)
        return seen is not None and seen.content_hash == ours.content_hash


def known(unit: Unit, ministry: Ministry, codes: Collection[str], refs: Collection[str]) -> Known:
    """Read what the store says of these dossiers and of records with these numbers."""
    every = unit.links.of_codes(codes)
    links = {code: link for (code, system), link in every.items() if system == ministry.name}
    ids = [link.id for link in links.values()]
    numbers = {link.ref for link in links.values() if link.ref} | set(refs)
    names = numbers | set(codes) | {f"{UNNUMBERED}{code}" for code in codes}
    worked = admission.workable(unit, ministry, names)  # what waits for a stage is not on its way
    conflicts = unit.conflicts.of_codes(ministry.name, codes)
    standing = {
        code: frozenset(one.field for one in found if one.resolved_at is None)
        for code, found in conflicts.items()
    }
    return Known(
        links,
        unit.outbox.open_of_links(ids),
        unit.outbox.last_confirmed(ids),
        unit.dossiers.known(codes),
        conflicts,
        {code: fields for code, fields in standing.items() if fields},
        unit.inbox.states(ONESTOP, codes),
        unit.inbox.states(ministry.name, names if worked is None else worked),
    )


def mark_of(link: Link | None) -> str:
    """Return a hash of all that a decision about a link rests on, ``""`` without one."""
    if link is None:
        return ""
    facts: dict[str, Json] = {"base": dict(link.base or {}), "theirs": dict(link.theirs or {})}
    place: dict[str, Json] = {"id": link.id, "ref": link.ref, "state": link.state}
    shown: dict[str, Json] = {"hash": link.theirs_hash, "version": link.theirs_version}
    agreed = link.base is not None
    return content_hash({**facts, **place, **shown, "agreed": agreed, "sent": link.versions})


def _in_line(line: Sequence[Delivery]) -> Waits | None:
    """Say what a line waits for: a person, where a refused delivery is at its head."""
    if not line:
        return None
    moving = any(one.state in IN_FLIGHT for one in line)
    return Waits.DEAD_LETTER if line[0].state is State.DEAD and not moving else Waits.DELIVERY


def _moment(text: object) -> datetime | None:
    """Read when a row was changed, as the one-stop's adapter names its version."""
    try:
        at = datetime.fromisoformat(str(text).rstrip("~"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def settled_before(now: datetime, age: timedelta, ministry: Ministry) -> datetime:
    """Return since when nothing may have been sent: a call may be running over there still."""
    return now - max(age, ministry.policy.grace)
