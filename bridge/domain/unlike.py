"""In what way two values that count as different differ: what a person wants to know first. Pure.

Tone placement: "hoà" and "hòa" are one word in two spellings (rules.md §5.2).
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from bridge.domain.dossier import Json


class Unlike(StrEnum):
    """The first of these that makes two values equal is the way in which they differ."""

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
    return _of_texts(_text(ours), _text(theirs))


def _of_texts(ours: str, theirs: str) -> Unlike:
    if ours == theirs:
        return Unlike.FORM
    ours, theirs = " ".join(ours.split()), " ".join(theirs.split())
    if ours == theirs:
        return Unlike.SPACING
    ours, theirs = ours.casefold(), theirs.casefold()
    if ours == theirs:
        return Unlike.CASE
    if _tones_last(ours) == _tones_last(theirs):
        return Unlike.TONE_PLACE
    if _bare(ours) == _bare(theirs):
        return Unlike.DIACRITICS
    if sorted(ours.split()) == sorted(theirs.split()):
        return Unlike.ORDER
    return Unlike.VALUE


def _text(value: Json) -> str:
    text = str(value).casefold() if isinstance(value, bool) else str(value)
    return unicodedata.normalize("NFC", text)


def _tones_last(text: str) -> list[str]:
    """Return each word with its tone at its end, wherever it was put."""
    return ["".join(sorted(_marks(word), key=_TONES.__contains__)) for word in text.split()]


def _bare(text: str) -> str:
    plain = "".join(one for one in _marks(text) if not unicodedata.combining(one))
    return plain.replace("đ", "d")


def _marks(text: str) -> str:
    return unicodedata.normalize("NFD", text)
