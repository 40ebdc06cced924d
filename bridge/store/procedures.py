"""The versions of each procedure, as the one-stop database had them one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bridge.domain.dossier import Json
from bridge.store import tables
from bridge.store.entries import ProcedureVersion
from bridge.store.looks import named
from bridge.store.upsert import insert_new

_version = tables.procedure_version
_PAST = (
    select(_version)
    .where(named(_version.c.code, "codes"), _version.c.valid_until.is_not(None))
    .order_by(_version.c.id)
)
_ENDED = select(func.count()).where(_version.c.valid_until.is_not(None))
_CURRENT = select(_version).where(_version.c.valid_until.is_(None))


class Procedures:
    """What the bridge knows of procedures. At most one version of each has no end."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def past(self, codes: Collection[str]) -> dict[str, list[ProcedureVersion]]:
        """Return the versions of these procedures that have ended, the oldest first."""
        found: dict[str, list[ProcedureVersion]] = defaultdict(list)
        if codes:
            for row in self._connection.execute(_PAST, {"codes": codes}):
                found[row.code].append(_as_version(row))
        return dict(found)

    def ended(self) -> int:
        """Return how many versions have ended; one that has ended stays as it is."""
        return int(self._connection.execute(_ENDED).scalar_one())

    def current(self) -> dict[str, ProcedureVersion]:
        """Return the version of every known procedure that has no end."""
        return {row.code: _as_version(row) for row in self._connection.execute(_CURRENT)}

    def begin(self, contents: Mapping[str, Mapping[str, Json]]) -> Sequence[str]:
        """Keep the first version of these procedures; returns those nobody kept meanwhile.

        It has no beginning: it stands for all the time before anything else was known.
        """
        return [
            code
            for code, content in contents.items()
            if insert_new(self._connection, _version, {"code": code, "content": dict(content)})
        ]

    def change(self, version: ProcedureVersion, content: Mapping[str, Json]) -> bool:
        """End a version now and begin the next; false when somebody else ended it meanwhile."""
        here = (_version.c.id == version.id) & _version.c.valid_until.is_(None)
        ended = self._connection.execute(
            update(_version).where(here).values(valid_until=self._now)
        ).rowcount
        if not ended:
            return False
        row = {"code": version.code, "valid_from": self._now, "content": dict(content)}
        self._connection.execute(insert(_version).values(row))
        return True


def _as_version(row: Any) -> ProcedureVersion:
    return ProcedureVersion(row.id, row.code, row.valid_from, row.valid_until, row.content)
