"""Finds the dossiers that may be of some people: one look through the table for all of them.

Who they are is decided by whoever asks; here is only looked for what may be theirs. On a database
with no index on these columns it is one reading of the table, so many are asked about at once.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from adapters.onestop_sql.schema import Schema
from bridge.sdk.onestop import Likeness


def alike_codes(connection: Connection, schema: Schema, people: Likeness) -> list[str]:
    """Return the codes of dossiers that share a number, a phone or a birth date with one, in order."""
    dossier = schema.dossier
    wanted = (
        (dossier.c.applicant_id_number, people.id_numbers),
        (dossier.c.applicant_phone, people.phones),
        (dossier.c.applicant_birth_date, people.birth_dates),
    )
    shared = [column.in_(sorted(values)) for column, values in wanted if values]
    if not shared:
        return []
    query = select(dossier.c.code).where(or_(*shared)).order_by(dossier.c.code)
    if people.procedures is not None:
        query = query.where(dossier.c.procedure_code.in_(sorted(people.procedures)))
    return list(connection.execute(query).scalars())
