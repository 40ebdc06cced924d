"""Dossiers that a system may miss while its backlog is open: noted until they were looked at.

Where the system gave no answer whether it has one already, it is noted again, to be asked about later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.looks import MOST, NOW, named

_late = tables.latecomer
_OF_SYSTEM = _late.c.system == bindparam("system")
_UNASKED = _late.c.due_at.is_(None)
_ASKED = _late.c.due_at.is_not(None)
_FIRST = (
    select(_late.c.id, _late.c.code)
    .where(_OF_SYSTEM, or_(_UNASKED, _late.c.due_at <= NOW))
    .order_by(_late.c.id)
    .limit(MOST)
)
_ANY = select(_late.c.id).where(_OF_SYSTEM, _UNASKED).limit(1)
_UNANSWERED = select(_late.c.system, _late.c.code).where(_ASKED)
_UNANSWERED_OF = select(_late.c.code).where(_OF_SYSTEM, _ASKED).order_by(_late.c.code)
_LATER = select(_late.c.code).where(_OF_SYSTEM, _ASKED, _late.c.due_at > NOW)
_DONE = delete(_late).where(named(_late.c.id, "ids"), named(_late.c.code, "codes"))
_FORGET = delete(_late).where(_late.c.system == bindparam("of"))
_ANSWERED = _FORGET.where(named(_late.c.code, "codes"), _ASKED)


class Latecomers:
    """Codes by system, the longest noted first; one that is noted again is there again."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def note(self, system: str, codes: Collection[str]) -> None:
        """Have these looked at."""
        insert_many(self._connection, _late, [{"system": system, "code": one} for one in codes])

    def ask_again(self, system: str, due: Mapping[str, datetime]) -> None:
        """Have these looked at behind the others, each once, and not before its time."""
        self.answered(system, due)
        rows = [{"system": system, "code": code, "due_at": at} for code, at in due.items()]
        insert_many(self._connection, _late, rows)

    def first(self, system: str, most: int) -> list[tuple[int, str]]:
        """Return what is to be looked at, the longest noted first, each with its number."""
        values = {"system": system, "most": most, "now": self._now}
        return [(row[0], row[1]) for row in self._connection.execute(_FIRST, values)]

    def any_unasked(self, system: str) -> bool:
        """Tell whether a system has any that was not asked about in vain."""
        return self._connection.execute(_ANY, {"system": system}).first() is not None

    def unanswered(self) -> set[tuple[str, str]]:
        """Return (system, code) of all that a system was asked about in vain: few."""
        return {(row[0], row[1]) for row in self._connection.execute(_UNANSWERED)}

    def unanswered_of(self, system: str) -> list[str]:
        """Return the dossiers that a system was asked about in vain."""
        return list(self._connection.execute(_UNANSWERED_OF, {"system": system}).scalars())

    def asked_later(self, system: str) -> set[str]:
        """Return those of a system that were asked about in vain, and whose time has not come."""
        values = {"system": system, "now": self._now}
        return set(self._connection.execute(_LATER, values).scalars())

    def answered(self, system: str, codes: Collection[str]) -> None:
        """Let go of these as far as they were asked about in vain."""
        if codes:
            self._connection.execute(_ANSWERED, {"of": system, "codes": set(codes)})

    def done(self, noted: Collection[tuple[int, str]]) -> None:
        """Let go of what was noted so, number and code; what was noted since stays.

        SQLite gives the number of the last one away again.
        """
        if noted:
            values = {"ids": {one[0] for one in noted}, "codes": {one[1] for one in noted}}
            self._connection.execute(_DONE, values)

    def forget(self, system: str) -> None:
        """Let go of all of a system: the walk through the one-stop begins anew."""
        self._connection.execute(_FORGET, {"of": system})
