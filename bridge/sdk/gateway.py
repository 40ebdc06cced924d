"""The provincial gateway (LGSP) in front of a ministry: OAuth2 tokens, and what its answers mean.

Source: contracts/systems.md, "Common to the OAuth2 systems". A token may be refused before it has
run out: then a new one is got, once, and the same request is sent again; a 401 proves that nothing
was applied. One token serves all threads, and of many that find it dead one gets the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AuthFailed, ContractBroken, InDoubt, Retryable
from bridge.sdk.http import HttpClient, HttpOptions, Reply, server_and_path, status_outcome

__all__ = ["Gateway", "GatewayOptions"]

FORM = {"content-type": "application/x-www-form-urlencoded"}
EARLY = timedelta(seconds=30)
"""A token is renewed so long before its end: it must not end on the way."""

_REFUSED = 401
_BAD_REQUEST = 400
"""What a token endpoint answers to a client it does not know (RFC 6749, 5.2)."""


class GatewayOptions(HttpOptions):
    """Where the gateway is and as whom we call it."""

    base_url: Annotated[str, Field(min_length=1)] = Field(
        description="The address the paths of the service stand under."
    )
    token_url: Annotated[str, Field(min_length=1)] = Field(
        description="The address that gives tokens."
    )
    client_id: Annotated[str, Field(min_length=1)] = Field(description="Our name at the gateway.")
    client_secret: SecretStr = Field(description="Its secret, as a reference.")


class Gateway:
    """Makes calls with a token. Made without any input or output; safe between threads.

    ``refuses`` tells an answer in which the ministry behind the gateway refuses the token in
    words of its own: it is met like a 401. It raises nothing.
    """

    def __init__(
        self,
        options: GatewayOptions,
        context: AdapterContext,
        refuses: Callable[[Reply], bool] = lambda _reply: False,
    ) -> None:
        server, self._token_path = server_and_path(options.token_url)
        self._options = options
        self._refuses = refuses
        self._now = context.now
        self._service = HttpClient(options.base_url, context=context, options=options)
        self._tokens = HttpClient(server, context=context, options=options, connections=1)
        self._lock = threading.Lock()
        self._token: str | None = None
        self._ends: datetime | None = None

    def call(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        json: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make a call and return its answer, which is a success.

        Raises:
            AdapterError: as ``HttpClient.request`` and ``status_outcome``. What goes wrong while
                a token is got is known not applied, whatever it is.
            AuthFailed: the gateway gives no token, or refuses a new one. What the ministry
                itself refuses twice is returned, as it said it.
        """
        reply = self.exchange(method, path, write=write, json=json, params=params)
        error = status_outcome(reply, write=write)
        if error is not None:
            raise error
        return reply

    def exchange(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        json: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make a call and return its answer, whatever its status; raises like ``call``."""
        token = self._living(None)
        reply = self._send(method, path, token, write=write, json=json, params=params)
        if reply.status == _REFUSED or self._refuses(reply):
            token = self._living(token)
            reply = self._send(method, path, token, write=write, json=json, params=params)
        return reply

    def log_in(self) -> Reply:
        """Get a new token and return the raw answer; raises like ``call``."""
        with self._lock:
            return self._renew()

    def close(self) -> None:
        """Close the connections; harmless when called twice."""
        self._service.close()
        self._tokens.close()

    def _send(  # noqa: PLR0913 - see call
        self,
        method: str,
        path: str,
        token: str,
        *,
        write: bool,
        json: Any,
        params: Mapping[str, str] | None,
    ) -> Reply:
        headers = {"authorization": f"Bearer {token}"}
        return self._service.request(
            method, path, write=write, json=json, headers=headers, params=params
        )

    def _living(self, dead: str | None) -> str:
        """Return a token that has not run out and is not the ``dead`` one."""
        with self._lock:
            over = self._ends is None or self._now() >= self._ends
            if self._token is None or over or self._token == dead:
                try:
                    self._renew()
                except (ContractBroken, InDoubt) as error:  # of a write they would be doubt
                    raise Retryable(f"token: {error.reason}") from error
            if self._token is None:
                raise Retryable("token: there is none")
            return self._token

    def _renew(self) -> Reply:
        self._token = None
        options = self._options
        reply = self._tokens.request(
            "POST",
            self._token_path,
            write=False,
            content=urlencode({"grant_type": "client_credentials"}).encode(),
            headers=FORM,
            auth=(options.client_id, options.client_secret.get_secret_value()),
        )
        if reply.status in {_REFUSED, _BAD_REQUEST}:
            raise AuthFailed(f"the gateway gives no token (HTTP {reply.status})")
        error = status_outcome(reply, write=False)
        if error is not None:
            raise error
        self._token, seconds = _read(reply)
        self._ends = self._now() + max(timedelta(seconds=seconds) - EARLY, timedelta(seconds=1))
        return reply


def _read(reply: Reply) -> tuple[str, float]:
    """Return the token of an answer and how long it lasts, in seconds."""
    answer = reply.json()
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise ContractBroken("the token answer has no access_token")
    try:
        return token, float(answer.get("expires_in") or 0)
    except (TypeError, ValueError):
        raise ContractBroken("expires_in is no number") from None
