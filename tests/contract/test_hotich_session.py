"""hotich's tokens: one for all, renewed once a call, whoever refuses it; nothing without a call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.sdk.errors import AuthFailed, Maintenance, Retryable
from bridge.sdk.records import Answer, Receipt
from bridge.sdk.rehearsal import Fault
from bridge.sdk.rehearsal_gateway import as_json
from tests.contract.hotich_bench import Bench, built, command, good

FILE, LIST = "dangKyHoTich", "dsHoSoDangKy"
BAD_TOKEN = {"status": 0, "errorCode": 100, "errorMessage": "AUTHEN_ERROR"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


@pytest.mark.parametrize("how", ["revoked", "expired", "refused by the ministry"])
def test_a_dead_token_is_renewed_and_the_same_is_sent_again(bench: Bench, how: str) -> None:
    """401 of the gateway and 100 of the ministry cost one token and one more call."""
    bench.filed(1)
    if how == "revoked":
        bench.ministry.revoke()
    elif how == "expired":
        bench.ministry.faults.next(Fault.EXPIRED_SESSION, operation=FILE)
    else:
        bench.ministry.says(FILE, BAD_TOKEN)
    assert bench.send(command(2)) == [Receipt()]
    assert bench.ministry.calls == {FILE: 2, "token": 1}
    assert len(bench.ministry.records()) == 2


def test_a_token_that_is_refused_twice_is_a_refused_login(bench: Bench) -> None:
    """There is no third try, on a write or on a read, and nothing was applied."""
    bench.filed(1)
    bench.ministry.says(FILE, BAD_TOKEN, BAD_TOKEN)
    assert [type(one) for one in bench.send(command(2))] == [AuthFailed]
    bench.ministry.says(LIST, BAD_TOKEN, BAD_TOKEN)
    with pytest.raises(AuthFailed):
        bench.adapter.changes(None)
    assert bench.ministry.calls == {FILE: 2, LIST: 2, "token": 2}
    assert len(bench.ministry.records()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.ERROR_502, Retryable),
        (Fault.HTML_200, Retryable),
        (Fault.PAGE_503, Maintenance),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["the first token", "a new one after 100"])
def test_a_token_that_cannot_be_had_leaves_no_doubt(
    bench: Bench, fault: Fault, kind: type[Answer], first: bool
) -> None:
    """Whatever the gateway answers, nothing was applied: sent again, the dossier is there once."""
    if not first:
        bench.filed(1)
        bench.ministry.says(FILE, BAD_TOKEN)
    bench.ministry.faults.next(fault, operation="token")
    assert [type(one) for one in bench.send(command(2))] == [kind]
    assert bench.send(command(2)) == [Receipt()]
    assert len(bench.ministry.records()) == (1 if first else 2)


def test_a_wrong_secret_is_refused_and_not_shown(bench: Bench) -> None:
    """The gateway's no is AuthFailed; no word of the secret is told."""
    wrong = built({**bench.options, "client_secret": "sai-bi-mat"})
    (answer,) = wrong.submit([command()])
    wrong.close()
    assert isinstance(answer, AuthFailed)
    assert "sai-bi-mat" not in f"{answer.reason}{wrong._options!r}"
    assert not bench.ministry.records()


def test_threads_share_one_token_and_one_renewal(bench: Bench) -> None:
    """Eight threads get one token; after it died in front of all, one more."""
    barrier = threading.Barrier(8)

    def flood(first: int) -> list[Answer]:
        answers: list[Answer] = []

        def send(number: int) -> None:
            barrier.wait(20)
            answers.extend(bench.send(command(number)))

        threads = [threading.Thread(target=send, args=(first + n,)) for n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return answers

    assert flood(1) == [Receipt()] * 8
    assert bench.ministry.calls["token"] == 1
    bench.ministry.revoke()
    assert flood(101) == [Receipt()] * 8
    assert bench.ministry.calls["token"] == 2
    assert len(bench.ministry.records()) == 16


def test_writing_and_reading_at_once_do_each_other_no_harm(bench: Bench) -> None:
    """While one thread files, another reads the feed, and tokens die between them."""
    records: list[Any] = []

    def read() -> None:
        for _ in range(10):
            bench.ministry.revoke()
            records.append(good(bench.round()[0]))

    reader = threading.Thread(target=read)
    reader.start()
    answers = bench.send(*(command(n) for n in range(1, 21)))
    reader.join()
    assert len(records) == 10
    assert {type(one) for one in answers} <= {Receipt, AuthFailed}
    assert len(good(bench.round()[0])) == sum(isinstance(one, Receipt) for one in answers)


def test_it_speaks_to_nobody_until_it_is_asked() -> None:
    """Building an adapter for an address where nobody lives is no error, nor is closing it."""
    options = {
        "base_url": "http://127.0.0.1:1/x",
        "token_url": "http://127.0.0.1:1/token",
        "client_id": "a",
        "client_secret": "b",
        "agency": 36,
    }
    adapter = built(options)
    adapter.close()
    adapter.close()


def test_a_page_of_the_gateway_is_no_answer(bench: Bench) -> None:
    """404 where a service should be: in doubt for a write, for nobody said it was not applied."""
    bench.ministry.says(FILE, as_json({"fault": "no such path"}, 404))
    (answer,) = bench.send(command())
    assert "404" in str(answer)
