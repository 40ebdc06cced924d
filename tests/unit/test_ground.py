"""The ground all tests stand on: real databases, each new and empty."""

from __future__ import annotations

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

import bridge


def tables_of(url: str) -> list[str]:
    """Make a table, and say which tables the database then holds."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE mark (n INTEGER)"))
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def test_a_store_is_empty_and_takes_a_table(store_url: str) -> None:
    """A test on either kind of store finds nothing in it but what it made."""
    assert tables_of(store_url) == ["mark"]


def test_a_store_does_not_remember_the_test_before(store_url: str) -> None:
    """What another test made in its store is not in this one."""
    assert tables_of(store_url) == ["mark"]


def test_the_postgresql_store_is_a_real_server(postgres_database: str) -> None:
    """The url opens with psycopg, and PostgreSQL itself answers."""
    assert make_url(postgres_database).drivername == "postgresql+psycopg"
    engine = create_engine(postgres_database)
    try:
        with engine.connect() as connection:
            assert connection.execute(text("SHOW server_version_num")).scalar_one() >= "150000"
    finally:
        engine.dispose()


def test_the_version_is_that_of_the_installed_distribution() -> None:
    """One place holds the version: the distribution."""
    assert bridge.version() == "0.1.0"
