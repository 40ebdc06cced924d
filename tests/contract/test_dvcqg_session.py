"""One session for all threads: it dies without notice and is begun again, once a call."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import respx

from bridge.sdk.errors import AdapterError, AuthFailed, Maintenance, Retryable
from bridge.sdk.records import Answer, Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.dvcqg_bench import Bench, Portal, built, code, dossier, good, kinds, update

DOSSIERS = "DongBoHoSoMC"
DEAD = {"error_code": "-2", "message": "Phiên làm việc không hợp lệ"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Portal() as portal:
        made = Bench(portal)
        yield made
        made.close()


def test_one_login_serves_many_calls(bench: Bench) -> None:
    """The session of the first call is used until it dies."""
    for number in range(1, 6):
        assert good(bench.send(dossier(number)))
    assert bench.portal.calls == {"login": 1, DOSSIERS: 5}


@pytest.mark.parametrize("how", ["ended", "expired"])
def test_a_dead_session_is_begun_again_and_the_same_is_sent_again(bench: Bench, how: str) -> None:
    """-2 costs one login and one more call; the dossier is there once."""
    bench.filed(1)
    if how == "ended":
        bench.portal.end_sessions()
    else:
        bench.portal.faults.next(Fault.EXPIRED_SESSION, operation=DOSSIERS)
    assert good(bench.send(dossier(2)))
    assert bench.portal.calls == {"login": 1, DOSSIERS: 2}
    assert code(2) in bench.held()


@pytest.mark.parametrize("dead", ["-2", -2])
def test_a_second_dead_session_is_tried_again_later(bench: Bench, dead: object) -> None:
    """Twice -2 in one call is Retryable, and there is no third try."""
    bench.filed(1)
    bench.portal.says(DOSSIERS, {**DEAD, "error_code": dead}, {**DEAD, "error_code": dead})
    assert kinds(bench.send(dossier(2), dossier(3))) == [Retryable, Retryable]
    assert bench.portal.calls == {"login": 1, DOSSIERS: 2}
    assert set(bench.held()) == {code(1)}


@pytest.mark.parametrize("refusal", [-1, "-1", "-3"])
def test_only_a_refused_login_is_a_refused_login(bench: Bench, refusal: object) -> None:
    """AuthFailed comes from ``/login`` saying no; the service is not called."""
    bench.portal.says("login", {"error_code": refusal, "message": "Sai tài khoản"})
    assert kinds(bench.send(dossier(1))) == [AuthFailed]
    assert bench.portal.calls == {"login": 1}


def test_a_wrong_password_is_refused_and_not_shown(bench: Bench) -> None:
    """The portal's no to a real wrong password is AuthFailed; no word of it is told."""
    wrong = built({**bench.options, "password": "sai-mat-khau"})
    (answer,) = wrong.submit([dossier()])
    wrong.close()
    assert isinstance(answer, AuthFailed)
    assert "sai-mat-khau" not in f"{answer.reason}{wrong._options!r}"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        {"error_code": 0},
        {"error_code": 0, "session": ""},
        {"error_code": 0, "session": 5},
        {"session": "x"},
        {"error_code": "-99", "message": "Lỗi"},
    ],
)
def test_a_strange_login_is_known_not_applied(
    bench: Bench, answer: dict[str, object] | bytes
) -> None:
    """Whatever the login answers, the dossier was never sent: Retryable, not doubt."""
    bench.portal.says("login", answer)
    assert kinds(bench.send(dossier())) == [Retryable]
    assert bench.portal.calls == {"login": 1}
    assert good(bench.send(dossier()))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.ERROR_502, Retryable),
        (Fault.TOO_MANY, Retryable),
        (Fault.PAGE_503, Maintenance),
    ],
)
def test_a_login_that_fails_leaves_no_doubt(
    bench: Bench, fault: Fault, kind: type[AdapterError]
) -> None:
    """A login whose answer is lost is no write: what was to be sent is not in doubt."""
    bench.portal.faults.next(fault, operation="login")
    assert kinds(bench.send(dossier())) == [kind]
    assert not bench.held()


def test_a_login_refused_after_the_session_died_is_told_as_such(bench: Bench) -> None:
    """The account is closed overnight: the first call of the day says so."""
    bench.filed(1)
    bench.portal.end_sessions()
    bench.portal.says("login", {"error_code": -1, "message": "khóa"})
    assert kinds(bench.send(dossier(2))) == [AuthFailed]
    assert good(bench.send(dossier(2)))


@pytest.fixture
def patient() -> Iterator[Bench]:
    """A bench that waits long: its claim is not about time, and the machine may be busy."""
    with Portal() as portal:
        made = Bench(portal, timeout=60.0)
        yield made
        made.close()


def test_threads_share_one_session_and_one_renewal(patient: Bench) -> None:
    """Sixteen threads begin one session; after it died in front of all, one more."""
    barrier = threading.Barrier(16)

    def flood(first: int) -> list[Answer]:
        answers: list[Answer] = []

        def send(number: int) -> None:
            barrier.wait(60)
            answers.extend(patient.send(dossier(number)))

        threads = [threading.Thread(target=send, args=(first + n,)) for n in range(16)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return answers

    assert good(flood(1))
    assert patient.portal.calls["login"] == 1
    patient.portal.end_sessions()
    answers = flood(101)
    assert (len(answers), good(answers)) == (16, True)
    assert patient.portal.calls["login"] == 2
    assert len(patient.held()) == 32


def test_a_session_that_another_thread_renewed_is_used(bench: Bench) -> None:
    """A -2 about the session before last does not begin a third one."""
    bench.filed(1)
    client = bench.adapter._client
    dead = client._session
    bench.portal.end_sessions()
    assert good(bench.send(update(1)))
    assert client._begin(dead) == client._session
    assert bench.portal.calls["login"] == 1


@pytest.mark.parametrize("where", ["header", "query"])
def test_the_route_of_a_gateway_goes_where_it_is_wanted(bench: Bench, where: str) -> None:
    """``dstcode`` is a header or a parameter of every call, the login included."""
    routed = built({**bench.options, "dstcode": "VN:GOV:vpcp", "dstcode_in": where})
    routes = []
    for call in (routed._client.login, lambda: routed.submit([dossier()])):
        call()
        routes.append(bench.portal.route)
    routed.close()
    shown = ("VN:GOV:vpcp", "") if where == "header" else (None, "?dstcode=VN%3AGOV%3Avpcp")
    assert routes == [(shown[0], f"/login{shown[1]}"), (shown[0], f"/service{shown[1]}")]


def test_without_a_route_none_is_sent(bench: Bench) -> None:
    """No ``dstcode`` in the options, none on the wire."""
    bench.send(dossier())
    assert bench.portal.route == (None, "/service")


def test_the_paths_are_configuration() -> None:
    """``login_path`` and ``service_path`` stand under the base address."""
    base = "https://lgsp.example.vn/cong"
    adapter = built(
        {
            "base_url": f"{base}/",
            "username": "u",
            "password": "p",
            "agency": "000.00.00.H40",
            "login_path": "/dang-nhap",
            "service_path": "/dich-vu",
        }
    )
    with respx.mock:
        respx.post(f"{base}/dang-nhap").respond(json={"session": "x", "error_code": 0})
        respx.post(f"{base}/dich-vu").respond(json={"error_code": "0", "message": ""})
        assert adapter.submit([dossier()]) == [Receipt(ref=code())]
    adapter.close()


def test_it_speaks_to_nobody_until_it_is_asked() -> None:
    """Building an adapter for an address where nobody lives is no error, nor is closing it."""
    adapter = built(
        {"base_url": "http://127.0.0.1:1", "username": "u", "password": "p", "agency": "a"}
    )
    adapter.close()
    adapter.close()
