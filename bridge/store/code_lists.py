"""The code lists of every system: what each code stood for, from which day until which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bridge.domain.said import as_json, from_json
from bridge.store import tables
from bridge.store.entries import CodeChanges, CodeListState, CodeSpan
from bridge.store.upsert import upsert

_list = tables.code_list
_span = tables.code_span
_SPANS = (
    select(_span)
    .where(_span.c.system == bindparam("system"), _span.c.list == bindparam("name"))
    .order_by(_span.c.id)
)
_STATES = select(_list).where(_list.c.system == bindparam("system"))


class CodeLists:
    """What the bridge knows of code lists. Of a code at most one span has no end."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def states(self, system: str) -> dict[str, CodeListState]:
        """Return how far each list of a system was read, by its name."""
        rows = self._connection.execute(_STATES, {"system": system})
        return {
            row.name: CodeListState(row.version, row.read_at, row.tried_at, from_json(row.trouble))
            for row in rows
        }

    def spans(self, system: str, name: str) -> list[CodeSpan]:
        """Return what the codes of a list stood for, in the order in which it was learnt."""
        rows = self._connection.execute(_SPANS, {"system": system, "name": name})
        return [CodeSpan(row.code, row.name, row.valid_from, row.valid_until) for row in rows]

    def tried(self, system: str, name: str, trouble: str) -> None:
        """Note that a list could not be read now, and why."""
        self._note(system, name, {"tried_at": self._now, "trouble": as_json(trouble)})

    def learn(
        self, system: str, name: str, names: Mapping[str, str], day: date, since: date | None = None
    ) -> CodeChanges:
        """Take a list as it is on ``day``; ``since`` is the day on which it was read before.

        The first time, what is there has no beginning: it stands for all the time before. What is
        gone or renamed ends today. What is new may have been so from the reading before on, and
        begins then; what takes the place of something (a name that was there) begins today.
        """
        first = not self._read_before(system, name)
        self._note(system, name, {"read_at": self._now, "tried_at": self._now, "trouble": None})
        known = {one.code: one.name for one in self.spans(system, name) if not one.valid_until}
        added = [code for code in names if code not in known]
        closed = [code for code in known if code not in names]
        renamed = [code for code in names if code in known and names[code] != known[code]]
        self._close(system, name, [*closed, *renamed], day)
        taken = set(known.values())
        begins = {code: day if names[code] in taken else since or day for code in added}
        begins |= dict.fromkeys(renamed, day)
        rows = [
            {"system": system, "list": name, "code": code, "name": names[code]}
            | {"valid_from": None if first else begun}
            for code, begun in begins.items()
        ]
        if rows:
            self._connection.execute(insert(_span), rows)
        if added or renamed or closed:
            here = (_list.c.system == system) & (_list.c.name == name)
            moved = update(_list).where(here).values(version=_list.c.version + 1)
            self._connection.execute(moved)
        return CodeChanges(first, tuple(added), tuple(renamed), tuple(closed))

    def _close(self, system: str, name: str, codes: Sequence[str], day: date) -> None:
        here = (_span.c.system == system) & (_span.c.list == name)
        for code in codes:
            still = here & (_span.c.code == code) & _span.c.valid_until.is_(None)
            self._connection.execute(update(_span).where(still).values(valid_until=day))

    def _read_before(self, system: str, name: str) -> bool:
        """Tell whether a list was read before; nobody else reads it until this unit ends."""
        here = (_list.c.system == system) & (_list.c.name == name)
        self._note(system, name, {"tried_at": self._now})
        return self._connection.execute(select(_list.c.read_at).where(here)).scalar() is not None

    def _note(self, system: str, name: str, changes: dict[str, Any]) -> None:
        row = {"system": system, "name": name, "version": 0}
        upsert(self._connection, _list, row | changes, changes)
