"""What the ministry's answers mean to us: one table, read by the client and printed by the docs.

contracts/systems.md, "Doubt": an error code of the ministry proves that a write was not applied.
A code that the contract does not know proves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from bridge.sdk.errors import AdapterError, AuthFailed, ContractBroken, Rejected

__all__ = [
    "BAD_TOKEN",
    "DOCUMENT_FIELDS",
    "GOOD",
    "NOT_COMPLETE",
    "NOT_FOUND",
    "NO_LIST",
    "NO_UNIT",
    "SAFE_FAULTS",
    "WRONG",
    "code_of",
    "outcome",
    "whole_number",
]

GOOD, BAD = 1, 0
LONGEST_CODE = 10
BAD_TOKEN, NO_ADDRESS, NO_UNIT, NO_PROVINCE = "100", "101", "106", "108"
NOT_COMPLETE, NOT_FOUND, NO_LIST, WRONG = "200", "201", "302", "500"

SAFE_FAULTS: Mapping[str, str] = {
    "100": "the token: a new one is got and the same sent again once; then AuthFailed",
    "101": "AuthFailed: our address is not allowed",
    "106": "AuthFailed: the ministry does not know our unit (option agency)",
    "108": "AuthFailed: the ministry does not know our province (option agency)",
    "200": "Rejected: not complete",
    "201": "Rejected: the ministry has no such dossier",
    "302": "Rejected: the ministry has no such list",
    "500": "Rejected, with the ministry's words and the field they name",
    "HTTP 401": "the token: a new one is got and the same sent again once; then AuthFailed",
    "HTTP 429": "Retryable, after Retry-After",
    "HTTP 503": "Maintenance, until Retry-After where it is given",
}
"""The answers that prove a write was not applied, and what each becomes."""

DOCUMENT_FIELDS = (
    "nksHoTen", "nksGioiTinh", "nksNgaySinh", "nksNoiSinh", "nksDanToc", "nksQuocTich",
    "meHoTen", "meNgaySinh", "meSoGiayTo", "chaHoTen", "chaNgaySinh", "chaSoGiayTo",
    "nycHoTen", "nycQuanHe", "nycSoGiayTo", "nycSoDienThoai",
)  # fmt: skip
"""The elements of the birth document, in their order."""

_FIELD = re.compile(rf"\b({'|'.join((*DOCUMENT_FIELDS, 'module', 'maHoSo', 'ngayTiepNhan'))})\b")
_OURS = {
    NO_ADDRESS: "the ministry does not allow our address (101)",
    NO_UNIT: "the ministry does not know our unit (106): see the option agency",
    NO_PROVINCE: "the ministry does not know our province (108): see the option agency",
}
_WORDS = {
    NOT_COMPLETE: "the dossier is not complete",
    NOT_FOUND: "the ministry has no such dossier",
    NO_LIST: "the ministry has no such list",
}


def whole_number(value: Any) -> int | None:
    """Return a whole number from 0, written as a number or as text; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() else None


def code_of(answer: Mapping[str, Any]) -> str | None:
    """Return the ``errorCode`` of an answer whose ``status`` is 0, None of any other.

    Raises:
        ContractBroken: there is no ``status``.
    """
    status = whole_number(answer.get("status"))
    if status is None:
        raise ContractBroken("the answer has no status")
    return str(answer.get("errorCode") or "").strip() if status == BAD else None


def outcome(answer: Mapping[str, Any]) -> AdapterError | None:
    """Return our error for an answer; None when its ``status`` is not 0."""
    code = code_of(answer)
    if code is None:
        return None
    if code == BAD_TOKEN:
        return AuthFailed("the ministry refuses a token that is new (100)")
    if code in _OURS:
        return AuthFailed(_OURS[code])
    message = " ".join(unicodedata.normalize("NFC", str(answer.get("errorMessage") or "")).split())
    if code in _WORDS:
        return Rejected(code, "maHoSo" if code == NOT_FOUND else None, message or _WORDS[code])
    if code == WRONG:
        named = _FIELD.search(message)
        return Rejected(code, named[1] if named else None, message or "no message")
    shown = code if code.isascii() and code.isalnum() and len(code) <= LONGEST_CODE else "?"
    return ContractBroken(f"the contract knows no errorCode {shown}")
