"""Whether a record is as a command leaves it: what an adapter asks after a lost answer. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.sdk.times import instant

__all__ = ["EMPTY", "shows"]

EMPTY: tuple[object, ...] = (None, "", [], {})
"""What says nothing."""


def shows(record: Any, sent: Any, theirs: Collection[str] = ()) -> bool:
    """Tell whether a record has all that was sent; what else it has is the ministry's.

    Both are plain values. What was sent as nothing must be nothing there, or absent, but for the
    fields of ``theirs``, which the ministry fills in itself. A file (``{"document": id}``) is not
    compared, its description is. Text is compared in NFC and without blanks around it, numbers by
    value, times as instants. What a ministry changes on purpose (it writes a name in capitals) is
    to be undone before.
    """
    if isinstance(sent, Mapping):
        if set(sent) == {"document"}:
            return True
        held = record if isinstance(record, Mapping) else {}
        return all(
            (name in theirs and one in EMPTY) or shows(held.get(name), one, theirs)
            for name, one in sent.items()
        )
    if isinstance(sent, list):
        rows = record if isinstance(record, list) else [] if record in EMPTY else [record]
        return len(sent) == len(rows) and all(
            shows(row, one, theirs) for row, one in zip(rows, sent, strict=True)
        )
    return _settled(record) == _settled(sent)


def _settled(value: Any) -> object:
    """Return a value in the form in which equal facts are equal."""
    if value in EMPTY:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = unicodedata.normalize("NFC", str(value)).strip()
    return _instant(text) or _amount(text) or text


def _instant(text: str) -> datetime | None:
    return instant(text) if "T" in text else None


def _amount(text: str) -> tuple[str, Decimal] | None:
    """Return a number by its value; one that begins with 0 is a name of something."""
    if not text.replace(".", "", 1).isdecimal() or (text[0] == "0" and text[1:2] not in {"", "."}):
        return None
    try:
        return ("number", Decimal(text))
    except InvalidOperation:
        return None
