"""Fills a one-stop database with credible dossiers of people who do not exist.

For the demo, the tests and the benchmarks. The same seed gives the same dossiers, byte for
byte, files included.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from psycopg import sql
from pydantic import BaseModel
from sqlalchemy import Connection, Table, insert

from adapters.onestop_sql.canonical import VIETNAM
from adapters.onestop_sql.faults import naming_faults
from adapters.onestop_sql.invented_catalogue import AGENCIES, CENTRE, PROCEDURES, Procedure
from adapters.onestop_sql.invented_papers import tiny_jpeg, tiny_pdf
from adapters.onestop_sql.invented_people import (
    ISSUER,
    Person,
    invent_company,
    invent_name,
    invent_person,
)
from adapters.onestop_sql.opening import WRITES, open_engine
from adapters.onestop_sql.options import OneStopOptions
from adapters.onestop_sql.schema import Schema, build_schema
from bridge.sdk.onestop import OneStopContext

BATCH = 1000
FEWEST_A_DAY = 300
MOST_A_DAY = 5000
DAYS = 15
"""Working days that many dossiers are spread over, as far as the counters can serve them."""

FIRST_DAY = date(2026, 10, 1)
CATALOGUE_SINCE = datetime(2026, 1, 5, 8, tzinfo=VIETNAM)

_DAY_START = time(7, 30)
_DAY_MINUTES = 480
_SATURDAY = 5
_ONLINE, _BY_POST = 2, 3
_Rows = dict[str, list[dict[str, Any]]]


class Invention:
    """A source of invented dossiers. ``documents`` is the folder files are written to, if any."""

    def __init__(
        self, seed: int, documents: Path | None = None, schema: Schema | None = None
    ) -> None:
        self._rng = Random(seed)  # noqa: S311 - invention, not secrecy
        self._documents = documents
        self._schema = schema or build_schema()
        self._numbers: Counter[tuple[str, date]] = Counter()

    def seed_catalogue(self, connection: Connection) -> None:
        """Insert the agencies and procedures that the dossiers refer to."""
        agencies = [
            {"code": code, "name": name, "parent_code": above}
            for code, (name, above) in AGENCIES.items()
        ]
        connection.execute(insert(self._schema.agency), agencies)
        procedures = [_catalogue_row(procedure) for procedure in PROCEDURES.values()]
        connection.execute(insert(self._schema.procedure), procedures)

    def dossiers(
        self,
        connection: Connection,
        n: int,
        procedures: Collection[str] | None = None,
        start: date = FIRST_DAY,
    ) -> list[str]:
        """Insert ``n`` dossiers received on working days from ``start`` on; returns their codes.

        ``procedures`` are codes of the catalogue, all of them unless given; the dossiers are
        dealt out to them in turn.
        """
        chosen = [PROCEDURES[code] for code in procedures or PROCEDURES]
        codes: list[str] = []
        rows: _Rows = {}
        for number, day in enumerate(_days(n, start)):
            codes.append(self._invent(chosen[number % len(chosen)], day, rows))
            if len(codes) % BATCH == 0:
                self._store(connection, rows)
        self._store(connection, rows)
        return codes

    def _invent(self, procedure: Procedure, day: date, rows: _Rows) -> str:
        """Add the rows of one dossier to ``rows``; returns its code."""
        self._numbers[procedure.agency, day] += 1
        number = self._numbers[procedure.agency, day]
        code = f"{procedure.agency}-{day:%y%m%d}-{number:04d}"
        minutes = self._rng.randrange(_DAY_MINUTES * 60_000) / 60_000
        received = datetime.combine(day, _DAY_START, VIETNAM) + timedelta(minutes=minutes)
        person = invent_person(self._rng, day)
        rows.setdefault("dossier", []).append(self._dossier(code, procedure, person, received))
        rows.setdefault("progress", []).append(self._first_step(code, received))
        rows.setdefault("document", []).extend(self._papers(code, procedure, day))
        if procedure.fee:
            rows.setdefault("fee", []).append(self._fee(code, procedure, received))
        return code

    def _dossier(
        self, code: str, procedure: Procedure, person: Person, received: datetime
    ) -> dict[str, Any]:
        rng = self._rng
        company = procedure.code == "2.001610"
        channel = rng.choice((1, 1, 1, 2, 2, 3))
        name = invent_company(rng) if company else person.name
        details = procedure.details(rng, person, received.date())
        return {
            "code": code,
            "procedure_code": procedure.code,
            "agency_code": procedure.agency,
            "reception_agency_code": CENTRE,
            "channel": channel,
            "submitted_via": 1 if channel == _ONLINE and self._chance(50) else 2,
            "applicant_kind": 2 if company else 1,
            # some of the counters' keyboards compose their letters
            "applicant_name": unicodedata.normalize("NFD" if self._chance(2) else "NFC", name),
            "applicant_vneid": int(channel == _ONLINE),
            **_applicant(person),
            "summary": procedure.subject,
            "submitted_at": received - timedelta(minutes=rng.randrange(5, 90)),
            "received_at": received,
            "due_at": _due(received, procedure.days),
            "result_delivery": int(channel == _BY_POST),
            "status": 2,
            "details": json.dumps(details, ensure_ascii=False),
            "updated_at": received + timedelta(milliseconds=rng.randrange(1000, 60_000)),
        }

    def _first_step(self, code: str, received: datetime) -> dict[str, Any]:
        return {
            "id": self._id(),
            "dossier_code": code,
            "at": received,
            "status": 2,
            "unit_name": AGENCIES[CENTRE][0],
            "officer_name": invent_name(self._rng, "female"),
            "note": "Tiếp nhận hồ sơ",
            "source": "onestop",
        }

    def _fee(self, code: str, procedure: Procedure, received: datetime) -> dict[str, Any]:
        online = self._chance(40)
        return {
            "id": self._id(),
            "dossier_code": code,
            "code": f"LP{procedure.code.replace('.', '')}",
            "name": f"Lệ phí {procedure.name.lower()}",
            "kind": 1,
            "stage": 1,
            "amount": procedure.fee,
            "gateway": self._rng.choice((1, 2)) if online else None,
            "paid_at": received if online or self._chance(80) else None,
        }

    def _papers(self, code: str, procedure: Procedure, day: date) -> Iterator[dict[str, Any]]:
        if self._documents is None:
            return
        folder = self._documents / f"{day:%Y/%m/%d}" / code
        folder.mkdir(parents=True, exist_ok=True)
        for number, (component, name) in enumerate(procedure.papers.items(), start=1):
            as_pdf = number == 1
            content = (tiny_pdf if as_pdf else tiny_jpeg)(self._rng)
            file = folder / f"{number:02d}.{'pdf' if as_pdf else 'jpg'}"
            file.write_bytes(content)
            yield {
                "id": self._id(),
                "dossier_code": code,
                "kind": "component",
                "component_code": component,
                "name": name,
                "file_name": f"{name}{file.suffix}",
                "media_type": "application/pdf" if as_pdf else "image/jpeg",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "path": file.relative_to(self._documents).as_posix(),
                "digitised": 1,
                "reused": 0,
                "from_store": 0,
                "deleted": 0,
            }

    def _store(self, connection: Connection, rows: _Rows) -> None:
        """Insert what has gathered, the dossiers first, and forget it."""
        for name in ("dossier", "progress", "document", "fee"):
            table: Table = getattr(self._schema, name)
            if found := rows.pop(name, []):
                _insert(connection, table, found)

    def _chance(self, percent: int) -> bool:
        return self._rng.randrange(100) < percent

    def _id(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows at once; PostgreSQL takes them four times faster by COPY."""
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    columns = sql.SQL(", ").join(sql.Identifier(table.c[name].name) for name in names)
    target = sql.Identifier(*([table.schema] if table.schema else []), table.name)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(target, columns)
        with cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])


def invent(
    options: BaseModel,
    context: OneStopContext,
    n: int,
    seed: int,
    procedures: Collection[str] | None = None,
) -> Sequence[str]:
    """Fill the created database with the catalogue and ``n`` dossiers of the last weeks.

    ``procedures`` as in ``Invention.dossiers``.

    Raises:
        OneStopFault: the database can't be written, or is filled already.

    """
    settings = OneStopOptions.model_validate(options)
    schema = build_schema(settings.tables, settings.columns)
    invention = Invention(seed, context.folder / settings.documents, schema)
    start = context.now().astimezone(VIETNAM).date() - timedelta(days=28)
    engine = open_engine(settings, context.folder)
    try:
        with (
            naming_faults(list),
            engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            invention.seed_catalogue(connection)
            return invention.dossiers(connection, n, procedures, start=start)
    finally:
        engine.dispose()


def _applicant(person: Person) -> dict[str, Any]:
    return {
        "applicant_id_type": "cccd",
        "applicant_id_number": person.id_number,
        "applicant_id_issued_on": person.id_issued_on.isoformat(),
        "applicant_id_issued_by": ISSUER,
        "applicant_birth_date": person.born.isoformat(),
        "applicant_sex": person.sex,
        "applicant_phone": person.phone,
        "applicant_address": person.address,
        "applicant_commune_code": person.commune,
    }


def _catalogue_row(procedure: Procedure) -> dict[str, Any]:
    return {
        "code": procedure.code,
        "local_code": f"{procedure.code}.000.00.00.H40",
        "name": procedure.name,
        "sector_code": procedure.sector[0],
        "sector_name": procedure.sector[1],
        "agency_code": procedure.agency,
        "processing_time": procedure.days,
        "processing_unit": "working_day",
        "fee": procedure.fee,
        "active": 1,
        "updated_at": CATALOGUE_SINCE,
    }


def _days(n: int, start: date) -> Iterator[date]:
    """Yield the day of reception of each of ``n`` dossiers: working days, in order."""
    a_day = min(max(FEWEST_A_DAY, -(-n // DAYS)), MOST_A_DAY)
    day = _working(start)
    for number in range(n):
        if number and number % a_day == 0:
            day = _working(day + timedelta(days=1))
        yield day


def _working(day: date) -> date:
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day


def _due(received: datetime, days: int) -> datetime:
    day = received.date()
    for _ in range(days):
        day = _working(day + timedelta(days=1))
    return datetime.combine(day, time(17), VIETNAM)
