"""What is read of dossiers: some of their columns and lists, or all, and the marks of just these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, FromClause, Row, Table, bindparam, null, select

from adapters.onestop_sql import canonical
from adapters.onestop_sql.canonical import Form, Unfit
from adapters.onestop_sql.marks import Marks
from adapters.onestop_sql.schema import COLUMNS, Kind, Schema, where
from bridge.sdk import LIST_KEYS, Json
from bridge.sdk.keys import named

RECENT = 500
"""How many rows of a kind are kept as they were read: a dossier in work is read several times."""

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

_FLAGS = frozenset({"digitised", "reused", "from_store", "deleted"})

_APART = frozenset({"code", "details", "updated_at"})
"""Columns of a dossier that are no field by themselves."""


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


class View:
    """The queries for what is read of dossiers: of the paths ``only``, without them of all.

    ``select`` gives code, time of change, details and the values that ``record`` turns into fields.
    ``joined`` are the paths of the catalogue among these, ``lists`` the queries for what belongs to a
    dossier. Rows are remembered only where all is read: what is compared is read once.
    """

    def __init__(
        self,
        schema: Schema,
        lists: Mapping[str, ListQuery],
        only: frozenset[str] | None = None,
    ) -> None:
        def wanted(path: str) -> bool:
            return only is None or path in only

        dossier = schema.dossier
        own = [
            column
            for column in dossier.columns
            if column.key not in _APART and wanted(path_of(str(column.key)))
        ]
        source, self.joined = _catalogue(schema, wanted)
        self.lists = {path: query for path, query in lists.items() if wanted(path)}
        parts = [
            *(_part(path_of(str(column.key)), column, "dossier") for column in own),
            *(_Part(path, path, canonical.text, None, needed=False) for path in self.joined),
        ]
        self.record: Callable[[tuple[Any, ...]], dict[str, Json]] = (
            remembering(parts) if only is None else partial(_record, parts)
        )
        detailed = only is None or any(path.startswith("details.") for path in only)
        details: list[Any] = [dossier.c.details] if detailed else []
        first = [dossier.c.code, dossier.c.updated_at, *(details or [null()])]
        columns = [*first, *own, *self.joined.values()]
        labelled = [column.label(f"v{n}") for n, column in enumerate(columns)]
        self.select = select(*labelled).select_from(source).where(named(dossier.c.code, "codes"))
        marked = [dossier.c.code, *details, *own]
        belonging = [(one.table, one.name) for one in self.lists.values()]
        self.marks = Marks(schema, source, marked, list(self.joined.values()), belonging)


class ListQuery:
    """The rows that belong to dossiers, of one kind; ``name`` is the table's in the contract."""

    def __init__(self, table: Table, path: str, name: str, order: str | None = None) -> None:
        self.table = table
        self.name = name
        keys = LIST_KEYS[path]
        all_rows = select(
            table.c.dossier_code.label("owner"), *(table.c[key].label(key) for key in keys)
        )
        self._query = all_rows.where(named(table.c.dossier_code, "codes"))
        self.of_id = all_rows.where(table.c.id == bindparam("the_id"))
        self._record = remembering([_part(key, table.c[key], name) for key in keys])
        self._order = order

    def rows(self, connection: Connection, codes: Sequence[str]) -> dict[str, list[Row[Any]]]:
        """Return the rows of these dossiers, by code."""
        grouped: dict[str, list[Row[Any]]] = {}
        for row in connection.execute(self._query, {"codes": codes}).all():
            grouped.setdefault(row[0], []).append(row)
        return grouped

    def record(self, row: Row[Any]) -> dict[str, Json]:
        """Return a row in canonical form; raises ``Unfit``."""
        return self._record(row[1:])

    def records(self, rows: Sequence[Row[Any]]) -> list[Json]:
        """Return the rows of one dossier in canonical form and order; raises ``Unfit``."""
        records: list[Any] = [self._record(row[1:]) for row in rows]
        if len(records) > 1:
            records.sort(key=lambda one: (str(one.get(self._order) or ""), str(one["id"])))
        return records


def _catalogue(
    schema: Schema, wanted: Callable[[str], bool]
) -> tuple[FromClause, dict[str, Column[Any]]]:
    """Return the dossiers beside what the catalogue says of them, and its columns by path."""
    dossier = schema.dossier
    groups: dict[str, tuple[FromClause, tuple[str, ...]]] = {
        "procedure": (schema.procedure, ("local_code", "name", "sector_code", "sector_name")),
        "agency": (schema.agency, ("name",)),
        "reception_agency": (schema.agency.alias("reception"), ("name",)),
    }
    source: FromClause = dossier
    joined: dict[str, Any] = {}
    for group, (table, names) in groups.items():
        paths = [f"{group}.{name}" for name in names if wanted(f"{group}.{name}")]
        if paths:
            source = source.outerjoin(table, table.c.code == dossier.c[f"{group}_code"])
            joined |= {path: table.c[path.removeprefix(f"{group}.")] for path in paths}
    return source, joined


def _part(path: str, column: Column[Any], table: str) -> _Part:
    kind = COLUMNS[table][str(column.key)]
    form = _SPECIAL.get(path, _FORMS[kind])
    if path in _FLAGS:
        form = canonical.flag
    whole = int if form in (canonical.number, canonical.money) else None
    return _Part(path, where(column), form, whole, needed=form is canonical.status)


def remembering(parts: Sequence[_Part]) -> Callable[[tuple[Any, ...]], dict[str, Json]]:
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


def fit(place: str, form: Callable[[Any], Any], value: Any) -> Json:
    """Return a value in its form; the ``Unfit`` that it raises says where the value stands."""
    try:
        return form(value)  # type: ignore[no-any-return]
    except Unfit as unfit:
        raise _placed(unfit, place) from None


def _placed(unfit: Unfit, place: str) -> Unfit:
    placed = Unfit(f"{place}: {unfit}")
    placed.column = place.removeprefix("dossier.")
    return placed
