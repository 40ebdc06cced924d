"""Which dossiers the one-stop received on which day: read once, however many portions follow.

No one-stop can be counted on to find the dossiers of a day by itself: that may be a look at every row
there is. So the whole period is gone through once, by the keys, and what is learnt lies on disk like
the spill (codes and days, nothing of a person), gone with the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date

from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.scratch import LateScratch
from bridge.engine.reconcile.terms import Terms

_PUT = "INSERT OR IGNORE INTO reception (code, day) VALUES (?, ?)"
_OF_DAYS = "SELECT code FROM reception WHERE day BETWEEN ? AND ? ORDER BY day, code"

AT_ONCE = 10_000
"""Keys of a page: a look that costs no more than to find where the last one ended."""


class Calendar(LateScratch):
    """The dossiers of a period that are for one system, by their day of reception."""

    TABLES = "CREATE TABLE reception (day TEXT, code TEXT, PRIMARY KEY (day, code)) WITHOUT ROWID"
    MEMORY_MB = 8

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk = desk
        self._terms = terms

    def pages(self, since: date, until: date, size: int) -> Iterator[list[str]]:
        """Yield the codes of the dossiers received on these days, ``size`` at a time.

        Raises:
            OneStopFault: the one-stop database can't be read.
        """
        rows = self._ask(_OF_DAYS, (since.isoformat(), until.isoformat()))
        while page := rows.fetchmany(size):
            yield [row[0] for row in page]

    def _fill(self, sql: sqlite3.Connection) -> None:
        """Go through the one-stop's keys once."""
        onestop, takes = self._desk.house.onestop, self._desk.ministry.procedures
        procedures = None if "*" in takes else takes
        since, until = self._terms.since, self._terms.until
        after: str | None = None
        more = True
        while more:
            page = onestop.reception(since, until, procedures, after, AT_ONCE)
            sql.execute("BEGIN")
            sql.executemany(_PUT, page.days)
            sql.execute("COMMIT")
            self._desk.heed()
            after, more = page.after, page.after is not None
