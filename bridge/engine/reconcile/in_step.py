"""Which dossiers were in step on their own days: eight bytes of each are kept with the portion.

Of what is in step there is no row. But a record of such a dossier may be listed on another day, and
then it counts whether the dossier was judged at all: it may have come after the keys of its day were
read, and what is not told of is not in step for that.
"""

from __future__ import annotations

import sqlite3
from hashlib import blake2b

from bridge.engine.house import House
from bridge.engine.reconcile.scratch import LateScratch

SIGN = 8
"""Bytes: among a million dossiers two have the same once in thirty million comparisons."""

_PUT = "INSERT OR IGNORE INTO in_step VALUES (?)"
_HAS = "SELECT 1 FROM in_step WHERE sign = ?"


def sign_of(code: str) -> bytes:
    """Return what a dossier that is in step is known by."""
    return blake2b(code.encode(), digest_size=SIGN).digest()


class InStepCodes(LateScratch):
    """Those of a comparison, whichever process found them so."""

    TABLES = "CREATE TABLE in_step (sign BLOB PRIMARY KEY) WITHOUT ROWID"
    MEMORY_MB = 4

    def __init__(self, house: House, comparison: int) -> None:
        self._house = house
        self._comparison = comparison

    def has(self, code: str) -> bool:
        """Tell whether a dossier was found in step on its own day."""
        return self._ask(_HAS, (sign_of(code),)).fetchone() is not None

    def _fill(self, sql: sqlite3.Connection) -> None:
        """Read the portions that are done."""
        sql.execute("BEGIN")
        with self._house.store.read() as unit:
            for signs in unit.comparisons.signs(self._comparison):
                some = (signs[at : at + SIGN] for at in range(0, len(signs), SIGN))
                sql.executemany(_PUT, ((one,) for one in some))
        sql.execute("COMMIT")
