"""Connections to one server, each lent to one call at a time.

A pool that many threads share is looked through by each of them: one that sees a connection just
as it was lent, and its answer is there already, takes it for closed by the server and closes it
under the call, and a write that was applied is in doubt. So each connection here has one borrower.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

__all__ = ["Closes", "Connections"]


class Closes(Protocol):
    """A connection: what can be closed."""

    def close(self) -> None:
        """Let go of it; harmless when called twice."""


Connection = TypeVar("Connection", bound=Closes)


class Connections(Generic[Connection]):
    """At most ``most`` connections of ``build``; who finds none free waits ``seconds``.

    ``crowded`` makes the error of who waited in vain. A connection that is no longer ``sound`` is
    closed, and never lent again.
    """

    def __init__(
        self,
        build: Callable[[], Connection],
        most: int,
        seconds: float,
        *,
        crowded: Callable[[], Exception],
        sound: Callable[[Connection], bool] = lambda _: True,
    ) -> None:
        self._build = build
        self._seconds = seconds
        self._crowded = crowded
        self._sound = sound
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = 0

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """Have a connection to oneself for the block: the last that was used, or a new one.

        Raises:
            Exception: what ``crowded`` makes: all are in use, and none came back in time.
        """
        if not self._free.acquire(timeout=self._seconds):
            raise self._crowded()
        try:
            with self._lock:
                closed = self._closed
            connection = self._last_used() or self._build()
            try:
                yield connection
            finally:
                self._return(connection, closed)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what is idle now, and what is lent once it comes back; more can be lent after."""
        with self._lock:
            self._closed += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _last_used(self) -> Connection | None:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None or self._sound(connection):
                return connection
            connection.close()

    def _return(self, connection: Connection, closed: int) -> None:
        if self._sound(connection):
            with self._lock:
                if closed == self._closed:
                    self._idle.append(connection)
                    return
        connection.close()
