"""Conflicts: what only a person can decide, each open once a dossier, system and field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, bindparam, case, cast, func, insert, null, select, update

from bridge.domain.dossier import Json
from bridge.store import tables
from bridge.store.entries import Conflict
from bridge.store.looks import among, named

_conflict = tables.conflict
_OF_CODES = select(_conflict).where(named(_conflict.c.code, "codes"))

_ABOUT = select(_conflict).where(
    _conflict.c.system == bindparam("system"), _conflict.c.field == bindparam("field")
)

_ABOUT_SOME = select(_conflict.c.field, _conflict.c.code, _conflict.c.resolved_at).where(
    _conflict.c.system == bindparam("system"), named(_conflict.c.field, "fields")
)

OF_RECORDS = ("alike", "elsewhere", "shared", "twice", "withdrawn")
"""The conflicts that are about a record: they hold codes and numbers, and are remembered for ever."""
_REMEMBERED = _conflict.c.why.in_(OF_RECORDS)
_EMPTIED = {
    side.name: case((_REMEMBERED, side), else_=null())
    for side in (_conflict.c.onestop, _conflict.c.ministry)
}
"""What stays of both sides once a conflict is over: of a field no value."""

BY_PERSON = ("a person took the one-stop's", "a person took the ministry's", "a person keyed it")
"""How a conflict ended that a person decided."""


class Conflicts:
    """Conflicts, open and decided."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def raise_(  # noqa: PLR0913 - the columns of a conflict
        self,
        code: str,
        system: str,
        field: str,
        why: str,
        onestop: Json,
        ministry: Json,
        *,
        once: bool = False,
    ) -> bool:
        """Open a conflict; one that is open for the field is brought up to date. True when new.

        ``once``: what a person has decided of the same facts is not asked again.
        """
        values = {"why": why, "onestop": onestop, "ministry": ministry}
        here = self._open(code, system) & (_conflict.c.field == field)
        if self._connection.execute(update(_conflict).where(here).values(values)).rowcount:
            return False
        if once and self._decided(code, system, field, values):
            return False
        row = {"code": code, "system": system, "field": field, "since": self._now} | values
        self._connection.execute(insert(_conflict), row)
        return True

    def _decided(self, code: str, system: str, field: str, facts: Mapping[str, Json]) -> bool:
        before = (_conflict.c.code == code) & (_conflict.c.system == system)
        query = select(_conflict).where(
            before, _conflict.c.field == field, _conflict.c.resolution.in_(BY_PERSON)
        )
        return any(
            all(getattr(row, name) == value for name, value in facts.items())
            for row in self._connection.execute(query)
        )

    def decided(self, code: str, system: str, field: str) -> bool:
        """Tell whether a person has decided a conflict of this field before."""
        return self._decided(code, system, field, {})

    def by_id(self, conflict_id: int) -> Conflict | None:
        """Return a conflict, open or decided; ``None`` when there is none."""
        row = self._connection.execute(
            select(_conflict).where(_conflict.c.id == conflict_id)
        ).first()
        return None if row is None else _as_conflict(row)

    def close(self, code: str, system: str, field: str, resolution: str) -> bool:
        """End the open conflict of a field, if there is one; tells whether there was.

        The values that were in conflict are let go of.
        """
        here = self._open(code, system) & (_conflict.c.field == field)
        over = update(_conflict).where(here).values(resolved_at=self._now, **_EMPTIED)
        return bool(self._connection.execute(over.values(resolution=resolution)).rowcount)

    def of_codes(self, system: str, codes: Collection[str]) -> dict[str, list[Conflict]]:
        """Return the conflicts of these dossiers with a system by code, open and decided."""
        found: dict[str, list[Conflict]] = {}
        for row in self._connection.execute(_OF_CODES, {"codes": codes}):
            if row.system == system:
                found.setdefault(row.code, []).append(_as_conflict(row))
        return found

    def open_of(self, codes: Collection[str]) -> dict[tuple[str, str], list[Conflict]]:
        """Return the open conflicts of these dossiers by (code, system)."""
        found: dict[tuple[str, str], list[Conflict]] = {}
        for row in self._connection.execute(_OF_CODES, {"codes": codes}):
            if row.resolved_at is None:  # asked for, it would lead through all that are open
                found.setdefault((row.code, row.system), []).append(_as_conflict(row))
        return found

    def about(self, system: str, field: str) -> list[Conflict]:
        """Return the open conflicts of a system about a field, whatever dossier they are of."""
        rows = self._connection.execute(_ABOUT, {"system": system, "field": field})
        return [_as_conflict(row) for row in rows if row.resolved_at is None]

    def asked_about(self, system: str, fields: Collection[str]) -> dict[str, list[str]]:
        """Return the dossiers that have an open conflict about these fields of a system, by field."""
        rows = self._connection.execute(_ABOUT_SOME, {"system": system, "fields": fields})
        found: dict[str, list[str]] = {}
        for field, code, resolved_at in rows:
            if resolved_at is None:  # see open_of
                found.setdefault(field, []).append(code)
        return found

    def by_person(
        self, system: str, why: str, how: str, codes: Collection[str] | None = None
    ) -> set[tuple[str, str]]:
        """Return (code, field) of the conflicts of a kind that a person decided so, of ``codes``."""
        query = select(_conflict.c.code, _conflict.c.field).where(
            _conflict.c.system == system, _conflict.c.why == why, _conflict.c.resolution == how
        )
        if codes is not None:
            query = query.where(among(_conflict.c.code, codes))
        return {(code, field) for code, field in self._connection.execute(query)}

    def about_by_person(
        self, system: str, why: str, how: str, fields: Collection[str]
    ) -> dict[str, str]:
        """Return of which dossier a person decided a conflict of a kind so, by field, of these."""
        query = select(_conflict.c.field, _conflict.c.code).where(
            _conflict.c.system == system,
            among(_conflict.c.field, fields),
            _conflict.c.why == why,
            _conflict.c.resolution == how,
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def all_open(self) -> list[Conflict]:
        """Return every open conflict, oldest first."""
        query = select(_conflict).where(_conflict.c.resolved_at.is_(None))
        rows = self._connection.execute(query.order_by(_conflict.c.since, _conflict.c.id))
        return [_as_conflict(row) for row in rows]

    def open_of_kind(
        self, system: str, why: str, limit: int | None = None, after: int = 0
    ) -> list[Conflict]:
        """Return the open conflicts of a system and kind from behind ``after``, at most ``limit``.

        In the order of their ids: the oldest first.
        """
        query = select(_conflict).where(
            _conflict.c.resolved_at.is_(None), _conflict.c.system == system, _conflict.c.why == why
        )
        rows = self._connection.execute(
            query.where(_conflict.c.id > after).order_by(_conflict.c.id).limit(limit)
        )
        return [_as_conflict(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many questions are open, by system: of a dossier one, whatever looks like it."""
        question = case(
            (_conflict.c.why == "alike", _conflict.c.code), else_=cast(_conflict.c.id, String)
        )
        count = func.count(question.distinct())
        query = select(_conflict.c.system, count).where(_conflict.c.resolved_at.is_(None))
        rows = self._connection.execute(query.group_by(_conflict.c.system))
        return {str(row[0]): int(row[1]) for row in rows}

    def oldest(self) -> dict[str, datetime]:
        """Return since when the oldest open conflict of each system waits."""
        query = select(_conflict.c.system, func.min(_conflict.c.since))
        rows = self._connection.execute(
            query.where(_conflict.c.resolved_at.is_(None)).group_by(_conflict.c.system)
        )
        return {str(row[0]): row[1] for row in rows}

    def _open(self, code: str, system: str) -> Any:
        return (
            (_conflict.c.code == code)
            & (_conflict.c.system == system)
            & _conflict.c.resolved_at.is_(None)
        )


def _as_conflict(row: Any) -> Conflict:
    return Conflict(
        row.id,
        row.code,
        row.system,
        row.field,
        row.why,
        row.onestop,
        row.ministry,
        row.since,
        row.resolved_at,
        row.resolution,
    )
