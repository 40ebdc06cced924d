"""Posts a JSON document to somebody's address, and says whether it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.http import HttpClient, HttpOptions, server_and_path, status_outcome

__all__ = ["Webhook"]


class Webhook:
    """One address, perhaps with a bearer token. Made without any input or output.

    It is spoken to rarely: each document has a connection of its own.

    The path of an address may be as good as a password: it is in no error.
    """

    def __init__(
        self,
        address: str,
        *,
        context: AdapterContext,
        options: HttpOptions,
        token: str | None = None,
    ) -> None:
        server, self._path = server_and_path(address)
        self._client = HttpClient(server, context=context, options=options, connections=1)
        self._headers = {} if token is None else {"authorization": f"Bearer {token}"}

    def post(self, document: Mapping[str, Any]) -> None:
        """Post a document; a status of success is the receipt.

        Raises:
            Retryable: it was known not to be taken.
            AuthFailed: the token was refused.
            Maintenance: closed for now.
            InDoubt: the answer was lost, or says nothing: it may have been taken.
        """
        try:
            reply = self._client.request(
                "POST", self._path, write=True, json=dict(document), headers=self._headers
            )
        finally:
            self._client.close()
        failed = status_outcome(reply, write=True)
        if failed is not None:
            raise failed
