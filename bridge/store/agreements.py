"""What both sides showed when a comparison last found them in step: as long as that holds, nobody asks.

A trigger of the database removes the row of a link that is changed, by whomever: so a row says as well
that its link is as it was then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.lines import UNENDED_OF_LINKS
from bridge.store.looks import named

_agreement = tables.agreement
_OF_CODES = select(
    _agreement.c.code, _agreement.c.link_id, _agreement.c.ours, _agreement.c.theirs
).where(_agreement.c.system == bindparam("of"), named(_agreement.c.code, "codes"))
_FORGET = delete(_agreement).where(
    _agreement.c.system == bindparam("of"), named(_agreement.c.code, "codes")
)


class Agreement(NamedTuple):
    """Two marks: of the one-stop's rows of a dossier, and of its record in a system."""

    code: str
    link_id: int
    ours: str
    theirs: str


class Agreements:
    """One a link; none where the link has changed since, or the two were not in step."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_codes(self, system: str, codes: Collection[str]) -> dict[str, Agreement]:
        """Return those of these dossiers before a system."""
        rows = self._connection.execute(_OF_CODES, {"of": system, "codes": codes}).all()
        return {row[0]: Agreement._make(row) for row in rows}

    def in_line(self, link_ids: Collection[int]) -> set[int]:
        """Return the links in whose line something stands that is not ended."""
        rows = self._connection.execute(UNENDED_OF_LINKS, {"links": link_ids})
        return set(rows.scalars())

    def keep(self, system: str, agreements: Iterable[Agreement]) -> None:
        """Keep these in the place of what was kept of the same dossiers.

        Their links are locked by the caller and are as they were when both sides were compared.
        """
        rows: list[Mapping[str, object]] = [
            {
                "system": system,
                "code": one.code,
                "link_id": one.link_id,
                "ours": one.ours,
                "theirs": one.theirs,
            }
            for one in agreements
        ]
        self._connection.execute(_FORGET, {"of": system, "codes": [row["code"] for row in rows]})
        insert_many(self._connection, _agreement, rows)
