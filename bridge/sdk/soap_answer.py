"""What a SOAP answer says: the element in its Body, a fault of the WSDL, or only an HTTP status."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from lxml import etree

from bridge.domain.said import Said
from bridge.sdk.errors import AdapterError, AuthFailed, ContractBroken, InDoubt, Retryable
from bridge.sdk.http import Reply, status_outcome
from bridge.sdk.xml import BOM, SAFE, Element, local_name, parse
from bridge.sdk.xml_words import parse_rule

__all__ = ["ENVELOPE", "LOGIN_REFUSED", "SoapFault", "answered", "login_refused", "undeclared"]

ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
UNAUTHORISED = 401
LOGIN_REFUSED = frozenset({"FailedAuthentication", "InvalidSecurity"})
"""The fault codes of WS-Security for a login that is refused: the body was not read."""
LARGE = 10_000_000
"""Bytes; a smaller answer can't hold a text that is too large for libxml2."""
CODE = re.compile(r"[\w.-]{1,64}")


class SoapFault(Exception):  # noqa: N818 - SOAP's own word
    """The server answered with a SOAP fault.

    ``code`` is the local name of its ``faultcode``. ``detail`` is the name of the fault of the
    WSDL that its detail holds, None when it holds none that the WSDL declares; ``words`` are the
    texts in that detail by name, which may hold personal values. ``faultstring`` is not kept.
    ``reply`` is the HTTP answer it came in.
    """

    def __init__(self, code: str, detail: str | None, words: Mapping[str, str]) -> None:
        super().__init__(f"SOAP fault {detail or code}")
        self.code = code
        self.detail = detail
        self.words = words
        self.reply: Reply | None = None


class _Lean:
    """Builds the tree of a document as it is parsed, without the texts of some elements.

    libxml2 refuses a text of more than 10 million characters, a file of 7.5 MB in base64, as soon
    as it is to stand in a tree. Handed on in pieces and dropped, it never does.
    """

    def __init__(self, without: Collection[str]) -> None:
        self._tree: Any = etree.TreeBuilder()
        self._without = without
        self._dropping = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._dropping = local_name(tag) in self._without
        self._tree.start(tag, dict(attributes))

    def end(self, tag: str) -> None:
        self._dropping = False
        self._tree.end(tag)

    def data(self, text: str) -> None:
        if not self._dropping:
            self._tree.data(text)

    def doctype(self, *_: object) -> None:
        raise ContractBroken("line 1: a DOCTYPE is not allowed")

    def close(self) -> Element:
        root: Element = self._tree.close()
        return root


def answered(
    reply: Reply, faults: Collection[str], *, write: bool, without: Collection[str] = ()
) -> Element:
    """Return what stands in the Body; a fault wins over the status it came with, save for 401.

    ``faults`` names the faults that the WSDL declares. The answer is read without the texts of the
    elements in ``without``; what is wrong with these is not said.

    Raises:
        SoapFault: the answer is a fault.
        AdapterError: what the status means, for an answer without a fault.
        ContractBroken: the answer is no SOAP envelope.
    """
    try:
        body = _content(reply.content, without)
    except ContractBroken:
        _raise_for_status(reply, write=write)
        raise
    if body.tag == f"{ENVELOPE}Fault" and reply.status != UNAUTHORISED:
        fault = _fault(body, faults)
        fault.reply = reply
        raise fault
    _raise_for_status(reply, write=write)
    return body


def undeclared(fault: SoapFault, *, write: bool) -> AdapterError:
    """Return the error of a fault that the WSDL does not declare.

    It proves nothing, for the server may have failed after it had stored the dossier, save where
    WS-Security refuses the login.
    """
    said = Said("SOAP fault {code}, which the contract does not know", code=fault.code)
    return login_refused(fault) or (InDoubt(said) if write else Retryable(said))


def login_refused(fault: SoapFault) -> AuthFailed | None:
    """Return the error of a fault with which WS-Security refuses the login, None for any other."""
    if fault.code not in LOGIN_REFUSED:
        return None
    return AuthFailed(Said("the ministry refuses our login ({code})", code=fault.code))


def _content(content: bytes, without: Collection[str]) -> Element:
    """Return what stands in the Body of an envelope."""
    lean = without and len(content) > LARGE
    root = _lean(content, without) if lean else _emptied(parse(content), without)
    if root.tag != f"{ENVELOPE}Envelope":
        raise ContractBroken(f"{local_name(str(root.tag))} stands where Envelope should")
    body = root.find(f"{ENVELOPE}Body")
    if body is None or len(body) == 0:
        raise ContractBroken("Envelope: lacks a Body with content")
    return body[0]


def _emptied(root: Element, names: Collection[str]) -> Element:
    for name in names:
        for element in root.iter(f"{{*}}{name}"):
            element.text = None
    return root


def _lean(content: bytes, without: Collection[str]) -> Element:
    target: Any = _Lean(without)
    parser = etree.XMLParser(target=target, **SAFE)
    try:
        root: Element = etree.fromstring(content.removeprefix(BOM), parser)
    except etree.XMLSyntaxError as error:
        raise ContractBroken(parse_rule(error)) from None
    return root


def _fault(fault: Element, declared: Collection[str]) -> SoapFault:
    said = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
    code = said if CODE.fullmatch(said) else "unnamed"
    for detail in fault.iterfind("detail/*"):
        name = local_name(str(detail.tag))
        if name in declared:
            words = {local_name(str(e.tag)): (e.text or "").strip() for e in detail}
            return SoapFault(code, name, words)
    return SoapFault(code, None, {})


def _raise_for_status(reply: Reply, *, write: bool) -> None:
    error = status_outcome(reply, write=write)
    if error is not None:
        raise error
