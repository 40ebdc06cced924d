"""What the ministry's ``ERROR_CODE`` means. The answer is HTTP 200; the outcome is in the body.

Source: contracts/systems.md, "lltp" and "Doubt": an error code proves that a write was not applied.
One that the contract does not know proves nothing: ``ContractBroken``, on a write doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bridge.sdk import Said
from bridge.sdk.errors import AdapterError, AuthFailed, ContractBroken, Rejected, Retryable
from bridge.sdk.http import Reply

__all__ = ["GOOD", "KNOWN", "MISSING", "SAFE_FAULTS", "code_of", "error_of", "token_refused"]

GOOD = ""
LONGEST = 4
"""Digits of a code; what is longer is something else, and not repeated."""
TOKEN, ADDRESS, UNIT, MISSING, KNOWN, WRONG = "100", "101", "106", "201", "301", "500"

#: For the documents: the answers that prove a write was not applied. 301 is none of them: it proves
#: that the dossier is there, and settles its first delivery.
SAFE_FAULTS: Mapping[str, str] = {
    "100": "bad token: a new one is got and the same sent again once; a second time AuthFailed",
    "101": "AuthFailed: the ministry does not let our address in",
    "106": "AuthFailed: the option agency is wrong, which no clerk can mend",
    "201": "Rejected: not found (of a status asked for: there is none)",
    "500": "Rejected, with the field that DESCRIPTION names",
    "HTTP 401": "a new token is got and the same sent again once; a second time AuthFailed",
    "HTTP 429": "Retryable, after Retry-After",
    "HTTP 503": "Maintenance, until Retry-After where it is given",
}

_CLOSED = {
    TOKEN: Said("the ministry refuses our token (100)"),
    ADDRESS: Said("the ministry does not let our address in (101)"),
    UNIT: Said("the ministry does not know our unit (106): the option agency is wrong"),
}
_PERSON = ("fullName", "genderId", "birthDateStr", "residence", "idTypeId", "identifyNo",
           "idIssueDate", "idIssuePlace")  # fmt: skip
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "mandatorWSForm": (*_PERSON, "birthPlaceId", "regionId", "mandatorRelation", "mandatorDate"),
    "residenceWSForm": ("fromDateStr", "toDateStr", "residencePlace", "jobName", "workPlace"),
    "declarationWSForm": (
        *_PERSON, "birthPlace", "nationalityId", "ethnicId", "dadName", "dadDob", "momName",
        "momDob", "partnerName", "partnerDob", "phone", "email", "declareDate", "declareTypeId",
        "requestQty", "objectRequestId", "formType", "isBanPosition", "delivery", "purpose",
        "receiveNo",
    ),
    "": ("idReceivedDec", "dateReceivedDec", "datePromissoryDec"),
}  # fmt: skip


def code_of(answer: Any) -> str:
    """Return the ``ERROR_CODE`` of an answer, written as a number or as text; "" when it is good.

    Raises:
        ContractBroken: ``STATUS`` is neither 1 nor 0, or there is no code.
    """
    status = str(answer.get("STATUS", "")).strip() if isinstance(answer, dict) else ""
    if status == "1":
        return GOOD
    code = str(answer.get("ERROR_CODE", "")).strip() if status == "0" else ""
    if not code.isdecimal() or len(code) > LONGEST:
        raise ContractBroken(Said("the answer has no STATUS, or no ERROR_CODE"))
    return code


def token_refused(reply: Reply) -> bool:
    """Tell whether the ministry itself refuses the token that the gateway let through."""
    try:
        return code_of(reply.json()) == TOKEN
    except ContractBroken:
        return False


def error_of(code: str, answer: Mapping[str, Any], *, write: bool) -> AdapterError:
    """Say what an error code means; only a write is refused for good."""
    if code in _CLOSED:
        return AuthFailed(_CLOSED[code])
    if code not in (MISSING, KNOWN, WRONG):
        return ContractBroken(Said("the contract knows no ERROR_CODE {code}", code=code))
    if not write:
        return Retryable(Said("the ministry answers {code}", code=code))
    words = str(answer.get("DESCRIPTION") or "").strip()
    return Rejected(code, _field_in(words), words or Said("the ministry gives no reason"))


def _field_in(words: str) -> str | None:
    """Return the field that a DESCRIPTION names, with the form it is in, as the mapping has it.

    Without a form it is the declaration's, where that has one of the name.
    """
    said = set(re.findall(r"\w+", words))
    forms = [form for form in _FIELDS if form in said] or ["declarationWSForm", *_FIELDS]
    for form in forms:
        for field in _FIELDS[form]:
            if field in said:
                return f"{form}/{field}" if form else field
    return forms[0] if forms[0] in said else None
