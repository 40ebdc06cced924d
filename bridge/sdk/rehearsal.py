"""Rehearsal ministries: pretend systems that keep state, and misbehave when told to.

A rehearsal is a real server (or a real worker on real folders): what an adapter meets in it, it
meets over sockets and files. Faults are armed in a plan; a test says which call goes wrong.
``python -m bridge.sdk.rehearsal NAME`` runs one alone (``bridge.sdk.rehearsal_alone``).
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any, Protocol, Self

__all__ = ["Armed", "Fault", "FaultPlan", "HttpRehearsal", "Rehearsal", "Request", "Response"]


class Fault(StrEnum):
    """How a call may go wrong."""

    LOST_ANSWER = "lost_answer"
    """Applied, then the connection is cut without an answer."""
    CUT_BEFORE = "cut_before"
    """Read, not applied, cut."""
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"
    PAGE_503 = "page_503"
    """Not applied; a page of HTML."""
    TOO_MANY = "too_many"
    """429 with Retry-After."""
    EXPIRED_SESSION = "expired_session"
    SLOW = "slow"
    """Applied; the answer waits for ``release`` (or ``delay``)."""
    APPLIED_LATE = "applied_late"
    """Cut at once, applied at ``release`` (or after ``delay``)."""
    TRUNCATED = "truncated"
    WRONG_SCHEMA = "wrong_schema"
    HTML_200 = "html_200"
    NFD = "nfd"
    BOM = "bom"
    DUPLICATE = "duplicate"
    """Rows of a feed twice."""
    REORDER = "reorder"
    """Rows of a feed out of order."""


@dataclass(frozen=True)
class Armed:
    """One fault about to happen; ``released`` ends a wait. ``delay`` in seconds."""

    fault: Fault
    operation: str | None = None
    delay: float | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Let what waits go on."""
        self.released.set()

    def wait(self) -> None:
        """Wait for ``release``, or ``delay`` seconds where a delay is given."""
        self.released.wait(self.delay)


class FaultPlan:
    """What goes wrong, at which call. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: deque[Armed] = deque()
        self._always: dict[str | None, Armed] = {}
        self._rates: list[tuple[Fault, float, Random]] = []
        self._waiting: list[Armed] = []
        self.log: list[tuple[str, Fault]] = []

    def next(
        self,
        fault: Fault,
        *,
        operation: str | None = None,
        count: int = 1,
        delay: float | None = None,
    ) -> Armed:
        """Arm a fault for the next ``count`` calls of an operation (of any, without one)."""
        armed = Armed(fault, operation, delay)
        with self._lock:
            self._next.extend([armed] * count)
        return armed

    def always(self, fault: Fault, operation: str | None = None) -> Armed:
        """Let every call of an operation go wrong until ``clear``."""
        armed = Armed(fault, operation)
        with self._lock:
            self._always[operation] = armed
        return armed

    def rate(self, fault: Fault, share: float, rng: Random) -> None:
        """Let a share of all calls go wrong, by chance of a seed."""
        with self._lock:
            self._rates.append((fault, share, rng))

    def clear(self) -> None:
        """Disarm everything, and let go of what waits."""
        with self._lock:
            self._next.clear()
            self._always.clear()
            self._rates.clear()
        self.release()

    def release(self) -> None:
        """Let every wait that is under way end."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for armed in waiting:
            armed.release()

    def take(self, operation: str) -> Armed | None:
        """Return the fault that this call meets, if any; called by the servers."""
        with self._lock:
            armed = self._take(operation)
            if armed is not None:
                self.log.append((operation, armed.fault))
                self._waiting.append(armed)
        return armed

    def _take(self, operation: str) -> Armed | None:
        for armed in self._next:
            if armed.operation in (None, operation):
                self._next.remove(armed)
                return armed
        for name in (operation, None):
            if name in self._always:
                return self._always[name]
        for fault, share, rng in self._rates:
            if rng.random() < share:
                return Armed(fault, delay=0.05)
        return None


class Rehearsal(Protocol):
    """What the demo, the tests and the benchmarks ask of every rehearsal ministry."""

    name: str
    faults: FaultPlan
    calls: Counter[str]

    def start(self) -> None:
        """Begin to serve; harmless when called twice."""

    def stop(self) -> None:
        """Stop serving; harmless when called twice."""

    def down(self) -> None:
        """Refuse every connection, at the same address."""

    def up(self) -> None:
        """Serve again, at the same address."""

    def options(self) -> Mapping[str, Any]:
        """Return ``[options]`` for the system's file, without secrets."""

    def secrets(self) -> Mapping[str, str]:
        """Return the secret options and their values."""

    def records(self) -> list[dict[str, Any]]:
        """Return what it holds: ``ref``, ``code``, ``status`` (national), ``body``, ``updates``."""

    def duplicates(self) -> list[str]:
        """Return the dossier codes held more than once (or with a step shown twice)."""

    def advance(self, limit: int | None = None) -> int:
        """Move dossiers one status on; returns how many moved."""

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a record a status, in the ministry's own word."""

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """File dossiers that are keyed only there; returns their numbers."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What the ministry answers."""

    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpRehearsal(ABC):
    """A ministry behind a real socket on 127.0.0.1; a subclass writes what it answers.

    ``instead`` is what it answers to every call of an operation instead of doing as asked. Calls
    come from many threads: a subclass holds ``lock`` over its register.
    """

    name: str

    def __init__(self) -> None:
        self.faults = FaultPlan()
        self.instead: dict[str, Response] = {}
        self.calls: Counter[str] = Counter()
        self.lock = threading.RLock()
        self._server: Any = None
        self._port = 0
        self._late: list[threading.Thread] = []
        self._counting = threading.Lock()

    @abstractmethod
    def operation(self, request: Request) -> str:
        """Return the name of the operation a request calls."""

    @abstractmethod
    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Apply a request and return the answer; ``fault`` is one the transport can't play."""

    def spoiled(self, response: Response) -> Response:
        """Return an answer that breaks the schema."""
        return Response(b'{"khong": "phai"}', content_type=response.content_type)

    @property
    def address(self) -> str:
        """The address it serves at."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Begin to serve, at the port it had before if it had one."""
        if self._server is None:
            from bridge.sdk.rehearsal_server import serve

            self._server = serve(self._handle, self._port)
            self._port = self._server.server_address[1]

    def stop(self) -> None:
        """Stop serving and let go of every connection."""
        self.faults.release()
        self.down()
        for thread in self._late:
            thread.join(5)
        self._late.clear()

    def down(self) -> None:
        """Refuse connections from now on."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def up(self) -> None:
        """Serve again at the same address."""
        self.start()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _handle(self, request: Request) -> Response | None:
        """Serve one request; ``None`` cuts the connection."""
        operation = self.operation(request)
        with self._counting:
            self.calls[operation] += 1
        if operation in self.instead:
            return self.instead[operation]
        armed = self.faults.take(operation)
        if armed is None:
            return self.answer(request, None)
        from bridge.sdk.rehearsal_server import play

        return play(self, request, armed)

    def later(self, armed: Armed, apply: Callable[[], object]) -> None:
        """Apply something when a fault is released, behind the caller's back."""

        def wait() -> None:
            armed.wait()
            apply()

        thread = threading.Thread(target=wait, daemon=True)
        self._late.append(thread)
        thread.start()


if __name__ == "__main__":
    from bridge.sdk.rehearsal_alone import main

    main()
