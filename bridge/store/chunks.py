"""Many rows in few statements: one parameter for any number of keys, one execution a shape.

Rows are written as the driver takes them: what a value becomes is looked up once a column, and
not once a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    Text,
    any_,
    bindparam,
    func,
    select,
    update,
)

T = TypeVar("T")


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield ``items`` in lists of at most ``size``."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def among(
    connection: Connection, column: ColumnElement[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``, however many they are."""
    keys = list(values)
    if connection.dialect.name == "postgresql":
        array = bindparam(None, keys, type_=ARRAY(column.type))
        return column == any_(array)
    text = bindparam(None, orjson.dumps(keys).decode(), type_=Text())
    return column.in_(select(func.json_each(text).table_valued("value").c.value))


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all set the same columns."""
    if rows:
        names = tuple(rows[0])
        values = [list(row.values()) for row in rows]
        _write(connection, table, names, values, _insert(connection.dialect, table, names))


def update_many(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Update rows by ``id``; those that set the same columns go in one execution."""
    shapes: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
    for row in rows:
        names = tuple(sorted(name for name in row if name != "id"))
        shapes[names].append([row[name] for name in (*names, "id")])
    for names, values in shapes.items():
        _write(connection, table, (*names, "id"), values, _update(connection.dialect, table, names))


def update_all(
    connection: Connection, table: Table, ids: Collection[int], values: Mapping[str, Any]
) -> None:
    """Set the same columns of every row of ``ids``."""
    if ids:
        here = among(connection, table.c.id, ids)
        connection.execute(update(table).where(here).values(values))


def _write(
    connection: Connection, table: Table, names: Sequence[str], rows: list[list[Any]], text: str
) -> None:
    for place, name in enumerate(names):
        bind = (
            table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        )
        if bind is not None:
            for row in rows:
                row[place] = bind(row[place])
    connection.exec_driver_sql(text, [tuple(row) for row in rows])


@lru_cache
def _insert(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    told = dialect.identifier_preparer
    columns = ", ".join(told.quote(name) for name in names)
    marks = ", ".join([_mark(dialect)] * len(names))
    return f"INSERT INTO {told.format_table(table)} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own columns, no value


@lru_cache
def _update(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    told, mark = dialect.identifier_preparer, _mark(dialect)
    columns = ", ".join(f"{told.quote(name)} = {mark}" for name in names)
    return f"UPDATE {told.format_table(table)} SET {columns} WHERE id = {mark}"  # noqa: S608 - as above


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
