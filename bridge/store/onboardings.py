"""How systems are let in and out, stage by stage; the stage itself stands with its brake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bridge.domain.ceiling import Ceiling, Spent, Stretch
from bridge.domain.dossier import Json
from bridge.domain.stage import Stage
from bridge.store import tables
from bridge.store.columns import instant, milliseconds
from bridge.store.entries import Chosen, Onboarding
from bridge.store.systems import Systems
from bridge.store.upsert import upsert

_o = tables.onboarding
_OF = select(_o).where(_o.c.system == bindparam("system"))
_OF_LOCKED = _OF.with_for_update()
_FEW = ("system", "since", "after", "through", "procedures", "heir")
_ALL = select(*(_o.c[name] for name in _FEW))


class Onboardings:
    """One row a system that was ever let in or out by steps."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of(self, system: str, *, lock: bool = False) -> Onboarding:
        """Return how a system is let in; with ``lock`` nobody else changes it meanwhile."""
        query = _OF_LOCKED if lock else _OF
        row = self._connection.execute(query, {"system": system}).first()
        return Onboarding(system, self._now) if row is None else _as_entry(row)

    def all(self) -> dict[str, Onboarding]:
        """Return every system's by name, without what was chosen, reported and used up."""
        return {row.system: _as_bare(row) for row in self._connection.execute(_ALL)}

    def enter(self, system: str, stage: Stage, **values: Any) -> None:
        """Let a system enter a stage; no look was taken in it yet."""
        Systems(self._connection, self._now).set(system, stage=stage.value)
        self.change(system, since=self._now, looked_at=None, report=None, **values)

    def change(self, system: str, **values: Any) -> None:
        """Set columns of a system's row."""
        kept = {
            name: value if (way := _KEPT.get(name)) is None else way(value)
            for name, value in values.items()
        }
        blank = {"system": system, "since": self._now, "through": True}
        upsert(self._connection, _o, blank | kept, kept)

    def take(self, system: str, wanted: int, *, way: str) -> int:
        """Use up a system's ceiling for so many dossiers; returns how many may move.

        ``way`` is ``sent`` or ``imported``.
        """
        found = self.of(system, lock=True)
        spent: Spent = getattr(found, way)
        left = spent.left(found.pace, self._now)
        granted = wanted if left is None else min(left, wanted)
        if granted:
            both = {"sent": found.sent, "imported": found.imported}
            self.change(system, spent=both | {way: spent.then(granted, self._now)})
        return granted


def _chosen(value: Chosen) -> Json:
    return {"codes": sorted(value.codes), "refs": sorted(value.refs)}


def _ceiling(value: Ceiling) -> Json:
    return {"hour": value.hour, "day": value.day}


def _spent(value: Mapping[str, Spent]) -> Json:
    return {
        way: {
            name: [[milliseconds(one.first), milliseconds(one.last), one.count] for one in lately]
            for name, lately in (("hour", spent.hour), ("day", spent.day))
        }
        for way, spent in value.items()
    }


_KEPT: Mapping[str, Callable[[Any], Json]] = {
    "chosen": _chosen,
    "ceiling": _ceiling,
    "spent": _spent,
    "procedures": sorted,
}


def _taken(row: Any) -> frozenset[str] | None:
    return None if row.procedures is None else frozenset(row.procedures)


def _as_bare(row: Any) -> Onboarding:
    return Onboarding(
        row.system,
        row.since,
        after=row.after,
        through=row.through,
        procedures=_taken(row),
        heir=row.heir,
    )


def _as_spent(kept: Mapping[str, Any]) -> Spent:
    windows = {
        name: tuple(Stretch(instant(first), instant(last), count) for first, last, count in lately)
        for name, lately in kept.items()
    }
    return Spent(**windows)


def _as_entry(row: Any) -> Onboarding:
    chosen, spent = row.chosen or {}, row.spent or {}
    return Onboarding(
        row.system,
        row.since,
        Chosen(frozenset(chosen.get("codes", ())), frozenset(chosen.get("refs", ()))),
        Ceiling(**(row.ceiling or {})),
        _as_spent(spent.get("sent", {})),
        _as_spent(spent.get("imported", {})),
        row.after,
        row.through,
        _taken(row),
        row.heir,
        row.looked_at,
        row.report,
    )
