"""Names as two clerks type them: one form to compare by, and how two of them differ (rules.md §5.2).

Marks count for equality ("Hòa" is not "Hoa"), where the tone is written does not ("Hoà" is "Hòa").
Words without marks serve to find candidates, and to tell a slip of the keyboard from another name.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_LOOK_ALIKES = str.maketrans(
    {"ð": "đ", "ɖ": "đ", ".": ". ", ",": " ", "-": " ", "\ufeff": "", "\u200b": ""}
)
_FIRMS = (
    ("công ty", "cty"),
    ("trách nhiệm hữu hạn", "tnhh"),
    ("cổ phần", "cp"),
    ("một thành viên", "mtv"),
    ("doanh nghiệp tư nhân", "dntn"),
    ("thương mại", "tm"),
    ("dịch vụ", "dv"),
)
"""What a firm's name is made of, and how clerks shorten it."""
_SHORT = 12
"""A name with fewer letters is forgiven one slip; a longer one two."""


class NameIs(StrEnum):
    """How two names compare, from the best to the worst."""

    SAME = "same"
    UNMARKED = "unmarked"
    """One of them was keyed without any marks."""
    ORDER = "order"
    MARKS = "marks"
    ABBREVIATED = "abbreviated"
    TYPED = "typed"
    """A slip or two of the keyboard, on the letters without marks."""
    SHORTENED = "shortened"
    GIVEN = "given"
    """Only the given name differs, as with sisters and brothers."""
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in comparable form: ``words`` with each tone last, ``bare`` without any mark."""

    words: str
    bare: str

    @property
    def sorted_bare(self) -> str:
        """The words without marks in alphabetical order: one for every order they are keyed in."""
        return " ".join(sorted(self.bare.split()))

    @property
    def initials(self) -> str:
        """The words' first letters without marks, in alphabetical order."""
        return "".join(sorted(word[0] for word in self.bare.split()))


def name_of(text: str | None) -> Name | None:
    """Return a name in comparable form; ``None`` where it has no letter."""
    if not text:
        return None
    told = unicodedata.normalize("NFC", text).casefold().translate(_LOOK_ALIKES)
    if "công ty" in told or "doanh nghiệp" in told:
        for long, short in _FIRMS:
            told = told.replace(long, short)
    forms = [_forms(word) for word in told.split() if word[0].isalnum()]
    if not forms:
        return None
    return Name(" ".join([one[0] for one in forms]), " ".join([one[1] for one in forms]))


@lru_cache(maxsize=1 << 16)
def _forms(word: str) -> tuple[str, str]:
    marks = unicodedata.normalize("NFD", word)
    bare = "".join(one for one in marks if not unicodedata.combining(one)).replace("đ", "d")
    return "".join(sorted(marks, key=_TONES.__contains__)), bare


def compare(one: Name, other: Name) -> NameIs:
    """Say how two names compare; the same whichever is named first."""
    if one.words == other.words:
        return NameIs.SAME
    if one.bare == other.bare:
        unmarked = one.bare == one.words or other.bare == other.words
        return NameIs.UNMARKED if unmarked else NameIs.MARKS
    here, there = one.bare.split(), other.bare.split()
    if len(here) == len(there):
        if sorted(here) == sorted(there):
            return NameIs.ORDER
        if all(map(_abbreviates, here, there)):
            return NameIs.ABBREVIATED
    slips = 1 if min(len(one.bare), len(other.bare)) < _SHORT else 2
    if OSA.distance(one.bare, other.bare, score_cutoff=slips) <= slips:
        return NameIs.TYPED
    return _family(here, there)


def _abbreviates(here: str, there: str) -> bool:
    """Tell whether two words are one, or one the beginning of the other: "ng." of "nguyen"."""
    if here == there:
        return True
    short, long = sorted((here, there), key=len)
    shortened = short.endswith(".") or len(short) == 1
    return shortened and long.startswith(short.rstrip("."))


def _family(here: list[str], there: list[str]) -> NameIs:
    if here[:-1] == there[:-1]:
        return NameIs.GIVEN
    few, many = sorted((here, there), key=len)
    if len(few) > 1 and few[-1] == many[-1] and few[0] == many[0] and set(few) < set(many):
        return NameIs.SHORTENED
    return NameIs.DIFFERENT
