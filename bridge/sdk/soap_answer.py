"""What a SOAP answer says: the element in its Body, a fault of the WSDL, or only an HTTP status."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bridge.sdk.errors import ContractBroken
from bridge.sdk.http import Reply, status_outcome
from bridge.sdk.xml import Element, local_name, parse

__all__ = ["ENVELOPE", "SoapFault", "answered"]

ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
UNAUTHORISED = 401
CODE = re.compile(r"[\w.-]{1,64}")


class SoapFault(Exception):  # noqa: N818 - SOAP's own word
    """The server answered with a SOAP fault.

    ``code`` is the local name of its ``faultcode``. ``detail`` is the name of the fault of the
    WSDL that its detail holds, None when it holds none that the WSDL declares; ``words`` are the
    texts in that detail by name, which may hold personal values. ``faultstring`` is not kept.
    """

    def __init__(self, code: str, detail: str | None, words: Mapping[str, str]) -> None:
        super().__init__(f"SOAP fault {detail or code}")
        self.code = code
        self.detail = detail
        self.words = words


def answered(reply: Reply, faults: Collection[str], *, write: bool) -> Element:
    """Return what stands in the Body; a fault wins over the status it came with, save for 401.

    ``faults`` names the faults that the WSDL declares.

    Raises:
        SoapFault: the answer is a fault.
        AdapterError: what the status means, for an answer without a fault.
        ContractBroken: the answer is no SOAP envelope.
    """
    try:
        body = _content(reply.content)
    except ContractBroken:
        _raise_for_status(reply, write=write)
        raise
    if body.tag == f"{ENVELOPE}Fault" and reply.status != UNAUTHORISED:
        raise _fault(body, faults)
    _raise_for_status(reply, write=write)
    return body


def _content(content: bytes) -> Element:
    """Return what stands in the Body of an envelope."""
    root = parse(content)
    if root.tag != f"{ENVELOPE}Envelope":
        raise ContractBroken(f"{local_name(str(root.tag))} stands where Envelope should")
    body = root.find(f"{ENVELOPE}Body")
    if body is None or len(body) == 0:
        raise ContractBroken("Envelope: lacks a Body with content")
    return body[0]


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
