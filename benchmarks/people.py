"""Invented people of a province and the dossiers they file: who is who is known, by a seed.

Names follow how common they are in Vietnam (a third is called Nguyễn). The hard cases are people, not mistakes: twins
(one birth date, one telephone, numbers that follow each other, the same errand on the same day), people
of one name and one birthday, people who come again under the same procedure, firms, and telephones of
those who file for others. What clerks make of them is in ``keyed``. Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

SURNAMES = {
    "Nguyễn": 384, "Trần": 121, "Lê": 95, "Phạm": 70, "Hoàng": 51, "Phan": 45, "Vũ": 39, "Đặng": 21,
    "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10, "Đinh": 10, "Đoàn": 8, "Lương": 7,
    "Trịnh": 7, "Đào": 6, "Mai": 6, "Cao": 5, "Tạ": 4, "Hà": 4, "Tống": 3, "Lưu": 3, "Khương": 1,
    "Thái": 2, "Quách": 1, "Lại": 2, "Doãn": 1, "Kiều": 1,
}  # fmt: skip
MIDDLE = {
    "M": {
        "Văn": 340, "Đức": 70, "Hữu": 50, "Quang": 45, "Minh": 45, "Đình": 40, "Xuân": 40, "Ngọc": 40,
        "Thanh": 35, "Công": 35, "Quốc": 30, "Mạnh": 25, "Trọng": 20, "Tuấn": 20, "Anh": 20, "Bá": 15,
        "Viết": 15, "Thế": 15, "Duy": 25, "Hoàng": 25, "": 50,
    },
    "F": {
        "Thị": 430, "Thị Thu": 50, "Thị Ngọc": 40, "Thị Thanh": 45, "Thị Kim": 35, "Thu": 40, "Ngọc": 40,
        "Thanh": 35, "Thùy": 25, "Minh": 30, "Phương": 30, "Hồng": 25, "Bích": 20, "Thị Hồng": 35,
        "Thị Bích": 20, "Thị Minh": 25, "Khánh": 15, "Mỹ": 10, "Diệu": 10, "": 40,
    },
}  # fmt: skip
GIVEN = {
    "M": ["Hùng", "Dũng", "Tuấn", "Anh", "Minh", "Nam", "Hải", "Long", "Sơn", "Thắng", "Cường", "Hiếu", "Đức", "Trung", "Quân", "Huy", "Tùng", "Hoàng", "Thành", "Bình", "Kiên", "Phong", "Hưng", "Toàn", "Việt", "Mạnh", "Quang", "Khánh", "Lâm", "Phúc", "Tân", "Thịnh", "Tâm", "Vinh", "Hòa", "Đạt", "Giang", "Lộc", "An", "Bảo", "Chiến", "Khoa", "Thái", "Thủy", "Trường", "Văn", "Vũ", "Dương", "Duy", "Khôi", "Nghĩa", "Quý", "Tài", "Tiến", "Sáng", "Thuận", "Toản"],
    "F": ["Hương", "Lan", "Hoa", "Hà", "Thảo", "Linh", "Nga", "Hằng", "Huyền", "Trang", "Thủy", "Mai", "Phương", "Dung", "Yến", "Ngọc", "Hạnh", "Hiền", "Loan", "Oanh", "Tuyết", "Hồng", "Liên", "Nhung", "Thu", "Vân", "Anh", "Hòa", "Thúy", "Xuân", "Nguyệt", "Thoa", "Thanh", "Chi", "Giang", "Lý", "Quyên", "Quỳnh", "Tâm", "Trinh", "Bích", "Châu", "Diệp", "Duyên", "Hường", "Khánh", "Ly", "My", "Nhàn", "Nụ", "Thắm", "Thơm", "Thơ", "Vui", "Út", "Ánh"],
}  # fmt: skip
PROCEDURES = {"1.002835": 50, "1.002809": 25, "2.000488": 15, "1.003709": 10}
PREFIXES = ("032", "034", "035", "036", "037", "038", "039", "070", "077", "079", "083", "085", "088",
            "090", "091", "094", "096", "097", "098", "056")  # fmt: skip
_FIRST_DAY = date(2023, 1, 2)
_DAYS = 3 * 365
_LAST_OLD_CARD = 2003
"""Who was born later never had an identity card of nine digits."""
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """A person or a firm as it truly is; ``old_card`` is the identity card of before."""

    name: str
    birth: date | None
    card: str | None
    old_card: str | None
    phone: str
    tax: str | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """One dossier as it truly is."""

    who: Person
    procedure: str
    received: date


class Province:
    """People and their dossiers, one after the other out of one chance."""

    def __init__(self, random: Random) -> None:
        """Begin with nobody."""
        self._random = random
        self._serial = count(1)
        self._agents = [self._phone() for _ in range(20)]

    def dossiers(self) -> Iterator[Filed]:
        """Yield dossiers without end, those of one household together."""
        while True:
            if self._happens(0.03):
                yield from self._often(self._firm(), most=12)
            elif self._happens(0.01):
                yield from self._together(self._twins())
            elif self._happens(0.005):
                yield from self._together(self._namesakes())
            else:
                yield from self._often(self._person(), most=3)

    def _often(self, who: Person, most: int) -> Iterator[Filed]:
        """Yield one dossier, and of every sixth person more, mostly under the same procedure."""
        procedure = self._one(PROCEDURES)
        times = self._random.randint(2, most) if self._happens(0.16) else 1
        for _ in range(times):
            yield Filed(who, procedure, self._day())
            if self._happens(0.3):
                procedure = self._one(PROCEDURES)

    def _together(self, people: Sequence[Person]) -> Iterator[Filed]:
        """Yield a dossier of each: most under one procedure, on one day."""
        procedure, day = self._one(PROCEDURES), self._day()
        for who in people:
            if self._happens(0.3):
                procedure, day = self._one(PROCEDURES), self._day()
            yield Filed(who, procedure, day)

    def _person(self) -> Person:
        sex = self._random.choice("MF")
        birth = date(1946, 1, 1) + timedelta(days=self._random.randrange(60 * 365))
        return Person(
            self._name(sex),
            birth,
            self._card(birth, sex),
            f"16{self._random.randrange(10**7):07}" if birth.year < _LAST_OLD_CARD else None,
            self._random.choice(self._agents) if self._happens(0.02) else self._phone(),
            sex=sex,
        )

    def _twins(self) -> tuple[Person, Person]:
        """Return two who differ in their given names, some by a mark alone, and in a digit."""
        one = self._person()
        family, given = one.name.rsplit(" ", 1)
        others = [name for name in GIVEN[one.sex] if name != given]
        alike = {"Hoa": "Hòa", "Hòa": "Hoa", "An": "Anh", "Anh": "Ánh", "Thủy": "Thúy"}
        other = alike.get(given) or self._random.choice(others)
        card = _next(one.card) if one.card else None
        old = _next(one.old_card) if one.old_card else None
        return one, replace(one, name=f"{family} {other}", card=card, old_card=old)

    def _namesakes(self) -> tuple[Person, Person]:
        """Return two of one name and one birthday who have nothing to do with each other."""
        one, other = self._person(), self._person()
        card = self._card(one.birth or _FIRST_DAY, one.sex)
        return one, replace(other, name=one.name, birth=one.birth, sex=one.sex, card=card)

    def _firm(self) -> Person:
        kind = self._random.choice(
            ("Công ty TNHH", "Công ty Cổ phần", "Công ty TNHH Một thành viên")
        )
        trade = self._random.choice(("Xây dựng", "Thương mại", "Vận tải", "Cơ khí", "Dệt may"))
        name = f"{kind} {trade} {self._name('M').split(' ', 1)[1]} {self._random.randrange(100)}"
        tax = f"06{self._random.randrange(10**8):08}"
        return Person(name, None, None, None, self._phone(), tax)

    def _name(self, sex: str) -> str:
        given = GIVEN[sex]
        weights = [1 / (place + 8) for place in range(len(given))]
        last = self._random.choices(given, weights)[0]
        return " ".join(f"{self._one(SURNAMES)} {self._one(MIDDLE[sex])} {last}".split())

    def _card(self, birth: date, sex: str) -> str:
        place = "036" if self._happens(0.8) else f"{self._random.randrange(1, 97):03}"
        century = (2 if birth.year >= _CENTURY else 0) + (sex == "F")
        return f"{place}{century}{birth.year % 100:02}{self._random.randrange(10**6):06}"

    def _phone(self) -> str:
        return f"{self._random.choice(PREFIXES)}{self._random.randrange(10**7):07}"

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _day(self) -> date:
        day = _FIRST_DAY + timedelta(days=self._random.randrange(_DAYS))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _one(self, among: dict[str, int]) -> str:
        return self._random.choices(list(among), list(among.values()))[0]


def _next(number: str) -> str:
    """Return the number after one: what a twin was given at the same counter."""
    return f"{int(number) + 1:0{len(number)}}"
