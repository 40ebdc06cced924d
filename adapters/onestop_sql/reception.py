"""Walks the dossiers received on some days in the order of their codes: one side of a comparison.

The walk follows the key of the table, whatever the database's own order of texts is, so it costs
one reading of the index and never a sort. On SQLite a time is text, perhaps with another offset:
the query takes one day more on each side, and what is read decides.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from adapters.onestop_sql.canonical import VIETNAM
from adapters.onestop_sql.schema import Schema

ONE_DAY = timedelta(days=1)


def received_keys(  # noqa: PLR0913 - the period, what of it, and where the walk stands
    connection: Connection,
    schema: Schema,
    since: date,
    until: date,
    procedures: Collection[str] | None,
    after: str | None,
    limit: int,
) -> list[str]:
    """Return the next codes of dossiers received from ``since`` to ``until``, both included.

    On SQLite some of a day before and after may be among them.
    """
    dossier = schema.dossier
    query = select(dossier.c.code).order_by(dossier.c.code).limit(limit)
    if connection.dialect.name == "sqlite":
        first, end = (since - ONE_DAY).isoformat(), (until + 2 * ONE_DAY).isoformat()
        query = query.where(dossier.c.received_at >= first, dossier.c.received_at < end)
    else:
        begin, over = (
            datetime.combine(day, time(), VIETNAM).astimezone(UTC)
            for day in (since, until + ONE_DAY)
        )
        query = query.where(dossier.c.received_at >= begin, dossier.c.received_at < over)
    if procedures is not None:
        query = query.where(dossier.c.procedure_code.in_(sorted(procedures)))
    if after is not None:
        query = query.where(dossier.c.code > after)
    return list(connection.execute(query).scalars())
