"""A value as a person keys it, read by the form of its field: a day, a status, a number, a flag.

Pure. What can't be read is refused with the form that was expected, never with the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime

from bridge.domain.dossier import PATHS, Json
from bridge.domain.said import Said
from bridge.domain.status import NAMES
from bridge.engine.people.refusal import Refusal
from bridge.sdk.times import VIETNAM

_FLAGS = {"true": True, "có": True, "1": True, "false": False, "không": False, "0": False}
_PARTS = re.compile(r"(?:(?:(\d{1,2})/)?(\d{1,2})/)?(\d{4})|(\d{4})-(\d{2})(?:-(\d{2}))?")
_AT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}:\d{2}(?::\d{2})?))?")


def read_value(path: str, text: str, *known: Json) -> Json:
    """Return the canonical value of ``text`` for a field; ``known`` are values it has had.

    An empty text empties the field. Where no form is fixed (``details``) the values it has had
    tell it.

    Raises:
        Refusal: it is not of the field's form, or the field can't be keyed as one value.
    """
    return read_form(_kind(path, known), path, text)


def read_form(kind: str, path: str, text: str) -> Json:
    """Return the canonical value of ``text`` in a form (``instant``, ``day``, ``status``).

    Raises:
        Refusal: it is not of the form, which is said of ``path``.
    """
    words = unicodedata.normalize("NFC", text).strip()
    if kind == "list":
        raise Refusal(Said("{field} is a list: change it in the one-stop", field=path))
    if not words and kind != "status":
        return None
    read, form = _FORMS[kind]
    try:
        return read(words)
    except ValueError:
        raise Refusal(Said("{field} takes {form}", field=path, form=form)) from None


def _kind(path: str, known: tuple[Json, ...]) -> str:
    if path in PATHS:
        return PATHS[path]
    values = [value for value in known if value is not None]
    if any(isinstance(value, (list, dict)) for value in values):
        return "list"
    if any(isinstance(value, bool) for value in values):
        return "flag"
    return "int" if any(isinstance(value, int) for value in values) else "text"


def _status(text: str) -> Json:
    if text.isdecimal() and int(text) in NAMES:
        return int(text)
    raise ValueError(text)


def _int(text: str) -> Json:
    if not text.removeprefix("-").isdecimal():
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> Json:
    if text.casefold() not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[text.casefold()]


def _partial_day(text: str) -> Json:
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, month, year = found[1] or found[6], found[2] or found[5], found[3] or found[4]
    date(int(year), int(month or 1), int(day or 1))
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


def _day(text: str) -> Json:
    partial = str(_partial_day(text))
    return date.fromisoformat(partial).isoformat()


def _instant(text: str) -> Json:
    found = _AT.fullmatch(text)
    if found is not None:
        day, month, year, clock = found.groups()
        text = f"{year}-{int(month):02}-{int(day):02}T{(clock or '0:00').zfill(5)}"
    at = datetime.fromisoformat(text)
    local = at.replace(tzinfo=VIETNAM) if at.tzinfo is None else at.astimezone(VIETNAM)
    return local.isoformat(timespec="milliseconds")


def _text(text: str) -> Json:
    return text


_FORMS: Mapping[str, tuple[Callable[[str], Json], Said]] = {
    "text": (_text, Said("text")),
    "int": (_int, Said("a whole number")),
    "flag": (_flag, Said("true or false")),
    "status": (_status, Said("a status by its number, 1 to 10")),
    "day": (_day, Said("a day: 2026-11-20 or 20/11/2026")),
    "partial_day": (_partial_day, Said("a day, or as much as is known: 20/11/1988, 11/1988, 1988")),
    "instant": (_instant, Said("a day and time: 20/11/2026 09:15")),
}
