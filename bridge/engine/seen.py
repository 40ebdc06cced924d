"""A ministry's record once it is lifted, and the progress its status speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from bridge.domain.authority import Owner, status_owner
from bridge.domain.dossier import Fields, Json
from bridge.domain.progress import step_id, supplement_id
from bridge.domain.status import NAMES
from bridge.domain.supplements import all_brought
from bridge.engine.house import Ministry
from bridge.mapping import Lens, Lists
from bridge.mapping.times import VIETNAM
from bridge.sdk.hashing import content_hash
from bridge.sdk.onestop import Step, Supplement
from bridge.sdk.records import DOSSIER, Record
from bridge.store import Link, Waiting

SUPPLEMENT_ASKED = 5
UNNUMBERED = "unnumbered:"
"""Begins the name, in the inbox, of a record that came without its number."""


@dataclass(frozen=True)
class Seen:
    """A record of a ministry, lifted: what the rooms that take it in work on.

    ``at`` is the ministry's time of the change where it has a time of day, ``stored`` when the
    record was stored here. ``code`` is the dossier code it carries. ``whole`` tells whether it
    shows a dossier and not only a part of one. ``files`` are the hashes of the files it shows;
    ``known_hash`` is what its ``hash`` was, where only that is remembered. ``glimpsed``: it can't be
    lifted, and shows no more than could be read.
    """

    ref: str
    fields: Mapping[str, Json]
    body: Mapping[str, Any]
    version: int | None
    at: datetime | None
    code: str | None = None
    whole: bool = True
    stored: datetime | None = None
    files: tuple[str, ...] = ()
    known_hash: str | None = None
    glimpsed: bool = False

    @cached_property
    def hash(self) -> str:
        """What tells the content of the record from any other, its files among it."""
        if self.known_hash is not None:
            return self.known_hash
        fields = {**self.fields, "files": list(self.files)} if self.files else self.fields
        return content_hash(fields)

    @property
    def status(self) -> int | None:
        """The national status it shows, if it shows one."""
        status = self.fields.get("status")
        return status if isinstance(status, int) else None

    @property
    def mark(self) -> str:
        """What tells this version of the record from the others, the same for ever.

        A state that comes again after another is another version, though it has the same content.
        """
        if self.version is not None:
            return str(self.version)
        when = self.at or self.stored
        return self.hash if when is None else when.isoformat()


def lift(ministry: Ministry, stored: Waiting, lists: Lists) -> Seen:
    """Translate a stored record; see ``lifted``."""
    return lifted(ministry, _as_record(stored), stored.received_at, lists)


def glimpse(ministry: Ministry, stored: Waiting, lists: Lists) -> Seen:
    """Translate what can be read of a stored record that can't be lifted: whom it may be of."""
    record, came_at = _as_record(stored), stored.received_at
    lens = ministry.lenses[record.kind]
    fields = lens.glimpse(record.body, _as_of(lists, came_at))
    return replace(_seen(lens, record, came_at, fields), glimpsed=True)


def _as_record(stored: Waiting) -> Record:
    payload = stored.payload
    at = payload.get("at")
    return Record(
        "" if stored.ref.startswith(UNNUMBERED) else stored.ref,
        payload["body"],
        payload.get("version"),
        None if at is None else datetime.fromisoformat(at),
        payload.get("kind", DOSSIER),
    )


def lifted(ministry: Ministry, record: Record, came_at: datetime, lists: Lists) -> Seen:
    """Translate a record by the mapping of its kind; ``lists`` are the system's code lists.

    What tells no day is looked up by the day on which it came.

    Raises:
        LiftError: a value can't be read.
        ListUnread: a code list it needs was not read yet.
    """
    lens = ministry.lenses[record.kind]
    fields = lens.lift(record.body, _as_of(lists, came_at))
    files = tuple(one.sha256 for one in lens.files(record.body))
    return _seen(lens, record, came_at, fields, files)


def _as_of(lists: Lists, came_at: datetime) -> Lists:
    return replace(lists, today=came_at.astimezone(VIETNAM).date())


def _seen(
    lens: Lens, record: Record, came_at: datetime, fields: Fields, files: tuple[str, ...] = ()
) -> Seen:
    return Seen(
        record.ref,
        fields,
        record.body,
        record.version,
        record.at,
        lens.key(record.body),
        record.kind == DOSSIER,
        came_at,
        files,
    )


def looks_anothers(link: Link, seen: Seen) -> bool:
    """Tell whether a record that bears a link's number looks like another dossier's.

    A ministry that was set back to an older state gives numbers anew that it gave since. It names
    another code, or none and another person altogether.
    """
    if not seen.whole or seen.code == link.code:
        return False
    if seen.code is not None:
        return True
    known = link.theirs or link.base or {}
    person = ("applicant.name", "applicant.id_number")
    pairs = [(known.get(path), seen.fields.get(path)) for path in person]
    told = [(ours, theirs) for ours, theirs in pairs if None not in (ours, theirs)]
    return bool(told) and all(ours != theirs for ours, theirs in told)


def as_known(link: Link) -> Seen:
    """Return what the link remembers of its record, to be looked at again."""
    return Seen(
        link.ref or link.code,
        link.theirs or {},
        link.known or {},
        link.theirs_version,
        None,
        known_hash=link.theirs_hash or "",
    )


def progress(
    ministry: Ministry, seen: Seen, before: Fields, ours: Fields
) -> tuple[tuple[Step, ...], tuple[Supplement, ...]]:
    """Return the progress row a ministry's new status appends, and the supplement it opens.

    ``before`` is what it showed last, ``ours`` the one-stop's dossier; what only the counter may
    set appends nothing. A ministry may ask for more without leaving the status it asked in: in
    other words, once all was brought.
    """
    status = seen.status
    if status is None or status_owner(status) is not Owner.MINISTRY:
        return (), ()
    if status != before.get("status"):
        supplement = (asked(ministry, seen),) if status == SUPPLEMENT_ASKED else ()
        return (step(ministry, seen, status, seen.at),), supplement
    note = _note(seen)
    again = asks_again(seen, ours) and note is not None and note != before.get("status_note")
    return (), (asked(ministry, seen),) if again else ()


def asks_again(seen: Seen, ours: Fields) -> bool:
    """Tell whether a ministry asks for more where all it had asked for was brought."""
    return seen.status == SUPPLEMENT_ASKED == ours.get("status") and all_brought(ours)


def step(ministry: Ministry, seen: Seen, status: int, at: datetime | None) -> Step:
    """Return the progress row of a record's status; its id depends on the record alone."""
    return Step(
        step_id(ministry.name, seen.ref, str(status), seen.mark),
        status,
        at,
        ministry.name,
        note=_note(seen),
        unit_name=ministry.title,
    )


def asked(ministry: Ministry, seen: Seen) -> Supplement:
    """Return the supplement a record asks for; without words of its own, the status's name."""
    return Supplement(
        supplement_id(ministry.name, seen.ref, seen.mark),
        seen.at,
        ministry.title,
        _note(seen) or NAMES[SUPPLEMENT_ASKED],
    )


def _note(seen: Seen) -> str | None:
    note = seen.fields.get("status_note")
    return note if isinstance(note, str) else None
