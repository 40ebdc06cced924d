"""Dossiers that a system may miss while its backlog is open: noted until they were looked at."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.looks import MOST, named

_late = tables.latecomer
_OF_SYSTEM = _late.c.system == bindparam("system")
_FIRST = select(_late.c.id, _late.c.code).where(_OF_SYSTEM).order_by(_late.c.id).limit(MOST)
_DONE = delete(_late).where(named(_late.c.id, "ids"))
_FORGET = delete(_late).where(_late.c.system == bindparam("of"))


class Latecomers:
    """Codes by system, the longest noted first; one that is noted again is there again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, system: str, codes: Collection[str]) -> None:
        """Have these looked at."""
        insert_many(self._connection, _late, [{"system": system, "code": one} for one in codes])

    def first(self, system: str, most: int) -> list[tuple[int, str]]:
        """Return what was noted first, each with the number it was noted under."""
        rows = self._connection.execute(_FIRST, {"system": system, "most": most})
        return [(row[0], row[1]) for row in rows]

    def done(self, ids: Collection[int]) -> None:
        """Let go of what was noted under these numbers; what was noted since stays."""
        if ids:
            self._connection.execute(_DONE, {"ids": ids})

    def forget(self, system: str) -> None:
        """Let go of all of a system: the walk through the one-stop begins anew."""
        self._connection.execute(_FORGET, {"of": system})
