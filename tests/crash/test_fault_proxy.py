"""The fault proxy itself: each of its troubles is what its name says, over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest

from tools.chaos.proxy import FaultProxy, Kind, Trouble
from tools.chaos.weather import forecast

HALF = 500


class Server:
    """Answers a line with a thousand bytes; ``heard`` counts the lines that arrived."""

    def __init__(self) -> None:
        self.heard = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = ("127.0.0.1", self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while client.recv(100):
                self.heard += 1
                client.sendall(b"x" * 2 * HALF)


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    one = FaultProxy("one", server.address)
    one.start()
    yield one
    one.stop()


def ask(proxy: FaultProxy, seconds: float = 5.0) -> int:
    """Ask over the proxy; returns how many bytes of the answer came before the connection ended."""
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
        client.settimeout(seconds)
        client.sendall(b"how are you?\n")
        got = 0
        with suppress(OSError):
            while got < 2 * HALF and (block := client.recv(2 * HALF)):
                got += len(block)
        return got


def has_hit(proxy: FaultProxy, kind: Kind) -> None:
    """Wait until a trouble has befallen something."""
    pause = threading.Event()
    for _ in range(3000):
        if proxy.hits[kind]:
            return
        pause.wait(0.01)
    raise AssertionError(f"{kind} befell nothing")


def test_without_trouble_everything_passes(proxy: FaultProxy, server: Server) -> None:
    """Every byte, both ways."""
    assert ask(proxy) == 2 * HALF
    assert server.heard == 1


@pytest.mark.parametrize(
    ("kind", "heard", "got"),
    [
        (Kind.CUT_BEFORE, 0, 0),
        (Kind.CUT_AFTER_REQUEST, 1, 0),
        (Kind.CUT_IN_ANSWER, 1, HALF),
    ],
)
def test_a_cut_comes_where_it_says(
    proxy: FaultProxy, server: Server, kind: Kind, heard: int, got: int
) -> None:
    """Before the request, after it, within the answer; afterwards all is well at the same port."""
    with proxy.disturbed(Trouble(kind)):
        assert ask(proxy) == got
    assert server.heard == heard
    assert proxy.hits[kind] == 1
    assert ask(proxy) == 2 * HALF


def test_who_is_refused_reaches_nobody(proxy: FaultProxy, server: Server) -> None:
    """An open connection is torn, a new one refused; then somebody listens at the same port."""
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as before:
        before.sendall(b"hello\n")
        assert before.recv(2 * HALF)
        with proxy.disturbed(Trouble(Kind.REFUSE)):
            with suppress(ConnectionResetError):
                while before.recv(2 * HALF):
                    pass
            with pytest.raises(ConnectionRefusedError):
                ask(proxy)
    assert server.heard == 1
    assert ask(proxy) == 2 * HALF


def test_what_is_dropped_ends_with_the_trouble(proxy: FaultProxy, server: Server) -> None:
    """Swallowed, and nobody is told while it goes on; then the connection is torn."""
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
        client.settimeout(5)
        with proxy.disturbed(Trouble(Kind.DROP)):
            client.sendall(b"hello?\n")
            has_hit(proxy, Kind.DROP)
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert server.heard == 0


@pytest.mark.parametrize(
    "trouble", [Trouble(Kind.DELAY, seconds=60), Trouble(Kind.BANDWIDTH, bytes_per_second=20)]
)
def test_what_is_slow_comes_whole_when_the_trouble_ends(
    proxy: FaultProxy, server: Server, trouble: Trouble
) -> None:
    """It would take a minute: ended before that, what was held back comes at once."""
    proxy.disturb(trouble)
    answer: list[int] = []
    asking = threading.Thread(target=lambda: answer.append(ask(proxy, 30)))
    asking.start()
    has_hit(proxy, trouble.kind)
    assert answer == []
    proxy.clear()
    asking.join(30)
    assert answer == [2 * HALF]


def test_a_seed_always_has_the_same_weather() -> None:
    """Two forecasts of a seed are one; every trouble comes in it."""
    spells = [one for one, _ in zip(forecast(Random(3), ["a", "b"]), range(200), strict=False)]
    again = [one for one, _ in zip(forecast(Random(3), ["a", "b"]), range(200), strict=False)]
    assert spells == again
    assert {one.trouble.kind for one in spells} == set(Kind)
