"""Reads rows of a one-stop database into snapshots, a few queries for many dossiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Column, Connection, FromClause, Row, Select, Table, bindparam, select

from adapters.onestop_sql import canonical
from adapters.onestop_sql.canonical import Form, Unfit
from adapters.onestop_sql.marks import Marked, Marks
from adapters.onestop_sql.schema import COLUMNS, Kind, Schema, where
from bridge.sdk import LIST_KEYS, Json, Snapshot, flatten, valid_code
from bridge.sdk.hashing import content_hash
from bridge.sdk.keys import named
from bridge.sdk.onestop import Known, Paper, Unchanged
from bridge.sdk.records import Unreadable

CHUNK = 500
"""How many codes one IN list carries."""

RECENT = 500
"""How many rows of a kind are kept as they were read: a dossier in work is read several times."""

SETTLED = timedelta(seconds=5)
"""A time of whole seconds may stand for two contents until the clock has left it behind."""

_FORMS: dict[Kind, Form] = {
    Kind.TEXT: canonical.text,
    Kind.INTEGER: canonical.number,
    Kind.NUMERIC: canonical.money,
    Kind.DATE: canonical.day,
    Kind.TIMESTAMP: canonical.instant,
}

_SPECIAL: dict[str, Form] = {
    "status": canonical.status,
    "applicant.birth_date": canonical.partial_day,
    "applicant.vneid": canonical.flag,
}

PLACED = ("received_at", "agency.code", "procedure.code")
"""What is told of a dossier that is known by its mark."""

_FLAGS = frozenset({"digitised", "reused", "from_store", "deleted"})


class _Part(NamedTuple):
    """One column of a query: where its value goes, what it is called, what it must become.

    ``whole`` is the class of values that are in that form already, if there is one, and
    ``needed`` tells that nothing is no value of it.
    """

    path: str
    place: str
    form: Form
    whole: type | None
    needed: bool


def path_of(column: str) -> str:
    """Return the canonical path of a column of ``dossier``."""
    if column.startswith("applicant_"):
        return column.replace("_", ".", 1)
    if column in {"procedure_code", "agency_code", "reception_agency_code"}:
        return f"{column.removesuffix('_code')}.code"
    return column


class _Rows(NamedTuple):
    """What the database holds of a dossier: its row, and those that belong to it by path."""

    code: str
    row: Row[Any]
    lists: dict[str, list[Row[Any]]]


class Reader:
    """Knows the queries and turns their rows into snapshots."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._joined = _joined(schema)
        own = [
            column
            for column in schema.dossier.columns
            if column.key not in {"code", "details", "updated_at"}
        ]
        parts = [
            *(_part(path_of(str(column.key)), column, "dossier") for column in own),
            *(_Part(path, path, canonical.text, None, needed=False) for path in self._joined),
        ]
        self._record = _remembering(parts)
        forms = {part.path: part.form for part in parts}
        self._placed = [forms[path] for path in PLACED]
        source = self._source()
        self._select = self._query(own, source)
        self._marks = Marks(schema, source, list(self._joined.values()))
        code = schema.dossier.c.code
        self._there = select(code).where(named(code, "codes"))
        self._lists = {
            "documents": _ListQuery(schema.document, "documents", "dossier_document"),
            "fees": _ListQuery(schema.fee, "fees", "dossier_fee"),
            "supplements": _ListQuery(
                schema.supplement, "supplements", "dossier_supplement", "requested_at"
            ),
            "progress": _ListQuery(schema.progress, "progress", "dossier_progress", "at"),
        }

    def read(
        self, connection: Connection, codes: Sequence[str], now: datetime
    ) -> dict[str, Snapshot | Unreadable]:
        """Return the dossiers with these codes; absent ones are left out.

        ``now`` tells whether a time of whole seconds is settled (see ``changed_at``).
        """
        rows = self._rows(connection, codes)
        return {one.code: self._snapshot(one, now) for one in rows}

    def read_unknown(
        self, connection: Connection, codes: Sequence[str], now: datetime, known: Known
    ) -> dict[str, Snapshot | Unreadable | Unchanged]:
        """Return the dossiers with these codes as ``read`` does, and of those ``known`` that alone."""
        marked = self._marks.of(connection, codes)
        alike = set(known({code: one.mark for code, one in marked.items()}) if marked else ())
        unknown = [code for code in codes if code not in alike]
        return {
            **{code: self._unchanged(code, marked[code]) for code in alike},
            **self.read(connection, unknown, now),
        }

    def _rows(self, connection: Connection, codes: Sequence[str]) -> Iterator[_Rows]:
        """Yield what the database holds of these dossiers."""
        for part in pieces(codes):
            rows = connection.execute(self._select, {"codes": part}).all()
            lists = {
                path: query.rows(connection, part) if rows else {}
                for path, query in self._lists.items()
            }
            for row in rows:
                code = row[0]
                yield _Rows(
                    code, row, {path: grouped.get(code, []) for path, grouped in lists.items()}
                )

    def _unchanged(self, code: str, marked: Marked) -> Unchanged:
        """Return of a dossier that was read well before, as it is, where it belongs."""
        placed = zip(PLACED, self._placed, marked.placed, strict=True)
        return Unchanged(code, {path: form(value) for path, form, value in placed})

    def present(self, connection: Connection, codes: Sequence[str]) -> set[str]:
        """Return those of these codes that there is a dossier with."""
        return {
            code
            for part in pieces(codes)
            for code in connection.execute(self._there, {"codes": part}).scalars()
        }

    def paper(self, connection: Connection, document_id: str) -> Paper | None:
        """Return the document with this id, ``None`` when there is none that can be read."""
        try:
            query = self._lists["documents"].of_id
            row = connection.execute(query, {"the_id": document_id}).first()
            return None if row is None else Paper(row[0], self._lists["documents"].record(row))
        except Unfit:
            return None

    def _source(self) -> FromClause:
        """Return the table of dossiers beside what the catalogue says of each."""
        procedure, agency = self._schema.procedure, self._schema.agency
        dossier = self._schema.dossier
        reception = self._joined["reception_agency.name"].table
        return (
            dossier.outerjoin(procedure, procedure.c.code == dossier.c.procedure_code)
            .outerjoin(agency, agency.c.code == dossier.c.agency_code)
            .outerjoin(reception, reception.c.code == dossier.c.reception_agency_code)
        )

    def _query(self, own: Sequence[Column[Any]], source: FromClause) -> Select[Any]:
        dossier = self._schema.dossier
        columns = [dossier.c.code, dossier.c.updated_at, dossier.c.details, *own]
        labelled = [
            column.label(f"v{n}") for n, column in enumerate([*columns, *self._joined.values()])
        ]
        return select(*labelled).select_from(source).where(named(dossier.c.code, "codes"))

    def _snapshot(self, rows: _Rows, now: datetime) -> Snapshot | Unreadable:
        code, updated_at, details, *values = tuple(rows.row)
        try:
            fields = self._fields(code, details, values, rows.lists)
            changed = _fit(
                where(self._schema.dossier.c.updated_at), lambda at: _version(at, now), updated_at
            )
        except Unfit as unfit:
            return Unreadable(str(code), str(unfit), unfit.column)
        return Snapshot(
            code,
            fields,
            stamp=f"{as_text(updated_at)}|{self._own_hash(fields)}",
            content_hash=content_hash(fields),
            extra={"changed_at": changed},
        )

    def _own_hash(self, fields: dict[str, Json]) -> str:
        """Return a hash of what is the dossier's own: it stays where the catalogue changes."""
        own = fields.copy()
        for path in self._joined:
            del own[path]
        return sha256(orjson.dumps(own)).hexdigest()

    def _fields(
        self, code: Any, details: Any, values: Sequence[Any], lists: dict[str, list[Row[Any]]]
    ) -> dict[str, Json]:
        dossier = self._schema.dossier
        if not (isinstance(code, str) and code.isprintable() and valid_code(code)):
            raise Unfit(f"{where(dossier.c.code)}: expected a dossier code, unit-yyMMdd-number")
        fields: dict[str, Json] = {"code": code, **self._record(tuple(values))}
        record = _fit(where(dossier.c.details), canonical.details, details)
        if isinstance(record, dict):
            fields.update(flatten(record, "details."))
        for path, rows in lists.items():
            fields[path] = self._lists[path].records(rows)
        return _with_supplements(fields)


class _ListQuery:
    """The rows that belong to dossiers, of one kind."""

    def __init__(self, table: Table, path: str, name: str, order: str | None = None) -> None:
        keys = LIST_KEYS[path]
        all_rows = select(
            table.c.dossier_code.label("owner"), *(table.c[key].label(key) for key in keys)
        )
        self._query = all_rows.where(named(table.c.dossier_code, "codes"))
        self.of_id = all_rows.where(table.c.id == bindparam("the_id"))
        self._record = _remembering([_part(key, table.c[key], name) for key in keys])
        self._order = order

    def rows(self, connection: Connection, codes: Sequence[str]) -> dict[str, list[Row[Any]]]:
        grouped: dict[str, list[Row[Any]]] = {}
        for row in connection.execute(self._query, {"codes": codes}).all():
            grouped.setdefault(row[0], []).append(row)
        return grouped

    def record(self, row: Row[Any]) -> dict[str, Json]:
        return self._record(row[1:])

    def records(self, rows: Sequence[Row[Any]]) -> list[Json]:
        records: list[Any] = [self._record(row[1:]) for row in rows]
        if len(records) > 1:
            records.sort(key=lambda one: (str(one.get(self._order) or ""), str(one["id"])))
        return records


def changed_at(updated_at: Any, now: datetime) -> str | None:
    """Return the text that names this version of a row to ``Seen``; ``None`` without a time.

    Software that stamps whole seconds can change a row twice under one stamp. Until ``SETTLED``
    has passed the text carries a mark, so that what was read early is read once more.
    """
    try:
        return _version(updated_at, now)
    except Unfit:
        return None


def _version(updated_at: Any, now: datetime) -> str:
    at = canonical.moment(updated_at)
    if at is None:
        raise Unfit("expected a time")
    coarse = at.microsecond == 0 and at > now - SETTLED
    return as_text(updated_at) + ("~" if coarse else "")


def as_text(updated_at: Any) -> str:
    """Return a time of the database exactly, as text: as it is on SQLite, else in full."""
    if isinstance(updated_at, datetime):
        at = canonical.moment(updated_at) or updated_at
        return at.isoformat(timespec="microseconds")
    return str(updated_at)


def _joined(schema: Schema) -> dict[str, Column[Any]]:
    """Return the columns read from the catalogue by canonical path."""
    reception = schema.agency.alias("reception")
    joined: dict[str, Any] = {
        f"procedure.{name}": schema.procedure.c[name]
        for name in ("local_code", "name", "sector_code", "sector_name")
    }
    joined["agency.name"] = schema.agency.c.name
    joined["reception_agency.name"] = reception.c.name
    return joined


def _part(path: str, column: Column[Any], table: str) -> _Part:
    kind = COLUMNS[table][str(column.key)]
    form = _SPECIAL.get(path, _FORMS[kind])
    if path in _FLAGS:
        form = canonical.flag
    whole = int if form in (canonical.number, canonical.money) else None
    return _Part(path, where(column), form, whole, needed=form is canonical.status)


def _remembering(parts: Sequence[_Part]) -> Callable[[tuple[Any, ...]], dict[str, Json]]:
    """Return what turns a row into a record, and knows the last ``RECENT`` rows again.

    The record is shared by all who read the row: nobody changes it. Values of different classes
    that are equal (``1`` and ``1.0``) are different rows.
    """

    @lru_cache(RECENT)
    def known(values: tuple[Any, ...], classes: tuple[type, ...]) -> dict[str, Json]:
        del classes
        return _record(parts, values)

    return lambda values: known(values, tuple(map(type, values)))


def _record(parts: Sequence[_Part], values: Sequence[Any]) -> dict[str, Json]:
    """Return the values of a row in canonical form; most are so already."""
    record: dict[str, Any] = {}
    place = ""
    try:
        for (path, place, form, whole, needed), value in zip(parts, values, strict=True):  # noqa: B007 - the place of the one that does not fit
            if value.__class__ is whole or (value is None and not needed):
                record[path] = value
            else:
                record[path] = form(value)
    except Unfit as unfit:
        raise _placed(unfit, place) from None
    return record


def _fit(place: str, form: Callable[[Any], Any], value: Any) -> Json:
    try:
        return form(value)  # type: ignore[no-any-return]
    except Unfit as unfit:
        raise _placed(unfit, place) from None


def _placed(unfit: Unfit, place: str) -> Unfit:
    placed = Unfit(f"{place}: {unfit}")
    placed.column = place.removeprefix("dossier.")
    return placed


def _with_supplements(fields: dict[str, Json]) -> dict[str, Json]:
    """Add what the citizen has brought of what was asked for."""
    supplements: Any = fields["supplements"]
    brought = [one for one in supplements if one["completed_at"] is not None]
    fields["supplements_brought"] = [
        {"id": one["id"], "completed_at": one["completed_at"]}
        for one in sorted(brought, key=lambda one: (one["completed_at"], one["id"]))
    ]
    return fields


def pieces(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ``codes`` in pieces an IN list can carry."""
    for start in range(0, len(codes), CHUNK):
        yield codes[start : start + CHUNK]
