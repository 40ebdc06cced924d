"""Text and time in canonical form: NFC, trimmed, empty is nothing, instants in +07:00."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh: +07:00 all year since 1975."""

_MARKS = "\ufeff\u200b"


def clean(value: Any) -> Any:
    """Return text in NFC, trimmed, without a byte order mark; ``""`` is ``None``."""
    if not isinstance(value, str):
        return value
    text = value if value.isascii() else unicodedata.normalize("NFC", value)
    text = text.strip().strip(_MARKS).strip()
    return text or None


def instant(moment: datetime) -> str:
    """Write a moment canonically; one without an offset is local to Vietnam."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=VIETNAM)
    return moment.astimezone(VIETNAM).isoformat(timespec="milliseconds")


_PARTS = {"%d": r"(?P<d>\d{2})", "%m": r"(?P<m>\d{2})", "%Y": r"(?P<Y>\d{4})"}


@lru_cache
def partial_forms(form: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns a partial date may have, the fullest first, each with its form.

    ``%d/%m/%Y`` gives day, month and year; month and year; the year alone.
    """
    month = re.sub(r"^%d[^%\w]*|[^%\w]*%d$", "", form)
    forms = (form, month, "%Y")
    return tuple((re.compile(_pattern(one)), one) for one in forms)


def _pattern(form: str) -> str:
    pattern = re.escape(form).replace(r"\%", "%")
    for code, part in _PARTS.items():
        pattern = pattern.replace(re.escape(code), part).replace(code, part)
    return f"^{pattern}$"


def read_partial(text: str, form: str) -> str | None:
    """Read a date of which only the year, or month and year, may be known; ``None`` if it is none."""
    for pattern, _ in partial_forms(form):
        if found := pattern.match(text):
            parts = found.groupdict()
            year, month, day = int(parts["Y"]), parts.get("m"), parts.get("d")
            try:
                date(year, int(month or 1), int(day or 1))
            except ValueError:
                return None
            return "-".join(part for part in (parts["Y"], month, day) if part)
    return None


def write_partial(value: str, form: str) -> str | None:
    """Write a canonical partial date (``YYYY[-MM[-DD]]``) in a form; ``None`` if it is none."""
    parts = value.split("-")
    forms = partial_forms(form)
    if not 1 <= len(parts) <= len(forms):
        return None
    try:
        padded = [int(part) for part in parts] + [1] * (3 - len(parts))
        moment = date(*padded)
    except ValueError:
        return None
    chosen = forms[3 - len(parts)][1]
    return (
        chosen.replace("%Y", f"{moment.year:04}")
        .replace("%m", f"{moment.month:02}")
        .replace("%d", f"{moment.day:02}")
    )


def reader(form: str) -> Callable[[str], datetime]:
    """Return what reads a time of this ``strptime`` form."""
    if form == "iso":
        return datetime.fromisoformat
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - local by contract
