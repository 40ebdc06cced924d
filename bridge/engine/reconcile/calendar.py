"""Which dossiers the one-stop received on which day: read once, however many portions follow.

No one-stop can be counted on to find the dossiers of a day by itself: that may be a look at every row
there is. So the whole period is gone through once, by the keys, and what is learnt lies on disk like
the spill (codes and days, nothing of a person), gone with the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Self

from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.terms import Terms

_SCHEMA = """
    PRAGMA cache_size=-8000; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
    CREATE TABLE reception (day TEXT, code TEXT, PRIMARY KEY (day, code)) WITHOUT ROWID;
"""
_PUT = "INSERT OR IGNORE INTO reception (code, day) VALUES (?, ?)"
_OF_DAYS = "SELECT code FROM reception WHERE day BETWEEN ? AND ? ORDER BY day, code"

AT_ONCE = 10_000
"""Keys of a page: a look that costs no more than to find where the last one ended."""


class Calendar:
    """The dossiers of a period that are for one system, by their day of reception."""

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk = desk
        self._terms = terms
        self._sql: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open it; the one-stop is read when the first day is asked for."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let all of it go."""
        if self._sql is not None:
            self._sql.close()
        self._sql = None

    def pages(self, since: date, until: date, size: int) -> Iterator[list[str]]:
        """Yield the codes of the dossiers received on these days, ``size`` at a time.

        Raises:
            OneStopFault: the one-stop database can't be read.
        """
        if self._sql is None:
            self._sql = self._read()
        rows = self._sql.execute(_OF_DAYS, (since.isoformat(), until.isoformat()))
        while page := rows.fetchmany(size):
            yield [row[0] for row in page]

    def _read(self) -> sqlite3.Connection:
        """Go through the one-stop's keys once."""
        onestop, takes = self._desk.house.onestop, self._desk.ministry.procedures
        procedures = None if "*" in takes else takes
        since, until = self._terms.since, self._terms.until
        sql = sqlite3.connect("", isolation_level=None)
        sql.executescript(_SCHEMA)
        after: str | None = None
        more = True
        while more:
            page = onestop.reception(since, until, procedures, after, AT_ONCE)
            sql.execute("BEGIN")
            sql.executemany(_PUT, page.days)
            sql.execute("COMMIT")
            self._desk.heed()
            after, more = page.after, page.after is not None
        return sql
