"""What a comparison lays down while it lasts: a database of SQLite's own, without a name.

It is on disk only as far as it outgrows its memory, and is gone with the process. So nothing of a
comparison is left anywhere, and nothing guards it: what a failure spoils is made anew.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from typing import ClassVar, Self

PAGE_BYTES = 4096
"""SQLite's own measure."""


def scratch(tables: str, *, memory_mb: int, page_bytes: int = PAGE_BYTES) -> sqlite3.Connection:
    """Return a database with these tables, empty; up to ``memory_mb`` of it stay in memory."""
    sql = sqlite3.connect("", isolation_level=None)
    sql.executescript(
        f"PRAGMA page_size={page_bytes}; PRAGMA cache_size=-{memory_mb * 1000};"
        f" PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {tables}"
    )
    return sql


class LateScratch(ABC):
    """A scratch database that is filled when it is first asked: many a comparison never asks."""

    TABLES: ClassVar[str]
    MEMORY_MB: ClassVar[int]

    _sql: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Begin without it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let all of it go."""
        if self._sql is not None:
            self._sql.close()
        self._sql = None

    def _ask(self, query: str, values: Sequence[str | bytes]) -> sqlite3.Cursor:
        """Ask it; raises what ``_fill`` raises, and is filled anew the next time then."""
        if self._sql is None:
            with ExitStack() as stack:
                sql = scratch(self.TABLES, memory_mb=self.MEMORY_MB)
                stack.callback(sql.close)
                self._fill(sql)
                stack.pop_all()
            self._sql = sql
        return self._sql.execute(query, values)

    @abstractmethod
    def _fill(self, sql: sqlite3.Connection) -> None:
        """Lay down what will be asked for."""
