"""Tokens die early, at the gateway and at the ministry behind it; nothing is in doubt for that."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bridge.sdk.errors import AuthFailed, Retryable
from bridge.sdk.records import Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.lltp_bench import Bench, Clock, Ministry, built, dossier, error, text_of

FILE, CHANGES = "nhanHoSoDangKy", "traDsTrangThaiHs"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Ministry() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


@pytest.mark.parametrize("how", ["revoked", "expired", "refused"])
def test_a_dead_token_is_renewed_once_and_the_same_is_sent_again(bench: Bench, how: str) -> None:
    """401, or the ministry's own error 100: a new token, the same request, filed once."""
    bench.filed(1)
    if how == "revoked":
        bench.ministry.revoke()
    elif how == "expired":
        bench.ministry.faults.next(Fault.EXPIRED_SESSION, operation=FILE)
    else:
        bench.ministry.says(FILE, error("100", "Sai token"))
    assert isinstance(bench.send(dossier(2))[0], Receipt)
    assert (bench.ministry.calls["token"], bench.ministry.calls[FILE]) == (1, 2)
    assert len(bench.ministry.records()) == 2


@pytest.mark.parametrize("number", ["100", 100])
def test_a_token_refused_twice_closes_the_system(bench: Bench, number: object) -> None:
    """A new token is refused too: our login is, and nothing is tried a third time."""
    bench.ministry.says(FILE, *[error(number)] * 2)  # type: ignore[arg-type]
    assert isinstance(bench.send(dossier())[0], AuthFailed)
    assert bench.ministry.calls == {"token": 2, FILE: 2}


def test_a_token_that_dies_in_the_feed_is_renewed(bench: Bench) -> None:
    """The page is read with the next one."""
    bench.filed()
    bench.ministry.advance()
    bench.ministry.faults.next(Fault.EXPIRED_SESSION, operation=CHANGES)
    assert len(bench.poll()) == 1


def test_a_client_the_gateway_does_not_know_is_a_refused_login(bench: Bench) -> None:
    """AuthFailed, and the secret is in no message."""
    adapter = built({**bench.options, "client_secret": "sai-hoan-toan"}, Clock())
    (answer,) = adapter.submit([dossier()])
    assert isinstance(answer, AuthFailed)
    assert "sai-hoan-toan" not in text_of(answer)
    with pytest.raises(AuthFailed):
        adapter.changes(None)
    adapter.close()


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_502, Fault.HTML_200])
def test_what_goes_wrong_at_the_token_leaves_no_doubt(bench: Bench, fault: Fault) -> None:
    """The dossier was not sent: it is sent again later."""
    bench.ministry.faults.next(fault, operation="token")
    assert isinstance(bench.send(dossier())[0], Retryable)
    assert bench.ministry.calls[FILE] == 0


def test_threads_share_one_token_and_one_renewal(bench: Bench) -> None:
    """Eight threads find it dead: one gets the next, each is filed once."""
    bench.filed(99)
    bench.ministry.revoke()
    threads = [
        threading.Thread(target=bench.send, args=(dossier(number),)) for number in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bench.ministry.records()) == 9
    assert bench.ministry.calls["token"] == 1


def test_feed_and_filing_side_by_side(bench: Bench) -> None:
    """One thread reads while others file: every reception is read, none twice in one list."""
    read: list[str] = []
    going = threading.Event()

    def reading() -> None:
        while not going.is_set():
            read.extend(one.ref for one in bench.poll())  # type: ignore[union-attr]

    reader = threading.Thread(target=reading)
    reader.start()
    writers = [threading.Thread(target=bench.send, args=(dossier(n),)) for n in range(1, 13)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    going.set()
    reader.join()
    read.extend(one.ref for one in bench.poll())  # type: ignore[union-attr]
    assert set(read) == {one["ref"] for one in bench.ministry.records()}


def test_it_speaks_to_nobody_until_it_is_asked() -> None:
    """It is made without a call, closed without a call, and closed twice without harm."""
    with Ministry() as ministry:
        bench = Bench(ministry)
        bench.adapter.close()
        bench.adapter.close()
        assert not ministry.calls
