"""Rows with a key that two writers may make at once: the second one waits, and never fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert ``row`` unless one with its key stands; tells whether it was inserted."""
    statement = _insert(connection, table).values(row).on_conflict_do_nothing()
    told = connection.execute(statement.execution_options(preserve_rowcount=True))
    return told.rowcount == 1


def upsert(
    connection: Connection, table: Table, row: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Insert ``row``, or make ``changes`` to the one that stands with its key."""
    statement = _insert(connection, table).values(row)
    key = list(table.primary_key.columns)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=dict(changes)))


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
