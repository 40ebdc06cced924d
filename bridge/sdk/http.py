"""One small HTTP client a system: httpx underneath, its failures said in the sdk's words.

What is *known not sent* is an allow-list; every other failure of a write leaves it in doubt.
Nothing is retried here, no redirect is followed, no body is logged or quoted.
"""

from __future__ import annotations

import socket
import ssl
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from bridge.domain.said import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.connections import Connections
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.trust import HttpOptions, certificates, exposed

__all__ = [
    "CONNECTIONS",
    "KNOWN_NOT_SENT",
    "MAY_BE_SENT",
    "HttpClient",
    "HttpOptions",
    "Reply",
    "clock_difference",
    "encoded",
    "nfc",
    "server_and_path",
    "status_outcome",
]

CONNECTIONS = 5
"""The most connections to one server."""

KNOWN_NOT_SENT: tuple[type[httpx.HTTPError], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures that prove the server never saw the request."""

MAY_BE_SENT: tuple[type[httpx.HTTPError], ...] = (
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.LocalProtocolError,
    httpx.RemoteProtocolError,
    httpx.DecodingError,
    httpx.TooManyRedirects,
)
"""Failures after which nobody knows what the server did."""

UNSAID_WAIT = 1.0
"""Seconds after a 429 that names no wait: a read is not repeated at once."""

LONGEST_WAIT = 86_400.0
"""Seconds: a server that says more has its date wrong; it is asked again the next day."""

_TOKEN, _TOO_MANY, _CLOSED = 401, 429, 503
_address = lru_cache(maxsize=256)(httpx.URL)
"""Reads an address; most calls go to a few."""

_NO_STREAM = httpx.ByteStream(b"")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; ``headers`` are asked by lower-case names, ``at`` is our clock's."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    at: datetime

    def json(self) -> Any:
        """Return the body read as JSON, a byte order mark forgiven.

        Raises:
            ContractBroken: it is no JSON; says the kind and size, never the content.
        """
        try:
            return orjson.loads(self.content.removeprefix(_BOM))
        except orjson.JSONDecodeError:
            kind = self.headers.get("content-type", "no content type")
            size = len(self.content)
            words = Said("expected JSON, got {kind} of {size} bytes", kind=kind, size=size)
            raise ContractBroken(words) from None

    def is_nfc(self) -> bool:
        """Tell whether all text of a JSON body is plain to see, in NFC, and holds no NUL.

        One look at a page costs less than ``nfc`` of each of its texts. What is escaped is not seen.
        """
        if b"\\u" in self.content:
            return False
        return self.content.isascii() or unicodedata.is_normalized("NFC", self.content.decode())


class _Cookies(httpx.Cookies):
    """Looked for in answers that set any: httpx makes a request of ``urllib`` to look in each."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


class _Client(httpx.Client):
    """A client with these cookies."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._kept = _Cookies(options.get("cookies"))

    @property
    def cookies(self) -> httpx.Cookies:
        return self._kept

    @cookies.setter
    def cookies(self, cookies: Any) -> None:
        self._kept = _Cookies(cookies)


class HttpClient:
    """Speaks to one address. Made without any input or output; safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        *,
        context: AdapterContext,
        options: HttpOptions,
        connections: int = CONNECTIONS,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._context = context
        self._options = options
        self._lock = threading.Lock()
        self._trust: ssl.SSLContext | None = None
        self._connections = Connections(
            self._build, connections, context.timeout_seconds, crowded=_crowded
        )

    def request(  # noqa: PLR0913 - a request's parts
        self,
        method: str,
        path: str,
        *,
        write: bool,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Reply:
        """Make one call and return what was answered, whatever its status.

        Raises:
            Retryable: the request was known not to be sent, or it was a read.
            InDoubt: a write may have been applied.
            Rejected: ``json`` holds what JSON can't, so nothing was sent.
        """
        sent = dict(headers or {})
        if json is not None:
            content = encoded(json)
            sent.setdefault("content-type", "application/json; charset=utf-8")
        try:
            with self._connections.lent() as client:
                response = client.request(
                    method,
                    _address(f"{self.base_url}{path}"),
                    content=content,
                    headers=sent,
                    params=dict(params) if params else None,
                    auth=auth,
                )
        except httpx.HTTPError as error:
            raise self._said(error, write=write) from error
        except httpx.InvalidURL as error:
            raise Retryable(Said("the address can't be read"), unreachable=True) from error
        now = self._context.now()
        # httpx ties an answer and its stream in a knot: the body that was sent would outlive the call
        response.stream = _NO_STREAM
        return Reply(response.status_code, response.headers, response.content, now)

    def close(self) -> None:
        """Close the connections; harmless when called twice."""
        self._connections.close()
        with self._lock:
            self._trust = None

    def _build(self) -> httpx.Client:
        refused = exposed(self.base_url, self._options, self._context)
        if refused is not None:
            raise Retryable(refused, unreachable=True)
        return _Client(
            timeout=self._context.timeout_seconds,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            verify=self._trusted(),
            follow_redirects=False,
            trust_env=False,
        )

    def _trusted(self) -> ssl.SSLContext:
        with self._lock:
            if self._trust is None:
                self._trust = self._certificates()
            return self._trust

    def _certificates(self) -> ssl.SSLContext:
        """Return whom to trust: nobody at a plain address, where reading all authorities is waste."""
        if self.base_url.startswith("http://"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return certificates(self._options, self._context.folder)

    def _said(self, error: httpx.HTTPError, *, write: bool) -> AdapterError:
        where = Said("{place}: {reason}", place=self._where(), reason=_reason(error))
        if isinstance(error, KNOWN_NOT_SENT):
            return Retryable(where, unreachable=not isinstance(error, httpx.PoolTimeout))
        return InDoubt(where) if write else Retryable(where)

    def _where(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _crowded() -> httpx.PoolTimeout:
    return httpx.PoolTimeout("all connections are in use")


def encoded(body: Any) -> bytes:
    """Return a body as JSON.

    Raises:
        Rejected: (code ``json``) it holds what JSON can't.
    """
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as error:  # half a surrogate pair, a number beyond 64 bits
        words = Said("it can't be written as JSON: {error}", error=str(error))
        raise Rejected("json", None, words) from error


def _reason(error: httpx.HTTPError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case ssl.SSLCertVerificationError():
                return Said(
                    "its certificate is not trusted ({detail})", detail=cause.verify_message
                )
            case ssl.SSLError():
                return Said("TLS failed ({detail})", detail=cause.reason or type(cause).__name__)
            case ConnectionRefusedError():
                return Said("connection refused")
            case socket.gaierror():
                return Said("its name is not known")
        cause = cause.__cause__ or cause.__context__
    kind = type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return Said("no answer in time ({kind})", kind=kind)
    return Said("the connection broke ({kind})", kind=kind)


def status_outcome(reply: Reply, *, write: bool) -> AdapterError | None:
    """Say what a status that is not a success means (contracts/systems.md, "Doubt").

    401, 429 and 503 prove that a write was not applied; 500, 502, 504 and the rest do not.
    A 503 with a page for people is maintenance. ``None`` for a success.
    """
    if 200 <= reply.status < 300:  # noqa: PLR2004 - HTTP's successes
        return None
    wait = _retry_after(reply)
    if reply.status == _TOKEN:
        return AuthFailed(Said("the system refuses our login (401)"))
    if reply.status == _TOO_MANY:
        wait = UNSAID_WAIT if wait is None else wait
        return Retryable(Said("too many calls (429)"), after=wait)
    if reply.status == _CLOSED:
        if "html" not in reply.headers.get("content-type", "").lower():
            return Retryable(Said("not available (503)"), after=wait)
        until = None if wait is None else reply.at + timedelta(seconds=wait)
        return Maintenance(Said("closed for maintenance (503)"), until=until)
    message = f"HTTP {reply.status}"
    return InDoubt(message) if write else Retryable(message)


def _retry_after(reply: Reply) -> float | None:
    """Return the seconds a server asks us to wait; a date counts from the server's own clock."""
    header = reply.headers.get("retry-after", "").strip()
    if header.isdecimal():
        return min(float(header), LONGEST_WAIT)
    moment = _moment(header)
    if moment is None:
        return None
    wait = (moment - (_moment(reply.headers.get("date", "")) or reply.at)).total_seconds()
    return min(max(0.0, wait), LONGEST_WAIT)


def _moment(header: str) -> datetime | None:
    """Return the instant of an HTTP date; one that names no zone is in UTC."""
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def clock_difference(reply: Reply, now: datetime) -> timedelta | None:
    """Return how far the server's clock is ahead of ours, if it says the time."""
    theirs = _moment(reply.headers.get("date", ""))
    return None if theirs is None else theirs - now


def server_and_path(address: str) -> tuple[str, str]:
    """Return an address cut in two, its path as it was written."""
    parts = urlsplit(address)
    server = f"{parts.scheme}://{parts.netloc}"
    return server, address.removeprefix(server) or "/"


def nfc(value: Any) -> Any:
    """Return decoded JSON with every text in NFC, and without NUL: no database keeps one."""
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    if isinstance(value, list):
        return [nfc(one) for one in value]
    if isinstance(value, dict):
        return {nfc(key): nfc(one) for key, one in value.items()}
    return value
