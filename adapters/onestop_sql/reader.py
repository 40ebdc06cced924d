"""Reads rows of a one-stop database into snapshots, a few queries for many dossiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

import orjson
from sqlalchemy import Connection, Row, select

from adapters.onestop_sql import canonical
from adapters.onestop_sql.canonical import Form, Unfit
from adapters.onestop_sql.marks import Marked
from adapters.onestop_sql.schema import Schema, where
from adapters.onestop_sql.view import ListQuery, View, fit
from bridge.sdk import Fields, Json, Snapshot, flatten, valid_code
from bridge.sdk.hashing import content_hash
from bridge.sdk.keys import named
from bridge.sdk.onestop import Known, Paper, Unchanged
from bridge.sdk.records import Unreadable

CHUNK = 500
"""How many codes one IN list carries."""

SETTLED = timedelta(seconds=5)
"""A time of whole seconds may stand for two contents until the clock has left it behind."""

PLACED: dict[str, Form] = {
    "received_at": canonical.instant,
    "agency.code": canonical.text,
    "procedure.code": canonical.text,
}
"""What is told of a dossier that is known by its mark."""

_Lists: TypeAlias = dict[str, list[Row[Any]]]
"""Rows that belong to a dossier, by path."""


class _Rows(NamedTuple):
    """What the database holds of a dossier: its row, and those that belong to it by path."""

    code: str
    row: Row[Any]
    lists: _Lists


class Reader:
    """Knows the queries and turns their rows into snapshots."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._lists = {
            "documents": ListQuery(schema.document, "documents", "dossier_document"),
            "fees": ListQuery(schema.fee, "fees", "dossier_fee"),
            "supplements": ListQuery(
                schema.supplement, "supplements", "dossier_supplement", "requested_at"
            ),
            "progress": ListQuery(schema.progress, "progress", "dossier_progress", "at"),
        }
        self._whole = View(schema, self._lists)
        self._views: dict[frozenset[str], View] = {}
        code = schema.dossier.c.code
        self._there = select(code).where(named(code, "codes"))

    def read(
        self, connection: Connection, codes: Sequence[str], now: datetime
    ) -> dict[str, Snapshot | Unreadable]:
        """Return the dossiers with these codes; absent ones are left out.

        ``now`` tells whether a time of whole seconds is settled (see ``changed_at``).
        """
        rows = self._rows(connection, self._whole, codes)
        return {one.code: self._stamped(one, now) for one in rows}

    def read_unknown(
        self,
        connection: Connection,
        codes: Sequence[str],
        now: datetime,
        known: Known,
        paths: frozenset[str],
    ) -> dict[str, Snapshot | Unreadable | Unchanged]:
        """Return of these dossiers the ``paths`` alone, and of those ``known`` that alone."""
        view = self._view(paths)
        marked = view.marks.of(connection, codes)
        alike = set(known({code: one.mark for code, one in marked.items()}) if marked else ())
        rows = self._rows(connection, view, [code for code in codes if code not in alike])
        return {
            **{code: _unchanged(code, marked[code]) for code in alike},
            **{one.code: self._snapshot(view, one, now) for one in rows},
        }

    def marks(
        self, connection: Connection, codes: Sequence[str], paths: frozenset[str]
    ) -> dict[str, str]:
        """Return the marks of these dossiers, as far as these paths are concerned."""
        marked = self._view(paths).marks.of(connection, codes)
        return {code: one.mark for code, one in marked.items()}

    def _view(self, paths: frozenset[str]) -> View:
        view = self._views.get(paths) or View(self._schema, self._lists, paths)
        self._views[paths] = view
        return view

    def _rows(self, connection: Connection, view: View, codes: Sequence[str]) -> Iterator[_Rows]:
        """Yield what the database holds of these dossiers."""
        for part in pieces(codes):
            rows = connection.execute(view.select, {"codes": part}).all()
            lists = {
                path: query.rows(connection, part) if rows else {}
                for path, query in view.lists.items()
            }
            for row in rows:
                code = row[0]
                yield _Rows(
                    code, row, {path: grouped.get(code, []) for path, grouped in lists.items()}
                )

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

    def _stamped(self, rows: _Rows, now: datetime) -> Snapshot | Unreadable:
        """Return a dossier read whole, with the stamp and the hash of what it holds."""
        found = self._snapshot(self._whole, rows, now)
        if isinstance(found, Unreadable):
            return found
        updated_at, fields = tuple(rows.row)[1], found.fields
        return Snapshot(
            found.code,
            fields,
            stamp=f"{as_text(updated_at)}|{self._own_hash(fields)}",
            content_hash=content_hash(fields),
            extra=found.extra,
        )

    def _snapshot(self, view: View, rows: _Rows, now: datetime) -> Snapshot | Unreadable:
        code, updated_at, details, *values = tuple(rows.row)
        try:
            fields = self._fields(view, code, details, values, rows.lists)
            changed = fit(
                where(self._schema.dossier.c.updated_at), lambda at: _version(at, now), updated_at
            )
        except Unfit as unfit:
            return Unreadable(str(code), str(unfit), unfit.column)
        return Snapshot(code, fields, extra={"changed_at": changed})

    def _own_hash(self, fields: Fields) -> str:
        """Return a hash of what is the dossier's own: it stays where the catalogue changes."""
        own = dict(fields)
        for path in self._whole.joined:
            del own[path]
        return sha256(orjson.dumps(own)).hexdigest()

    def _fields(
        self, view: View, code: Any, details: Any, values: Sequence[Any], lists: _Lists
    ) -> dict[str, Json]:
        dossier = self._schema.dossier
        if not (isinstance(code, str) and code.isprintable() and valid_code(code)):
            raise Unfit(f"{where(dossier.c.code)}: expected a dossier code, unit-yyMMdd-number")
        fields: dict[str, Json] = {"code": code, **view.record(tuple(values))}
        record = fit(where(dossier.c.details), canonical.details, details)
        if isinstance(record, dict):
            fields.update(flatten(record, "details."))
        for path, rows in lists.items():
            fields[path] = view.lists[path].records(rows)
        return _with_supplements(fields) if "supplements" in fields else fields


def _unchanged(code: str, marked: Marked) -> Unchanged:
    """Return of a dossier that was read well before, as it is, where it belongs."""
    placed = zip(PLACED.items(), marked.placed, strict=True)
    return Unchanged(code, {path: form(value) for (path, form), value in placed})


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
