"""Whether a record is as a command leaves it: what an adapter asks after a lost answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = ["shows"]

NOTHING: tuple[object, ...] = (None, "", [], {})


def shows(record: Any, sent: Any) -> bool:
    """Tell whether a record has all that was sent; what else it has is the ministry's.

    Both are plain values. Text is compared in NFC and without blanks around it, a number with its
    text; what was sent as nothing may be absent. What a ministry changes on purpose (it writes a
    name in capitals) is to be undone before.
    """
    if isinstance(sent, Mapping):
        held = record if isinstance(record, Mapping) else {}
        return all(shows(held.get(name), value) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(record, list):
        return len(sent) == len(record) and all(map(shows, record, sent))
    return _settled(record) == _settled(sent)


def _settled(value: Any) -> object:
    if value in NOTHING:
        return ""
    return unicodedata.normalize("NFC", str(value)).strip()
