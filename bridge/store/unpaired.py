"""Records of a ministry that no link knows and that wait for a person, found by whose they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.looks import named

_unpaired = tables.unpaired
_OF_SYSTEM = _unpaired.c.system == bindparam("system")
_SYSTEMS = select(_unpaired.c.system).distinct()
_OF_MARKS = select(_unpaired.c.ref, _unpaired.c.who).where(
    _OF_SYSTEM, named(_unpaired.c.mark, "marks")
)
_OF_REFS = delete(_unpaired).where(_OF_SYSTEM, named(_unpaired.c.ref, "refs"))


class Unpaired:
    """Who unlinked records are of: ``marks`` find them, ``who`` is what is compared (plain JSON)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def systems(self) -> set[str]:
        """Return the systems that have any record here."""
        return set(self._connection.execute(_SYSTEMS).scalars())

    def keep(self, system: str, ref: str, marks: Collection[str], who: Mapping[str, Any]) -> None:
        """Keep a record, in the place of what was kept under its number."""
        self.forget(system, [ref])
        rows = [
            {"system": system, "ref": ref, "mark": mark, "who": dict(who)} for mark in sorted(marks)
        ]
        insert_many(self._connection, _unpaired, rows)

    def of_marks(self, system: str, marks: Collection[str]) -> dict[str, Any]:
        """Return who the records are of that bear one of these marks, by number."""
        rows = self._connection.execute(_OF_MARKS, {"system": system, "marks": marks})
        return {str(row[0]): row[1] for row in rows}

    def forget(self, system: str, refs: Collection[str]) -> None:
        """Let go of records: it was decided whose they are."""
        if refs:
            self._connection.execute(_OF_REFS, {"system": system, "refs": refs})
