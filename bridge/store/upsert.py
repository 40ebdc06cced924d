"""Rows with a key that two writers may make at once: the second one waits, and never fails.

Each statement is made once for the columns it writes (``bridge.store.looks`` says why).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert ``row`` unless one with its key stands; tells whether it was inserted."""
    statement = _new(connection.dialect.name, table, tuple(row))
    return connection.execute(statement, _named("in_", row)).rowcount == 1


def upsert(
    connection: Connection, table: Table, row: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Insert ``row``, or make ``changes`` to the one that stands with its key."""
    statement = _new_or_changed(connection.dialect.name, table, tuple(row), tuple(changes))
    connection.execute(statement, _named("in_", row) | _named("to_", changes))


def add_up(
    connection: Connection, table: Table, key: Mapping[str, Any], more: Mapping[str, int]
) -> None:
    """Insert a row of counts, or add ``more`` to those of the one that stands with its ``key``."""
    statement = _new_or_more(connection.dialect.name, table, tuple(key), tuple(more))
    connection.execute(statement, _named("in_", key) | _named("in_", more))


@cache
def _new(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table, names).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


@cache
def _new_or_changed(
    dialect: str, table: Table, names: tuple[str, ...], changed: tuple[str, ...]
) -> Insert:
    return _or_set(_insert(dialect, table, names), table, _places("to_", table, changed))


@cache
def _new_or_more(
    dialect: str, table: Table, names: tuple[str, ...], counts: tuple[str, ...]
) -> Insert:
    more = _places("in_", table, counts)
    added = {name: table.c[name] + place for name, place in more.items()}
    return _or_set(_insert(dialect, table, (*names, *counts)), table, added)


def _or_set(insert: Insert, table: Table, values: Mapping[str, Any]) -> Insert:
    key = list(table.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=key, set_=dict(values))


def _insert(dialect: str, table: Table, names: Iterable[str]) -> Insert:
    made = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return made.values(_places("in_", table, names))


def _places(before: str, table: Table, names: Iterable[str]) -> dict[str, BindParameter[Any]]:
    """Return a place for the value of each column."""
    return {name: bindparam(before + name, type_=table.c[name].type) for name in names}


def _named(before: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {before + name: value for name, value in values.items()}
