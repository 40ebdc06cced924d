"""What two clerks key of one dossier, one at the one-stop, one at the ministry: the known truth of ``match``.

Each mistake has its chance, on each side by itself, so that some dossiers have several: letters
slipped, doubled, swapped; marks left out; the tone in its old place; decomposed letters; look-alikes of
"Đ"; abbreviations; words in another order; day and month swapped; only the year known; a digit wrong; the
zero a spreadsheet took; the old identity card; telephones of before 2018; no number at all. Some
dossiers were keyed on one side only, some twice on one side.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from benchmarks.people import PROCEDURES, Filed, Person, Province
from bridge.domain.matching import Entry

BOTH, OURS_ONLY = 0.86, 0.93
"""Of 100 dossiers 86 were keyed on both sides, 7 at the one-stop alone, 7 at the ministry alone."""
TWICE = 0.004
_OLD_PREFIXES = {
    "032": "0162", "034": "0164", "035": "0165", "036": "0166", "037": "0167", "038": "0168",
    "039": "0169", "070": "0120", "077": "0122", "079": "0121", "083": "0123", "085": "0125",
    "056": "0186",
}  # fmt: skip
_OLD_TONES = {
    "òa": "oà",
    "óa": "oá",
    "ỏa": "oả",
    "õa": "oã",
    "ọa": "oạ",
    "úy": "uý",
    "ủy": "uỷ",
    "ùy": "uỳ",
}
_SHORT = {"Nguyễn": "Ng.", "Trần": "Tr.", "Thị": "T.", "Văn": "V.", "Phạm": "Ph."}


@dataclass(slots=True)
class Sides:
    """What stands on both sides, and which is which; a dossier keyed twice is in two pairs."""

    ours: list[Entry] = field(default_factory=list)
    theirs: list[Entry] = field(default_factory=list)
    truth: set[tuple[str, str]] = field(default_factory=set)


def sides(size: int, seed: int) -> Sides:
    """Return two sides of ``size`` entries each, of one seed always the same."""
    random = Random(seed)
    clerk = Clerk(random)
    made = Sides()
    serial = count(1)
    for filed in Province(random).dossiers():
        chance = random.random()
        here, there = chance < OURS_ONLY, chance < BOTH or chance >= OURS_ONLY
        ours = [f"D{next(serial):07}" for _ in range(here + (here and random.random() < TWICE))]
        theirs = [f"R{next(serial):07}" for _ in range(there + (there and random.random() < TWICE))]
        if len(made.ours) + len(ours) <= size:
            made.ours += [clerk.key(filed, key) for key in ours]
            kept = ours
        else:
            kept = []
        if len(made.theirs) + len(theirs) <= size:
            made.theirs += [clerk.key(filed, key, at_ministry=True) for key in theirs]
            made.truth |= {(one, other) for one in kept for other in theirs}
        if len(made.ours) == len(made.theirs) == size:
            break
    random.shuffle(made.ours)
    random.shuffle(made.theirs)
    return made


class Clerk:
    """Keys what a citizen brings, as well as people do."""

    def __init__(self, random: Random) -> None:
        """Make mistakes out of one chance."""
        self._random = random

    def key(self, filed: Filed, key: str, *, at_ministry: bool = False) -> Entry:
        """Return a dossier as it was keyed."""
        who = filed.who
        return Entry(
            key,
            self._card(who),
            self._tax(who),
            self._name(who.name),
            self._birth(who.birth),
            self._phone(who.phone),
            self._procedure(filed.procedure, at_ministry=at_ministry),
            self._received(filed.received, at_ministry=at_ministry),
        )

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _card(self, who: Person) -> str | None:
        number = who.old_card if who.old_card and self._happens(0.12) else who.card
        if number is None or self._happens(0.05):
            return None
        if self._happens(0.008):
            number = self._slip(number, "0123456789")
        if self._happens(0.01):
            number = number.lstrip("0")
        return " ".join((number[:3], number[3:])) if self._happens(0.02) else number

    def _tax(self, who: Person) -> str | None:
        if who.tax is None:
            return who.card if self._happens(0.02) else None
        if self._happens(0.04):
            return None
        return self._slip(who.tax, "0123456789") if self._happens(0.01) else who.tax

    def _name(self, name: str) -> str:
        for chance, keyed in self._slips():
            if self._happens(chance):
                name = keyed(name)
        return unicodedata.normalize("NFD", name) if self._happens(0.1) else name

    def _slips(self) -> tuple[tuple[float, Callable[[str], str]], ...]:
        return (
            (0.2, _old_tones),
            (0.02, lambda name: self._slip(name, "aeiounhtgc")),
            (0.02, _without_marks),
            (0.015, _abbreviated),
            (0.004, lambda name: " ".join([*name.split()[1:], name.split()[0]])),
            (0.004, _without_middle),
            (0.01, lambda name: name.replace("Đ", "Ð").replace("đ", "ð")),
            (0.15, str.upper),
            (0.02, lambda name: f"  {name.replace(' ', '  ', 1)} "),
        )

    def _birth(self, birth: date | None) -> str | None:
        if birth is None or self._happens(0.03):
            return None
        if self._happens(0.03):
            return f"{birth.year}" if self._happens(0.5) else f"{birth.year}-01-01"
        if self._happens(0.01) and birth.day <= 12:  # noqa: PLR2004  a day that can be a month
            return f"{birth.year}-{birth.day:02}-{birth.month:02}"
        if self._happens(0.01):
            return f"{birth.year + self._random.choice((-10, -1, 1, 10))}{birth.isoformat()[4:]}"
        return birth.isoformat()

    def _phone(self, phone: str) -> str | None:
        if self._happens(0.1):
            return None
        if self._happens(0.04):
            return f"09{self._random.randrange(10**8):08}"
        if phone[:3] in _OLD_PREFIXES and self._happens(0.08):
            return _OLD_PREFIXES[phone[:3]] + phone[3:]
        if self._happens(0.08):
            return f"+84 {phone[1:4]} {phone[4:]}"
        return phone

    def _procedure(self, procedure: str, *, at_ministry: bool) -> str | None:
        if not at_ministry:
            return f"{procedure}.000.00.00.H40" if self._happens(0.3) else procedure
        if self._happens(0.03):
            return None
        return self._random.choice(list(PROCEDURES)) if self._happens(0.004) else procedure

    def _received(self, day: date, *, at_ministry: bool) -> date | None:
        if self._happens(0.004):
            return None
        if not at_ministry or self._happens(0.75):
            return day
        least, most = self._random.choices(((1, 3), (4, 7), (8, 25), (32, 90)), (18, 5, 1.5, 0.3))[
            0
        ]
        return day + timedelta(days=self._random.randint(least, most))

    def _slip(self, text: str, letters: str) -> str:
        """Return a text with a letter changed, left out, doubled or swapped with the next."""
        place = self._random.randrange(1, len(text) - 1)
        before, one, two, after = text[:place], text[place], text[place + 1], text[place + 2 :]
        changed = self._random.choice(letters)
        if letters.isdigit():
            return before + self._random.choice((changed + two, two + one)) + after
        return (
            before + self._random.choice((changed + two, two, one + one + two, two + one)) + after
        )


def _old_tones(name: str) -> str:
    for new, old in _OLD_TONES.items():
        name = name.replace(new, old)
    return name


def _without_marks(name: str) -> str:
    marks = unicodedata.normalize("NFD", name).replace("Đ", "D").replace("đ", "d")
    return "".join(one for one in marks if not unicodedata.combining(one))


def _abbreviated(name: str) -> str:
    *family, given = name.split(" ")
    return " ".join([*[_SHORT.get(word, word) for word in family], given])


def _without_middle(name: str) -> str:
    words = name.split(" ")
    return f"{words[0]} {words[-1]}"
