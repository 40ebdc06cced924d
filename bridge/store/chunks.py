"""Many rows in few statements: no more parameters than a database allows, one execution a shape."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, update

T = TypeVar("T")


def chunks(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Yield ``items`` in lists of at most ``size``."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def update_many(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Update rows by ``id``; those that set the same columns go in one execution."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        names = tuple(sorted(name for name in row if name != "id"))
        shapes[names].append({f"to_{name}": row[name] for name in names} | {"row_id": row["id"]})
    for names, values in shapes.items():
        statement = update(table).where(table.c.id == bindparam("row_id"))
        columns = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
        connection.execute(statement.values(columns), values)


def update_all(
    connection: Connection, table: Table, ids: Iterable[int], values: Mapping[str, Any]
) -> None:
    """Set the same columns of every row of ``ids``."""
    for part in chunks(ids):
        connection.execute(update(table).where(table.c.id.in_(part)).values(values))
