"""Which dossiers were in step on their own days: eight bytes of each are kept with the portion.

Of what is in step there is no row. But a record of such a dossier may be listed on another day, and
then it counts whether the dossier was judged at all: it may have come after the keys of its day were
read, and what is not told of is not in step for that.
"""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from typing import Self

from bridge.engine.house import House

SIGN = 8
"""Bytes: among a million dossiers two have the same once in thirty million comparisons."""

_SCHEMA = """
    PRAGMA cache_size=-4000; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
    CREATE TABLE in_step (sign BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_PUT = "INSERT OR IGNORE INTO in_step VALUES (?)"
_HAS = "SELECT 1 FROM in_step WHERE sign = ?"


def sign_of(code: str) -> bytes:
    """Return what a dossier that is in step is known by."""
    return blake2b(code.encode(), digest_size=SIGN).digest()


class InStepCodes:
    """Those of a comparison, whichever process found them so; they lie on disk like the spill."""

    def __init__(self, house: House, comparison: int) -> None:
        self._house = house
        self._comparison = comparison
        self._sql: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open it; the portions are read when the first dossier is asked about."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let all of it go."""
        if self._sql is not None:
            self._sql.close()
        self._sql = None

    def has(self, code: str) -> bool:
        """Tell whether a dossier was found in step on its own day."""
        if self._sql is None:
            self._sql = self._read()
        return self._sql.execute(_HAS, (sign_of(code),)).fetchone() is not None

    def _read(self) -> sqlite3.Connection:
        sql = sqlite3.connect("", isolation_level=None)
        sql.executescript(_SCHEMA)
        sql.execute("BEGIN")
        with self._house.store.read() as unit:
            for signs in unit.comparisons.signs(self._comparison):
                some = (signs[at : at + SIGN] for at in range(0, len(signs), SIGN))
                sql.executemany(_PUT, ((one,) for one in some))
        sql.execute("COMMIT")
        return sql
