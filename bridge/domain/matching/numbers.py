"""Numbers of people and firms, and how two of them compare (rules.md §5.2).

An old identity card (CMND) has 9 digits, a citizen's number (CCCD) 12. One person's CMND and CCCD are
different numbers, and say nothing against each other; two different CCCD are two people. Since July
2025 a citizen's number is the tax code too. Spreadsheets take leading zeros off: 8 and 11 digits
are given theirs back. A tax code keyed as an identity number is a tax code. Numbers that nobody has ("000000000", "123456789") are none.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz.distance import OSA

_CMND, _CCCD = 9, 12
_TAX, _BRANCH = 10, 13
_FILLED_IN = re.compile(r"(.)\1*|0*12345678\d*")
_APART = re.compile(r"[\W_]+")


class NumberIs(StrEnum):
    """How two numbers compare."""

    SAME = "same"
    NEAR = "near"
    """One digit differs, or two are swapped: a slip, or the next number of a twin."""
    OTHER_KIND = "other_kind"
    """An old identity card beside a citizen's number, or a passport: one person may have both."""
    BRANCH = "branch"
    """Tax codes of one firm, of different branches."""
    DIFFERENT = "different"


class Numbers(NamedTuple):
    """What a person or firm is known by: ``card`` (9 or 12 digits, or a passport), ``tax`` (10 or 13)."""

    card: str | None
    tax: str | None


def numbers_of(id_number: str | None, tax_code: str | None) -> Numbers:
    """Return the numbers in comparable form; a tax code of 12 digits is a citizen's number."""
    card, tax = _plain(id_number), _plain(tax_code)
    if card and card.isdigit():
        if len(card) in (_TAX, _BRANCH):
            card, tax = None, tax or card
        else:
            card = card.zfill(_CMND if len(card) <= _CMND else _CCCD)
    if tax and len(tax) == _CCCD:
        return Numbers(card if card and len(card) == _CCCD else tax, None)
    return Numbers(card, tax if tax and len(tax) in (_TAX, _BRANCH) else None)


def _plain(text: str | None) -> str | None:
    if not text:
        return None
    plain = text if text.isdigit() else _APART.sub("", text).upper()
    return plain if len(plain) >= _CMND - 1 and not _FILLED_IN.fullmatch(plain) else None


def compare_cards(one: str, other: str) -> NumberIs:
    """Say how two identity numbers compare; the same whichever is named first."""
    if one == other:
        return NumberIs.SAME
    if len(one) != len(other) or one.isdigit() != other.isdigit():
        return NumberIs.OTHER_KIND
    return _near(one, other)


def compare_taxes(one: str, other: str) -> NumberIs:
    """Say how two tax codes compare; the same whichever is named first."""
    if one == other:
        return NumberIs.SAME
    return NumberIs.BRANCH if one[:_TAX] == other[:_TAX] else _near(one, other)


def _near(one: str, other: str) -> NumberIs:
    near = OSA.distance(one, other, score_cutoff=1) <= 1
    return NumberIs.NEAR if near else NumberIs.DIFFERENT
