"""A dossier only a ministry has becomes a one-stop dossier, once, whatever crashes.

First the pair (system, number) -> code is committed in the store, then that code is inserted in
the one-stop database if it is absent, then the pair is confirmed. A crash in between repeats the
insertion of the same code (contracts/systems.md, "Imports").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.domain.progress import import_code, import_prefix
from bridge.domain.said import Said
from bridge.engine import admission, capture, clerk, results
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.into import later, set_aside
from bridge.engine.seen import SUPPLEMENT_ASKED, Seen, asked, step
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import NewDossier
from bridge.store import Link, Unit, Waiting
from bridge.store.links import PARTED

LOOKS_ALIKE = Said("looks like a dossier that is there; a person decides")
CEILING = Said("as many dossiers were taken over as may be for now")
NOT_LISTED = Said("its procedure is not in the one-stop's list")


@dataclass(frozen=True, slots=True)
class _Reception:
    """When a dossier was received, and whether the ministry said so."""

    at: datetime
    known: bool

    def step_at(self, zone: tzinfo) -> datetime | None:
        """Return when its first step was, where the ministry told more of it than the day."""
        told = self.known and self.at.astimezone(zone).time() != time()
        return self.at if told else None


def take_in(house: House, ministry: Ministry, record: Waiting, seen: Seen) -> None:
    """Import a record nobody has linked, or propose the pair it seems to be."""
    procedure = _procedure(house, ministry, seen)
    if procedure is None:
        set_aside(house, record, NOT_LISTED)
        return
    if twins := _twins(house, ministry, procedure, seen):
        with house.store.write("looks alike") as unit:
            for code in twins:
                clerk.alike(unit, ministry, code, seen.ref)
            unit.inbox.quarantine(record.id, LOOKS_ALIKE)
        return
    if (again_at := admission.import_at(house, ministry)) is not None:
        with house.store.write("later") as unit:
            unit.inbox.wait(record.id, again_at, CEILING)
        return
    agency = str(house.onestop.procedures()[procedure]["agency_code"])
    link = _reserve(house, ministry, agency, record, seen)
    finish(house, ministry, record, seen, link, procedure)


def finish(  # noqa: PLR0913 - the second half of an import, reached after a crash too
    house: House,
    ministry: Ministry,
    record: Waiting,
    seen: Seen,
    link: Link,
    procedure: str | None = None,
) -> None:
    """Insert the dossier a reserved pair stands for, and confirm the pair."""
    procedure = procedure or _procedure(house, ministry, seen)
    if procedure is None:
        set_aside(house, record, NOT_LISTED)
        return
    reception = _reception(record, seen)
    agency = str(house.onestop.procedures()[procedure]["agency_code"])
    fields = _fields(procedure, agency, reception, seen)
    at = seen.at or reception.step_at(house.zone)
    steps = () if seen.status is None else (step(ministry, seen, seen.status, at),)
    supplements = (asked(ministry, seen),) if seen.status == SUPPLEMENT_ASKED else ()
    try:
        brought = results.bring(house, ministry, link, seen, {})
    except AdapterError as error:
        later(house, record, error.reason)
        return
    dossier = NewDossier(link.code, fields, steps, supplements, brought.rows)
    written = house.onestop.insert(dossier)
    with house.store.write("imported") as unit:
        _confirm(unit, ministry, link, seen, written.fields, brought)
        results.note(unit, ministry, link, seen, brought)
        clerk.papers_asked(unit, ministry, link.code, [one.id for one in supplements])
        unit.journal.add(
            Event.IMPORTED,
            code=link.code,
            system=link.system,
            ref=seen.ref,
            received_at="of the ministry" if reception.known else "when first seen",
        )
        unit.inbox.add([capture.as_arrival(written)])
        capture.remember(unit, [written])
        unit.inbox.done([record.id])
        unit.inbox.outdo([record])
    house.wake(ONESTOP)


def _confirm(  # noqa: PLR0913 - the pair, what was seen, what was written
    unit: Unit,
    ministry: Ministry,
    link: Link,
    seen: Seen,
    fields: Mapping[str, Json],
    brought: results.Brought,
) -> None:
    """Open the pair: both sides agree on what was written, defaults of the one-stop's among it."""
    lens = ministry.lens
    shown = lens.project(fields)
    told = {path: value for path, value in lens.project(seen.fields).items() if value is not None}
    unit.links.change(
        link.id,
        state="open",
        base=shown,
        theirs={**shown, **told},
        known=dict(seen.body),
        theirs_hash=brought.settles(seen.hash),
        theirs_version=seen.version,
    )


def _procedure(house: House, ministry: Ministry, seen: Seen) -> str | None:
    """Return the record's procedure, else the configured one; ``None`` if nobody knows it."""
    own = seen.fields.get("procedure.code")
    listed = next((one for one in ministry.procedures if one != "*"), None)
    procedure = own if isinstance(own, str) else ministry.import_procedure or listed
    return procedure if procedure in house.onestop.procedures() else None


def _twins(house: House, ministry: Ministry, procedure: str, seen: Seen) -> list[str]:
    """Return the dossiers it may be: the same person and procedure, and no number there now."""
    person = [
        value if isinstance(value := seen.fields.get(f"applicant.{key}"), str) else None
        for key in ("id_number", "name", "birth_date")
    ]
    alike = list(house.onestop.alike(procedure, *person))
    with house.store.read() as unit:
        links = unit.links.of_codes(alike)
        told_apart = {
            code
            for code in alike
            if unit.conflicts.decided(code, ministry.name, clerk.pair(seen.ref))
        }
    return [
        code
        for code in alike
        if code not in told_apart
        and (
            (link := links.get((code, ministry.name))) is None
            or link.ref is None
            or link.state == PARTED
        )
    ]


def _reserve(house: House, ministry: Ministry, agency: str, record: Waiting, seen: Seen) -> Link:
    received = _reception(record, seen).at.astimezone(house.zone)
    code = _free_code(house, agency, received)
    with house.store.write("reserve import") as unit:
        link = unit.links.reserve_import(code, ministry.name, seen.ref, ministry.shard_of(code))
        unit.journal.add(Event.IMPORT_RESERVED, code=code, system=ministry.name, ref=seen.ref)
    return link


def _free_code(house: House, agency: str, received: datetime) -> str:
    """Return the next code nobody has: a store that was restored has forgotten some it gave."""
    prefix = import_prefix(agency, received)
    while True:
        with house.store.write("import number") as unit:
            code = import_code(agency, received, unit.dossiers.next_import_number(prefix))
            linked = unit.links.of_codes([code])
        if not linked and code not in house.onestop.fetch([code]):
            return code


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
