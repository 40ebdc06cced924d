"""Times as an interface writes them, and answers in words that may be about a person."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

__all__ = ["HANOI", "moment", "plain_word"]

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

_WORD = re.compile(r"[A-Za-z0-9][\w.:-]{0,39}", re.ASCII)


def moment(text: str, form: str) -> datetime:
    """Return a time as an aware one; without an offset it is Vietnam's.

    Raises:
        ValueError: it is not of the form (``iso``, or one of ``strptime``).
    """
    read = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 - made aware below
    return read if read.tzinfo else read.replace(tzinfo=HANOI)


def plain_word(text: str | None) -> str | None:
    """Return a text that looks like a number or a code, ``None`` for anything that may say more."""
    return text if text and _WORD.fullmatch(text) else None
