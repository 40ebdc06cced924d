"""One row of a list, as the engine takes it: a whole dossier, today's part of one, or unreadable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.sdk import Said
from bridge.sdk.hashing import content_hash
from bridge.sdk.records import DOSSIER, Record, Unreadable
from bridge.sdk.times import VIETNAM

__all__ = [
    "TODAY",
    "keyed_here",
    "moment",
    "name_of",
    "record",
    "row_hash",
    "wants_whole",
]

TODAY = "today"
"""The kind of a row of today's list: it shows a status, and no contact and no dates."""

CERTIFIED = 9
"""The status whose day, REGISTRATION_DATE, only a whole row shows."""

WHOLE = (
    "RECEIPT_DATE", "PLAN_DATE", "SUPPLEMENT_DATE", "REGISTRATION_DATE", "CONTACT_FULL_NAME",
    "CONTACT_ID_NO", "CONTACT_PHONE", "CONTACT_EMAIL", "CONTACT_ADDRESS",
)  # fmt: skip
TIMES = ("RECEIPT_DATE", "PLAN_DATE", "REGISTRATION_DATE")
NUMBER = re.compile(r"[\w./-]{1,64}")
WORD = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
MARKS = "\ufeff\u200b"
HASH_LENGTH = 16


def name_of(row: Any) -> str:
    """Return the number of a row; one without a proper number is named by its content."""
    number = _text(row.get("IN_JOURNAL_NO")) if isinstance(row, Mapping) else None
    return number if number and NUMBER.fullmatch(number) else f"row {row_hash(row)}"


def row_hash(row: Any) -> str:
    """Return what tells one content of a row from another."""
    return content_hash({"row": row})[:HASH_LENGTH]


def record(row: Any, statuses: Mapping[str, int]) -> Record | Unreadable:
    """Return a row as the mapping lifts it.

    In place of the ministry's word PROCESS_STATUS holds the national code that ``statuses`` gives;
    a day without a time begins at midnight; the applicant is CONTACT_FULL_NAME, else NAME.
    """
    name = name_of(row)
    try:
        return _record(name, row, statuses)
    except _Unfit as unfit:
        reason = unfit.expected
        if unfit.field:
            reason = Said("{field}: {reason}", field=unfit.field, reason=reason)
        return Unreadable(name, reason, unfit.field)


def keyed_here(body: Mapping[str, Any]) -> bool:
    """Tell whether a row names a dossier of the one-stop; else it was keyed only there."""
    return body.get("DOSSIER_NO") is not None


def wants_whole(one: Record) -> bool:
    """Tell whether a row of today's list says too little: no contact to import, no day of result."""
    certified = one.body["PROCESS_STATUS"] == CERTIFIED
    return one.kind == TODAY and (certified or not keyed_here(one.body))


def moment(value: Any) -> datetime | None:
    """Return ``dd/MM/yyyy HH:mm:ss`` as an aware time, a day alone as its midnight in Hanoi.

    Raises:
        ValueError: it is neither, nor empty.
    """
    text = _with_time(value)
    if text is None:
        return None
    if not re.fullmatch(r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2}", text):
        raise ValueError
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=VIETNAM)


class _Unfit(ValueError):  # noqa: N818 - what is wrong with a row
    """A row can't be read: what was expected of which field, without its value."""

    def __init__(self, field: str | None, expected: Said) -> None:
        super().__init__(expected)
        self.field = field
        self.expected = expected


def _record(name: str, row: Any, statuses: Mapping[str, int]) -> Record:
    if not isinstance(row, Mapping):
        raise _Unfit(None, Said("it is no JSON object"))
    if _text(row.get("IN_JOURNAL_NO")) != name:
        raise _Unfit("IN_JOURNAL_NO", Said("expected a number of at most 64 signs"))
    status = _status(_text(row.get("PROCESS_STATUS")), statuses)
    try:
        at = moment(row.get("PROCESSED_DATE"))
    except ValueError:
        raise _Unfit("PROCESSED_DATE", Said("expected dd/MM/yyyy HH:mm:ss")) from None
    body = {**row, "IN_JOURNAL_NO": name, "PROCESS_STATUS": status}
    body["DOSSIER_NO"] = _text(row.get("DOSSIER_NO"))
    if not any(field in row for field in WHOLE):
        return Record(name, body, at=at, kind=TODAY)
    body |= {field: _with_time(row[field]) for field in TIMES if field in row}
    body["CONTACT_FULL_NAME"] = _text(row.get("CONTACT_FULL_NAME")) or _text(row.get("NAME"))
    if body["CONTACT_FULL_NAME"] is None and not keyed_here(body):
        words = Said("empty like NAME, and nobody else can be the applicant")
        raise _Unfit("CONTACT_FULL_NAME", words)
    return Record(name, body, at=at, kind=DOSSIER)


def _status(word: str | None, statuses: Mapping[str, int]) -> int:
    if word is None:
        raise _Unfit("PROCESS_STATUS", Said("is empty"))
    if word not in statuses:
        words = Said("the option statuses does not have this word")
        if WORD.fullmatch(word):
            words = Said("the option statuses does not have this word {word}", word=word)
        raise _Unfit("PROCESS_STATUS", words)
    return statuses[word]


def _with_time(value: Any) -> str | None:
    text = _text(value)
    return f"{text} 00:00:00" if text and DAY.fullmatch(text) else text


def _text(value: Any) -> str | None:
    """Return a text or a number without what surrounds it, nothing when nothing is left."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value).strip().strip(MARKS).strip() or None
