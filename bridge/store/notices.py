"""Clerks' notices on their way into the one-stop database: owed until it has taken them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bridge.store import tables
from bridge.store.entries import NoticeRow
from bridge.store.looks import MOST, among, each, named

WRITE = "write"
RESOLVE = "resolve"
ACTION = "action"

_notice = tables.notice
_STANDING = select(_notice.c.code, _notice.c.system).where(
    named(_notice.c.code, "codes"), _notice.c.resolved_at.is_(None)
)
_OF_KIND = (
    select(_notice.c.code)
    .where(_notice.c.kind == bindparam("kind"), _notice.c.resolved_at.is_(None))
    .distinct()
)
_OWED = (
    select(_notice)
    .where(_notice.c.owed.in_(each((WRITE, RESOLVE))))
    .order_by(_notice.c.at)
    .limit(MOST)
)


class Notices:
    """Notices; ``owed`` says what the one-stop database must still be told: write, resolve."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, notice: NoticeRow) -> bool:
        """Owe a notice, unless the same one stands; one with another text is ended by it.

        True when it is news to the clerk.
        """
        standing = (
            (_notice.c.code == notice.code)
            & (_notice.c.system == notice.system)
            & (_notice.c.kind == notice.kind)
            & _notice.c.resolved_at.is_(None)
        )
        for row in self._connection.execute(select(_notice).where(standing)):
            if (row.field, row.text_vi) == (notice.field, notice.text_vi):
                return False
        ended = update(_notice).where(standing)
        self._connection.execute(ended.values(resolved_at=self._now, owed=RESOLVE))
        values = {
            "id": notice.id,
            "code": notice.code,
            "system": notice.system,
            "kind": notice.kind,
            "severity": notice.severity,
            "field": notice.field,
            "text_vi": notice.text_vi,
            "at": notice.at,
            "owed": WRITE,
        }
        self._connection.execute(insert(_notice), values)
        return True

    def resolve(self, code: str, system: str, kinds: Collection[str] | None = None) -> list[str]:
        """Owe the resolution of the standing notices of a dossier; returns their ids."""
        query = select(_notice.c.id).where(
            _notice.c.code == code, _notice.c.system == system, _notice.c.resolved_at.is_(None)
        )
        if kinds is not None:
            query = query.where(_notice.c.kind.in_(kinds))
        ids = list(self._connection.execute(query).scalars())
        if ids:
            here = update(_notice).where(among(_notice.c.id, ids))
            self._connection.execute(here.values(resolved_at=self._now, owed=RESOLVE))
        return ids

    def standing(self, codes: Collection[str]) -> set[tuple[str, str]]:
        """Return the (code, system) pairs of these dossiers that have a standing notice."""
        rows = self._connection.execute(_STANDING, {"codes": codes})
        return {(code, system) for code, system in rows}

    def of_kind(self, kind: str) -> list[str]:
        """Return the dossiers that have a standing notice of this kind."""
        return sorted(self._connection.execute(_OF_KIND, {"kind": kind}).scalars())

    def of_kinds(self, prefix: str) -> list[NoticeRow]:
        """Return the standing notices whose kind begins with ``prefix``."""
        query = select(_notice).where(_notice.c.kind.startswith(prefix, autoescape=True))
        found = self._connection.execute(query.where(_notice.c.resolved_at.is_(None)))
        return [_as_notice(row) for row in found]

    def to_mend(self) -> list[NoticeRow]:
        """Return the standing notices that ask a clerk to act, oldest first."""
        here = (_notice.c.severity == ACTION) & _notice.c.resolved_at.is_(None)
        query = select(_notice).where(here).order_by(_notice.c.at, _notice.c.id)
        return [_as_notice(row) for row in self._connection.execute(query)]

    def owed(self, limit: int) -> list[NoticeRow]:
        """Return notices the one-stop database must still be told of."""
        return [_as_notice(row) for row in self._connection.execute(_OWED, {"most": limit})]

    def told(self, notices: Collection[NoticeRow]) -> None:
        """Note that the one-stop database has been told; what changed meanwhile stays owed."""
        for one in notices:
            here = (_notice.c.id == one.id) & (_notice.c.owed == one.owed)
            self._connection.execute(update(_notice).where(here).values(owed=None))

    def of(self, code: str) -> list[NoticeRow]:
        """Return the notices of a dossier, oldest first."""
        query = select(_notice).where(_notice.c.code == code).order_by(_notice.c.at)
        return [_as_notice(row) for row in self._connection.execute(query)]


def _as_notice(row: Any) -> NoticeRow:
    return NoticeRow(
        row.id,
        row.code,
        row.system,
        row.kind,
        row.severity,
        row.field,
        row.text_vi,
        row.at,
        row.resolved_at,
        row.owed,
    )
