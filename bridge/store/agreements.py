"""What both sides showed when a comparison last found them in step: as long as that holds, nobody asks.

A trigger of the database removes the row of a link that is changed, by whomever: so a row says as well
that its link is as it was then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.imprints import END
from bridge.store.lines import UNENDED_OF_LINKS
from bridge.store.looks import named

_agreement = tables.agreement
_OF_CODES = select(
    _agreement.c.code,
    _agreement.c.link_id,
    _agreement.c.day,
    _agreement.c.ours,
    _agreement.c.theirs,
).where(_agreement.c.system == bindparam("of"), named(_agreement.c.code, "codes"))
_FORGET = delete(_agreement).where(
    _agreement.c.system == bindparam("of"), named(_agreement.c.code, "codes")
)
_OF_DAYS = (
    _agreement.c.system == bindparam("of"),
    _agreement.c.day.between(bindparam("since"), bindparam("until")),
)
_link = tables.link
_CODES_OF_DAYS = select(_agreement.c.code).where(*_OF_DAYS)
_UNNUMBERED = (
    select(_agreement.c.code)
    .join(_link, _link.c.id == _agreement.c.link_id)
    .where(*_OF_DAYS, _link.c.ref.is_(None))
    .limit(1)
)
_COUNT_OF_DAYS = select(func.count()).select_from(_agreement).where(*_OF_DAYS)


class Agreement(NamedTuple):
    """Two marks: of the one-stop's rows of a dossier, and of its record in a system.

    ``day`` is when the one-stop received it.
    """

    code: str
    link_id: int
    day: date
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

    def of_days(self, system: str, since: date, until: date) -> Iterator[str]:
        """Yield the dossiers received on these days, both included, that are agreed."""
        days = {"of": system, "since": since, "until": until}
        yield from self._connection.execute(_CODES_OF_DAYS, days).scalars()

    def is_any_unnumbered(self, system: str, since: date, until: date) -> bool:
        """Tell whether the link of any of ``of_days`` has no number."""
        days = {"of": system, "since": since, "until": until}
        return self._connection.execute(_UNNUMBERED, days).first() is not None

    def count(self, system: str, since: date, until: date) -> int:
        """Return how many there are ``of_days``."""
        days = {"of": system, "since": since, "until": until}
        return int(self._connection.execute(_COUNT_OF_DAYS, days).scalar_one())

    def in_line(self, link_ids: Collection[int]) -> set[int]:
        """Return the links in whose line something stands that is not ended."""
        rows = self._connection.execute(UNENDED_OF_LINKS, {"links": link_ids})
        return set(rows.scalars())

    def keep(self, system: str, agreements: Sequence[Agreement]) -> None:
        """Keep these in the place of what was kept of the same dossiers.

        Their links are locked by the caller and are as they were when both sides were compared. The
        imprints of their days end: an agreement comes to none that was taken before it.
        """
        rows: list[Mapping[str, object]] = [
            {
                "system": system,
                "code": one.code,
                "link_id": one.link_id,
                "day": one.day,
                "ours": one.ours,
                "theirs": one.theirs,
            }
            for one in agreements
        ]
        if not rows:
            return
        days = [one.day for one in agreements]
        self._connection.execute(END, {"of": system, "since": min(days), "until": max(days)})
        self.forget(system, [str(row["code"]) for row in rows])
        insert_many(self._connection, _agreement, rows)

    def forget(self, system: str, codes: Collection[str]) -> None:
        """Let go of what is kept of these dossiers."""
        self._connection.execute(_FORGET, {"of": system, "codes": codes})
