"""Links: which record of which system is which dossier of ours, and what both agreed on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, null, select, text, update

from bridge.store import tables
from bridge.store.chunks import among, insert_many, update_all, update_many
from bridge.store.entries import Link

_link = tables.link
_ROW = tuple(_link.c[one.name] for one in fields(Link))
_BARE = tuple(null().label(one.name) if one.name in {"base", "theirs"} else one for one in _ROW)
_WHOLE: Select[Any] = select(*_ROW)
_FEW: Select[Any] = select(*_BARE)

OPEN = "open"
IMPORTING = "importing"
ORPHAN = "orphan"
PAIRING = "pairing"
"""Paired by a person; the two are not compared yet, and nothing goes out before they are."""
PARTED = "parted"
"""Parted by a person: nothing goes out, and nothing of its record is taken in."""
WITHDRAWN = "withdrawn"
"""Its record is withdrawn, or on the way to be: the dossier is for another system."""
_IS_ORPHAN = text("link.state = 'orphan'")
"""Spelt out: a database uses a partial index only for the condition it was made with."""


class Links:
    """The pairs, each once: unique by (code, system) and by (system, ref)."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of_codes(
        self, codes: Collection[str], *, lock: bool = False
    ) -> dict[tuple[str, str], Link]:
        """Return the links of these dossiers by (code, system).

        ``lock`` keeps other writers from these links until the transaction ends.
        """
        return {(one.code, one.system): one for one in self._links(_link.c.code, codes, lock=lock)}

    def of_refs(self, system: str, refs: Collection[str]) -> dict[str, Link]:
        """Return the links of ``system`` with these numbers of its own."""
        links = self._links(_link.c.ref, refs, _link.c.system == system)
        return {one.ref: one for one in links if one.ref is not None}

    def by_ids(
        self, ids: Collection[int], *, lock: bool = False, bare: bool = False
    ) -> dict[int, Link]:
        """Return links by id; ``lock`` as in ``of_codes``.

        ``bare`` leaves ``base`` and ``theirs`` unread (``None``): a progress step needs neither.
        """
        return {one.id: one for one in self._links(_link.c.id, ids, lock=lock, bare=bare)}

    def unnumbered(self, system: str) -> bool:
        """Tell whether ``system`` took a dossier whose number of its own we do not know."""
        taken = _link.c.base.is_not(None) & (_link.c.state == OPEN)
        query = select(_link.c.id).where(_link.c.system == system, _link.c.ref.is_(None), taken)
        return self._connection.execute(query.limit(1)).first() is not None

    def lock(self, ids: Collection[int]) -> set[int]:
        """Keep other writers from these links, and their lines, until the transaction ends.

        Returns those the system is not known to have a record of: no number, nothing agreed.
        """
        here = among(self._connection, _link.c.id, set(ids))
        without = (_link.c.ref.is_(None) & _link.c.base.is_(None)).label("blank")
        query = select(_link.c.id, without).where(here).order_by(_link.c.id)
        return {key for key, blank in self._connection.execute(query.with_for_update()) if blank}

    def imported_codes(self) -> set[str]:
        """Return the dossiers that were taken over from a ministry."""
        query = select(_link.c.code).where(_link.c.imported)
        return set(self._connection.execute(query).scalars())

    def orphans(self, system: str) -> list[str]:
        """Return the codes of the dossiers that were deleted under links of ``system``."""
        query = select(_link.c.code).where(_link.c.system == system, _IS_ORPHAN)
        return list(self._connection.execute(query.order_by(_link.c.code)).scalars())

    def open(
        self, pairs: Iterable[tuple[str, str]], shard_of: Mapping[tuple[str, str], int]
    ) -> dict[tuple[str, str], Link]:
        """Create links for these (code, system) pairs, with no number and nothing agreed yet."""
        rows = [
            self._blank(code, system, shard_of[code, system]) for code, system in sorted(set(pairs))
        ]
        if not rows:
            return {}
        insert_many(self._connection, _link, rows)
        wanted = {(row["code"], row["system"]) for row in rows}
        found = self.of_codes({code for code, _ in wanted})
        return {pair: one for pair, one in found.items() if pair in wanted}

    def reserve_import(self, code: str, system: str, ref: str, shard: int) -> Link:
        """Commit that ``ref`` of ``system`` will be our dossier ``code``, before it is inserted."""
        row = self._blank(code, system, shard) | {"ref": ref, "state": IMPORTING, "imported": True}
        self._connection.execute(insert(_link), row)
        return self.of_refs(system, [ref])[ref]

    def change(self, link_id: int, **values: Any) -> None:
        """Set columns of one link."""
        self._connection.execute(update(_link).where(_link.c.id == link_id).values(values))

    def change_many(self, rows: Collection[Mapping[str, Any]]) -> None:
        """Set columns of many links; each mapping holds ``id`` and the new values."""
        update_many(self._connection, _link, rows)

    def change_all(self, ids: Collection[int], values: Mapping[str, Any]) -> None:
        """Set the same columns of all these links."""
        update_all(self._connection, _link, ids, values)

    def reshard(self, system: str, shards: int) -> None:
        """Give the links of shards that nobody works any more to those that are worked."""
        here = (_link.c.system == system) & (_link.c.shard >= shards)
        self._connection.execute(update(_link).where(here).values(shard=_link.c.shard % shards))

    def _links(
        self,
        column: Any,
        values: Collection[Any],
        *where: Any,
        lock: bool = False,
        bare: bool = False,
    ) -> list[Link]:
        if not values:
            return []
        here = among(self._connection, column, values)
        query = (_FEW if bare else _WHOLE).where(here, *where).order_by(_link.c.id)
        rows = self._connection.execute(query.with_for_update() if lock else query).all()
        return [Link(*row) for row in rows]

    def _blank(self, code: str, system: str, shard: int) -> dict[str, Any]:
        return {
            "code": code,
            "system": system,
            "ref": None,
            "state": OPEN,
            "imported": False,
            "shard": shard,
            "base": None,
            "theirs": None,
            "known": None,
            "theirs_hash": None,
            "theirs_version": None,
            "versions": 0,
            "stubborn": {},
            "rulings": None,
            "created_at": self._now,
        }
