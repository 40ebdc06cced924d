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

from bridge.sdk import Said, joined
from bridge.sdk.onestop import OneStopFault

Explain = Callable[[], Sequence[str]]
"""Looks at tables and columns and says what is not as the contract and the options have it."""


class UnreadableValue(OneStopFault):
    """One value of one row stopped a whole answer: the driver can't represent it."""


_SQLITE = (
    ("is locked", Said("the database is locked by another program"), True),
    (
        "readonly database",
        Said("the database is read-only; the bridge needs the right to write"),
        False,
    ),
    (
        "unable to open database file",
        Said("the database file is not there or can't be opened"),
        True,
    ),
    ("disk i/o error", Said("the disk under the database does not answer"), True),
    ("is full", Said("the disk under the database is full"), True),
    ("malformed", Said("the database file is damaged"), False),
    ("not a database", Said("the file is not an SQLite database"), False),
    ("cannot modify", Said("a view can't be written; it needs INSTEAD OF triggers"), False),
)

_SQLITE_NAMES = re.compile(r"no such (table|column)|has no column", re.IGNORECASE)
_SQLITE_CONSTRAINT = re.compile(r"(\w[\w ]*) constraint failed(?:: ([\w., ]+))?")

_POSTGRESQL = {
    "08": (Said("the database server does not answer"), True),
    "53": (Said("the database server is out of room or connections"), True),
    "57": (Said("the database server is stopping or starting"), True),
    "58": (Said("the database server can't reach its disk"), True),
    "40": (Said("another program changed the same rows at the same time"), True),
    "55P03": (Said("the row is locked by another program"), True),
    "25006": (Said("the database is read-only; the bridge needs the right to write"), False),
    "28": (Said("the database refuses the login"), False),
    "3D": (Said("there is no database of that name"), False),
    "42501": (Said("the database user may not do this"), False),
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
        raise OneStopFault(Said("all connections are in use"), transient=True) from None
    except DBAPIError as error:
        if _unreadable(error):
            reason = Said("a value is no valid text, number or time")
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
        Said("the database driver failed: {kind}", kind=type(original).__name__),
        transient=isinstance(error, InterfaceError),
    )


def _sqlite(error: SqliteError, explain: Explain, code: str | None) -> OneStopFault:
    message = str(error)
    if refused := _SQLITE_CONSTRAINT.search(message):
        place = f" ({refused[2]})" if refused[2] else ""
        what = Said("{kind} constraint{place}", kind=refused[1], place=place)
        return _refusal(what, code)
    if isinstance(error, SqliteRefusal):
        return _refusal(Said("a trigger"), code)
    if _SQLITE_NAMES.search(message):
        return _misnamed(explain)
    folded = message.casefold()
    for fragment, reason, transient in _SQLITE:
        if fragment in folded:
            return OneStopFault(reason, transient=transient)
    return OneStopFault(Said("SQLite failed: {kind}", kind=type(error).__name__), transient=False)


def _postgresql(error: psycopg.Error, explain: Explain, code: str | None) -> OneStopFault:
    state = error.sqlstate
    if state is None:
        return _unconnected(error)
    if state.startswith("23"):
        names = (error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
        place = ".".join(name for name in names if name)
        return _refusal(Said("constraint {place}", place=place), code)
    if state in _POSTGRESQL_NAMES:
        return _misnamed(explain)
    known = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    reason, transient = known or (Said("PostgreSQL refused a statement"), False)
    said = Said("{reason} (SQLSTATE {state})", reason=reason, state=state)
    return OneStopFault(said, transient=transient)


def _unconnected(error: psycopg.Error) -> OneStopFault:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines and isinstance(error, psycopg.OperationalError) else ""
    broke = Said("the connection to the database broke")
    reason = Said("no connection: {detail}", detail=said) if said else broke
    return OneStopFault(reason, transient=_REFUSED_LOGIN.search(str(error)) is None)


def _refusal(what: str, code: str | None) -> OneStopFault:
    reason = Said("the database refused the row: {what}", what=what)
    return OneStopFault(reason, transient=False, code=code)


def _misnamed(explain: Explain) -> OneStopFault:
    findings = explain() or [Said("a table or column is not what the contract says: run check")]
    return OneStopFault(joined(findings), transient=False)
