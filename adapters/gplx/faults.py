"""What the ministry's faults mean to us: one table, read by the adapter and printed by the docs.

contracts/systems.md, "Doubt": a fault that the WSDL declares proves that a write was not applied.
Any other fault proves nothing: the server may have failed after it had stored the dossier.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.sdk import Said
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.soap import LOGIN_REFUSED, SoapFault

__all__ = ["HANOI", "SAFE_FAULTS", "instant", "no_such_dossier", "outcome"]

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

SAFE_FAULTS: Mapping[str, str] = {
    "DuLieuSai": "Rejected, with the field (Truong) and the ministry's words (LyDo)",
    "KhongTimThay": "Rejected: the ministry has no such dossier",
    "DangBaoTri": "Maintenance, until DenLuc",
    "QuaTai": "Retryable, after ThuLaiSauGiay seconds",
    "FailedAuthentication": "AuthFailed: checked before the body is read",
    "InvalidSecurity": "AuthFailed: checked before the body is read",
    "HTTP 401": "AuthFailed",
    "HTTP 429": "Retryable, after Retry-After",
    "HTTP 503": "Maintenance, until Retry-After where it is given",
}
"""The answers that prove a write was not applied, and what each becomes."""


def outcome(fault: SoapFault, *, write: bool) -> AdapterError:
    """Return our error for a fault; one that the contract does not know is a doubt on a write."""
    words = fault.words
    match fault.detail:
        case "DuLieuSai":
            reason = unicodedata.normalize("NFC", words.get("LyDo", ""))
            field = words.get("Truong") or None
            return Rejected("DuLieuSai", field, reason or Said("the ministry gives no reason"))
        case "KhongTimThay":
            return no_such_dossier()
        case "DangBaoTri":
            return Maintenance(Said("the ministry is closed"), until=instant(words.get("DenLuc")))
        case "QuaTai":
            return Retryable(Said("the ministry is overloaded"), after=_seconds(words))
        case _:
            return _unknown(fault, write=write)


def no_such_dossier() -> Rejected:
    """Return the refusal of a number that the ministry does not know."""
    return Rejected("KhongTimThay", "SoTiepNhan", Said("the ministry has no such dossier"))


def instant(text: str | None) -> datetime | None:
    """Return an ``xs:dateTime`` as an aware time; without an offset it is Hanoi's.

    None when there is none, or none that Python can hold.
    """
    try:
        read = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=HANOI)


def _seconds(words: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(int(words.get("ThuLaiSauGiay", ""))))
    except ValueError:
        return None


def _unknown(fault: SoapFault, *, write: bool) -> AdapterError:
    if fault.code in LOGIN_REFUSED:
        return AuthFailed(Said("the ministry refuses our login ({code})", code=fault.code))
    said = Said("SOAP fault {code}, which the contract does not know", code=fault.code)
    return InDoubt(said) if write else Retryable(said)
