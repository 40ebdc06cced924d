"""SOAP 1.1 as a ministry's WSDL describes it: zeep builds the messages, our HTTP client posts them.

zeep knows the WSDL (operations, actions, types) and writes the envelope and its UsernameToken.
Everything that touches the world is ours. Its transport would be requests, which raises the same
``ConnectionError`` whether or not the server has read the request, so what a lost answer means
could not be told. Its reader is lenient and opens what it is told to, so replies are read by
``bridge.sdk.xml`` instead. Both ways the body is checked by the WSDL's own schema: zeep lets a bad
date out, and an answer that breaks the schema must not be believed by halves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bridge.domain.said import Said
from bridge.sdk.errors import ContractBroken, Retryable
from bridge.sdk.http import HttpClient, Reply
from bridge.sdk.soap_answer import (
    LOGIN_REFUSED,
    SoapFault,
    answered,
    login_refused,
    undeclared,
)
from bridge.sdk.xml import Element, Schema, local_name

if TYPE_CHECKING:  # it imports zeep, which most commands do without
    from bridge.sdk.soap_contract import Contract

__all__ = [
    "LOGIN_REFUSED",
    "SoapAnswer",
    "SoapClient",
    "SoapFault",
    "login_refused",
    "undeclared",
]

TEXT_XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class SoapAnswer:
    """A good answer: the element in its Body, and the HTTP answer it came in."""

    body: Element
    reply: Reply


class SoapClient:
    """The operations of one WSDL at one address. Shared by all threads; does no I/O until called.

    ``http`` leads to the server, ``path`` is the service's on it. ``writes`` names the operations that change something over there: a lost answer of one of those
    is in doubt, of any other it is a read to be made again.
    """

    def __init__(  # noqa: PLR0913 - the parts of a service
        self,
        wsdl: Path,
        http: HttpClient,
        path: str,
        *,
        username: str,
        password: SecretStr,
        writes: Collection[str],
    ) -> None:
        self._wsdl = wsdl
        self._http = http
        self._path = path
        self._login = username, password
        self._writes = frozenset(writes)
        self._lock = Lock()
        self._read: Contract | None = None

    @property
    def schema(self) -> Schema:
        """The schema of the WSDL's types; raises like ``operations``."""
        return self._contract().schema

    def operations(self) -> Mapping[str, str]:
        """Return the operations of the WSDL with the name of the element each answers with.

        Raises:
            Retryable: the file can't be read, or is no WSDL we can use; nothing was sent.
        """
        return {name: one.answer for name, one in self._contract().operations.items()}

    def call(
        self,
        operation: str,
        parts: Mapping[str, Any],
        *,
        whole: bool = True,
        without: Collection[str] = (),
    ) -> SoapAnswer:
        """Make a call; ``parts`` holds the children of its request element, as nested plain values.

        Base64 content is given as bytes. With ``whole`` False the answer is not checked by the
        schema: the caller does it piece by piece, so that one bad record spoils only itself. ``without``
        names elements whose texts the caller can do without.

        Raises:
            Rejected: (code ``XSD``) the request breaks the schema; nothing was sent.
            Retryable: as ``operations``, or the WSDL has no such operation; nothing was sent.
            SoapFault: the server answered with a fault.
            AdapterError: as ``HttpClient`` and ``status_outcome``.
            ContractBroken: the answer is none of this operation, or breaks the schema.
        """
        contract = self._contract()
        described = contract.operations.get(operation)
        if described is None:
            name = self._wsdl.name
            raise Retryable(
                Said("the WSDL {name} has no operation {operation}", name=name, operation=operation)
            )
        envelope = contract.envelope(operation, parts)
        headers = {**TEXT_XML, "SOAPAction": described.action}
        reply = contract.post(self._path, envelope, headers)
        body = answered(reply, contract.faults, write=operation in self._writes, without=without)
        found = local_name(str(body.tag))
        if found != described.answer:
            raise ContractBroken(f"Body: {found} stands where {described.answer} should")
        if whole:
            contract.schema.require(body)
        return SoapAnswer(body, reply)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._http.close()

    def _contract(self) -> Contract:
        with self._lock:
            if self._read is None:
                from bridge.sdk.soap_contract import read_contract

                username, password = self._login
                secret = password.get_secret_value()
                self._read = read_contract(self._wsdl, self._http, username, secret, self._writes)
            return self._read
