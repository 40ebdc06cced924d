"""The pretend gateway before a pretend ministry: it gives tokens, and lets them die early."""

from __future__ import annotations

import base64
import threading
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import orjson

from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response

__all__ = ["GatewayRehearsal", "as_json"]

CLIENT_ID, CLIENT_SECRET = "motcua-mau", "bi-mat-dien-tap"
SECONDS = 3600


class GatewayRehearsal(HttpRehearsal):
    """A ministry behind OAuth2; a subclass answers what comes with a living token.

    ``revoke`` ends every token at once, as gateways do without notice.
    """

    def __init__(self) -> None:
        super().__init__()
        self._tokens: set[str] = set()
        self._token_lock = threading.Lock()

    @abstractmethod
    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        """Answer a call that came with a living token."""

    def options(self) -> Mapping[str, Any]:
        """Return what the gateway asks for, without its secret."""
        return {
            "base_url": self.address,
            "token_url": f"{self.address}/token",
            "client_id": CLIENT_ID,
        }

    def secrets(self) -> Mapping[str, str]:
        """Return the secret of the client."""
        return {"client_secret": CLIENT_SECRET}

    def operation(self, request: Request) -> str:
        """Return the last part of the path, such as ``token``."""
        return request.path.partition("?")[0].rstrip("/").rpartition("/")[2]

    def revoke(self) -> None:
        """End every token that was given."""
        with self._token_lock:
            self._tokens.clear()

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Give a token, refuse a call without a living one, or let the ministry answer."""
        operation = self.operation(request)
        if operation == "token":
            return self._token(request)
        if fault is Fault.EXPIRED_SESSION:
            self.revoke()
        with self._token_lock:
            known = request.headers.get("authorization", "").removeprefix("Bearer ")
            living = known in self._tokens
        if not living:
            return as_json({"fault": {"code": 900901, "message": "Invalid Credentials"}}, 401)
        return self.served(operation, request, fault)

    def _token(self, request: Request) -> Response:
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return as_json({"error": "invalid_client"}, 401)
        if request.body != b"grant_type=client_credentials":
            return as_json({"error": "unsupported_grant_type"}, 400)
        token = uuid4().hex
        with self._token_lock:
            self._tokens.add(token)
        given = {"access_token": token, "token_type": "Bearer", "expires_in": SECONDS}
        return as_json({**given, "scope": "default"})


def as_json(content: Any, status: int = 200) -> Response:
    """Return an answer of JSON."""
    return Response(orjson.dumps(content), status)
