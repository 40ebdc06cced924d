"""What an answer means by the table of the definition, and what it means when the table is silent.

What the table does not know is a doubt on a write and asked again on a read: only what the
interface's description says proves that nothing was applied.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

from bridge.domain.said import Said
from bridge.sdk.declared.forms import moment, plain_word
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.paths import text_at
from bridge.sdk.declared.tables import WRITES, Fault, Verb
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.http import Reply

__all__ = ["BY_HTTP", "AlreadyThere", "NoSuchRecord", "fault_of", "safe_faults", "unknown_code"]

PROOFS: Mapping[str, str] = {
    "rejected": "Rejected",
    "not_found": "Rejected: the ministry has no such record",
    "retryable": "Retryable",
    "maintenance": "Maintenance",
    "auth_failed": "AuthFailed",
}
"""What proves that a write was not applied, and what each becomes."""

BY_HTTP: Mapping[str, str] = {
    "HTTP 401": "AuthFailed",
    "HTTP 429": "Retryable, after Retry-After",
    "HTTP 503": "Maintenance, until Retry-After where it is given",
}
"""What HTTP alone proves so (``bridge.sdk.http.status_outcome``)."""


class NoSuchRecord(Rejected):
    """The system has no such record: nothing to read, or nothing to change.

    ``reply`` is the answer to a question that says so.
    """

    def __init__(self, code: str, field: str | None, reason: str) -> None:
        super().__init__(code, field, reason)
        self.reply: Reply | None = None


class AlreadyThere(Rejected):
    """What was sent was applied before. ``ref`` is the number that the answer gives."""

    def __init__(self, code: str, ref: str | None) -> None:
        super().__init__(code, None, Said("it is there already"))
        self.ref = ref


def safe_faults(interface: Interface) -> Mapping[str, str]:
    """Return the rows that prove a create was not applied; none where nothing is written."""
    return {
        fault.name: PROOFS[fault.becomes]
        for fault in interface.faults
        if interface.writes and fault.becomes in PROOFS and fault.concerns("create")
    }


def fault_of(
    interface: Interface, verb: Verb, *, status: int | None, code: str | None, answer: Any
) -> AdapterError | None:
    """Return what the first fitting row of the table says, ``None`` when none fits."""
    for fault in interface.faults:
        by_code = code is not None and fault.code == code
        by_status = status is not None and fault.status == status
        if (by_code or by_status) and fault.concerns(verb):
            return _error(interface, fault, verb, answer)
    return None


def unknown_code(verb: Verb, code: str | None) -> AdapterError:
    """Return what an error is that the definition does not know."""
    words = Said("the ministry answers with an error the definition does not know")
    if code is not None and plain_word(code):
        words = Said(
            "the ministry answers with {code}, which the definition does not know", code=code
        )
    return InDoubt(words) if verb in WRITES else Retryable(words)


def _error(interface: Interface, fault: Fault, verb: Verb, answer: Any) -> AdapterError:
    """Return what a row of the table says of an answer."""
    doubt = InDoubt if verb in WRITES else Retryable
    match fault.becomes:
        case "rejected":
            reason = unicodedata.normalize("NFC", text_at(answer, fault.reason) or "")
            field = text_at(answer, fault.field)
            error: AdapterError = Rejected(
                fault.name, field, reason or Said("the ministry gives no reason")
            )
        case "not_found":
            error = NoSuchRecord(fault.name, None, Said("the ministry has no such dossier"))
        case "already_there":
            operation = interface.operation(verb)
            error = AlreadyThere(fault.name, text_at(answer, operation.ref if operation else None))
        case "retryable":
            words = Said("the ministry asks for patience ({code})", code=fault.name)
            error = Retryable(words, after=_seconds(text_at(answer, fault.wait)))
        case "maintenance":
            until = _until(text_at(answer, fault.until), interface.record.form)
            error = Maintenance(Said("the ministry is closed"), until=until)
        case "auth_failed":
            error = AuthFailed(Said("the ministry refuses our login ({code})", code=fault.name))
        case "in_doubt":
            error = doubt(Said("the ministry can't tell ({code})", code=fault.name))
        case _:
            assert_never(fault.becomes)
    return error


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _until(text: str | None, form: str) -> datetime | None:
    try:
        return moment(text, form) if text else None
    except ValueError:
        return None
