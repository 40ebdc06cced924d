"""What each piece of evidence counts: bits for or against two dossiers being one (Fellegi and Sunter, 1969).

The weight of an outcome is ``log2(m / u)``: ``m`` says how often it comes out so where both are one dossier,
``u`` where they are not. Both are fixed, not learned from the data of the day: so a pair scores the
same today and tomorrow, alone or among a million, and a person can be told why. ``u`` of numbers and
birth dates follows from how many there are (a province of 200,000 dossiers, 60 years of birth); that of
names from the commonest ones, so that "Nguyễn Văn Hùng" is not trusted more than it deserves; ``m``
from what is mistyped by hand, with room. What makes a pair sure is no sum: see ``pair``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import NamedTuple

from bridge.domain.matching.days import (
    YEAR,
    BirthIs,
    ReceivedIs,
    compare_births,
    compare_received,
)
from bridge.domain.matching.entry import Point
from bridge.domain.matching.known import Known
from bridge.domain.matching.names import NameIs, compare
from bridge.domain.matching.numbers import NumberIs, compare_cards, compare_taxes
from bridge.domain.said import Said


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a comparison came out: what a person is told, and whether it speaks ``against`` the pair.

    What speaks against a pair is no slip of the keyboard: it keeps the pair from being sure
    whatever else is equal, and a rival with it may be told apart. Each is made once, and is equal
    to itself alone.
    """

    point: Point
    against: bool = False


def _chance(what: str, m: float, u: float, how: str, *, against: bool = False) -> Outcome:
    return Outcome(Point(what, how, round(log2(m / u), 1)), against)


_CARD, _TAX, _NAME = Said("identity number"), Said("tax code"), Said("name")
_BIRTH, _PHONE = Said("birth date"), Said("phone")
_PROCEDURE, _RECEIVED = Said("procedure"), Said("day of reception")

CARD: Mapping[NumberIs, Outcome] = {
    NumberIs.SAME: _chance(_CARD, 0.93, 5e-6, Said("the same")),
    NumberIs.NEAR: _chance(
        _CARD, 0.03, 4e-3, Said("one digit differs, or two are swapped"), against=True
    ),
    NumberIs.OTHER_KIND: _chance(_CARD, 0.03, 0.03, Said("of another kind")),
    NumberIs.DIFFERENT: _chance(_CARD, 0.01, 0.965995, Said("different"), against=True),
}
TAX: Mapping[NumberIs, Outcome] = {
    NumberIs.SAME: _chance(_TAX, 0.95, 2e-5, Said("the same")),
    NumberIs.NEAR: _chance(
        _TAX, 0.03, 2e-3, Said("one digit differs, or two are swapped"), against=True
    ),
    NumberIs.BRANCH: _chance(_TAX, 0.01, 2e-4, Said("of another branch"), against=True),
    NumberIs.DIFFERENT: _chance(_TAX, 0.01, 0.99778, Said("different"), against=True),
}
NAME: Mapping[NameIs, Outcome] = {
    NameIs.SAME: _chance(_NAME, 0.84, 1.5e-3, Said("the same")),
    NameIs.UNMARKED: _chance(_NAME, 0.03, 8e-5, Said("the same, keyed without marks")),
    NameIs.ORDER: _chance(_NAME, 0.01, 2e-5, Said("the same words in another order")),
    NameIs.MARKS: _chance(_NAME, 0.03, 8e-4, Said("the same letters with other marks")),
    NameIs.ABBREVIATED: _chance(_NAME, 0.02, 4e-4, Said("the same, abbreviated")),
    NameIs.TYPED: _chance(_NAME, 0.04, 4e-3, Said("a letter or two differ")),
    NameIs.SHORTENED: _chance(_NAME, 0.01, 2e-3, Said("a word is missing")),
    NameIs.GIVEN: _chance(_NAME, 0.005, 0.05, Said("another given name"), against=True),
    NameIs.DIFFERENT: _chance(_NAME, 0.015, 0.9412, Said("different"), against=True),
}
BIRTH: Mapping[BirthIs, Outcome] = {
    BirthIs.SAME: _chance(_BIRTH, 0.86, 7e-5, Said("the same")),
    BirthIs.MONTH: _chance(_BIRTH, 0.02, 4e-5, Said("the same month")),
    BirthIs.YEAR: _chance(_BIRTH, 0.06, 2e-3, Said("the same year")),
    BirthIs.SWAPPED: _chance(_BIRTH, 0.02, 3e-5, Said("day and month swapped")),
    BirthIs.SLIP: _chance(_BIRTH, 0.03, 4e-3, Said("day, month or year differs")),
    BirthIs.DIFFERENT: _chance(_BIRTH, 0.01, 0.99386, Said("different"), against=True),
}
PHONE_SAME = _chance(_PHONE, 0.8, 3e-4, Said("the same"))
PHONE_DIFFERENT = _chance(_PHONE, 0.2, 0.9997, Said("different"))
PROCEDURE_SAME = _chance(_PROCEDURE, 0.985, 0.3, Said("the same"))
PROCEDURE_DIFFERENT = _chance(_PROCEDURE, 0.015, 0.7, Said("different"), against=True)
RECEIVED: Mapping[ReceivedIs, Outcome] = {
    ReceivedIs.SAME: _chance(_RECEIVED, 0.72, 2e-3, Said("the same day")),
    ReceivedIs.NEAR: _chance(_RECEIVED, 0.17, 8e-3, Said("within 3 days")),
    ReceivedIs.WEEK: _chance(_RECEIVED, 0.07, 0.01, Said("within 7 days")),
    ReceivedIs.MONTH: _chance(_RECEIVED, 0.025, 0.06, Said("within a month"), against=True),
    ReceivedIs.YEAR: _chance(_RECEIVED, 0.01, 0.4, Said("within a year"), against=True),
}
"""Of each two hundred of one dossier one, and of others every second, lies further apart: they are not compared."""
CARD_SAME, NAME_SAME, BIRTH_SAME = CARD[NumberIs.SAME], NAME[NameIs.SAME], BIRTH[BirthIs.SAME]
"""How most comparisons of a dossier with itself come out."""
_BY_DAYS = [RECEIVED[compare_received(apart)] for apart in range(YEAR + 1)]
"""Outcomes by the days between."""


class Seen(NamedTuple):
    """How each comparison came out; ``None`` where a side does not know the value."""

    card: Outcome | None
    tax: Outcome | None
    name: Outcome | None
    birth: Outcome | None
    phone: Outcome | None
    procedure: Outcome | None
    received: Outcome | None


def cards(one: Known, other: Known) -> Outcome | None:
    """Compare the identity numbers of two entries; as all that compares, the same whichever is named first."""
    if one.card is None or other.card is None:
        return None
    return CARD_SAME if one.card == other.card else CARD[compare_cards(one.card, other.card)]


def taxes(one: Known, other: Known) -> Outcome | None:
    """Compare the tax codes of two entries."""
    if one.tax is None or other.tax is None:
        return None
    return TAX[compare_taxes(one.tax, other.tax)]


def names(one: Known, other: Known) -> Outcome | None:
    """Compare the names of two entries."""
    here, there = one.name, other.name
    if here is None or there is None:
        return None
    return NAME_SAME if here.words == there.words else NAME[compare(here, there)]


def births(one: Known, other: Known) -> Outcome | None:
    """Compare the birth dates of two entries."""
    here, there = one.birth, other.birth
    if here is None or there is None:
        return None
    return BIRTH_SAME if here == there and here.whole else BIRTH[compare_births(here, there)]


def phones(one: Known, other: Known) -> Outcome | None:
    """Compare the telephones of two entries."""
    if one.phone is None or other.phone is None:
        return None
    return PHONE_SAME if one.phone == other.phone else PHONE_DIFFERENT


def procedures(one: Known, other: Known) -> Outcome | None:
    """Compare the procedures of two entries."""
    if one.procedure is None or other.procedure is None:
        return None
    return PROCEDURE_SAME if one.procedure == other.procedure else PROCEDURE_DIFFERENT


def receptions(apart: int | None) -> Outcome | None:
    """Tell two days of reception so many days apart.

    Raises:
        IndexError: they are more than a year apart: such are not to be handed in.
    """
    return None if apart is None else _BY_DAYS[apart]


def score(seen: Seen) -> tuple[float, bool]:
    """Return what all the evidence comes to, in bits, to a tenth, and whether any speaks against it."""
    total, against = 0.0, False
    for one in seen:
        if one is not None:
            total += one.point.weight
            against = against or one.against
    return round(total, 1), against


def points(seen: Seen) -> tuple[Point, ...]:
    """Return the evidence as a person is told it: their weights come to the score."""
    return tuple([one.point for one in seen if one is not None])
