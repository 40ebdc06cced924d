"""One small HTTP client a system: httpx underneath, its failures said in the sdk's words.

What is *known not sent* is an allow-list; every other failure of a write leaves it in doubt.
Nothing is retried here, no redirect is followed, no body is logged or quoted.
"""

from __future__ import annotations

import ssl
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Retryable,
)

__all__ = [
    "CONNECTIONS",
    "KNOWN_NOT_SENT",
    "MAY_BE_SENT",
    "HttpClient",
    "HttpOptions",
    "Reply",
    "clock_difference",
    "nfc",
    "status_outcome",
]

CONNECTIONS = 5
"""httpcore looks through its whole pool at every request: few connections a client."""

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

_TOKEN, _TOO_MANY, _CLOSED = 401, 429, 503
_BOM = b"\xef\xbb\xbf"


class HttpOptions(BaseModel):
    """What every system spoken to over HTTP may be given besides its own options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ca_file: Path | None = Field(
        default=None, description="Certificates of authorities to trust, beside the machine's."
    )
    client_cert: Path | None = Field(default=None, description="Our certificate, if one is asked.")
    client_key: Path | None = Field(default=None, description="The key of our certificate.")
    verify: bool = Field(
        default=True,
        description="false: the server's certificate is not checked (needs allow_insecure).",
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; ``headers`` in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

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
            raise ContractBroken(f"expected JSON, got {kind} of {size} bytes") from None


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
        self._connections = connections
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

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
        """
        sent = dict(headers or {})
        if json is not None:
            content = orjson.dumps(json)
            sent.setdefault("content-type", "application/json; charset=utf-8")
        try:
            response = self._open().request(
                method,
                f"{self.base_url}{path}",
                content=content,
                headers=sent,
                params=dict(params) if params else None,
                auth=auth,
            )
        except httpx.HTTPError as error:
            raise self._said(error, write=write) from error
        return Reply(response.status_code, response.headers, response.content)

    def close(self) -> None:
        """Close the connections; harmless when called twice."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _open(self) -> httpx.Client:
        if self._client is not None:
            return self._client
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    timeout=self._context.timeout_seconds,
                    limits=httpx.Limits(
                        max_connections=self._connections,
                        max_keepalive_connections=self._connections,
                    ),
                    verify=self._trust(),
                    follow_redirects=False,
                    trust_env=False,
                )
            return self._client

    def _trust(self) -> ssl.SSLContext | bool:
        options = self._options
        if urlsplit(self.base_url).scheme != "https":
            return True
        if not options.verify:
            return False
        trust = ssl.create_default_context()
        try:
            if options.ca_file is not None:
                trust.load_verify_locations(self._place(options.ca_file))
            if options.client_cert is not None:
                key = self._place(options.client_key) if options.client_key else None
                trust.load_cert_chain(self._place(options.client_cert), key)
        except (OSError, ssl.SSLError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            message = f"a certificate file can't be used: {reason}"
            raise Retryable(message, unreachable=True) from error
        return trust

    def _place(self, path: Path) -> Path:
        return self._context.folder / path

    def _said(self, error: httpx.HTTPError, *, write: bool) -> AdapterError:
        where = f"{self._where()}: {_reason(error)}"
        if isinstance(error, KNOWN_NOT_SENT):
            return Retryable(where, unreachable=not isinstance(error, httpx.PoolTimeout))
        return InDoubt(where) if write else Retryable(where)

    def _where(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _reason(error: httpx.HTTPError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def status_outcome(reply: Reply, *, write: bool) -> AdapterError | None:
    """Say what a status that is not a success means (contracts/systems.md, "Doubt").

    401, 429 and 503 prove that a write was not applied; 500, 502, 504 and the rest do not.
    ``None`` for a success.
    """
    if 200 <= reply.status < 300:  # noqa: PLR2004 - HTTP's successes
        return None
    wait = _retry_after(reply.headers.get("retry-after"))
    if reply.status == _TOKEN:
        return AuthFailed("the system refuses our login (401)")
    if reply.status == _TOO_MANY:
        return Retryable("too many calls (429)", after=wait if wait is not None else 1.0)
    if reply.status == _CLOSED:
        until = None if wait is None else datetime.now(UTC) + timedelta(seconds=wait)
        return Maintenance("closed for maintenance (503)", until=until)
    message = f"HTTP {reply.status}"
    return InDoubt(message) if write else Retryable(message)


def _retry_after(header: str | None) -> float | None:
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def clock_difference(reply: Reply, now: datetime) -> timedelta | None:
    """Return how far the server's clock is ahead of ours, if it says the time."""
    try:
        return parsedate_to_datetime(reply.headers["date"]) - now
    except (KeyError, ValueError):
        return None


def nfc(value: Any) -> Any:
    """Return decoded JSON with every text in NFC."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [nfc(one) for one in value]
    if isinstance(value, dict):
        return {key: nfc(one) for key, one in value.items()}
    return value


def is_loopback(address: str) -> bool:
    """Tell whether an address leads to this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
