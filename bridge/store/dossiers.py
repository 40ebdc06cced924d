"""What the bridge last saw of each one-stop dossier, and the numbers given to imported ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.entries import KnownDossier
from bridge.store.looks import among, named
from bridge.store.upsert import add_up

_dossier = tables.dossier
_COLUMNS = tuple(one.name for one in fields(KnownDossier))
_ROW = tuple(_dossier.c[name] for name in _COLUMNS)
_KNOWN = select(*_ROW).where(named(_dossier.c.code, "codes"))
_STAMPS = select(_dossier.c.code, _dossier.c.changed_at).where(named(_dossier.c.code, "codes"))
_SEEN_AGAIN = (
    update(_dossier)
    .where(_dossier.c.code == bindparam("to_code"))
    .values({one.name: bindparam(f"to_{one.name}", type_=one.type) for one in _dossier.c})
)


class Dossiers:
    """The bridge's memory of the one-stop database."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def known(self, codes: Collection[str]) -> dict[str, KnownDossier]:
        """Return what is known of these dossiers, by code."""
        if not codes:
            return {}
        rows = self._connection.execute(_KNOWN, {"codes": codes}).all()
        return {row[0]: KnownDossier(*row) for row in rows}

    def stamps(self, codes: Collection[str]) -> dict[str, str]:
        """Return by code at which stamp these were last read: what a round asks of each row it meets."""
        if not codes:
            return {}
        rows = self._connection.execute(_STAMPS, {"codes": codes}).all()
        return {row[0]: row[1] for row in rows}

    def remember(self, seen: Sequence[KnownDossier], known: Collection[str]) -> None:
        """Keep what was seen; ``known`` are the codes that have a row already."""
        rows = [{name: getattr(one, name) for name in _COLUMNS} for one in seen]
        fresh = [row for row in rows if row["code"] not in known]
        insert_many(self._connection, _dossier, fresh)
        there = [{f"to_{name}": row[name] for name in row} for row in rows if row["code"] in known]
        if there:
            self._connection.execute(_SEEN_AGAIN, there)

    def touch(self, codes: Collection[str]) -> None:
        """Note that these were written just now: what was read of them before is past."""
        if codes:
            here = among(_dossier.c.code, codes)
            self._connection.execute(update(_dossier).where(here).values(captured_at=self._now))

    def distrust(self, codes: Collection[str]) -> None:
        """Have these read and posted anew, whatever is known of them."""
        if codes:
            here = among(_dossier.c.code, codes)
            unknown = {"changed_at": "", "content_hash": ""}
            self._connection.execute(update(_dossier).where(here).values(unknown))

    def next_import_number(self, prefix: str, wanted: int = 1) -> int:
        """Return the first of the next ``wanted`` numbers for imported dossiers.

        ``prefix`` is what their codes start with.
        """
        table = tables.import_number
        add_up(self._connection, table, {"prefix": prefix}, {"last": wanted})
        query = select(table.c.last).where(table.c.prefix == prefix)
        return int(self._connection.execute(query).scalar_one()) - wanted + 1
