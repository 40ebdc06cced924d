"""Which dossiers were received on which days, in the order of their codes: where a comparison begins.

The walk follows the key of the table, whatever the database's own order of texts is, so it costs
one reading of the index and never a sort. On SQLite a time is text, perhaps with another offset:
the query takes one day more on each side, and what is read decides.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, func, select

from adapters.onestop_sql.canonical import VIETNAM, Unfit, instant
from adapters.onestop_sql.schema import Schema
from bridge.sdk.onestop import Reception

ONE_DAY = timedelta(days=1)


def reception(  # noqa: PLR0913 - the period, what of it, and where the walk stands
    connection: Connection,
    schema: Schema,
    since: date,
    until: date,
    procedures: Collection[str] | None,
    after: str | None,
    limit: int,
) -> Reception:
    """Return the next dossiers received from ``since`` to ``until``, both included."""
    dossier = schema.dossier
    sqlite = connection.dialect.name == "sqlite"
    told: ColumnElement[Any]
    if sqlite:
        # as bytes: one that is no text at all stops nothing here
        told = cast(dossier.c.received_at, LargeBinary)
        first, end = (since - ONE_DAY).isoformat(), (until + 2 * ONE_DAY).isoformat()
        inside = (dossier.c.received_at >= first) & (dossier.c.received_at < end)
    else:
        begin, over = (
            datetime.combine(day, time(), VIETNAM).astimezone(UTC)
            for day in (since, until + ONE_DAY)
        )
        inside = (dossier.c.received_at >= begin) & (dossier.c.received_at < over)
        here = func.timezone("Asia/Ho_Chi_Minh", dossier.c.received_at)
        told = func.to_char(here, "YYYY-MM-DD")
    query = select(dossier.c.code, told).where(inside).order_by(dossier.c.code).limit(limit)
    if procedures is not None:
        query = query.where(dossier.c.procedure_code.in_(sorted(procedures)))
    if after is not None:
        query = query.where(dossier.c.code > after)
    rows = connection.execute(query).all()
    days = [(code, _day(at, since) if sqlite else at) for code, at in rows]
    inclusive = since.isoformat(), until.isoformat()
    inside_them = tuple(one for one in days if inclusive[0] <= one[1] <= inclusive[1])
    return Reception(inside_them, rows[-1][0] if len(rows) == limit else None)


def _day(received_at: bytes, otherwise: date) -> str:
    """Return the day of a time as SQLite keeps it, as Vietnam counts."""
    try:
        told = instant(received_at.decode())
    except (Unfit, UnicodeDecodeError):
        told = None
    return otherwise.isoformat() if told is None else told[:10]
