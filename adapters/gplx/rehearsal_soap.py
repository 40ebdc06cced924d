"""The pretend ministry's SOAP: envelopes opened and their login checked, answers and faults wrapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import Element, parse

__all__ = ["FaultAnswer", "fault_answer", "opened", "wrapped"]

URN = "urn:onestop:gplx:v1"
ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
WSSE_URI = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSSE = f"{{{WSSE_URI}}}"
TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"

HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
)
TAIL = b"</soap:Body></soap:Envelope>"


class FaultAnswer(Exception):  # noqa: N818 - SOAP's own word
    """The call is answered with a fault; ``content`` is the whole envelope."""

    def __init__(self, content: bytes) -> None:
        super().__init__("a SOAP fault")
        self.content = content


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
    code: str, text: str, detail: str = "", words: Mapping[str, Any] | None = None
) -> bytes:
    """Return the envelope of a fault; ``detail`` is the name of one of the WSDL's."""
    root = etree.Element(
        f"{ENVELOPE}Fault", nsmap={"soap": ENVELOPE[1:-1], "wsse": WSSE_URI, "gplx": URN}
    )
    etree.SubElement(root, "faultcode").text = code
    etree.SubElement(root, "faultstring").text = text
    if detail:
        held = etree.SubElement(etree.SubElement(root, "detail"), f"{{{URN}}}{detail}")
        for name, value in (words or {}).items():
            etree.SubElement(held, f"{{{URN}}}{name}").text = str(value)
    return wrapped(root)
