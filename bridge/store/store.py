"""Opens the store and cuts work into named transactions.

Writers take their turn: on SQLite by ``BEGIN IMMEDIATE`` behind a lock of the process (so that
threads queue instead of spinning on ``database is locked``), on PostgreSQL by row locks. Every
write transaction has a name; a test (or the simulation) hands in a hook and dies just before or
just after the commit of its choice.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bridge.store.agreements import Agreements
from bridge.store.alerts import Alerts
from bridge.store.code_lists import CodeLists
from bridge.store.comparisons import Comparisons
from bridge.store.conflicts import Conflicts
from bridge.store.dossiers import Dossiers
from bridge.store.imprints import Imprints
from bridge.store.inbox import Inbox
from bridge.store.journal import Journal, Noted
from bridge.store.latecomers import Latecomers
from bridge.store.links import Links
from bridge.store.notices import Notices
from bridge.store.onboardings import Onboardings
from bridge.store.outbox import Outbox
from bridge.store.payloads import Payloads
from bridge.store.procedures import Procedures
from bridge.store.systems import Systems
from bridge.store.unpaired import Unpaired
from bridge.store.watched import Watched

CommitHook = Callable[[str, str], None]
"""Called with the transaction's name and ``before`` or ``after``."""

Listener = Callable[[Sequence[Noted]], None]
"""Called with what a transaction journalled, once it is committed."""

BUSY_SECONDS = 30
SWITCHES_MOST = 20
NOTICED = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that vanished without a word (a cable, a firewall that forgot) is noticed in half a minute:
seconds, the last one milliseconds. What the url says itself goes before."""

RESTED_SECONDS = 2.0
"""A connection that rested longer is asked whether its server is still there."""

POSTGRESQL_KEPT, POSTGRESQL_MOST = 20, 30
"""Connections that stay open, and that may be open at once. To make one costs both sides some milliseconds,
and a daemon that catches up uses more than ten."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Connections to SQLite that stay open, and how many at most; what each of them keeps.

    ``pages`` are kilobytes, ``statements`` are what is kept of them ready to be run.
    """

    kept: int
    most: int
    pages: int
    statements: int


SQLITE_LOOKS = Shelf(kept=14, most=30, pages=250, statements=64)
"""They serve one after the other, so that all have what they will ever have within minutes: the last of a
stack was warm after half an hour, and memory grew until then; and so many, for one is opened in the time of
some looks, and leaves holes in the heap. What was written since makes all its pages worthless: few serve."""

SQLITE_WRITES = Shelf(kept=1, most=1, pages=4000, statements=256)
"""One at a time writes. Its pages stay good from one transaction to the next, until another process writes."""

CHECKPOINT_PAGES = 4000
"""16 MB of log before it is written back: a row that is changed four times goes back once."""


class StoreFault(Exception):  # noqa: N818 - a fault of the database, not of the program
    """The store can't be used: where it is, what happened, what to do. No secret in it.

    ``transient`` tells whether waiting may help, or only a person (a login refused, another release).
    """

    def __init__(self, reason: str, *, transient: bool = True) -> None:
        super().__init__(reason)
        self.transient = transient


class StoreClash(StoreFault):
    """A row that may be there once is there already: the write is wrong, not the database."""


class Unit:
    """One transaction: the nouns of the store on one connection, and the journal to append to."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.journal = Journal(connection, now)
        self.inbox = Inbox(connection, now)
        self.dossiers = Dossiers(connection, now)
        self.links = Links(connection, now)
        self.agreements = Agreements(connection)
        self.imprints = Imprints(connection, now)
        self.outbox = Outbox(connection, now)
        self.systems = Systems(connection, now)
        self.onboardings = Onboardings(connection, now)
        self.latecomers = Latecomers(connection, now)
        self.conflicts = Conflicts(connection, now)
        self.notices = Notices(connection, now)
        self.procedures = Procedures(connection, now)
        self.code_lists = CodeLists(connection, now)
        self.payloads = Payloads(connection, now)
        self.alerts = Alerts(connection, now)
        self.watched = Watched(connection, now)
        self.comparisons = Comparisons(connection, now)
        self.unpaired = Unpaired(connection, now)


class Store:
    """The bridge's own state. Opening does no I/O; the first transaction connects."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime],
        *,
        on_commit: CommitHook | None = None,
        on_journal: Listener | None = None,
    ) -> None:
        self.url = url
        self.clock = clock
        self.on_commit = on_commit
        self.on_journal = on_journal
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._engine = open_engine(url)
        self._writer = open_engine(url, SQLITE_WRITES) if self.is_sqlite else self._engine
        self._turn: AbstractContextManager[Any] = (
            threading.RLock() if self.is_sqlite else nullcontext()
        )

    @contextmanager
    def write(self, name: str) -> Iterator[Unit]:
        """Run one transaction called ``name``: all of it commits, or nothing.

        Raises:
            StoreFault: the database can't be reached or written.
        """
        with self._turn:
            with self._faults(), self._writer.connect() as connection, connection.begin():
                begin(connection, "BEGIN IMMEDIATE")
                unit = Unit(connection, self.clock())
                yield unit
                self._hook(name, "before")
                unit.journal.flush()
            self._hook(name, "after")
        if self.on_journal is not None and unit.journal.written:
            self.on_journal(unit.journal.written)

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Look at one consistent state; nothing is kept of what is written through it."""
        with self._faults(), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            begin(connection, "BEGIN")
            yield Unit(connection, self.clock())

    @contextmanager
    def glance(self) -> Iterator[Unit]:
        """Look with one statement, which sees one consistent state by itself; a second sees the next.

        PostgreSQL, which may be on another machine, is told of no transaction around it: that is one
        message and answer instead of three.
        """
        if self.is_sqlite:
            with self.read() as unit:
                yield unit
            return
        with self._faults(), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            yield Unit(connection, self.clock())

    def open_all(self) -> None:
        """Open the connections to SQLite that stay open, for a process that works for years.

        One opened when many work at once for the first time would make memory grow then.

        Raises:
            StoreFault: the database can't be opened.
        """
        if not self.is_sqlite:
            return
        with self._faults(), ExitStack() as stack:
            stack.enter_context(self._writer.connect())
            for _ in range(SQLITE_LOOKS.kept):
                stack.enter_context(self._engine.connect())

    def ready(self) -> bool:
        """Tell whether the store answers."""
        try:
            with self.read() as unit:
                unit.connection.exec_driver_sql("SELECT 1")
        except StoreFault:
            return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._engine.dispose()

    def _hook(self, name: str, phase: str) -> None:
        if self.on_commit is not None:
            self.on_commit(name, phase)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise StoreClash(describe(self.url, error)) from error
        except DBAPIError as error:
            raise fault_of(self.url, error) from error
        except NoFreeConnection as error:
            where = make_url(self.url).render_as_string(hide_password=True)
            raise StoreFault(f"{where}: every connection is taken") from error


_LASTING = re.compile(
    r"password authentication failed|no pg_hba|no password supplied|does not exist|"
    r"is not permitted to log in|readonly database|not a database|malformed"
)
_LASTING_STATES = ("28", "3D", "25006", "42501")
"""What the databases say, and PostgreSQL's SQLSTATE, where no waiting mends it."""


def fault_of(url: str, error: DBAPIError) -> StoreFault:
    """Return what is wrong with the database at ``url``, and whether waiting may help."""
    state = getattr(error.orig, "sqlstate", None) or ""
    lasting = state.startswith(_LASTING_STATES) or (not state and _LASTING.search(str(error.orig)))
    return StoreFault(describe(url, error), transient=not lasting)


def describe(url: str, error: DBAPIError) -> str:
    """Say what is wrong with the database at ``url``: no secret, no statement, no value."""
    where = make_url(url).render_as_string(hide_password=True)
    first = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
    kind = type(error.orig).__name__
    return f"{where}: {kind}: {first}" if is_plain(first) else f"{where}: {kind}"


def is_plain(message: str) -> bool:
    """Tell whether a driver's message names no row (a key violation quotes the values)."""
    return "DETAIL" not in message and "Key (" not in message


def open_engine(url: str, shelf: Shelf = SQLITE_LOOKS) -> Engine:
    """Create a SQLAlchemy engine for the store: WAL and full synchronisation on SQLite."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        own = {name: value for name, value in NOTICED.items() if name not in parsed.query}
        engine = create_engine(
            parsed,
            connect_args=own,
            pool_size=POSTGRESQL_KEPT,
            max_overflow=POSTGRESQL_MOST - POSTGRESQL_KEPT,
            pool_use_lifo=True,
        )
        _ask_the_rested(engine)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        _make_its_owners(parsed.database)
    engine = create_engine(
        parsed,
        connect_args={
            "timeout": BUSY_SECONDS,
            "check_same_thread": False,
            "cached_statements": shelf.statements,
        },
        pool_size=shelf.kept,
        max_overflow=shelf.most - shelf.kept,
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, shelf))
    return engine


def _make_its_owners(file: str) -> None:
    """Make the file of a new store its owner's alone, for people are in it; its log is as it is.

    One that is there stays as its owner wants it. What is in the way SQLite says itself.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _ask_the_rested(engine: Engine) -> None:
    """Ask a connection of PostgreSQL's that has rested whether its server is still there.

    One that served a moment ago is not asked: of a look's four messages that is one. Where the
    server went just then a transaction fails, and the pool lets go of all connections.
    """

    def used(connection: Any, record: ConnectionPoolEntry) -> None:
        del connection
        record.info["used"] = time.monotonic()

    def taken(connection: Any, record: ConnectionPoolEntry, proxy: object) -> None:
        del proxy
        if time.monotonic() - record.info["used"] < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "connect", used)
    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", taken)


def _prepare_sqlite(shelf: Shelf, connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size={-shelf.pages}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _use_wal(connection: Any) -> None:
    """Switch to WAL; of two that switch a new file at once one fails at once, so wait and repeat.

    Only a transaction waits for its turn, and the switch can't be in one.
    """
    for _ in range(SWITCHES_MOST):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def begin(connection: Connection, words: str) -> None:
    """Begin a transaction of SQLite's: it would begin none by itself. PostgreSQL does.

    Past SQLAlchemy, whose events and options take longer over it than SQLite takes over a look.
    """
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(words)
    except sqlite3.Error as error:
        raise DBAPIError(words, None, error) from error
