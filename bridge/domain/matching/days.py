"""Birth dates, known in part, and days of reception: how two of them compare."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_NEAR, _WEEK, _MONTH, YEAR = 3, 7, 31, 366
NEW_YEAR = (1, 1)
"""What is keyed where only the year of birth is known."""


class BirthIs(StrEnum):
    """How two birth dates compare."""

    SAME = "same"
    MONTH = "month"
    """Year and month are the same, one of them has no day."""
    YEAR = "year"
    """The year is the same, and one of them has no more (1 January counts as no more)."""
    SWAPPED = "swapped"
    SLIP = "slip"
    """One of year, month and day differs."""
    DIFFERENT = "different"


class ReceivedIs(StrEnum):
    """How two days of reception compare."""

    SAME = "same"
    NEAR = "near"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Birth(NamedTuple):
    """A birth date as far as it is known; ``month`` and ``day`` are 0 where they are not."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def whole(self) -> bool:
        """Whether it tells a day, and not merely that nobody knew it."""
        return self.day != 0 and (self.month, self.day) != NEW_YEAR


def birth_of(text: str | None) -> Birth | None:
    """Return a birth date from ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; ``None`` from anything else."""
    match = _PARTIAL.fullmatch(text) if text else None
    if match is None:
        return None
    year, month, day = match.groups("0")
    return Birth(int(year), int(month), int(day))


def compare_births(one: Birth, other: Birth) -> BirthIs:
    """Say how two birth dates compare; the same whichever is named first."""
    if one.whole and other.whole:
        return _compare_whole(one, other)
    if one.year != other.year:
        return BirthIs.DIFFERENT
    here, there = _month(one), _month(other)
    if here and there:
        return BirthIs.MONTH if here == there else BirthIs.DIFFERENT
    return BirthIs.YEAR


def _month(birth: Birth) -> int:
    return 0 if (birth.month, birth.day) == NEW_YEAR else birth.month


def _compare_whole(one: Birth, other: Birth) -> BirthIs:
    if one == other:
        return BirthIs.SAME
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return BirthIs.SWAPPED
    agree = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    return BirthIs.SLIP if agree == 2 else BirthIs.DIFFERENT  # noqa: PLR2004  two of the three


def compare_received(apart: int) -> ReceivedIs:
    """Say how far two days of reception lie apart, told in days, a year's at most."""
    if apart == 0:
        return ReceivedIs.SAME
    bounds = (_NEAR, ReceivedIs.NEAR), (_WEEK, ReceivedIs.WEEK), (_MONTH, ReceivedIs.MONTH)
    for most, told in bounds:
        if apart <= most:
            return told
    return ReceivedIs.YEAR
