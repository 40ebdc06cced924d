"""What the bridge last saw of each one-stop dossier, and the numbers given to imported ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from bridge.store import tables
from bridge.store.chunks import chunks
from bridge.store.entries import KnownDossier
from bridge.store.upsert import upsert

_dossier = tables.dossier


class Dossiers:
    """The bridge's memory of the one-stop database."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def known(self, codes: Collection[str]) -> dict[str, KnownDossier]:
        """Return what is known of these dossiers, by code."""
        found: dict[str, KnownDossier] = {}
        for part in chunks(codes):
            query = select(_dossier).where(_dossier.c.code.in_(part))
            for row in self._connection.execute(query):
                found[row.code] = KnownDossier(
                    row.code,
                    row.stamp,
                    row.changed_at,
                    row.content_hash,
                    row.procedure_code,
                    row.captured_at,
                )
        return found

    def remember(self, seen: Sequence[KnownDossier], known: Collection[str]) -> None:
        """Keep what was seen; ``known`` are the codes that have a row already."""
        rows = [
            {
                "code": one.code,
                "stamp": one.stamp,
                "changed_at": one.changed_at,
                "content_hash": one.content_hash,
                "procedure_code": one.procedure_code,
                "captured_at": one.captured_at,
            }
            for one in seen
        ]
        if fresh := [row for row in rows if row["code"] not in known]:
            self._connection.execute(insert(_dossier), fresh)
        if there := [
            {f"to_{name}": row[name] for name in row} for row in rows if row["code"] in known
        ]:
            same = _dossier.c.code == bindparam("to_code")
            columns = {one.name: bindparam(f"to_{one.name}", type_=one.type) for one in _dossier.c}
            self._connection.execute(update(_dossier).where(same).values(columns), there)

    def next_import_number(self, prefix: str) -> int:
        """Return the next number for imported dossiers whose code starts with ``prefix``."""
        table = tables.import_number
        first = {"prefix": prefix, "last": 1}
        upsert(self._connection, table, first, {"last": table.c.last + 1})
        query = select(table.c.last).where(table.c.prefix == prefix)
        return int(self._connection.execute(query).scalar_one())
