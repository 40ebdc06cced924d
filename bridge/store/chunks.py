"""Many rows in few statements: one execution a shape.

Rows are written as the driver takes them: what a value becomes is looked up once a column, and
not once a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Table, Update, bindparam, update
from sqlalchemy.exc import DBAPIError

from bridge.store.looks import named

T = TypeVar("T")

TOGETHER = (32, 8, 1)
"""Rows a statement inserts. Few sizes, so that a connection keeps the prepared statements; all of
one size go in one message.
"""


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield ``items`` in lists of at most ``size``."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all set the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    values = _bound(connection, table, names, [list(row.values()) for row in rows])
    done = 0
    for size in TOGETHER:
        end = len(values) - (len(values) - done) % size
        together = [
            tuple(chain.from_iterable(values[at : at + size])) for at in range(done, end, size)
        ]
        if together:
            connection.exec_driver_sql(_insert(connection.dialect, table, names, size), together)
        done = end


def execute_all(connection: Connection, statements: str, values: Mapping[str, Any]) -> None:
    """Run several statements of PostgreSQL's in one message; the values are quoted here."""
    from psycopg import ClientCursor  # a store on SQLite never loads it

    driver: Any = connection.connection.dbapi_connection
    try:
        with ClientCursor(driver) as cursor:
            cursor.execute(statements, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statements, None, error) from error


def update_many(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Update rows by ``id``; those that set the same columns go in one execution."""
    shapes: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
    for row in rows:
        names = tuple(sorted(name for name in row if name != "id"))
        shapes[names].append([row[name] for name in (*names, "id")])
    for names, values in shapes.items():
        bound = _bound(connection, table, (*names, "id"), values)
        text = _update(connection.dialect, table, names)
        connection.exec_driver_sql(text, [tuple(row) for row in bound])


def update_all(
    connection: Connection, table: Table, ids: Collection[int], values: Mapping[str, Any]
) -> None:
    """Set the same columns of every row of ``ids``."""
    if ids:
        to = {f"to_{name}": value for name, value in values.items()}
        connection.execute(_all_alike(table, tuple(values)), to | {"ids": ids})


@cache
def _all_alike(table: Table, names: tuple[str, ...]) -> Update:
    to = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
    return update(table).where(named(table.c.id, "ids")).values(to)


def _bound(
    connection: Connection, table: Table, names: Sequence[str], rows: list[list[Any]]
) -> list[list[Any]]:
    """Bring the values into the form the driver takes, in place."""
    for place, name in enumerate(names):
        bind = (
            table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        )
        if bind is not None:
            for row in rows:
                row[place] = bind(row[place])
    return rows


@lru_cache
def _insert(dialect: Dialect, table: Table, names: tuple[str, ...], rows: int) -> str:
    told = dialect.identifier_preparer
    columns = ", ".join(told.quote(name) for name in names)
    marks = f"({', '.join([_mark(dialect)] * len(names))})"
    every = ", ".join([marks] * rows)
    return f"INSERT INTO {told.format_table(table)} ({columns}) VALUES {every}"  # noqa: S608 - names of our own columns, no value


@lru_cache
def _update(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    told, mark = dialect.identifier_preparer, _mark(dialect)
    columns = ", ".join(f"{told.quote(name)} = {mark}" for name in names)
    return f"UPDATE {told.format_table(table)} SET {columns} WHERE id = {mark}"  # noqa: S608 - as above


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
