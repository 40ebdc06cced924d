"""Records of a ministry that a dossier keyed here may be, found by marks of whose they are.

Marks are hashes under a key of which this database has a fingerprint alone (``engine.marks``); nothing
else is kept of a person here. A record that waits in the inbox goes with it; one that was made a dossier
of is forgotten after a time.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, text, tuple_, update

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.inbox import Inbox
from bridge.store.looks import MOST, NOW, named
from bridge.store.upsert import insert_new, upsert

_unpaired = tables.unpaired
_inbox = tables.inbox
_key = tables.mark_key
_OF_SYSTEM = _unpaired.c.system == bindparam("system")
_ANY = select(_unpaired.c.ref).where(_OF_SYSTEM).limit(1)
_MARKED = select(_unpaired.c.mark, _unpaired.c.ref).where(_OF_SYSTEM).limit(MOST)
_OF_MARKS = _MARKED.where(named(_unpaired.c.mark, "marks"))
_OF_MARK = _MARKED.where(_unpaired.c.mark == bindparam("mark"))
_OF_REFS = delete(_unpaired).where(_OF_SYSTEM, named(_unpaired.c.ref, "refs"))
_UNTIL = (
    update(_unpaired)
    .where(_unpaired.c.system == bindparam("of"), named(_unpaired.c.ref, "refs"))
    .values(until=bindparam("to", type_=_unpaired.c.until.type))
)
_WAITS = (
    select(_inbox.c.id)
    .where(_inbox.c.source == _unpaired.c.system, _inbox.c.ref == _unpaired.c.ref)
    .exists()
)
_OVER = delete(_unpaired).where(
    or_(_unpaired.c.until <= NOW, _unpaired.c.until.is_(None) & ~_WAITS)
)
_FINGERPRINT = select(_key.c.fingerprint)
_SYSTEMS = select(_unpaired.c.system).distinct()
_KEPT = (
    select(_unpaired.c.system, _unpaired.c.ref, func.max(_unpaired.c.until))
    .where(
        tuple_(_unpaired.c.system, _unpaired.c.ref) > tuple_(bindparam("system"), bindparam("ref"))
    )
    .group_by(_unpaired.c.system, _unpaired.c.ref)
    .order_by(_unpaired.c.system, _unpaired.c.ref)
    .limit(MOST)
)
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:room, :system)")
_ROOM = 7_121
"""Tells these locks of PostgreSQL from others that have two keys."""

_ANEW = "marks anew"
"""The cursor of who marks all that is kept anew; no system is called so."""

Place = tuple[str, str]
"""A record by its system and number, in the order of both."""

BEGINNING: Place = ("", "")
"""Before every record."""


class Unpaired:
    """Records by their marks, and the turn in which one of two is made that may be the same."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def turn(self, systems: Collection[str]) -> None:
        """Keep others from beginning a dossier or a record of these systems until this transaction ends.

        Whoever puts a dossier in line for the first time takes it before looking at what is kept
        here, and whoever keeps a record before looking through the one-stop: so one of the two sees the
        other. Whoever makes a dossier of a record takes it before looking whether somebody is asked
        about it. On SQLite every transaction that writes has it.
        """
        if self._connection.dialect.name != "postgresql":
            return
        for system in sorted(systems):
            key = zlib.crc32(system.encode()) - 2**31
            self._connection.execute(_TAKE_TURN, {"room": _ROOM, "system": key})

    def any_of(self, system: str) -> bool:
        """Tell whether any record of a system is here."""
        return self._connection.execute(_ANY, {"system": system}).first() is not None

    def key(self) -> str | None:
        """Return the fingerprint of the key that the marks are made with; ``None``: of none yet."""
        return self._connection.execute(_FINGERPRINT).scalar_one_or_none()

    def take_key(self, fingerprint: str, *, instead: bool) -> bool:
        """Note with which key the marks are made from now on.

        Tells whether it was noted: where one stands, only ``instead`` of it.
        """
        row = {"id": 1, "fingerprint": fingerprint, "since": self._now}
        if not instead:
            return insert_new(self._connection, _key, row)
        upsert(self._connection, _key, row, row)
        return True

    def systems(self) -> set[str]:
        """Return the systems of which a record is kept."""
        return set(self._connection.execute(_SYSTEMS).scalars())

    def anew(self, *, lock: bool = False) -> Place | None:
        """Return up to where what is kept is marked anew; ``None``: all of it has marks of one key.

        With ``lock`` nobody else goes on before the transaction ends.
        """
        kept: Any = Inbox(self._connection, self._now).cursor(_ANEW, lock=lock)
        return None if kept is None else (kept[0], kept[1])

    def mark_anew(self, after: Place | None) -> None:
        """Note up to where what is kept is marked anew; ``None``: that it is all done."""
        Inbox(self._connection, self._now).move_cursor(_ANEW, None if after is None else [*after])

    def kept(self, after: Place, most: int) -> list[tuple[Place, datetime | None]]:
        """Return the next records that are kept behind ``after``, at most so many, and until when."""
        values = {"system": after[0], "ref": after[1], "most": most}
        rows = self._connection.execute(_KEPT, values)
        return [((system, ref), until) for system, ref, until in rows]

    def keep(
        self, system: str, marks: Mapping[str, Collection[str]], until: datetime | None = None
    ) -> None:
        """Keep the marks of records, by their numbers, in the place of what was kept of them.

        ``until`` when; ``None``: for as long as they wait in the inbox.
        """
        self.forget(system, list(marks))
        rows = [
            {"system": system, "ref": ref, "mark": mark, "until": until}
            for ref, some in marks.items()
            for mark in sorted(some)
        ]
        insert_many(self._connection, _unpaired, rows)

    def keep_until(self, system: str, refs: Collection[str], until: datetime) -> None:
        """Keep what is kept of these records until then, whether they wait or not."""
        if refs:
            self._connection.execute(_UNTIL, {"of": system, "refs": refs, "to": until})

    def of_marks(self, system: str, marks: Collection[str], most: int) -> dict[str, set[str]]:
        """Return the numbers of the records that bear each of these marks; none, and it is left out.

        Of a mark that more than ``most`` bear, ``most`` and one more: it is a crowd's.
        """
        values: dict[str, Any] = {"system": system, "marks": marks, "most": most + 1}
        rows: Sequence[Any] = self._connection.execute(_OF_MARKS, values).all()
        if len(rows) > most:
            each = [{"system": system, "mark": mark, "most": most + 1} for mark in marks]
            rows = [row for one in each for row in self._connection.execute(_OF_MARK, one)]
        found: dict[str, set[str]] = defaultdict(set)
        for mark, ref in rows:
            found[mark].add(ref)
        return dict(found)

    def forget(self, system: str, refs: Collection[str]) -> None:
        """Let go of records: it was decided whose they are."""
        if refs:
            self._connection.execute(_OF_REFS, {"system": system, "refs": refs})

    def tidy(self) -> int:
        """Let go of what has no reason any more; returns how many marks that were."""
        return self._connection.execute(_OVER, {"now": self._now}).rowcount
