"""Answers in words that may be about a person."""

from __future__ import annotations

import re

__all__ = ["plain_word"]

_WORD = re.compile(r"[A-Za-z0-9][\w.:-]{0,39}", re.ASCII)


def plain_word(text: str | None) -> str | None:
    """Return a text that looks like a number or a code, ``None`` for anything that may say more."""
    return text if text and _WORD.fullmatch(text) else None
