"""In what way two values that count as different differ: what a person wants to know first. Pure.

Tone placement: "hoà" and "hòa" are one word in two spellings (rules.md §5.2).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from enum import StrEnum

from bridge.domain.dossier import Json


class Unlike(StrEnum):
    """The first that is so, or that makes two values equal, is the way in which they differ."""

    NOT_SHOWN = "not_shown"
    """It only goes out: no record of the ministry's shows it, so both can't be compared."""
    ABSENT_HERE = "absent_here"
    ABSENT_THERE = "absent_there"
    FORM = "form"
    """The same number, flag or text in another form."""
    SPACING = "spacing"
    CASE = "case"
    TONE_PLACE = "tone_place"
    DIACRITICS = "diacritics"
    ORDER = "order"
    """The same words or rows in another order."""
    ROWS = "rows"
    """Lists: other rows, or other values in them."""
    VALUE = "value"


_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


def unlike(ours: Json, theirs: Json) -> Unlike:
    """Say in what way two values that are not equal differ."""
    if ours in (None, "", []):
        return Unlike.ABSENT_HERE
    if theirs in (None, "", []):
        return Unlike.ABSENT_THERE
    if isinstance(ours, list) and isinstance(theirs, list):
        same = sorted(map(repr, ours)) == sorted(map(repr, theirs))
        return Unlike.ORDER if same else Unlike.ROWS
    pair = _text(ours), _text(theirs)
    return next((how for how, form in _FORMS if form(pair[0]) == form(pair[1])), Unlike.VALUE)


def _text(value: Json) -> str:
    text = str(value).casefold() if isinstance(value, bool) else str(value)
    return unicodedata.normalize("NFC", text)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _folded(text: str) -> str:
    return _spaced(text).casefold()


def _tones_last(text: str) -> list[str]:
    """Return each word with its tone at its end, wherever it was put."""
    words = unicodedata.normalize("NFD", _folded(text)).split()
    return ["".join(sorted(word, key=_TONES.__contains__)) for word in words]


def _bare(text: str) -> str:
    marks = unicodedata.normalize("NFD", _folded(text)).replace("đ", "d")
    return "".join(one for one in marks if not unicodedata.combining(one))


def _in_any_order(text: str) -> list[str]:
    return sorted(_folded(text).split())


_FORMS: tuple[tuple[Unlike, Callable[[str], object]], ...] = (
    (Unlike.FORM, str),
    (Unlike.SPACING, _spaced),
    (Unlike.CASE, _folded),
    (Unlike.TONE_PLACE, _tones_last),
    (Unlike.DIACRITICS, _bare),
    (Unlike.ORDER, _in_any_order),
)
"""Ever coarser forms, and what two texts differ in that are equal in one."""
