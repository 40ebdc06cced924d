"""The journal's rows, read by SQL of the auditor's own, a portion at a time and changing nothing.

Each portion is a transaction of its own: entries are only ever appended, and a reader that stays
for minutes would keep SQLite from tidying its log, and PostgreSQL from tidying anything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
from sqlalchemy.engine import URL, make_url

from bridge.audit.anchors import Anchor
from bridge.audit.chain import GENESIS, Row

PORTION = 5_000

_COLUMNS = "n, at, code, system, event, detail, previous, hash"
_LAST = "SELECT n, hash FROM journal ORDER BY n DESC LIMIT 1"
_FIRST = f"SELECT {_COLUMNS} FROM journal WHERE n <= {{}} ORDER BY n LIMIT {PORTION}"  # noqa: S608 - our own words
_NEXT = f"SELECT {_COLUMNS} FROM journal WHERE n > {{}} AND n <= {{}} ORDER BY n LIMIT {PORTION}"  # noqa: S608 - our own words


class Unreadable(Exception):  # noqa: N818 - a fault of the database, not of the program
    """The journal can't be read: where, and what the database says. No secret in it."""


class _Connection(Protocol):
    """What both databases' connections have in common."""

    def execute(self, query: Any, values: Any = ..., /) -> Any:
        """Run a query."""

    def close(self) -> None:
        """Let go of the database."""


class Ledger:
    """The table ``journal`` of a store named by its URL. Opening does no I/O."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._on_sqlite = self._url.get_backend_name() == "sqlite"
        mark = "?" if self._on_sqlite else "%s"
        self._first, self._next = _FIRST.format(mark), _NEXT.format(mark, mark)

    def head(self) -> Anchor:
        """Return the last entry's number and hash.

        Raises:
            Unreadable: the database or the table can't be read.
        """
        try:
            with closing(self._open()) as connection:
                row = connection.execute(_LAST).fetchone()
        except (sqlite3.Error, psycopg.Error, UnicodeError) as error:
            raise Unreadable(self._say(error)) from error
        return Anchor(0, GENESIS) if row is None else Anchor(row[0], str(row[1]))

    def rows(self, last: int) -> Iterator[Row]:
        """Yield every row up to entry ``last``, in order of its number.

        Raises:
            Unreadable: the database or the table can't be read.
        """
        try:
            with closing(self._open()) as connection:
                portion = connection.execute(self._first, (last,)).fetchall()
                while portion:
                    yield from map(Row._make, portion)
                    portion = connection.execute(self._next, (portion[-1][0], last)).fetchall()
        except (sqlite3.Error, psycopg.Error, UnicodeError) as error:
            raise Unreadable(self._say(error)) from error

    def _open(self) -> _Connection:
        return _sqlite(self._url) if self._on_sqlite else _postgresql(self._url)

    def _say(self, error: Exception) -> str:
        where = self._url.render_as_string(hide_password=True)
        lines = str(error).strip().splitlines()
        return f"{where}: {type(error).__name__}" + (f": {lines[0]}" if lines else "")


def _sqlite(url: URL) -> sqlite3.Connection:
    """Open the file for reading; text that is no UTF-8 comes as it is, for it is a finding."""
    file = Path(url.database or "").absolute()
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=30)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    return connection


def _postgresql(url: URL) -> psycopg.Connection[Any]:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address, autocommit=True)
    connection.execute("SET default_transaction_read_only = on")
    # a table without statistics is sorted whole for each portion: the key's order is at hand
    connection.execute("SET enable_sort = off")
    connection.execute("SET enable_bitmapscan = off")
    return connection
