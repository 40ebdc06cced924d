"""The gateway's tokens: got when owed, shared, renewed once a call, and never a reason for doubt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, AuthFailed, InDoubt, Maintenance, Retryable
from bridge.sdk.gateway import Gateway, GatewayOptions
from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.rehearsal_gateway import GatewayRehearsal, as_json

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


class Ministry(GatewayRehearsal):
    """Counts what it applied."""

    name = "pretend"

    def __init__(self) -> None:
        super().__init__()
        self.applied: list[bytes] = []
        self.given: object = None

    def answer(self, request: Request, fault: Fault | None) -> Response:
        return super().answer(request, fault) if self.given is None else as_json(self.given)

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        del operation, fault
        self.applied.append(request.body)
        return as_json({"taken": len(self.applied)})


class Bench:
    """A gateway before its ministry, and a clock."""

    def __init__(self, ministry: Ministry) -> None:
        self.ministry = ministry
        self.now = NOW
        self.gateway = self.open()

    def open(self, **other: str) -> Gateway:
        secret = SecretStr(other.pop("client_secret", self.ministry.secrets()["client_secret"]))
        options = GatewayOptions(**{**self.ministry.options(), **other}, client_secret=secret)
        context = AdapterContext("pretend", Path(), 5.0, 4, lambda: self.now)
        return Gateway(options, context)

    def write(self, gateway: Gateway | None = None) -> object:
        reply = (gateway or self.gateway).call("POST", "/nop", write=True, json={"ma": 1})
        return orjson.loads(reply.content)

    def error(self, gateway: Gateway | None = None) -> AdapterError:
        with pytest.raises(AdapterError) as caught:
            self.write(gateway)
        return caught.value


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Ministry() as ministry:
        made = Bench(ministry)
        yield made
        made.gateway.close()
        made.gateway.close()


def test_one_token_serves_many_calls(bench: Bench) -> None:
    """The token of the first call is used until it is about to end."""
    for _ in range(4):
        bench.write()
    assert bench.ministry.calls == {"token": 1, "nop": 4}
    bench.now += timedelta(seconds=3571)
    bench.write()
    assert bench.ministry.calls == {"token": 2, "nop": 5}


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_a_refused_token_is_renewed_once_and_the_same_is_sent_again(bench: Bench, how: str) -> None:
    """401 proves that nothing was applied: one new token, one more call, applied once."""
    bench.write()
    if how == "revoked":
        bench.ministry.revoke()
    else:
        bench.ministry.faults.next(Fault.EXPIRED_SESSION, operation="nop")
    bench.write()
    assert bench.ministry.calls == {"token": 2, "nop": 3}
    assert len(bench.ministry.applied) == 2


def test_a_new_token_that_is_refused_closes_the_system(bench: Bench) -> None:
    """A second 401 is AuthFailed, not a loop."""
    bench.ministry.faults.next(Fault.EXPIRED_SESSION, operation="nop", count=2)
    assert isinstance(bench.error(), AuthFailed)
    assert bench.ministry.calls == {"token": 2, "nop": 2}
    assert bench.ministry.applied == []


def test_a_ministry_that_refuses_the_token_itself_is_met_like_a_401(bench: Bench) -> None:
    """The gateway lets it through, the ministry does not: one new token, one more call."""
    said = iter([b'{"taken":1}', b'{"taken":2}'])
    bench.gateway.close()
    options = GatewayOptions(
        **bench.ministry.options(),
        client_secret=SecretStr(bench.ministry.secrets()["client_secret"]),
    )
    context = AdapterContext("pretend", Path(), 5.0, 4, lambda: bench.now)
    refusing = Gateway(options, context, refuses=lambda reply: reply.content == next(said))
    assert bench.write(refusing) == {"taken": 2}
    assert bench.ministry.calls == {"token": 2, "nop": 2}
    refusing.close()


def test_a_client_the_gateway_does_not_know_is_a_refused_login(bench: Bench) -> None:
    """The secret is in no message."""
    gateway = bench.open(client_secret="sai-hoan-toan")
    error = bench.error(gateway)
    assert isinstance(error, AuthFailed)
    assert "sai-hoan-toan" not in str(error)
    gateway.close()


@pytest.mark.parametrize(
    "fault", [Fault.LOST_ANSWER, Fault.ERROR_502, Fault.TRUNCATED, Fault.HTML_200, Fault.TOO_MANY]
)
def test_what_goes_wrong_at_the_token_is_known_not_applied(bench: Bench, fault: Fault) -> None:
    """Whatever the token endpoint does, the write was not sent."""
    bench.ministry.faults.next(fault, operation="token")
    assert isinstance(bench.error(), Retryable)
    assert bench.ministry.calls == {"token": 1}
    bench.write()
    assert len(bench.ministry.applied) == 1


@pytest.mark.parametrize("answer", [[], {}, {"access_token": ""}, {"access_token": "a\nb"}])
def test_an_answer_without_a_token_is_known_not_applied(bench: Bench, answer: object) -> None:
    """A token is printable text, or there is none."""
    bench.ministry.given = answer
    assert isinstance(bench.error(), Retryable)


def test_a_gateway_in_front_of_a_silent_ministry_leaves_a_write_in_doubt(bench: Bench) -> None:
    """502 says that the ministry may have applied it; a page of maintenance says it did not."""
    bench.ministry.faults.next(Fault.ERROR_502, operation="nop")
    assert isinstance(bench.error(), InDoubt)
    bench.ministry.faults.next(Fault.PAGE_503, operation="nop")
    assert isinstance(bench.error(), Maintenance)


def test_threads_that_find_a_dead_token_get_one_new_one(bench: Bench) -> None:
    """Eight threads, one revoked token: every call is applied once, one token is got."""
    bench.write()
    bench.ministry.revoke()
    threads = [threading.Thread(target=bench.write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bench.ministry.applied) == 9
    assert bench.ministry.calls["token"] == 2


def test_the_login_can_be_tried_alone(bench: Bench) -> None:
    """What ``check`` asks: a new token, and the answer it came in."""
    assert bench.gateway.log_in().status == 200
    assert bench.ministry.calls == {"token": 1}
