"""A fault proxy on 127.0.0.1: what passes between the bridge and another side, and does not.

It knows nothing of what it carries, so it stands before ministries over HTTP and before
PostgreSQL alike. One trouble at a time is on it; ``clear`` ends it. "The request" is what the
client sent since it was answered last, "the answer" what comes back on the same connection.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Upstream: TypeAlias = tuple[str, int] | str
"""Where the other side listens: host and port, or the path of a socket of this machine."""

BLOCK = 65536
SLICES_A_SECOND = 20
"""Into how many pieces limited bandwidth cuts a second."""

TURN_SECONDS = 0.0005
"""How long a thread of this process keeps the interpreter while others want it. At Python's own 5 ms each
statement of a database behind a proxy would wait for whoever computes here, twice."""

RESET = struct.pack("ii", 1, 0)
"""``SO_LINGER`` of a connection that ends with a reset, as one that a firewall tears does."""


class Kind(StrEnum):
    """What a trouble does to a connection."""

    REFUSE = "refuse"
    """Nobody listens, and what was open is torn."""
    DROP = "drop"
    """Everything is swallowed, both ways, until the trouble ends; then the connection is torn."""
    DELAY = "delay"
    """Everything comes late."""
    CUT_BEFORE = "cut_before"
    """Torn before any of the request has arrived."""
    CUT_AFTER_REQUEST = "cut_after_request"
    """The request arrives, its answer never comes."""
    CUT_IN_ANSWER = "cut_in_answer"
    """Half of the answer's first block comes."""
    BANDWIDTH = "bandwidth"
    """Few bytes a second."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble. ``seconds``: how late DELAY is; ``bytes_per_second``: what BANDWIDTH lets by."""

    kind: Kind
    seconds: float = 0.0
    bytes_per_second: int = 0


@dataclass(eq=False)
class _Connection:
    client: socket.socket
    server: socket.socket
    asked: bool = False
    """Whether a request has gone by whose answer is to be cut."""
    swallowed: bool = False

    def tear(self) -> None:
        """End both ends at once."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class FaultProxy:
    """Listens on 127.0.0.1 and carries to ``upstream``. Safe to use from several threads."""

    def __init__(self, name: str, upstream: Upstream) -> None:
        """Nothing listens yet."""
        self.name = name
        self.hits: Counter[Kind] = Counter()
        self._upstream = upstream
        self._port = 0
        self._trouble: Trouble | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._open: set[_Connection] = set()
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, the same for as long as the proxy lives."""
        return self._port

    def start(self) -> None:
        """Begin to listen."""
        sys.setswitchinterval(TURN_SECONDS)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._run(self._accept, listener)

    def stop(self) -> None:
        """Listen no more and tear what is open."""
        self._over.set()
        self._deaf()
        self._tear_all()
        for thread in self._threads:
            thread.join(5)

    def disturb(self, trouble: Trouble) -> None:
        """Let a trouble begin; the one before ends."""
        self.clear()
        with self._lock:
            self._over = threading.Event()
            self._trouble = trouble
        if trouble.kind is Kind.REFUSE:
            self._deaf()
            self.hits[Kind.REFUSE] += self._tear_all()

    def clear(self) -> None:
        """End the trouble: what it held back goes on, what it swallowed is torn."""
        with self._lock:
            self._trouble = None
            swallowed = [one for one in self._open if one.swallowed]
        self._over.set()
        for one in swallowed:
            one.tear()
        if self._listener is None:
            self.start()

    @contextlib.contextmanager
    def disturbed(self, trouble: Trouble) -> Iterator[None]:
        """Have a trouble for as long as the block runs."""
        self.disturb(trouble)
        try:
            yield
        finally:
            self.clear()

    # -- connections

    def _deaf(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def _tear_all(self) -> int:
        with self._lock:
            open_ = list(self._open)
        for one in open_:
            one.tear()
        return len(open_)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = self._connect()
            except OSError:
                client.close()
                continue
            for end in (client, server):
                if end.family == socket.AF_INET:
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one = _Connection(client, server)
            with self._lock:
                self._open.add(one)
            self._run(self._carry, one)

    def _connect(self) -> socket.socket:
        if isinstance(self._upstream, str):
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(self._upstream)
            return server
        return socket.create_connection(self._upstream, 5)

    def _run(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, name=self.name, daemon=True)  # type: ignore[arg-type]
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _carry(self, one: _Connection) -> None:
        back = threading.Thread(
            target=self._pump, args=(one,), kwargs={"out": False}, name=self.name, daemon=True
        )
        back.start()
        self._pump(one, out=True)
        back.join()
        with self._lock:
            self._open.discard(one)
        one.client.close()
        one.server.close()

    def _pump(self, one: _Connection, *, out: bool) -> None:
        source, target = (one.client, one.server) if out else (one.server, one.client)
        try:
            while block := source.recv(BLOCK):
                if not self._pass(one, block, target, out=out):
                    one.tear()
                    return
            target.shutdown(socket.SHUT_WR)
        except OSError:
            one.tear()

    # -- troubles

    def _pass(self, one: _Connection, block: bytes, target: socket.socket, *, out: bool) -> bool:
        """Carry a block as the trouble has it; ``False`` tears the connection."""
        with self._lock:
            trouble, over = self._trouble, self._over
            if trouble is not None and trouble.kind is Kind.DROP:
                one.swallowed = True
            if one.swallowed:
                self.hits[Kind.DROP] += 1
                return True
        if trouble is None:
            target.sendall(block)
            return True
        return self._disturbed(one, trouble, over, block, target, out=out)

    def _disturbed(  # noqa: PLR0913 - a block, its way, and what befalls it
        self,
        one: _Connection,
        trouble: Trouble,
        over: threading.Event,
        block: bytes,
        target: socket.socket,
        *,
        out: bool,
    ) -> bool:
        match trouble.kind, out:
            case (Kind.REFUSE, _) | (Kind.CUT_BEFORE, True):
                pass
            case Kind.CUT_AFTER_REQUEST, True:
                one.asked = True
                target.sendall(block)
                return True
            case Kind.CUT_AFTER_REQUEST, False if one.asked:
                pass
            case Kind.CUT_IN_ANSWER, False:
                target.sendall(block[: len(block) // 2])
            case Kind.DELAY, _:
                self.hits[Kind.DELAY] += 1
                over.wait(trouble.seconds)
                target.sendall(block)
                return True
            case Kind.BANDWIDTH, _:
                self.hits[Kind.BANDWIDTH] += 1
                _trickle(block, target, trouble.bytes_per_second, over)
                return True
            case _:
                target.sendall(block)
                return True
        self.hits[trouble.kind] += 1
        return False


def _trickle(
    block: bytes, target: socket.socket, bytes_per_second: int, over: threading.Event
) -> None:
    """Send a block slowly, and what is left of it at once when the trouble is over."""
    piece = max(1, bytes_per_second // SLICES_A_SECOND)
    sent = 0
    while sent < len(block) and not over.wait(1 / SLICES_A_SECOND):
        target.sendall(block[sent : sent + piece])
        sent += piece
    target.sendall(block[sent:])
