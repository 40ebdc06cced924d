"""Finds the dossiers that may be of some people: one look through the table for all of them.

Who they are is decided by whoever asks; here is only looked for what may be theirs, and read of it
what that is decided by. On a database with no index on these columns it is one reading of the
table, so many are asked about at once. A birth date is shared by forty of a million: it finds only
what was received when those people's records were. What a crowd shares is let go of while the rows
come, so that no more than some hundreds are held for a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from adapters.onestop_sql import canonical
from adapters.onestop_sql.canonical import VIETNAM, Form, Unfit
from adapters.onestop_sql.schema import Schema
from bridge.sdk import Json, flatten
from bridge.sdk.onestop import Likeness

ONE_DAY = timedelta(days=1)
ROWS_AT_ONCE = 500

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
    found = _Found(people.crowd)
    rows = connection.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
    for code, details, *values in rows:
        fields = _fields(details, values)
        if fields is not None:
            shown = dict(zip(READ, values, strict=True))
            found.add(str(code), fields, _ways(people, shown, _day(fields)))
    return found.fields


_Way: TypeAlias = tuple[str, bool]
"""A value by which a dossier is found; true: as one of the people's own weeks."""


@dataclass
class _Found:
    """Dossiers that share a value with one of the people: each while one of its values is no crowd's."""

    crowd: int
    fields: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    _bearers: dict[_Way, set[str] | None] = field(default_factory=dict)
    _left: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, fields: Mapping[str, Json], ways: Sequence[_Way]) -> None:
        """Take in a dossier, if one of the ways still leads to it."""
        left = sum(self._leads(way, code) for way in ways)
        if left:
            self.fields[code], self._left[code] = fields, left

    def _leads(self, way: _Way, code: str) -> bool:
        bearers = self._bearers.setdefault(way, set())
        if bearers is None:
            return False
        if len(bearers) < self.crowd:
            bearers.add(code)
            return True
        self._bearers[way] = None
        for one in bearers:
            self._left[one] -= 1
            if not self._left[one]:
                del self.fields[one], self._left[one]
        return False


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


def _ways(people: Likeness, shown: Mapping[str, Any], day: date | None) -> list[_Way]:
    """Return the values that lead to a dossier, each by itself and as one of the people's weeks.

    ``shown`` are its columns as they stand there, ``day`` when it was received.
    """
    number, phone = shown["applicant.id_number"], shown["applicant.phone"]
    birth = shown["applicant.birth_date"]
    shared = [f"number {number}"] if number in people.id_numbers else []
    shared += [f"phone {phone}"] if phone in people.phones else []
    spans = people.births.get(birth)
    if spans is not None and (not spans or day is None or _is_within(day, spans)):
        shared.append(f"born {birth}")
    near = day is not None and _is_within(day, people.days)
    return [(one, week) for one in shared for week in (False, True) if near or not week]


def _day(fields: Mapping[str, Json]) -> date | None:
    """Return the day on which a dossier was received, or else submitted."""
    at = fields["received_at"] or fields["submitted_at"]
    return datetime.fromisoformat(at).date() if isinstance(at, str) else None


def _is_within(day: date, spans: Collection[tuple[date, date]]) -> bool:
    return any(since <= day <= until for since, until in spans)
