"""Times and days in the forms systems write them: both ways are cutting text.

A form is written as for ``strftime``, of ``%Y %m %d %H %M %S``. In the form, and in canonical text
(``2026-11-20T09:15:00.000+07:00``), each of them has its place, so no clock arithmetic is needed
where the offset is Vietnam's; that there is such a day is checked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

VIETNAM = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh: +07:00 all year since 1975."""

_OFFSET = "+07:00"
_CANONICAL = len("2026-11-20T09:15:00.000+07:00")
_MIDNIGHT = "24"
"""Some versions of Python read 24:00, some do not: we do not."""
_PLACES = {
    "Y": (slice(0, 4), "yyyy"),
    "m": (slice(5, 7), "MM"),
    "d": (slice(8, 10), "dd"),
    "H": (slice(11, 13), "HH"),
    "M": (slice(14, 16), "mm"),
    "S": (slice(17, 19), "ss"),
}
_BEFORE = {"Y": "", "m": "-", "d": "-", "H": "T", "M": ":", "S": ":"}
_FIELD = re.compile(r"%(.)")
_DAY = frozenset("Ymd")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a time: ``shown`` to people (``dd/MM/yyyy``), and the ``fields`` it has.

    ``read`` gives the fields in canonical order (``2026-11-20T09:15:00``, or a part of it), and
    raises ``ValueError`` for a text of another form; whether there is such a day is not its care.
    """

    shown: str
    fields: str
    read: Callable[[str], str]
    write: Callable[[str], str]


def form(text: str) -> Form:
    """Return a form; raises ``ValueError`` with what is wrong with it."""
    fields = "".join(_FIELD.findall(text))
    strange = [one for one in fields if one not in _PLACES]
    if strange:
        raise ValueError(f"%{strange[0]} is none of %Y %m %d %H %M %S")
    if "Y" not in fields or len(set(fields)) != len(fields):
        raise ValueError("expected a form like %d/%m/%Y")
    shown = _FIELD.sub(lambda found: _PLACES[found[1]][1], text)
    return Form(shown, fields, _reader(text), _writer(text))


def _reader(text: str) -> Callable[[str], str]:
    pattern, at, cuts = "", 0, dict[str, slice]()
    for n, part in enumerate(_FIELD.split(text)):
        width = 4 if part == "Y" else 2
        if n % 2:
            cuts[part] = slice(at, at + width)
        pattern += f"[0-9]{{{width}}}" if n % 2 else re.escape(part)
        at += width if n % 2 else len(part)
    fits = re.compile(pattern).fullmatch
    ordered = tuple((_BEFORE[one], cuts[one]) for one in _PLACES if one in cuts)

    def read(written: str) -> str:
        if fits(written) is None:
            raise ValueError
        return "".join([before + written[cut] for before, cut in ordered])

    return read


def _writer(text: str) -> Callable[[str], str]:
    parts = [
        (_PLACES[part][0], "") if n % 2 else (slice(0, 0), part)
        for n, part in enumerate(_FIELD.split(text))
        if part
    ]

    def write(canonical: str) -> str:
        return "".join([canonical[place] + literal for place, literal in parts])

    return write


def full_form(text: str) -> Form:
    """Return a form that has a whole day; raises ``ValueError``."""
    found = form(text)
    if not set(found.fields) >= _DAY:
        raise ValueError("expected a form with %Y, %m and %d")
    return found


def partial_forms(text: str) -> tuple[Form, Form, Form]:
    """Return the forms of a day, a month and a year: ``%d/%m/%Y``, ``%m/%Y``, ``%Y``."""
    if set(form(text).fields) != _DAY:
        raise ValueError("expected a form of %Y, %m and %d alone")
    literals = _FIELD.split(text)
    month = text.removeprefix(f"%d{literals[2]}").removesuffix(f"{literals[-3]}%d")
    if "%d" in month:
        raise ValueError("expected a form with the day at one end")
    return form(text), form(month), form("%Y")


def instant(moment: datetime) -> str:
    """Write a moment canonically; one without an offset is local to Vietnam."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=VIETNAM)
    return moment.astimezone(VIETNAM).isoformat(timespec="milliseconds")


def canonical_instant(text: str) -> str:
    """Return an ISO 8601 time canonically; raises ``ValueError`` when it is none."""
    moment = datetime.fromisoformat(text)
    if text[10:11] not in ("T", "t", " ") or text[11:13] == _MIDNIGHT:
        raise ValueError
    if len(text) == _CANONICAL and text.endswith(_OFFSET) and text[10] == "T":
        return text
    try:
        return instant(moment)
    except OverflowError:
        raise ValueError from None


def local_instant(text: str) -> str:
    """Return a local time, as much of its clock as is told, canonically; raises ``ValueError``."""
    whole = text + "2026-11-20T00:00:00"[len(text) :]
    if whole[11:13] == _MIDNIGHT:
        raise ValueError
    datetime.fromisoformat(whole)
    return f"{whole}.000{_OFFSET}"


@lru_cache
def _end(fields: str) -> int:
    return max(_PLACES[one][0].stop for one in fields)


def cut_instant(text: str, fields: str) -> str:
    """Return a canonical instant without what is finer than the fields: seconds, minutes, hours."""
    if len(text) != _CANONICAL:
        return text
    end = _end(fields)
    return f"{text[:end]}{'2026-11-20T00:00:00'[end:]}.000{_OFFSET}"


def canonical_day(text: str) -> str:
    """Return a whole day, ``YYYY-MM-DD``; raises ``ValueError`` when it is none."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError
    return text


def canonical_partial(text: str) -> str:
    """Return a day, a month or a year (``YYYY[-MM[-DD]]``); raises ``ValueError``."""
    if len(text) not in (10, 7, 4):
        raise ValueError
    canonical_day(text + "0000-01-01"[len(text) :])
    return text
