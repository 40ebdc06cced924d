"""A dossier only a ministry has becomes a one-stop dossier, once, whatever crashes.

First the pair (system, number) -> code is committed in the store, then that code is inserted in
the one-stop database if it is absent, then the pair is confirmed. A crash in between repeats the
insertion of the same code (contracts/systems.md, "Imports"). Many are reserved together, and confirmed
in portions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any

from bridge.domain.dossier import Json, Snapshot
from bridge.domain.journal import Event
from bridge.domain.progress import import_code, import_prefix
from bridge.domain.said import Said
from bridge.engine import admission, capture, clerk, results, unpaired
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.into import Case, later, set_aside
from bridge.engine.seen import SUPPLEMENT_ASKED, Seen, asked, step
from bridge.engine.stride import Stride
from bridge.engine.twins import Told, like_posted
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import NewDossier
from bridge.store import Link, Unit, Waiting
from bridge.store.links import OPEN

NOT_LISTED = Said("its procedure is not in the one-stop's list")

FEWEST = 5
"""Of what was reserved together, as many are made and confirmed at first."""


@dataclass(frozen=True, slots=True)
class _Reception:
    """When a dossier was received, and whether the ministry said so."""

    at: datetime
    known: bool

    def step_at(self, zone: tzinfo) -> datetime | None:
        """Return when its first step was, where the ministry told more of it than the day."""
        told = self.known and self.at.astimezone(zone).time() != time()
        return self.at if told else None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A whole record that nobody has linked; ``procedure`` and ``agency`` are those it is imported under."""

    record: Waiting
    seen: Seen
    procedure: str
    agency: str
    told: Told

    @property
    def ref(self) -> str:
        """Its number at the ministry."""
        return self.seen.ref


@dataclass(frozen=True, slots=True)
class _New:
    """The dossier that is made for the record of a reserved pair."""

    record: Waiting
    seen: Seen
    link: Link
    dossier: NewDossier
    brought: results.Brought


def strangers_of(
    house: House, ministry: Ministry, records: Sequence[tuple[Waiting, Seen]]
) -> list[Stranger]:
    """Return these records as such that may be imported; set aside are those whose procedure nobody knows.

    Raises:
        OneStopFault: the one-stop database can't be read.
    """
    if not records:
        return []
    listed = house.onestop.procedures()
    found: list[Stranger] = []
    for record, seen in records:
        procedure = _procedure(ministry, seen)
        if procedure is None or procedure not in listed:
            set_aside(house, record, NOT_LISTED)
            continue
        agency = str(listed[procedure]["agency_code"])
        found.append(Stranger(record, seen, procedure, agency, Told.of(ministry, seen)))
    return found


def finish(house: House, ministry: Ministry, cases: Sequence[Case]) -> None:
    """Insert the dossiers that reserved pairs stand for, and confirm the pairs."""
    links = {one.record.id: one.link for one in cases}
    found = strangers_of(house, ministry, [(one.record, one.seen) for one in cases])
    _finish(house, ministry, [(one, links[one.record.id]) for one in found])


def make(
    house: House, ministry: Ministry, strangers: Sequence[Stranger], after: int
) -> Mapping[str, Sequence[str]]:
    """Reserve the codes of some records whose marks are kept, and make their dossiers.

    All are reserved before the first is made: what is new to their system waits until then, and no longer.
    Left is of whom somebody asks by now, what another process has worked, what the stage does not let in
    any more, and whoever is over a ceiling; so are those that may be dossiers which were put in line
    behind the delivery ``after``: they are returned by their numbers, each with these dossiers.

    Raises:
        OneStopFault: the one-stop database can't be used; what is done stays done.
    """
    codes = _free_codes(house, strangers)
    late = like_posted(house, ministry, [one.told for one in strangers], after)
    with house.store.write("reserve import") as unit:
        house.marks.turn(unit, [ministry.name])
        asked = unit.conflicts.asked_about(
            ministry.name, {clerk.pair(one.ref) for one in strangers}
        )
        due = unit.inbox.due([one.record.id for one in strangers])
        free = [
            one
            for one in strangers
            if one.ref not in late and one.record.id in due and clerk.pair(one.ref) not in asked
        ]
        may = admission.importable(unit, ministry, [one.record.ref for one in free])
        chosen = [one for one in free if one.record.ref in may]
        given = {one.ref: codes[one.ref] for one in chosen}
        links = unit.links.reserve_imports(ministry.name, given, ministry.shard_of)
        unit.unpaired.keep_until(ministry.name, given, unit.now + unpaired.KEPT)
        for ref, code in given.items():
            unit.journal.add(Event.IMPORT_RESERVED, code=code, system=ministry.name, ref=ref)
    reserved = [(one, links[one.ref]) for one in chosen]
    stride = Stride(FEWEST, len(reserved))
    while reserved:
        with stride.portion(house.now):
            now, reserved = reserved[: stride.now], reserved[stride.now :]
            _finish(house, ministry, now)
    return late


def _finish(house: House, ministry: Ministry, reserved: Sequence[tuple[Stranger, Link]]) -> None:
    """Insert the dossiers of reserved pairs, and confirm those that the database took."""
    new: list[_New] = []
    for one, link in reserved:
        try:
            new.append(_new(house, ministry, one, link))
        except AdapterError as error:
            later(house, one.record, error.reason)
    made: list[tuple[_New, Snapshot]] = []
    for each, answer in zip(new, house.onestop.insert([one.dossier for one in new]), strict=True):
        if isinstance(answer, Snapshot):
            made.append((each, answer))
        else:
            later(house, each.record, answer.reason)
    _imported(house, ministry, made)


def _new(house: House, ministry: Ministry, one: Stranger, link: Link) -> _New:
    seen, reception = one.seen, _reception(one.record, one.seen)
    fields = _fields(one.procedure, one.agency, reception, seen)
    at = seen.at or reception.step_at(house.zone)
    steps = () if seen.status is None else (step(ministry, seen, seen.status, at),)
    supplements = (asked(ministry, seen),) if seen.status == SUPPLEMENT_ASKED else ()
    brought = results.bring(house, ministry, link, seen, {})
    dossier = NewDossier(link.code, fields, steps, supplements, brought.rows)
    return _New(one.record, seen, link, dossier, brought)


def _imported(house: House, ministry: Ministry, made: Sequence[tuple[_New, Snapshot]]) -> None:
    if not made:
        return
    with house.store.write("imported") as unit:
        unit.links.change_many([_agreed(ministry, one, written.fields) for one, written in made])
        for one, _ in made:
            results.note(unit, ministry, one.link, one.seen, one.brought)
            asked_for = [each.id for each in one.dossier.supplements]
            clerk.papers_asked(unit, ministry, one.link.code, asked_for)
            known = _reception(one.record, one.seen).known
            unit.journal.add(
                Event.IMPORTED,
                code=one.link.code,
                system=one.link.system,
                ref=one.seen.ref,
                received_at="of the ministry" if known else "when first seen",
            )
        rows = [written for _, written in made]
        unit.inbox.add([capture.as_arrival(one) for one in rows])
        capture.remember(unit, rows)
        unit.inbox.done([one.record.id for one, _ in made])
        unit.inbox.outdo([one.record for one, _ in made])
    house.wake(ONESTOP)


def _agreed(ministry: Ministry, one: _New, written: Mapping[str, Json]) -> dict[str, Any]:
    """Return what opens a pair: both sides agree on what was written, the one-stop's defaults among it."""
    lens, seen = ministry.lens, one.seen
    shown = lens.project(written)
    told = {path: value for path, value in lens.project(seen.fields).items() if value is not None}
    return {
        "id": one.link.id,
        "state": OPEN,
        "base": shown,
        "theirs": {**shown, **told},
        "known": dict(seen.body),
        "theirs_hash": one.brought.settles(seen.hash),
        "theirs_version": seen.version,
    }


def _procedure(ministry: Ministry, seen: Seen) -> str | None:
    """Return the record's procedure, else the configured one."""
    own = seen.fields.get("procedure.code")
    listed = next((one for one in ministry.procedures if one != "*"), None)
    return own if isinstance(own, str) else ministry.import_procedure or listed


def _free_codes(house: House, strangers: Sequence[Stranger]) -> dict[str, str]:
    """Return the next codes that nobody has, by the numbers of the records.

    A store that was restored has forgotten some that it gave.
    """
    wanted = {
        one.ref: (one.agency, _reception(one.record, one.seen).at.astimezone(house.zone))
        for one in strangers
    }
    codes: dict[str, str] = {}
    while left := {ref: where for ref, where in wanted.items() if ref not in codes}:
        with house.store.write("import number") as unit:
            given = _next_codes(unit, left)
            linked = {code for code, _ in unit.links.of_codes(given.values())}
        taken = linked | set(house.onestop.present(given.values()))
        codes |= {ref: code for ref, code in given.items() if code not in taken}
    return codes


def _next_codes(unit: Unit, wanted: Mapping[str, tuple[str, datetime]]) -> dict[str, str]:
    """Return the next code for each agency and day of reception."""
    alike: dict[str, list[str]] = defaultdict(list)
    for ref, where in wanted.items():
        alike[import_prefix(*where)].append(ref)
    given: dict[str, str] = {}
    for prefix, refs in sorted(alike.items()):
        first = unit.dossiers.next_import_number(prefix, len(refs))
        given |= {ref: import_code(*wanted[ref], n) for n, ref in enumerate(refs, first)}
    return given


def _reception(record: Waiting, seen: Seen) -> _Reception:
    received = seen.fields.get("received_at")
    if isinstance(received, str):
        return _Reception(datetime.fromisoformat(received), known=True)
    return _Reception(record.received_at, known=False)


def _fields(
    procedure: str,
    agency: str,
    reception: _Reception,
    seen: Seen,
) -> dict[str, Json]:
    """Return the canonical dossier: what the ministry says, and the declared rest."""
    received = reception.at.isoformat(timespec="milliseconds")
    said = {path: value for path, value in seen.fields.items() if value is not None}
    return {
        "channel": 1,
        "status": 2,
        "received_at": received,
        "submitted_at": said.get("received_at", received),
        "ministry_ref": seen.ref,
        **said,
        "procedure.code": procedure,
        "agency.code": agency,
    }
