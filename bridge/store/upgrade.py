"""Brings the store's schema to the one this release speaks (alembic, from the first table on).

A store that is up to date, as it nearly always is, is told by the names of the migrations alone:
to load alembic and every migration is a tenth of all that a command takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bridge.store.store import StoreFault, begin, fault_of, open_engine

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x0D05_51E5
"""The key of PostgreSQL's advisory lock on the schema."""


FIRST_REVISION = "0001"
"""The revision that makes the tables; those after it change them."""


@dataclass(frozen=True, slots=True)
class RevisionStatus:
    """The revision the store has, the one this release wants, and the steps between."""

    current: str | None
    head: str
    behind: tuple[str, ...]


def upgrade(url: str) -> list[str]:
    """Apply what is missing; returns the revisions applied, oldest first.

    Raises:
        StoreFault: the database can't be reached or written, or is of a later release.
    """
    status = revision_status(url)
    if not status.behind:
        return []
    engine = open_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            begin(connection, "BEGIN IMMEDIATE")
            return _apply(connection, status.behind)
    except DBAPIError as error:
        raise fault_of(url, error) from error
    finally:
        engine.dispose()


def _apply(connection: Connection, behind: Sequence[str]) -> list[str]:
    """Apply what is missing once nobody else does; another process may have done it by then."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    from alembic import command
    from alembic.config import Config

    done = _revision(connection)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return list(behind[behind.index(done) + 1 :]) if done in behind else list(behind)


def revision_status(url: str) -> RevisionStatus:
    """Compare the store's revision with this release's; makes no file where none is.

    Raises:
        StoreFault: the database can't be reached, or is of a later release.
    """
    known = revisions()
    current = _current(url)
    if current is not None and current not in known:
        where = make_url(url).render_as_string(hide_password=True)
        message = f"{where}: revision {current} is of a later release; install that release"
        raise StoreFault(message, transient=False)
    after = known.index(current) + 1 if current else 0
    return RevisionStatus(current, known[-1], tuple(known[after:]))


def revisions() -> list[str]:
    """Return every revision, oldest first: the number in its file's name (``rev_0001_…``)."""
    return sorted(file.name.split("_")[1] for file in _MIGRATIONS.glob("versions/rev_*.py"))


def _current(url: str) -> str | None:
    if _is_missing_file(url):
        return None
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return _revision(connection)
    except DBAPIError as error:
        raise fault_of(url, error) from error
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str | None:
    """Return the revision a database says it has; ``None`` where no migration was ever applied."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _is_missing_file(url: str) -> bool:
    """Tell whether the store is an SQLite file nobody has made: opening it would make it.

    One that could not be made there (a file stands where its folder should) is no such file.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return False
    file = Path(parsed.database or "").absolute()
    nearest = next(one for one in (file, *file.parents) if one.exists())
    return nearest != file and nearest.is_dir()
