"""People who do not exist: names, papers and homes as a clerk in the Red River delta meets them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FAMILY_NAMES = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Phạm", "Phạm", "Hoàng", "Vũ", "Vũ",
    "Đặng", "Bùi", "Đỗ", "Đinh", "Ngô", "Dương", "Đoàn", "Mai", "Lưu", "Tống", "Khương", "Phùng",
)  # fmt: skip
MIDDLE_NAMES = {
    "male": ("Văn", "Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Công", "Thành", "Ngọc", "Đình"),
    "female": ("Thị", "Thị", "Thị", "Thu", "Ngọc", "Thanh", "Phương", "Hồng", "Thị Kim", "Thùy"),
}
GIVEN_NAMES = {
    "male": (
        "An", "Bình", "Chiến", "Cường", "Dũng", "Đạt", "Hải", "Hiếu", "Hùng", "Khải", "Lâm",
        "Long", "Nam", "Phúc", "Quyết", "Sơn", "Thắng", "Tuấn", "Vinh", "Hưởng",
    ),
    "female": (
        "Anh", "Bích", "Chi", "Diệp", "Duyên", "Hà", "Hạnh", "Hiền", "Hương", "Lan", "Linh",
        "Mai", "Ngân", "Nhung", "Oanh", "Phượng", "Quỳnh", "Thảo", "Trang", "Yến",
    ),
}  # fmt: skip

#: Communes and wards by code: of the old provinces of Nam Định and Ninh Bình.
COMMUNES = {
    "13669": "phường Nam Định, tỉnh Ninh Bình",
    "13684": "phường Thiên Trường, tỉnh Ninh Bình",
    "13693": "phường Đông A, tỉnh Ninh Bình",
    "13741": "xã Vụ Bản, tỉnh Ninh Bình",
    "13795": "xã Ý Yên, tỉnh Ninh Bình",
    "13891": "xã Nghĩa Hưng, tỉnh Ninh Bình",
    "13966": "xã Nam Trực, tỉnh Ninh Bình",
    "14026": "xã Trực Ninh, tỉnh Ninh Bình",
    "14077": "xã Xuân Trường, tỉnh Ninh Bình",
    "14089": "xã Giao Thủy, tỉnh Ninh Bình",
    "14215": "xã Hải Hậu, tỉnh Ninh Bình",
    "14329": "phường Hoa Lư, tỉnh Ninh Bình",
    "14362": "phường Tam Điệp, tỉnh Ninh Bình",
    "14560": "xã Gia Viễn, tỉnh Ninh Bình",
}
HAMLETS = ("Thôn Đông", "Thôn Đoài", "Xóm 3", "Xóm 7", "Tổ dân phố số 5", "Thôn Phú Lễ", "Xóm Chợ")
PROVINCE = "036"
ISSUER = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
PREFIXES = ("091", "094", "088", "097", "098", "086", "032", "035", "090", "093", "070", "079")

_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. ``born`` is a whole day; ``id_number`` a CCCD that agrees with it."""

    name: str
    sex: str
    born: date
    id_number: str
    id_issued_on: date
    phone: str
    address: str
    commune: str


def invent_person(rng: Random, today: date, youngest: int = 18, oldest: int = 65) -> Person:
    """Return an adult of these ages (years) on ``today``."""
    sex = rng.choice(("male", "female"))
    born = today - timedelta(days=rng.randrange(youngest * 366, oldest * 365))
    commune = rng.choice(tuple(COMMUNES))
    issued = max(born + timedelta(days=14 * 366), date(2021, 1, 1))
    return Person(
        name=invent_name(rng, sex),
        sex=sex,
        born=born,
        id_number=citizen_number(rng, sex, born.year),
        id_issued_on=issued + timedelta(days=rng.randrange(max((today - issued).days, 1))),
        phone=f"{rng.choice(PREFIXES)}{rng.randrange(10_000_000):07d}",
        address=f"{rng.choice(HAMLETS)}, {COMMUNES[commune]}",
        commune=commune,
    )


def invent_name(rng: Random, sex: str) -> str:
    """Return họ, đệm and tên."""
    parts = (FAMILY_NAMES, MIDDLE_NAMES[sex], GIVEN_NAMES[sex])
    return " ".join(rng.choice(part) for part in parts)


def citizen_number(rng: Random, sex: str, year: int) -> str:
    """Return a CCCD: province, a digit of sex and century, two of the year, six of chance."""
    digit = (2 if year >= _CENTURY else 0) + (sex == "female")
    return f"{PROVINCE}{digit}{year % 100:02d}{rng.randrange(1_000_000):06d}"


def invent_company(rng: Random) -> str:
    """Return the name of an enterprise that does not exist."""
    form = rng.choice(("Công ty TNHH", "Công ty Cổ phần", "Công ty TNHH Một thành viên"))
    trade = rng.choice(("Dệt may", "Cơ khí", "Đồ gỗ", "Thủy sản", "Xây dựng", "Vận tải"))
    place = rng.choice(("Thành Nam", "Sông Ninh", "Non Nước", "Vị Hoàng", "Giao Hải", "Cổ Lễ"))
    return f"{form} {trade} {place}"
