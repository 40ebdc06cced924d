"""What the watch keeps: when something was last well, certificates, and tallies of the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select

from bridge.domain.journal import Event
from bridge.domain.said import as_json, from_json
from bridge.store import tables
from bridge.store.entries import Certificate, Tally
from bridge.store.inbox import Inbox
from bridge.store.upsert import add_up, upsert

JOURNAL = "journal"
"""The cursor's name: how far the journal has been counted."""

_journal = tables.journal
_tally = tables.tally
_certificate = tables.certificate
_sighting = tables.sighting
_LAST = select(func.max(_journal.c.n))
_WELL_AT = select(_sighting.c.well_at).where(
    _sighting.c.matter == bindparam("matter"), _sighting.c.subject == bindparam("subject")
)


class Watched:
    """Sightings, certificates and tallies."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    # -- sightings

    def well_at(self, matter: str, subject: str) -> datetime | None:
        """Return when something was last seen to be well."""
        seen = {"matter": matter, "subject": subject}
        return self._connection.execute(_WELL_AT, seen).scalar()

    def seen_well(self, matter: str, subject: str) -> None:
        """Note that something is well now."""
        row = {"matter": matter, "subject": subject, "well_at": self._now}
        upsert(self._connection, _sighting, row, {"well_at": self._now})

    # -- certificates

    def certificates(self) -> list[Certificate]:
        """Return every certificate that was looked at, those of one system together."""
        query = select(_certificate).order_by(_certificate.c.system, _certificate.c.place)
        return [
            Certificate(row.system, row.place, row.ends_at, row.looked_at, from_json(row.trouble))
            for row in self._connection.execute(query)
        ]

    def looked_at(
        self, system: str, place: str, ends_at: datetime | None, trouble: str | None
    ) -> None:
        """Note what a look at a certificate came to; without an end, the one known stays."""
        found = {"looked_at": self._now, "trouble": as_json(trouble)}
        if ends_at is not None:
            found["ends_at"] = ends_at
        upsert(self._connection, _certificate, {"system": system, "place": place} | found, found)

    def keep_certificates(self, system: str, places: Collection[str]) -> None:
        """Forget the certificates of a system that it has no more."""
        here = (_certificate.c.system == system) & _certificate.c.place.not_in(list(places))
        self._connection.execute(delete(_certificate).where(here))

    # -- tallies

    def count_on(self, most: int) -> bool:
        """Count the next entries of the journal, at most ``most``; True when more are left.

        Two that count at once count nothing twice: the second finds the place moved.
        """
        place = Inbox(self._connection, self._now)
        counted: Any = place.cursor(JOURNAL, lock=True)
        since = counted or 0
        last = self._connection.execute(_LAST).scalar() or 0
        end = min(since + most, last)
        if end == since:
            return False
        for (system, event), found in self._between(since, end).items():
            more = {"entries": found.entries, "deliveries": found.deliveries}
            add_up(self._connection, _tally, {"system": system, "event": event}, more)
        place.move_cursor(JOURNAL, end)
        return end < last

    def tallies(self) -> dict[tuple[str, str], Tally]:
        """Return what each (system, event) came to, up to this very moment."""
        counted: Any = Inbox(self._connection, self._now).cursor(JOURNAL)
        found = self._between(counted or 0, None)
        for row in self._connection.execute(select(_tally)):
            here = found.get((row.system, row.event), Tally(0, 0))
            found[row.system, row.event] = Tally(
                here.entries + row.entries, here.deliveries + row.deliveries
            )
        return found

    def uncounted(self) -> int:
        """Return how many entries of the journal were not counted yet."""
        counted: Any = Inbox(self._connection, self._now).cursor(JOURNAL)
        last = self._connection.execute(_LAST).scalar() or 0
        return int(last - (counted or 0))

    def _between(self, since: int, end: int | None) -> dict[tuple[str, str], Tally]:
        window = (_journal.c.n > since) & _journal.c.system.is_not(None)
        if end is not None:
            window &= _journal.c.n <= end
        query = select(_journal.c.system, _journal.c.event, func.count()).where(window)
        posted: defaultdict[str, int] = defaultdict(int)
        details = select(_journal.c.system, _journal.c.detail)
        for system, detail in self._connection.execute(
            details.where(window, _journal.c.event == Event.POSTED.value)
        ):
            posted[system] += _posted(orjson.loads(detail))
        return {
            (system, event): Tally(n, posted[system] if event == Event.POSTED.value else 0)
            for system, event, n in self._connection.execute(
                query.group_by(_journal.c.system, _journal.c.event)
            )
        }


def _posted(detail: Mapping[str, Any]) -> int:
    """Return how many deliveries an entry tells of: one, or one a step."""
    steps = detail.get("steps")
    return len(steps) if isinstance(steps, list) else 1
