"""What httpx and HTTP say is told in the sdk's words, and nothing sent is ever taken for not sent."""

from __future__ import annotations

import gc
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import orjson
import pytest
import respx

from bridge.sdk import http
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.http import (
    KNOWN_NOT_SENT,
    MAY_BE_SENT,
    HttpClient,
    HttpOptions,
    Reply,
    clock_difference,
    nfc,
    status_outcome,
)
from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
ADDRESS = "https://portal.example.vn"


class Echo(HttpRehearsal):
    """Answers with what it was sent."""

    name = "echo"

    def operation(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request, fault: Fault | None) -> Response:
        del fault
        return Response(
            orjson.dumps(
                {
                    "method": request.method,
                    "path": request.path,
                    "authorization": request.headers.get("authorization"),
                    "content_type": request.headers.get("content-type"),
                    "route": request.headers.get("dstcode"),
                    "body": request.body.decode(),
                }
            )
        )


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as server:
        yield server


def client(address: str, *, timeout: float = 5.0, allow_insecure: bool = False) -> HttpClient:
    context = AdapterContext(
        "dvcqg", Path(), timeout, 4, lambda: NOW, allow_insecure=allow_insecure
    )
    return HttpClient(address, context=context, options=HttpOptions())


@pytest.fixture
def wire(echo: Echo) -> Iterator[HttpClient]:
    made = client(echo.address)
    yield made
    made.close()


def said(made: HttpClient, *, write: bool, path: str = "/x") -> AdapterError:
    """Return the error a call ends with."""
    with pytest.raises(AdapterError) as caught:
        made.request("POST", path, write=write, json={})
    return caught.value


# -- what may go wrong on the way


def _kinds(of: type[httpx.HTTPError]) -> Iterator[type[httpx.HTTPError]]:
    below = of.__subclasses__()
    for one in below:
        yield from _kinds(one)
    if not below:
        yield of


HANDLED_APART = {
    httpx.InvalidURL,  # caught by name: never sent
    httpx.HTTPStatusError,  # only raise_for_status raises it, and nobody calls that
    httpx.CookieConflict,  # only reading one cookie of several raises it
    httpx.StreamError,  # only bodies that are read in pieces raise it
}


def test_every_failure_httpx_knows_is_classified() -> None:
    """A new httpx with an exception nobody has judged fails here, before it fails in a town."""
    judged = {*KNOWN_NOT_SENT, *MAY_BE_SENT}
    assert len(judged) == len(KNOWN_NOT_SENT) + len(MAY_BE_SENT)
    assert set(_kinds(httpx.HTTPError)) - {httpx.HTTPStatusError} == judged
    public = [getattr(httpx, name) for name in httpx.__all__]
    raised = {one for one in public if isinstance(one, type) and issubclass(one, Exception)}
    left = {
        one for one in raised if not issubclass(one, (httpx.RequestError, httpx.StreamError))
    } - {httpx.HTTPError}
    assert left | {httpx.StreamError} == HANDLED_APART


@pytest.mark.parametrize("kind", KNOWN_NOT_SENT)
@pytest.mark.parametrize("write", [True, False])
def test_what_was_never_sent_may_be_sent_again(kind: type[httpx.HTTPError], write: bool) -> None:
    """A failure of the allow-list is Retryable, on a write as on a read."""
    made = client(ADDRESS)
    with respx.mock:
        respx.post(f"{ADDRESS}/x").mock(side_effect=kind("why"))
        error = said(made, write=write)
    made.close()
    assert isinstance(error, Retryable)
    assert error.unreachable is (kind is not httpx.PoolTimeout)


@pytest.mark.parametrize("kind", MAY_BE_SENT)
def test_what_may_have_been_sent_is_doubt_on_a_write_only(kind: type[httpx.HTTPError]) -> None:
    """A failure after sending leaves a write in doubt; a read is simply asked again."""
    made = client(ADDRESS)
    with respx.mock:
        respx.post(f"{ADDRESS}/x").mock(side_effect=kind("why"))
        errors = said(made, write=True), said(made, write=False)
    made.close()
    assert [type(one) for one in errors] == [InDoubt, Retryable]
    assert not (isinstance(errors[1], Retryable) and errors[1].unreachable)


def test_a_refused_connection_is_known_not_sent() -> None:
    """Where nobody listens nothing was applied, and the reason says so."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    made = client(f"http://127.0.0.1:{port}")
    error = said(made, write=True)
    made.close()
    assert isinstance(error, Retryable)
    assert error.unreachable
    assert error.reason == f"127.0.0.1:{port}: connection refused"


@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.LOST_ANSWER, Fault.TRUNCATED])
def test_a_cut_connection_leaves_a_write_in_doubt(
    echo: Echo, wire: HttpClient, fault: Fault
) -> None:
    """Whether the server had read it can't be told apart, so it never counts as not sent."""
    wire.request("POST", "/x", write=True, json={})  # the connection is an old one
    echo.faults.next(fault, count=2)
    assert isinstance(said(wire, write=True), InDoubt)
    assert isinstance(said(wire, write=False), Retryable)


def test_a_silent_server_leaves_a_write_in_doubt(echo: Echo) -> None:
    """The wait for an answer ends with the context's timeout, in doubt."""
    made = client(echo.address, timeout=0.05)
    armed = echo.faults.next(Fault.SLOW)
    error = said(made, write=True)
    armed.release()
    made.close()
    assert isinstance(error, InDoubt)
    assert "ReadTimeout" in error.reason


def test_no_request_is_repeated_behind_our_back(echo: Echo, wire: HttpClient) -> None:
    """A cut connection makes one call at the server, not two."""
    echo.faults.next(Fault.CUT_BEFORE)
    said(wire, write=True)
    assert echo.calls["/x"] == 1


def test_an_address_that_is_none_is_known_not_sent() -> None:
    """A port that is no number never reaches a socket, and says so plainly."""
    made = client("https://portal.example.vn:x")
    error = said(made, write=True)
    assert isinstance(error, Retryable)
    assert error.reason == "the address can't be read"


def test_a_path_httpx_will_not_send_is_known_not_sent() -> None:
    """What httpx refuses as a URL was never sent, on a write too."""
    made = client(ADDRESS)
    error = said(made, write=True, path="/\x00")
    made.close()
    assert isinstance(error, Retryable)


@pytest.mark.parametrize("body", ["\ud800", 2**64, {1: 2}])
def test_a_body_json_can_not_hold_is_refused_and_never_sent(
    echo: Echo, wire: HttpClient, body: object
) -> None:
    """Half a character or a number too great is a dead letter, not a doubt."""
    with pytest.raises(Rejected) as refused:
        wire.request("POST", "/x", write=True, json={"a": body})
    assert refused.value.code == "json"
    assert not echo.calls


# -- what is sent


def test_a_request_is_sent_as_told(wire: HttpClient) -> None:
    """Method, path, parameters, headers, login and JSON arrive as they were given."""
    reply = wire.request(
        "POST",
        "/a/b",
        write=True,
        json={"Tên": "Ổn"},
        headers={"dstcode": "VN:GOV"},
        params={"q": "á"},
        auth=("u", "p"),
    )
    assert reply.json() == {
        "method": "POST",
        "path": "/a/b?q=%C3%A1",
        "authorization": "Basic dTpw",
        "content_type": "application/json; charset=utf-8",
        "route": "VN:GOV",
        "body": '{"Tên":"Ổn"}',
    }
    assert (reply.status, reply.at) == (200, NOW)


def test_raw_content_goes_as_it_is(wire: HttpClient) -> None:
    """Bytes are sent untouched, under the type the caller names."""
    reply = wire.request(
        "POST", "/x", write=False, content=b"a=1", headers={"content-type": "text/plain"}
    )
    assert (reply.json()["body"], reply.json()["content_type"]) == ("a=1", "text/plain")


def test_a_redirect_is_an_answer_not_a_journey() -> None:
    """A write that is answered with another address is in doubt; nobody goes there."""
    made = client(ADDRESS)
    with respx.mock(assert_all_called=False) as router:
        router.post(f"{ADDRESS}/x").respond(307, headers={"location": f"{ADDRESS}/y"})
        elsewhere = router.post(f"{ADDRESS}/y")
        reply = made.request("POST", "/x", write=True, json={})
    made.close()
    assert not elsewhere.called
    assert isinstance(status_outcome(reply, write=True), InDoubt)


@respx.mock
def test_a_cookie_that_a_server_sets_comes_with_the_next_call() -> None:
    """What balances the load in front of a ministry keeps calls together by one."""
    made = client(ADDRESS)
    set_one = httpx.Response(200, headers={"set-cookie": "node=b2; Path=/"})
    route = respx.get(f"{ADDRESS}/x").mock(side_effect=[set_one, httpx.Response(200)])
    for _ in range(2):
        made.request("GET", "/x", write=False)
    made.close()
    first, second = (call.request.headers for call in route.calls)
    assert "cookie" not in first
    assert second["cookie"] == "node=b2"


def test_it_connects_only_when_asked_and_closes_twice_in_peace() -> None:
    """Making one opens nothing, and closing is harmless however often."""
    made = client("http://127.0.0.1:1")
    made.close()
    made.close()


def test_threads_share_few_connections(echo: Echo, wire: HttpClient) -> None:
    """Twenty threads are served over at most five connections, each with its own answer."""
    found: list[str] = []

    def ask(number: int) -> None:
        reply = wire.request("POST", f"/{number}", write=True, json=number)
        found.append(reply.json()["path"])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == sorted(f"/{n}" for n in range(20))
    assert 1 <= len(wire._connections._idle) <= http.CONNECTIONS


# -- what is answered


def reply_of(
    status: int = 200, content: bytes = b"", *, at: datetime = NOW, **headers: str
) -> Reply:
    return Reply(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, content, at
    )


def test_a_byte_order_mark_is_forgiven() -> None:
    """JSON behind a BOM is JSON."""
    assert reply_of(content=b'\xef\xbb\xbf{"a": 1}').json() == {"a": 1}


@pytest.mark.parametrize("content", ["<html>Nguyễn Văn Mẫu</html>".encode(), b"", b'{"a', b"\xff"])
def test_what_is_no_json_is_told_without_its_content(content: bytes) -> None:
    """The evidence names the kind and the size, never a word of the body."""
    with pytest.raises(ContractBroken) as broken:
        reply_of(content=content, content_type="text/html").json()
    assert broken.value.evidence == f"expected JSON, got text/html of {len(content)} bytes"
    assert broken.value.__cause__ is None


@pytest.mark.parametrize(
    ("status", "on_write", "on_read"),
    [
        (401, AuthFailed, AuthFailed),
        (429, Retryable, Retryable),
        (503, Retryable, Retryable),
        (500, InDoubt, Retryable),
        (502, InDoubt, Retryable),
        (504, InDoubt, Retryable),
        (302, InDoubt, Retryable),
        (400, InDoubt, Retryable),
        (404, InDoubt, Retryable),
    ],
)
def test_a_status_proves_only_what_the_contract_says(
    status: int, on_write: type[AdapterError], on_read: type[AdapterError]
) -> None:
    """401, 429 and 503 prove that a write was not applied; no other failure does."""
    reply = reply_of(status)
    found = status_outcome(reply, write=True), status_outcome(reply, write=False)
    assert [type(one) for one in found] == [on_write, on_read]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_error(status: int) -> None:
    """What begins with 2 is left to the adapter."""
    assert status_outcome(reply_of(status), write=True) is None


HTTP_DATE = format_datetime(NOW + timedelta(minutes=2), usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (HTTP_DATE, 120.0),
        (HTTP_DATE.replace("GMT", "-0000"), 120.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0.0),
        ("9" * 30, http.LONGEST_WAIT),
        ("-5", http.UNSAID_WAIT),
        ("nan", http.UNSAID_WAIT),
        ("soon", http.UNSAID_WAIT),
        ("", http.UNSAID_WAIT),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float) -> None:
    """Seconds or a date; nonsense is as if it were not said, and no wait is longer than a day."""
    error = status_outcome(reply_of(429, retry_after=header), write=True)
    assert isinstance(error, Retryable)
    assert error.after == seconds


def test_a_date_to_come_back_at_counts_by_the_servers_own_clock() -> None:
    """A server whose clock is an hour behind still means two minutes."""
    behind = NOW - timedelta(hours=1)
    error = status_outcome(
        reply_of(
            429,
            retry_after=format_datetime(behind + timedelta(minutes=2), usegmt=True),
            date=format_datetime(behind, usegmt=True),
        ),
        write=True,
    )
    assert isinstance(error, Retryable)
    assert error.after == 120.0


def test_a_503_with_a_page_is_maintenance_until_told() -> None:
    """A page for people means closed, until the engine's now and Retry-After."""
    page = reply_of(503, content_type="text/html; charset=utf-8", retry_after="3600")
    closed = status_outcome(page, write=True)
    assert isinstance(closed, Maintenance)
    assert closed.until == NOW + timedelta(hours=1)
    unsaid = status_outcome(reply_of(503, content_type="TEXT/HTML"), write=True)
    assert isinstance(unsaid, Maintenance)
    assert unsaid.until is None


def test_a_bare_503_is_only_a_bad_moment() -> None:
    """Without a page the gateway is overloaded, not closed: the wait it asks for is kept."""
    error = status_outcome(
        reply_of(503, content_type="application/json", retry_after="7"), write=True
    )
    assert isinstance(error, Retryable)
    assert error.after == 7.0


@pytest.mark.parametrize(
    ("date", "difference"),
    [
        (format_datetime(NOW + timedelta(minutes=6), usegmt=True), timedelta(minutes=6)),
        (format_datetime(NOW, usegmt=True).replace("GMT", "-0000"), timedelta(0)),
        ("hôm nay", None),
        ("", None),
    ],
)
def test_the_servers_clock_is_compared_with_ours(date: str, difference: timedelta | None) -> None:
    """The Date header tells how far ahead the server is; without a good one nothing is told."""
    assert clock_difference(reply_of(date=date), NOW) == difference


def test_no_text_of_an_answer_holds_nul() -> None:
    """PostgreSQL keeps no NUL: one in an answer would stop the page it came in."""
    assert nfc({"a\x00b": ["\x00", "Nguyễn\x00"]}) == {"ab": ["", "Nguyễn"]}


def test_decoded_json_is_brought_to_nfc() -> None:
    """Every text at every depth comes out composed, keys too; the rest stays as it is."""
    decomposed = "Nguye\u0302\u0303n"
    assert nfc([{decomposed: [decomposed, 1, None, True]}]) == [
        {"Nguyễn": ["Nguyễn", 1, None, True]}
    ]


# -- whom it may speak to


@pytest.mark.parametrize(
    "address",
    ["http://portal.example.vn", "HTTP://10.0.0.1:8080", "http://127.0.0.1.example.vn"],
)
def test_plain_http_stays_on_this_machine(address: str) -> None:
    """Beyond this machine nothing is sent in the clear, however the address came in."""
    made = client(address)
    error = said(made, write=True)
    assert isinstance(error, Retryable)
    assert error.reason.startswith("plain http:// goes only to this machine")
    assert made._connections._idle == []


def test_allow_insecure_lets_it_pass() -> None:
    """Where the configuration says so, plain http goes anywhere."""
    made = client("http://portal.example.vn", allow_insecure=True)
    with respx.mock:
        respx.post("http://portal.example.vn/x").respond(200, json={})
        assert made.request("POST", "/x", write=True, json={}).status == 200
    made.close()


def test_what_was_sent_is_not_held_when_the_call_is_over(wire: HttpClient) -> None:
    """The papers of a dossier leave memory with their call: nothing waits for the collector."""
    body = b"x" * 100_000
    before = sys.getrefcount(body)
    gc.disable()
    try:
        reply = wire.request("POST", "/x", write=True, content=body)
        assert sys.getrefcount(body) == before
    finally:
        gc.enable()
    assert reply.status == 200
