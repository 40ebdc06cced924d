"""Finds the dossiers that may be of some people: one look through the table for all of them.

Who they are is decided by whoever asks; here is only looked for what may be theirs, and read of it
what that is decided by. On a database with no index on these columns it is one reading of the
table, so many are asked about at once. A birth date is shared by forty of a million: it finds only
what was received when those people's records were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from adapters.onestop_sql import canonical
from adapters.onestop_sql.canonical import VIETNAM, Form, Unfit
from adapters.onestop_sql.schema import Schema
from bridge.sdk import Json, flatten
from bridge.sdk.onestop import Likeness

ONE_DAY = timedelta(days=1)

READ: Mapping[str, tuple[str, Form]] = {
    "applicant.id_number": ("applicant_id_number", canonical.text),
    "applicant.id_type": ("applicant_id_type", canonical.text),
    "applicant.name": ("applicant_name", canonical.text),
    "applicant.birth_date": ("applicant_birth_date", canonical.partial_day),
    "applicant.phone": ("applicant_phone", canonical.text),
    "procedure.code": ("procedure_code", canonical.text),
    "received_at": ("received_at", canonical.instant),
    "submitted_at": ("submitted_at", canonical.instant),
}
"""What dossiers are paired by, beside their details: path, column, form."""


def alike(
    connection: Connection, schema: Schema, people: Likeness
) -> dict[str, Mapping[str, Json]]:
    """Return what dossiers are paired by that share a number, a phone or a birth date with one."""
    query = _query(connection, schema, people)
    if query is None:
        return {}
    found: dict[str, Mapping[str, Json]] = {}
    for code, details, *values in connection.execute(query):
        fields = _fields(details, values)
        if fields is not None and _concerns(people, fields):
            found[str(code)] = fields
    return found


def _query(connection: Connection, schema: Schema, people: Likeness) -> Select[Any] | None:
    dossier = schema.dossier
    ways: list[ColumnElement[bool]] = []
    if people.id_numbers:
        ways.append(dossier.c.applicant_id_number.in_(sorted(people.id_numbers)))
    if people.phones:
        ways.append(dossier.c.applicant_phone.in_(sorted(people.phones)))
    if people.births:
        born = dossier.c.applicant_birth_date.in_(sorted(people.births))
        ways.append(and_(born, *_when(connection, schema, people)))
    if not ways:
        return None
    columns = [dossier.c[column] for column, _ in READ.values()]
    query = select(dossier.c.code, dossier.c.details, *columns).where(or_(*ways))
    if people.procedures is not None:
        query = query.where(dossier.c.procedure_code.in_(sorted(people.procedures)))
    return query.order_by(dossier.c.code)


def _when(
    connection: Connection, schema: Schema, people: Likeness
) -> Iterator[ColumnElement[bool]]:
    """Yield when dossiers found by a birth date were received: from the first day to the last.

    On SQLite, where a time is text, a day more on each side: what is read decides.
    """
    spans = [one for some in people.births.values() for one in some]
    if not all(people.births.values()):
        return
    received = schema.dossier.c.received_at
    since, until = min(one[0] for one in spans), max(one[1] for one in spans)
    bounds: tuple[Any, Any]
    if connection.dialect.name == "sqlite":
        bounds = (since - ONE_DAY).isoformat(), (until + 2 * ONE_DAY).isoformat()
    else:
        bounds = _begins(since), _begins(until + ONE_DAY)
    yield or_(received.is_(None), and_(received >= bounds[0], received < bounds[1]))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def _fields(details: Any, values: list[Any]) -> dict[str, Json] | None:
    """Return a row in canonical form; ``None`` where it has none, for it is sent nowhere."""
    try:
        read = zip(READ.items(), values, strict=True)
        fields: dict[str, Json] = {path: form(value) for (path, (_, form)), value in read}
        record = canonical.details(details)
    except Unfit:
        return None
    fields.update(flatten(record, "details."))
    return fields


def _concerns(people: Likeness, fields: Mapping[str, Json]) -> bool:
    """Tell whether a dossier shares more with one of them than the birth date of another time."""
    if fields["applicant.id_number"] in people.id_numbers:
        return True
    if fields["applicant.phone"] in people.phones:
        return True
    spans = people.births.get(str(fields["applicant.birth_date"]), ())
    day = fields["received_at"] or fields["submitted_at"]
    if not spans or not isinstance(day, str):
        return True
    received = datetime.fromisoformat(day).date()
    return any(since <= received <= until for since, until in spans)
