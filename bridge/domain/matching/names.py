"""Names as two clerks type them: one form to compare by, and how two of them differ (rules.md §5.2).

Marks count for equality ("Hòa" is not "Hoa"), where the tone is written does not ("Hoà" is "Hòa").
Words without marks serve to find candidates, and to tell a slip of the keyboard from another name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

from rapidfuzz.distance import OSA

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_LOOK_ALIKES = str.maketrans(
    {"ð": "đ", "ɖ": "đ", ".": ". ", ",": " ", "-": " ", "\ufeff": "", "\u200b": ""}
)
_ODD = re.compile("[" + re.escape("".join(map(chr, _LOOK_ALIKES))) + "]")
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
_FIRST = itemgetter(0)
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


WORDS = 1 << 12
"""How many words of names are remembered: few people bear others. Whole names are not, for they would
fill the memory of a process that works for years."""


@dataclass(slots=True)
class Name:
    """A name in comparable form; nothing changes one, but what is frozen takes longer to make.

    ``words`` has each word's tone last, ``bare`` no mark at all; ``sorted_bare`` is one for every order the
    words are keyed in, and so are their ``initials``.
    """

    words: str
    bare: str
    sorted_bare: str
    initials: str


def name_of(text: str | None) -> Name | None:
    """Return a name in comparable form; ``None`` where it has no letter."""
    if not text:
        return None
    told = unicodedata.normalize("NFC", text).casefold()
    if _ODD.search(told):
        told = told.translate(_LOOK_ALIKES)
    if "công ty" in told or "doanh nghiệp" in told:
        for long, short in _FIRMS:
            told = told.replace(long, short)
    forms = [form for form in map(_forms, told.split()) if form]
    if not forms:
        return None
    words, bare = zip(*forms, strict=True)
    ordered = sorted(bare)
    initials = "".join(map(_FIRST, ordered))
    return Name(" ".join(words), " ".join(bare), " ".join(ordered), initials)


@lru_cache(maxsize=WORDS)
def _forms(word: str) -> tuple[str, str] | None:
    """Return a word with its tone last, and without marks; ``None`` where it is no word of a name."""
    if not word[0].isalnum():
        return None
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
    if one.sorted_bare == other.sorted_bare:
        return NameIs.ORDER
    return _unlike(one.bare, other.bare)


def _unlike(one: str, other: str) -> NameIs:
    here, there = one.split(), other.split()
    if len(here) == len(there) and all(map(_abbreviates, here, there)):
        return NameIs.ABBREVIATED
    if here[:-1] == there[:-1] and not _slipped(here[-1], there[-1], 1):
        return NameIs.GIVEN
    if _slipped(one, other, 1 if min(len(one), len(other)) < _SHORT else 2):
        return NameIs.TYPED
    return NameIs.SHORTENED if _shortened(here, there) else NameIs.DIFFERENT


def _slipped(one: str, other: str, slips: int) -> bool:
    return OSA.distance(one, other, score_cutoff=slips) <= slips


def _abbreviates(here: str, there: str) -> bool:
    """Tell whether two words are one, or one the beginning of the other: "ng." of "nguyen"."""
    if here == there:
        return True
    if here[0] != there[0]:
        return False
    short, long = sorted((here, there), key=len)
    shortened = short.endswith(".") or len(short) == 1
    return shortened and long.startswith(short.rstrip("."))


def _shortened(here: list[str], there: list[str]) -> bool:
    if len(here) == len(there):
        return False
    few, many = sorted((here, there), key=len)
    ends = few[0] == many[0] and few[-1] == many[-1]
    return ends and len(few) > 1 and set(few) < set(many)
