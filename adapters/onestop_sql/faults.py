"""What the two databases say when something is wrong, in words for the person who must act.

A driver's message may quote a row, so reasons are built from error codes and from names of
tables, columns and constraints; the driver's own text is passed on only where the connection
itself failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from sqlite3 import Error as SqliteError
from sqlite3 import IntegrityError as SqliteRefusal

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from bridge.sdk.onestop import OneStopFault

Explain = Callable[[], Sequence[str]]
"""Looks at tables and columns and says what is not as the contract and the options have it."""


class UnreadableValue(OneStopFault):
    """One value of one row stopped a whole answer: the driver can't represent it."""


_SQLITE = (
    ("is locked", "the database is locked by another program", True),
    ("readonly database", "the database is read-only; the bridge needs the right to write", False),
    ("unable to open database file", "the database file is not there or can't be opened", True),
    ("disk i/o error", "the disk under the database does not answer", True),
    ("is full", "the disk under the database is full", True),
    ("malformed", "the database file is damaged", False),
    ("not a database", "the file is not an SQLite database", False),
    ("cannot modify", "a view can't be written; it needs INSTEAD OF triggers", False),
)

_SQLITE_NAMES = re.compile(r"no such (table|column)|has no column", re.IGNORECASE)
_SQLITE_CONSTRAINT = re.compile(r"(\w[\w ]*) constraint failed(?:: ([\w., ]+))?")

_POSTGRESQL = {
    "08": ("the database server does not answer", True),
    "53": ("the database server is out of room or connections", True),
    "57": ("the database server is stopping or starting", True),
    "58": ("the database server can't reach its disk", True),
    "40": ("another program changed the same rows at the same time", True),
    "55P03": ("the row is locked by another program", True),
    "25006": ("the database is read-only; the bridge needs the right to write", False),
    "28": ("the database refuses the login", False),
    "3D": ("there is no database of that name", False),
    "42501": ("the database user may not do this", False),
}

_POSTGRESQL_NAMES = {"42P01", "42703", "3F000", "42804", "42883", "22007", "22P02"}

_REFUSED_LOGIN = re.compile(
    r"password authentication failed|no pg_hba|no password supplied|does not exist|"
    r"is not permitted to log in"
)


@contextmanager
def naming_faults(explain: Explain, code: str | None = None) -> Iterator[None]:
    """Turn what the drivers raise inside into ``OneStopFault``; ``code`` is what is written.

    The cause is cut off: a driver's exception carries the values of the row.
    """
    try:
        yield
    except NoFreeConnection:
        raise OneStopFault("all connections are in use", transient=True) from None
    except DBAPIError as error:
        if _unreadable(error):
            reason = "a value is no valid text, number or time"
            raise UnreadableValue(reason, transient=False) from None
        raise _fault(error, explain, code) from None


def _unreadable(error: DBAPIError) -> bool:
    """Tell a value a driver chokes on: bad UTF-8 on SQLite, the year 10000 on PostgreSQL."""
    if isinstance(error.orig, SqliteError):
        return "Could not decode" in str(error.orig)
    return isinstance(error.orig, psycopg.DataError) and error.orig.sqlstate is None


def _fault(error: DBAPIError, explain: Explain, code: str | None) -> OneStopFault:
    original = error.orig
    if isinstance(original, psycopg.Error):
        return _postgresql(original, explain, code)
    if isinstance(original, SqliteError):
        return _sqlite(original, explain, code)
    return OneStopFault(
        f"the database driver failed: {type(original).__name__}",
        transient=isinstance(error, InterfaceError),
    )


def _sqlite(error: SqliteError, explain: Explain, code: str | None) -> OneStopFault:
    message = str(error)
    if refused := _SQLITE_CONSTRAINT.search(message):
        place = f" ({refused[2]})" if refused[2] else ""
        return _refusal(f"{refused[1]} constraint{place}", code)
    if isinstance(error, SqliteRefusal):
        return _refusal("a trigger", code)
    if _SQLITE_NAMES.search(message):
        return _misnamed(explain)
    folded = message.casefold()
    for fragment, reason, transient in _SQLITE:
        if fragment in folded:
            return OneStopFault(reason, transient=transient)
    return OneStopFault(f"SQLite failed: {type(error).__name__}", transient=False)


def _postgresql(error: psycopg.Error, explain: Explain, code: str | None) -> OneStopFault:
    state = error.sqlstate
    if state is None:
        return _unconnected(error)
    if state.startswith("23"):
        names = (error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
        place = ".".join(name for name in names if name)
        return _refusal(f"constraint {place}", code)
    if state in _POSTGRESQL_NAMES:
        return _misnamed(explain)
    reason, transient = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2]) or ("", False)
    if reason:
        return OneStopFault(f"{reason} (SQLSTATE {state})", transient=transient)
    return OneStopFault(f"PostgreSQL refused a statement (SQLSTATE {state})", transient=False)


def _unconnected(error: psycopg.Error) -> OneStopFault:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines and isinstance(error, psycopg.OperationalError) else ""
    reason = f"no connection: {said}" if said else "the connection to the database broke"
    return OneStopFault(reason, transient=_REFUSED_LOGIN.search(str(error)) is None)


def _refusal(what: str, code: str | None) -> OneStopFault:
    return OneStopFault(f"the database refused the row: {what}", transient=False, code=code)


def _misnamed(explain: Explain) -> OneStopFault:
    findings = explain() or ["a table or column is not what the contract says: run check"]
    return OneStopFault("; ".join(findings), transient=False)
