"""Marks: all that is asked for of a dossier's rows, told by one hash, so that nobody has to read them.

The database itself strings the rows of a dossier together, in a form in which different rows are
different texts; what it strings together is hashed here (SQLite), or there (PostgreSQL). So a dossier
that has not changed costs a few rows of the answer, however many of its own there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, FromClause, LargeBinary, Select, Table, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.onestop_sql.schema import COLUMNS, Kind, Schema
from bridge.sdk.keys import named

_NO_JSON = "JSON cannot hold BLOB"
"""What SQLite says where a value is bytes: then nothing is marked, and the rows are read."""

_EXACTLY = (Kind.INTEGER, Kind.NUMERIC)
"""Kinds of which SQLite may keep a floating number, whose last digits JSON leaves out."""


class Marked(NamedTuple):
    """A dossier's mark, and where it belongs: as the driver gives it, received, agency, procedure."""

    mark: str
    placed: tuple[Any, Any, Any]


class Marks:
    """Knows the queries. ``source`` are the tables a dossier's row is read from.

    A mark is of the columns ``told`` of its own, of those ``joined`` to it, and of the rows that
    belong to it in other tables, each under its name in the contract.
    """

    def __init__(
        self,
        schema: Schema,
        source: FromClause,
        told: Sequence[Column[Any]],
        joined: Sequence[Column[Any]],
        belonging: Sequence[tuple[Table, str]],
    ) -> None:
        own = schema.dossier.c
        columns = [*_told(told, "dossier"), *joined]
        self._own = (
            select(own.code, own.received_at, own.agency_code, own.procedure_code, _Row(*columns))
            .select_from(source)
            .where(named(own.code, "codes"))
        )
        self._belonging = [_belonging(table, name) for table, name in belonging]

    def of(self, connection: Connection, codes: Sequence[str]) -> dict[str, Marked]:
        """Return the marks of these dossiers; none where a value of one of them has no text."""
        asked = {"codes": codes}
        try:
            own = connection.execute(self._own, asked).all()
            belonging = [
                {row[0]: row[1] for row in connection.execute(one, asked).all()}
                for one in self._belonging
            ]
        except OperationalError as error:
            if _NO_JSON in str(error.orig):
                return {}
            raise
        return {
            row[0]: Marked(_hash(row[4], [one.get(row[0], b"") for one in belonging]), row[1:4])
            for row in own
        }


def _hash(own: bytes, belonging: Sequence[bytes]) -> str:
    """Return the hash of a dossier's rows; none of the texts has a NUL in it."""
    return blake2b(b"\0".join((own, *belonging)), digest_size=16).hexdigest()


def _belonging(table: Table, name: str) -> Select[Any]:
    """Return what strings together the rows of a table that belong to each dossier."""
    rows = _Rows(table.c.id, *_told(table.columns, name))
    owner = table.c.dossier_code
    return select(owner, rows).where(named(owner, "codes")).group_by(owner)


def _told(columns: Iterable[Column[Any]], name: str) -> Iterator[Any]:
    """Yield columns of a table, each so that SQLite's JSON holds it whole."""
    for column in columns:
        key = str(column.key)
        if key == "details":
            yield _Text(column)
        else:
            yield _Exact(column) if COLUMNS[name][key] in _EXACTLY else column


class _Text(FunctionElement[str]):
    """A column that may be bytes on SQLite, as text."""

    inherit_cache = True


class _Exact(FunctionElement[str]):
    """A number with all its digits."""

    inherit_cache = True


class _Row(FunctionElement[bytes]):
    """The columns of a row, strung together."""

    type = LargeBinary()
    inherit_cache = True


class _Rows(FunctionElement[bytes]):
    """The columns of each row of a group, strung together in the order of the first column."""

    type = LargeBinary()
    inherit_cache = True


def _columns(
    element: FunctionElement[Any], compiler: SQLCompiler, how: dict[str, Any]
) -> list[str]:
    return [compiler.process(one, **how) for one in element.clauses]


@compiles(_Text)
@compiles(_Exact)
def _as_it_is(element: FunctionElement[str], compiler: SQLCompiler, **how: Any) -> str:
    return _columns(element, compiler, how)[0]


@compiles(_Text, "sqlite")
def _text(element: _Text, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST({_columns(element, compiler, how)[0]} AS TEXT)"


@compiles(_Exact, "sqlite")
def _exact(element: _Exact, compiler: SQLCompiler, **how: Any) -> str:
    [column] = _columns(element, compiler, how)
    return f"CASE typeof({column}) WHEN 'real' THEN json_array(quote({column})) ELSE {column} END"


@compiles(_Row, "sqlite")
def _row_as_json(element: _Row, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(json_array({', '.join(_columns(element, compiler, how))}) AS BLOB)"


@compiles(_Rows, "sqlite")
def _rows_as_json(element: _Rows, compiler: SQLCompiler, **how: Any) -> str:
    row = f"json_array({', '.join(_columns(element, compiler, how))})"
    return f"CAST(json_group_array({row}) AS BLOB)"


@compiles(_Row, "postgresql")
def _row_hashed(element: _Row, compiler: SQLCompiler, **how: Any) -> str:
    return _hashed(f"CAST(ROW({', '.join(_columns(element, compiler, how))}) AS TEXT)")


@compiles(_Rows, "postgresql")
def _rows_hashed(element: _Rows, compiler: SQLCompiler, **how: Any) -> str:
    key, *columns = _columns(element, compiler, how)
    row = f"CAST(ROW({', '.join([key, *columns])}) AS TEXT)"
    return _hashed(f"string_agg({row}, '' ORDER BY {key})")


def _hashed(text: str) -> str:
    """Return the hash of a text in hexadecimal digits, as bytes."""
    return f"convert_to(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 'UTF8')"
