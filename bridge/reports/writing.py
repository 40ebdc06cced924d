"""What is no writing never leaves: it would end a page, steer a terminal, or turn a line around."""

from __future__ import annotations

import re

UNREADABLE = "\ufffd"

_NO_WRITING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of what follows, halves of characters."""


def writing(text: str) -> str:
    """Return a text with each character that is no writing replaced; lines and tabs stay."""
    if text.isprintable():
        return text
    return _NO_WRITING.sub(UNREADABLE, text.replace("\r\n", "\n"))
