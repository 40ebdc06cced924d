"""SOAP 1.1 as a ministry's WSDL describes it: zeep builds the messages, our HTTP client posts them.

zeep knows the WSDL (operations, actions, types) and writes the envelope and its UsernameToken.
Everything that touches the world is ours. Its transport would be requests, which raises the same
``ConnectionError`` whether or not the server has read the request, so what a lost answer means
could not be told. Its reader is lenient and opens what it is told to, so replies are read by
``bridge.sdk.xml`` instead. Both ways the body is checked by the WSDL's own schema: zeep lets a bad
date out, and an answer that breaks the schema must not be believed by halves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

from lxml import etree
from pydantic import SecretStr
from zeep import Client, Settings
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import ValidationError
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from bridge.domain.said import Said
from bridge.sdk.errors import ContractBroken, Rejected, Retryable
from bridge.sdk.http import HttpClient, Reply
from bridge.sdk.soap_answer import (
    ENVELOPE,
    LOGIN_REFUSED,
    SoapFault,
    answered,
    login_refused,
    undeclared,
)
from bridge.sdk.xml import Element, Schema, local_name, parse

__all__ = [
    "LOGIN_REFUSED",
    "SoapAnswer",
    "SoapClient",
    "SoapFault",
    "login_refused",
    "undeclared",
]

XS = "{http://www.w3.org/2001/XMLSchema}"
TEXT_XML = {"Content-Type": "text/xml; charset=utf-8"}
UNKNOWN_NAME = re.compile(r"unexpected keyword argument '([^']{1,64})'")


@dataclass(frozen=True, slots=True)
class SoapAnswer:
    """A good answer: the element in its Body, and the HTTP answer it came in."""

    body: Element
    reply: Reply


@dataclass(frozen=True, slots=True)
class _Operation:
    """What the WSDL says of one operation: its ``SOAPAction`` and the element it answers with."""

    action: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Contract:
    """A WSDL that was read: zeep's view of it, its schema, the names of its faults."""

    client: Any
    operations: Mapping[str, _Operation]
    faults: frozenset[str]
    schema: Schema


class _Wire(Transport):
    """zeep's way to the network, which leads to our client and nowhere else."""

    _close_session = False

    def __init__(self, http: HttpClient, writes: Collection[str] = ()) -> None:
        """Take our client; the base class would open a requests session, so it isn't asked to.

        ``writes`` holds the ``SOAPAction`` of the operations that change something.
        """
        self._http = http
        self._writes = frozenset(writes)

    def post_xml(self, address: str, envelope: Element, headers: Mapping[str, str]) -> Reply:
        """Post an envelope to a path of the client's server; raises AdapterError like it."""
        content = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        write = headers["SOAPAction"] in self._writes
        return self._http.request("POST", address, write=write, content=content, headers=headers)

    def load(self, url: str) -> NoReturn:
        """Refuse: a pinned WSDL stands alone."""
        raise ValueError(f"the WSDL must stand alone, but asks for {url}")


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
        self._read: _Contract | None = None

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
        envelope = _write(contract, operation, parts)
        headers = {**TEXT_XML, "SOAPAction": described.action}
        reply = contract.client.transport.post_xml(self._path, envelope, headers)
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

    def _unusable(self, detail: str) -> Retryable:
        return Retryable(
            Said("the WSDL {name} can't be used: {detail}", name=self._wsdl.name, detail=detail)
        )

    def _contract(self) -> _Contract:
        with self._lock:
            if self._read is None:
                self._read = self._load()
            return self._read

    def _load(self) -> _Contract:
        settings = Settings(strict=True, forbid_dtd=True, forbid_external=True)
        try:
            content = self._wsdl.read_bytes()
            schema = _schema(content)
            schema.compile()
            wire: Any = _Wire(self._http)
            document = Document(BytesIO(content), wire, settings=settings)
            operations, faults = _describe(document)
        except OSError as error:
            raise self._unusable(error.strerror or type(error).__name__) from error
        except (ContractBroken, ZeepError, etree.LxmlError, LookupError, ValueError) as error:
            raise self._unusable(str(error)) from error
        writes = {operations[name].action for name in self._writes & operations.keys()}
        username, password = self._login
        login = UsernameToken(username, password.get_secret_value())  # type: ignore[no-untyped-call]
        client = Client(document, login, _Wire(self._http, writes), settings=settings)  # type: ignore[no-untyped-call]
        return _Contract(client, operations, faults, schema)


def _describe(document: Document) -> tuple[Mapping[str, _Operation], frozenset[str]]:
    """Return the operations of the first port of the first service, and the names of all faults."""
    ports = [port for service in document.services.values() for port in service.ports.values()]
    if not ports:
        raise ValueError("it names no service with a port")
    found = ports[0].binding.all()
    faults = [fault for one in found.values() for fault in one.faults.values()]
    return (
        {
            name: _Operation(f'"{one.soapaction}"', one.output.body.qname.localname)
            for name, one in found.items()
        },
        frozenset(
            part.element.qname.localname
            for fault in faults
            for part in fault.abstract.parts.values()
        ),
    )


def _schema(content: bytes) -> Schema:
    """Return the one schema inside a WSDL, with the prefixes its surroundings declare."""
    found = parse(content).findall(f".//{XS}schema")
    if len(found) != 1:
        raise ValueError(f"it holds {len(found)} schemas, and one is needed")
    alone = parse(etree.tostring(found[0]))
    return Schema(lambda: alone)


def _write(contract: _Contract, operation: str, parts: Mapping[str, Any]) -> Element:
    """Return the envelope zeep writes, with its login, once the schema agrees to its Body."""
    zeep = contract.client
    try:
        envelope: Element = zeep.create_message(zeep.service, operation, **parts)
    except (ZeepError, TypeError, ValueError) as error:
        raise _unwritable(operation, parts, error) from None
    found = contract.schema.violations(next(envelope.iter(f"{ENVELOPE}Body"))[0])
    if found:
        raise _unfit(found[0].name, str(found[0]))
    return envelope


def _unwritable(operation: str, parts: Mapping[str, Any], error: Exception) -> Rejected:
    """Say which element of a request zeep could not write; its message may hold the value."""
    if isinstance(error, ValidationError) and error.path:
        path = "/".join(map(str, error.path))
        return _unfit(str(error.path[-1]), f"{path}: is missing, or stands too often")
    unknown = UNKNOWN_NAME.search(str(error))
    if unknown:
        return _unfit(unknown[1], f"{operation}: {unknown[1]} is not in the schema")
    for place in _control_characters(parts, operation):
        name = place.rpartition("/")[2]
        return _unfit(name, f"{place}: holds characters that XML can't carry")
    return _unfit(None, f"{operation}: can't be written as the schema wants it")


def _unfit(field: str | None, reason: str) -> Rejected:
    return Rejected("XSD", field, Said("{detail}", detail=reason))


def _control_characters(plain: Any, path: str) -> Iterator[str]:
    """Yield the paths of the texts that XML can't carry."""
    if isinstance(plain, Mapping):
        for name, value in plain.items():
            yield from _control_characters(value, f"{path}/{name}")
    elif isinstance(plain, list):
        for value in plain:
            yield from _control_characters(value, path)
    elif isinstance(plain, str):
        try:
            etree.Element("x").text = plain
        except ValueError:
            yield path
