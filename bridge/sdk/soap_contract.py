"""A WSDL as zeep reads it, and the envelopes that zeep writes by it.

zeep is slow to import, which no command should wait for that calls no SOAP service:
``bridge.sdk.soap`` imports this module when a WSDL is needed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import ValidationError
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from bridge.domain.said import Said
from bridge.sdk.errors import ContractBroken, Rejected, Retryable
from bridge.sdk.http import HttpClient, Reply
from bridge.sdk.soap_answer import ENVELOPE
from bridge.sdk.xml import Element, Schema, parse

__all__ = ["Contract", "Operation", "Wire", "read_contract"]

XS = "{http://www.w3.org/2001/XMLSchema}"
UNKNOWN_NAME = re.compile(r"unexpected keyword argument '([^']{1,64})'")


@dataclass(frozen=True, slots=True)
class Operation:
    """What the WSDL says of one operation: its ``SOAPAction`` and the element it answers with."""

    action: str
    answer: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A WSDL that was read: zeep's view of it, its schema, the names of its faults."""

    client: Any
    operations: Mapping[str, Operation]
    faults: frozenset[str]
    schema: Schema

    def envelope(self, operation: str, parts: Mapping[str, Any]) -> Element:
        """Return the envelope zeep writes, with its login.

        Raises:
            Rejected: (code ``XSD``) the schema does not agree to its Body.
        """
        zeep = self.client
        try:
            envelope: Element = zeep.create_message(zeep.service, operation, **parts)
        except (ZeepError, TypeError, ValueError) as error:
            raise _unwritable(operation, parts, error) from None
        found = self.schema.violations(next(envelope.iter(f"{ENVELOPE}Body"))[0])
        if found:
            raise _unfit(found[0].name, str(found[0]))
        return envelope

    def post(self, path: str, envelope: Element, headers: Mapping[str, str]) -> Reply:
        """Post an envelope to a path of the client's server; raises AdapterError like it."""
        reply: Reply = self.client.transport.post_xml(path, envelope, headers)
        return reply


class Wire(Transport):
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


def read_contract(
    wsdl: Path, http: HttpClient, username: str, password: str, writes: Collection[str]
) -> Contract:
    """Read a WSDL that stands alone; ``writes`` names the operations that change something.

    Raises:
        Retryable: the file can't be read, or is no WSDL we can use; nothing was sent.
    """
    settings = Settings(strict=True, forbid_dtd=True, forbid_external=True)
    try:
        content = wsdl.read_bytes()
        schema = _schema(content)
        schema.compile()
        wire: Any = Wire(http)
        document = Document(BytesIO(content), wire, settings=settings)
        operations, faults = _describe(document)
    except OSError as error:
        raise _unusable(wsdl, error.strerror or type(error).__name__) from error
    except (ContractBroken, ZeepError, etree.LxmlError, LookupError, ValueError) as error:
        raise _unusable(wsdl, str(error)) from error
    actions = {operations[name].action for name in operations.keys() & set(writes)}
    login = UsernameToken(username, password)  # type: ignore[no-untyped-call]
    client = Client(document, login, Wire(http, actions), settings=settings)  # type: ignore[no-untyped-call]
    return Contract(client, operations, faults, schema)


def _unusable(wsdl: Path, detail: str) -> Retryable:
    return Retryable(Said("the WSDL {name} can't be used: {detail}", name=wsdl.name, detail=detail))


def _describe(document: Document) -> tuple[Mapping[str, Operation], frozenset[str]]:
    """Return the operations of the first port of the first service, and the names of all faults."""
    ports = [port for service in document.services.values() for port in service.ports.values()]
    if not ports:
        raise ValueError("it names no service with a port")
    found = ports[0].binding.all()
    faults = [fault for one in found.values() for fault in one.faults.values()]
    return (
        {
            name: Operation(f'"{one.soapaction}"', one.output.body.qname.localname)
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
