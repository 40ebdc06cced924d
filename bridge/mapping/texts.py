"""Text as both sides mean it: NFC, trimmed, and an empty text is nothing."""

from __future__ import annotations

import unicodedata
from typing import Any

_MARKS = "\ufeff\u200b"


def clean_text(text: str) -> str | None:
    """Return text in NFC, trimmed, without a byte order mark; ``""`` is ``None``."""
    if text.isascii():
        return text.strip() or None
    text = unicodedata.normalize("NFC", text).strip()
    if text and (text[0] in _MARKS or text[-1] in _MARKS):
        text = text.strip(_MARKS).strip()
    return text or None


def clean(value: Any) -> Any:
    """Return a text as ``clean_text`` does, anything else as it is."""
    return clean_text(value) if isinstance(value, str) else value
