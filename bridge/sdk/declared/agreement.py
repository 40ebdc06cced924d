"""Whether a record is as a command leaves it: what a lost update, or step, is told by. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.sdk.declared.forms import HANOI

__all__ = ["EMPTY", "agrees"]

EMPTY: tuple[Any, ...] = (None, "", [], {})
"""What says nothing."""


def agrees(sent: Any, held: Any, theirs: Collection[str] = ()) -> bool:
    """Tell whether ``held`` is as a command with ``sent`` leaves it.

    What is empty here must be empty there, but for the fields of ``theirs``, which the ministry
    fills in itself. A file is not compared, its description is. Text is compared in NFC, numbers by
    value, times as instants. Fields that were not sent are not looked at.
    """
    if isinstance(sent, Mapping):
        if set(sent) == {"document"}:
            return True
        there = held if isinstance(held, Mapping) else {}
        return all(
            (name in theirs and one in EMPTY) or agrees(one, there.get(name), theirs)
            for name, one in sent.items()
        )
    if isinstance(sent, list):
        rows = held if isinstance(held, list) else [] if held in EMPTY else [held]
        return len(sent) == len(rows) and all(
            agrees(one, other, theirs) for one, other in zip(sent, rows, strict=True)
        )
    return _settled(sent) == _settled(held)


def _settled(value: Any) -> object:
    """Return a value in the form in which equal facts are equal."""
    if value in EMPTY:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = unicodedata.normalize("NFC", str(value)).strip()
    return _instant(text) or _amount(text) or text


def _instant(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    if read is None:
        return None
    return read if read.tzinfo else read.replace(tzinfo=HANOI)


def _amount(text: str) -> tuple[str, Decimal] | None:
    """Return a number by its value; one that begins with 0 is a name of something."""
    if not text.replace(".", "", 1).isdecimal() or (text[0] == "0" and text[1:2] not in {"", "."}):
        return None
    try:
        return ("number", Decimal(text))
    except InvalidOperation:
        return None
