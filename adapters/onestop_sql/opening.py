"""Opens a one-stop database that belongs to somebody else: no file is made, waits are short."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import URL

from adapters.onestop_sql.options import OneStopOptions

WRITES = "onestop_writes"
"""Execution option of a connection that is going to write."""

NOTICED = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that vanished without a word is noticed in half a minute: seconds, the last milliseconds."""


SQLITE_KEPT, SQLITE_MOST = 5, 15
"""Connections that stay open, and that may be open at once."""

SQLITE_PAGES, SQLITE_STATEMENTS = 250, 64
"""Kilobytes of pages, and statements ready to be run, that a connection keeps: more makes nothing faster."""


def open_engine(options: OneStopOptions, folder: Path) -> Engine:
    """Return the engine; nothing is connected yet. Relative paths start at ``folder``."""
    if options.address.get_backend_name() == "sqlite":
        return _open_sqlite(options, folder)
    wait = round(options.busy_timeout_seconds * 1000)
    return create_engine(
        options.address,
        pool_size=5,
        max_overflow=10,
        pool_timeout=options.busy_timeout_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            **NOTICED,
            "application_name": "dossier-bridge",
            "options": f"-c TimeZone=Asia/Ho_Chi_Minh -c lock_timeout={wait}",
        },
    )


def sqlite_file(url: URL, folder: Path) -> Path:
    """Return the file an SQLite url means; relative paths start at ``folder``."""
    return (folder / (url.database or "")).absolute()


def _open_sqlite(options: OneStopOptions, folder: Path) -> Engine:
    file = sqlite_file(options.address, folder)
    mode = options.address.query.get("mode", "rw")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"{file.as_uri()}?mode={mode}",
            uri=True,
            timeout=options.busy_timeout_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=SQLITE_STATEMENTS,
        )

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=SQLITE_KEPT,
        max_overflow=SQLITE_MOST - SQLITE_KEPT,
        pool_timeout=options.busy_timeout_seconds,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size={-SQLITE_PAGES}")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    try:  # readers and the clerks' software then no longer wait for one another
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError:
        return  # read-only, or in use: the mode it has will do


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
