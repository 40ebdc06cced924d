"""The portal's two calls: ``/login`` and ``/service``, and the session between them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.sdk import Said
from bridge.sdk.errors import AuthFailed, ContractBroken, Retryable
from bridge.sdk.http import HttpClient, Reply, status_outcome

from .faults import GOOD, PORTAL, SESSION, code_of
from .options import DvcqgOptions

__all__ = ["DvcqgClient", "rows"]


class DvcqgClient:
    """One session for all threads; it dies without notice and is begun again once a call."""

    def __init__(self, http: HttpClient, options: DvcqgOptions) -> None:
        self._http = http
        self._options = options
        self._session: str | None = None
        self._lock = threading.Lock()

    def call(self, service: str, *, write: bool, **arguments: Any) -> Mapping[str, Any]:
        """Call a service and return its answer, whatever its ``error_code``.

        A dead session (-2 proves that nothing was done) is begun again once, and the same is
        sent again once.

        Raises:
            AdapterError: the answer can't be had, or is none. What goes wrong at the login is
                known not applied, whatever it is.
        """
        session = self._begin(None)
        answer = self._service(service, session, arguments, write=write)
        if code_of(answer) == SESSION:
            session = self._begin(session)
            answer = self._service(service, session, arguments, write=write)
        return answer

    def login(self) -> Reply:
        """Log in anew and return the raw reply.

        Raises:
            AuthFailed: the portal refuses the account.
        """
        with self._lock:
            return self._login()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _begin(self, dead: str | None) -> str:
        """Return the living session; log in if there is none but the ``dead`` one."""
        with self._lock:
            if self._session is None or self._session == dead:
                try:
                    self._login()
                except ContractBroken as broken:  # of a write it would be doubt
                    raise Retryable(Said("login: {reason}", reason=broken.reason)) from broken
            if self._session is None:
                raise Retryable(Said("login: {reason}", reason=Said("no session")))
            return self._session

    def _login(self) -> Reply:
        self._session = None
        secret = self._options.password.get_secret_value()
        account = {"username": self._options.username, "password": secret}
        reply = self._post(self._options.login_path, account, write=False)
        answer = reply.json()
        code = code_of(answer)
        if code == PORTAL:
            raise Retryable(Said("login: {reason}", reason=Said("a fault of the portal (-99)")))
        if code != GOOD:
            raise AuthFailed(Said("the portal refuses username and password"))
        session = answer.get("session")
        if not isinstance(session, str) or not session:
            raise ContractBroken(Said("the login answer has no session"))
        self._session = session
        return reply

    def _service(
        self, service: str, session: str, arguments: Mapping[str, Any], *, write: bool
    ) -> Mapping[str, Any]:
        options = self._options
        envelope = {"session": session, "madonvi": options.agency, "service": service}
        reply = self._post(options.service_path, {**envelope, **arguments}, write=write)
        answer = reply.json()
        if not isinstance(answer, dict):
            raise ContractBroken(Said("expected a JSON object"))
        return answer

    def _post(self, path: str, body: Mapping[str, Any], *, write: bool) -> Reply:
        route = {} if self._options.dstcode is None else {"dstcode": self._options.dstcode}
        in_header = self._options.dstcode_in == "header"
        reply = self._http.request(
            "POST",
            path,
            write=write,
            json=body,
            headers=route if in_header else None,
            params=None if in_header else route,
        )
        error = status_outcome(reply, write=write)
        if error is not None:
            raise error
        return reply


def rows(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the ``result`` of an answer.

    Raises:
        ContractBroken: it is not there, or no list of objects. Only ``[]`` says "unknown".
    """
    result = answer.get("result")
    if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
        raise ContractBroken("result is no list of objects")
    return result
