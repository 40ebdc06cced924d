"""Connections to one server, each lent to one call at a time.

A pool that many threads share is looked through by each of them: one that sees a connection just
as it was lent, and its answer is there already, takes it for closed by the server and closes it
under the call, and a write that was applied is in doubt. So each client here has one connection,
and one borrower.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

__all__ = ["Connections"]


class Connections:
    """At most ``most`` clients of ``build``; who finds none free waits ``seconds``."""

    def __init__(self, build: Callable[[], httpx.Client], most: int, seconds: float) -> None:
        self._build = build
        self._seconds = seconds
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[httpx.Client] = []
        self._closed = 0

    @contextmanager
    def lent(self) -> Iterator[httpx.Client]:
        """Have a client to oneself for the block: the last that was used, or a new one.

        Raises:
            PoolTimeout: all are in use, and none came back in time.
        """
        if not self._free.acquire(timeout=self._seconds):
            raise httpx.PoolTimeout("all connections are in use")
        try:
            with self._lock:
                closed = self._closed
                client = self._idle.pop() if self._idle else None
            client = client or self._build()
            try:
                yield client
            finally:
                self._return(client, closed)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what is idle now, and what is lent once it comes back; more can be lent after."""
        with self._lock:
            self._closed += 1
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    def _return(self, client: httpx.Client, closed: int) -> None:
        with self._lock:
            if closed == self._closed:
                self._idle.append(client)
                return
        client.close()
