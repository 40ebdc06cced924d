"""A rehearsal ministry behind SOAP: envelopes opened, logins checked, answers and faults wrapped.

``SoapRehearsal`` serves the operations of a WSDL on a real socket; a subclass says what each does.
Beside the faults of every HTTP ministry its lists know these: DUPLICATE (rows twice), REORDER
(rows in reverse), WRONG_SCHEMA (the answer is not as the WSDL says). EXPIRED_SESSION refuses the
login once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from bridge.sdk.errors import ContractBroken
from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response
from bridge.sdk.xml import Element, Schema, from_plain, local_name, parse, to_plain

__all__ = ["TEXT_XML", "FaultAnswer", "Rows", "SoapRehearsal", "fault_answer", "opened", "wrapped"]

ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
WSSE_URI = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSSE = f"{{{WSSE_URI}}}"
TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
TEXT_XML = "text/xml; charset=utf-8"
SERVER_ERROR = 500
STRANGE = "KhongCoTrongWsdl"

HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
)
TAIL = b"</soap:Body></soap:Envelope>"

Rows: TypeAlias = Callable[[list[Any]], list[Any]]
"""What happens to the rows of a list on their way out: nothing, or what a fault does to them."""


class FaultAnswer(Exception):  # noqa: N818 - SOAP's own word
    """The call is answered with a fault; ``content`` is the whole envelope."""

    def __init__(self, content: bytes) -> None:
        super().__init__("a SOAP fault")
        self.content = content


class SoapRehearsal(HttpRehearsal):
    """A ministry behind SOAP 1.1 document/literal, with a UsernameToken.

    ``wsdl`` is the contract it serves, ``schema`` the one inside it. A subclass writes ``serve``
    and the register behind it.
    """

    def __init__(self, wsdl: Path, *, username: str, password: str) -> None:
        super().__init__()
        self._wsdl = wsdl
        self._login = username, password
        self.schema = Schema(self._types)

    @cached_property
    def urn(self) -> str:
        """The namespace of the WSDL's types."""
        return str(self._types().get("targetNamespace"))

    @abstractmethod
    def serve(self, request: Element, rows: Rows) -> Element:
        """Do what the request element asks and return the answer's element.

        ``rows`` is put around the rows of a list: faults disturb them with it. The schema was not
        looked at yet.

        Raises:
            FaultAnswer: the ministry refuses, with one of the faults of its WSDL.
        """

    def options(self) -> Mapping[str, Any]:
        """Return ``[options]`` of the system's file, without the secret."""
        return {"address": f"{self.address}/soap", "username": self._login[0]}

    def secrets(self) -> Mapping[str, str]:
        """Return the secret options."""
        return {"password": self._login[1]}

    def operation(self, request: Request) -> str:
        """Return the operation that a request asks for: the end of its SOAPAction."""
        return request.headers.get("soapaction", "").strip('"').rpartition("#")[2]

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Answer one call; ``fault`` is what a list's rows, the login or the schema suffer."""
        username, password = self._login
        expected = "" if fault is Fault.EXPIRED_SESSION else password
        try:
            asked = opened(request.body, username, expected)
            if local_name(str(asked.tag)) != self.operation(request):
                raise self.fault("soap:Client", "SOAPAction and Body differ")
            result = self.serve(asked, _disturbance(fault))
        except FaultAnswer as refused:
            return Response(refused.content, SERVER_ERROR, TEXT_XML)
        if fault is Fault.WRONG_SCHEMA:
            self.spoil(result)
        return Response(wrapped(result), content_type=TEXT_XML)

    def spoiled(self, response: Response) -> Response:
        """Return the answer as it is: ``answer`` has spoiled it already."""
        return response

    def spoil(self, result: Element) -> None:
        """Break the schema of an answer: its first element gets a name that is in no WSDL."""
        if len(result):
            result[0].tag = f"{{{self.urn}}}{STRANGE}"
        else:
            etree.SubElement(result, f"{{{self.urn}}}{STRANGE}")

    def plain(self, request: Element) -> dict[str, Any]:
        """Return a request as plain values, the lists of its schema as lists."""
        shape = self.schema.shapes().get(local_name(str(request.tag)))
        found: dict[str, Any] = to_plain(request, shape.lists if shape else ())
        return found

    def filled(self, name: str, /, **parts: object) -> Element:
        """Return the answer's element ``name`` with its children, in the schema's order."""
        return from_plain(self.schema.shape(name), parts)

    def fault(self, code: str, text: str, detail: str = "", **words: object) -> FaultAnswer:
        """Return a fault to raise; ``detail`` is the name of one of the WSDL's, with its words."""
        return FaultAnswer(fault_answer(code, text, detail, words, urn=self.urn))

    def _types(self) -> Element:
        """Return the schema inside the WSDL, as a document of its own."""
        return parse(etree.tostring(next(parse(self._wsdl.read_bytes()).iter(f"{XS}schema"))))


def opened(content: bytes, username: str, password: str) -> Element:
    """Return the request element of an envelope.

    Raises:
        FaultAnswer: no envelope, or not this login.
    """
    try:
        root = parse(content)
    except ContractBroken as broken:
        raise FaultAnswer(fault_answer("soap:Client", "not an envelope")) from broken
    body = root.find(f"{ENVELOPE}Body")
    if body is None or len(body) != 1:
        raise FaultAnswer(fault_answer("soap:Client", "not an envelope"))
    token = root.find(f"{ENVELOPE}Header/{WSSE}Security/{WSSE}UsernameToken")
    secret = None if token is None else token.find(f"{WSSE}Password")
    if token is None or secret is None or secret.get("Type") != TEXT:
        raise FaultAnswer(
            fault_answer("wsse:InvalidSecurity", "no UsernameToken with PasswordText")
        )
    if (token.findtext(f"{WSSE}Username"), secret.text) != (username, password):
        raise FaultAnswer(fault_answer("wsse:FailedAuthentication", "login refused"))
    request = body[0]
    body.remove(request)
    return request


def wrapped(result: Element) -> bytes:
    """Return the envelope of a good answer."""
    return HEAD + etree.tostring(result, encoding="utf-8") + TAIL


def fault_answer(
    code: str,
    text: str,
    detail: str = "",
    words: Mapping[str, Any] | None = None,
    *,
    urn: str = "",
) -> bytes:
    """Return the envelope of a fault.

    ``detail`` is the name of one of the WSDL's, in its namespace ``urn``, and ``words`` its texts.
    """
    root = etree.Element(f"{ENVELOPE}Fault", nsmap={"soap": ENVELOPE[1:-1], "wsse": WSSE_URI})
    etree.SubElement(root, "faultcode").text = code
    etree.SubElement(root, "faultstring").text = text
    if detail:
        held = etree.SubElement(etree.SubElement(root, "detail"), f"{{{urn}}}{detail}")
        for name, value in (words or {}).items():
            etree.SubElement(held, f"{{{urn}}}{name}").text = str(value)
    return wrapped(root)


def _disturbance(fault: Fault | None) -> Rows:
    match fault:
        case Fault.DUPLICATE:
            return lambda rows: [row for row in rows for _ in range(2)]
        case Fault.REORDER:
            return lambda rows: rows[::-1]
        case _:
            return list
