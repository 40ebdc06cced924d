"""The values of fields that differ, while they are shown: like the spill, gone with the process."""

from __future__ import annotations

import sqlite3
from typing import Self

import orjson

from bridge.domain.finding_record import as_record, from_record
from bridge.domain.reconcile import Different, Finding
from bridge.engine.reconcile.scratch import scratch

_TABLES = "CREATE TABLE shown (key TEXT PRIMARY KEY, finding BLOB) WITHOUT ROWID"


class Values:
    """What was found different in this process, with both values of each field."""

    def __init__(self) -> None:
        self._sql: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open it, empty."""
        self._sql = scratch(_TABLES, memory_mb=4)
        return self

    def __exit__(self, *_: object) -> None:
        """Let all of it go."""
        if self._sql is not None:
            self._sql.close()
        self._sql = None

    def put(self, key: str, finding: Finding) -> None:
        """Remember the values of a finding, if it has any."""
        if self._sql is not None and isinstance(finding, Different) and finding.fields:
            facts = orjson.dumps(as_record(finding, with_values=True))
            self._sql.execute("INSERT OR REPLACE INTO shown VALUES (?, ?)", (key, facts))

    def of(self, key: str) -> Finding | None:
        """Return the finding that is known by this key, with its values; ``None``: not at hand."""
        if self._sql is None:
            return None
        query = "SELECT finding FROM shown WHERE key = ?"
        row = self._sql.execute(query, (key,)).fetchone()
        return None if row is None else from_record(orjson.loads(row[0]))
