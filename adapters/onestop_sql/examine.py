"""Looks at a one-stop database before, or when, something goes wrong, and says what to mend."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Inspector, Table, func, inspect, literal, select
from sqlalchemy import types as sql
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from adapters.onestop_sql.canonical import Unfit, moment
from adapters.onestop_sql.faults import naming_faults
from adapters.onestop_sql.opening import WRITES
from adapters.onestop_sql.schema import COLUMNS, LOOKED_UP_BY, Kind, Schema
from bridge.sdk import Said, joined
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.records import Check

CLOCKS_MAY_DIFFER = timedelta(minutes=5)

_FITS: dict[Kind, tuple[type[Any], ...]] = {
    Kind.TEXT: (sql.String,),
    Kind.INTEGER: (sql.Integer,),
    Kind.NUMERIC: (sql.Numeric, sql.Float, sql.Integer),
    Kind.DATE: (sql.Date,),
    Kind.TIMESTAMP: (sql.DateTime,),
}

_NOTHING = literal(value=1) == 0


class Examination:
    """The findings about one database."""

    def __init__(
        self,
        engine: Engine,
        schema: Schema,
        documents: Path,
        now: Callable[[], datetime],
        *,
        results: bool,
    ) -> None:
        self._engine = engine
        self._documents = documents
        self._now = now
        self._results = results
        self._tables = dict(zip(COLUMNS, _tables(schema), strict=True))

    def mismatches(self) -> list[str]:
        """Return, a line each, the tables and columns that are not as named and agreed.

        Empty when all fit, or when the database can't be asked.
        """
        try:
            inspector = inspect(self._engine)
            return [line for name in self._tables for line in self._differences(inspector, name)]
        except (DBAPIError, NoFreeConnection):
            return []

    def findings(self) -> Iterator[Check]:
        """Yield one check for the connection, each table, the right to write, files and clock."""
        try:
            with naming_faults(self.mismatches):
                yield Check("connection", ok=True, detail=self._server())
                yield from self._table_checks()
        except OneStopFault as fault:
            yield Check("connection", ok=False, detail=fault.reason)
        else:
            yield self._attempt("write right", self._write_right)
            if self._results:
                yield self._attempt("results", self._result_right)
            yield self._attempt("clock", self._clock)
        yield self._documents_folder()
        if not self._results:
            words = Said("files that ministries issue are not taken in: results = false")
            yield Check("results", ok=True, detail=words)

    def _server(self) -> str:
        with self._engine.connect() as connection:
            dialect = connection.dialect
            version = ".".join(str(part) for part in dialect.server_version_info or ())
        return f"{dialect.name} {version}"

    def _table_checks(self) -> Iterator[Check]:
        inspector = inspect(self._engine)
        for name, table in self._tables.items():
            wrong = list(self._differences(inspector, name))
            title = Said("table {table}", table=table.fullname)
            detail = joined(wrong) if wrong else _agreed(inspector, name, table)
            yield Check(title, ok=not wrong, detail=detail)

    def _differences(self, inspector: Inspector, name: str) -> Iterator[str]:
        table = self._tables[name]
        try:
            found = {
                column["name"]: column["type"]
                for column in inspector.get_columns(table.name, schema=table.schema)
            }
        except NoSuchTableError:
            yield self._missing_table(inspector, name)
            return
        for column in table.columns:
            if column.name not in found:
                yield _missing_column(name, table, column.key, column.name, list(found))
            elif not self._fits(found[column.name], COLUMNS[name][column.key]):
                yield Said(
                    "{column} is {found}, expected {expected}",
                    column=f"{table.fullname}.{column.name}",
                    found=str(found[column.name]),
                    expected=str(COLUMNS[name][column.key]),
                )

    def _missing_table(self, inspector: Inspector, name: str) -> str:
        table = self._tables[name]
        there = [
            *inspector.get_table_names(schema=table.schema),
            *inspector.get_view_names(schema=table.schema),
        ]
        return Said(
            "there is no table {table} {there}; "
            'its name is set under [onestop.tables]: {name} = "…"',
            table=table.fullname,
            there=_found(table.name, there),
            name=name,
        )

    def _fits(self, found: sql.TypeEngine[Any], kind: Kind) -> bool:
        if self._engine.dialect.name == "sqlite":
            return True  # any column holds any value there; each value is judged as it is read
        return isinstance(found, _FITS[kind])

    def _attempt(self, name: str, look: Callable[[Connection], Check]) -> Check:
        writes = name in {"write right", "results"}
        try:
            with (
                naming_faults(self.mismatches),
                self._engine.connect().execution_options(**{WRITES: writes}) as connection,
                connection.begin() as transaction,
            ):
                found = look(connection)
                transaction.rollback()
                return found
        except OneStopFault as fault:
            return Check(name, ok=False, detail=fault.reason)

    def _write_right(self, connection: Connection) -> Check:
        dossier = self._tables["dossier"]
        connection.execute(dossier.update().where(_NOTHING).values(updated_at=dossier.c.updated_at))
        for name in ("dossier", "dossier_progress", "dossier_supplement", "dossier_notice"):
            self._may_grow(connection, name)
        return Check(
            "write right", ok=True, detail=Said("dossiers, steps, supplements and notices")
        )

    def _result_right(self, connection: Connection) -> Check:
        self._may_grow(connection, "dossier_document")
        if not self._documents.is_dir() or os.access(self._documents, os.W_OK):
            return Check("results", ok=True, detail=Said("files that ministries issue"))
        words = Said("{folder} can't be written", folder=str(self._documents))
        return Check("results", ok=False, detail=words)

    def _may_grow(self, connection: Connection, name: str) -> None:
        table = self._tables[name]
        keys = [column.key for column in table.columns]
        connection.execute(table.insert().from_select(keys, select(table).where(_NOTHING)))

    def _clock(self, connection: Connection) -> Check:
        stamp = self._tables["dossier"].c.updated_at
        if connection.dialect.name == "sqlite":
            there = self._now()
        else:
            there = connection.execute(select(func.clock_timestamp())).scalar_one()
        ahead = [_difference(Said("the database server"), there - self._now())]
        newest = connection.execute(select(func.max(stamp))).scalar()
        try:
            latest = moment(newest)
        except Unfit as unfit:
            column = f"{stamp.table.fullname}.{stamp.name}"
            detail = Said(
                "the greatest {column} can't be read: {reason}", column=column, reason=str(unfit)
            )
            return Check("clock", ok=False, detail=detail)
        if latest is not None:
            newest_ahead = max(latest - self._now(), timedelta())
            ahead.append(_difference(Said("the newest dossier"), newest_ahead))
        late = [said for said in ahead if said]
        return Check("clock", ok=not late, detail=joined(late) if late else Said("in step"))

    def _documents_folder(self) -> Check:
        if self._documents.is_dir():
            return Check("documents", ok=True, detail=str(self._documents))
        detail = Said(
            "{folder} is no folder; it is set by documents under [onestop]",
            folder=str(self._documents),
        )
        return Check("documents", ok=False, detail=detail)


def _tables(schema: Schema) -> Sequence[Table]:
    return (
        schema.agency,
        schema.procedure,
        schema.dossier,
        schema.progress,
        schema.document,
        schema.fee,
        schema.supplement,
        schema.notice,
    )


def _agreed(inspector: Inspector, name: str, table: Table) -> str:
    """Say that a table is as agreed; and, where each reading looks through all of it, how to mend that."""
    count, looked_up = len(table.columns), LOOKED_UP_BY.get(name)
    if looked_up is None or _is_found_by(inspector, table, column := table.c[looked_up].name):
        return Said("{count} columns as agreed", count=count)
    return Said(
        "{count} columns as agreed; no index begins with {column}, so that the whole table is "
        "looked through for every page of dossiers: CREATE INDEX {index} ON {table} ({column})",
        count=count,
        column=column,
        index=f"{table.name}_{column}",
        table=table.fullname,
    )


def _is_found_by(inspector: Inspector, table: Table, column: str) -> bool:
    """Tell whether rows are found by a column; of a view nothing is known."""
    if table.name not in inspector.get_table_names(schema=table.schema):
        return True
    key: list[str] = inspector.get_pk_constraint(table.name, table.schema)["constrained_columns"]
    indexes = inspector.get_indexes(table.name, schema=table.schema)
    return column in key[:1] or any(column in one["column_names"][:1] for one in indexes)


def _missing_column(name: str, table: Table, key: str, expected: str, found: list[str]) -> str:
    return Said(
        "{table} has no column {column} {there}; "
        'its name is set under [onestop.columns.{name}]: {key} = "…"',
        table=table.fullname,
        column=expected,
        there=_found(expected, found),
        name=name,
        key=key,
    )


def _found(expected: str, found: Sequence[str]) -> str:
    near = get_close_matches(expected, found, n=1, cutoff=0.5)
    names = ", ".join(sorted(found)) or Said("nothing")
    if near:
        return Said("(found: {names}; nearest: {nearest})", names=names, nearest=near[0])
    return Said("(found: {names})", names=names)


def _difference(whose: Said, ahead: timedelta) -> str:
    if abs(ahead) <= CLOCKS_MAY_DIFFER:
        return ""
    seconds = round(abs(ahead).total_seconds())
    if ahead > timedelta():
        return Said(
            "{whose} is {seconds} seconds ahead of this machine", whose=whose, seconds=seconds
        )
    return Said("{whose} is {seconds} seconds behind this machine", whose=whose, seconds=seconds)
