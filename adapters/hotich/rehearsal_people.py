"""Invented newborns for registrations that are made without the one-stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

__all__ = ["invented_birth"]

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLES = {"1": ("Văn", "Đức", "Minh", "Gia"), "2": ("Thị", "Ngọc", "Bảo", "Diệu")}
GIVEN = {
    "1": ("An", "Bình", "Dũng", "Khôi", "Khánh", "Long", "Phúc", "Sơn", "Thắng", "Vinh"),
    "2": ("Chi", "Giang", "Hân", "Lan", "Mai", "Nhi", "Oanh", "Quỳnh", "Thảo", "Yến"),
}


def invented_birth(rng: Random, today: date, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document; ``fields`` replace what is invented, None leaves one out."""
    sex = rng.choice("12")
    born = today - timedelta(days=rng.randrange(3, 55))
    mother, father = _adult(rng, "2", today), _adult(rng, "1", today)
    birth: dict[str, Any] = {
        "nksHoTen": f"{father['HoTen'].split()[0]} {_given(rng, sex)}",
        "nksGioiTinh": sex,
        "nksNgaySinh": born.isoformat(),
        "nksNoiSinh": "Trạm y tế phường",
        "nksDanToc": "Kinh",
        "nksQuocTich": "VN",
        **{f"me{name}": value for name, value in mother.items()},
        **{f"cha{name}": value for name, value in father.items()},
        "nycHoTen": father["HoTen"],
        "nycQuanHe": "Cha",
        "nycSoGiayTo": father["SoGiayTo"],
        "nycSoDienThoai": f"09{rng.randrange(10**8):08d}",
        **fields,
    }
    return {name: value for name, value in birth.items() if value is not None}


def _adult(rng: Random, sex: str, today: date) -> dict[str, str]:
    year = today.year - rng.randrange(20, 40)
    century = (0 if year < 2000 else 2) + (sex == "2")  # noqa: PLR2004
    return {
        "HoTen": f"{rng.choice(FAMILIES)} {_given(rng, sex)}",
        "NgaySinh": str(year) if rng.random() < 0.3 else f"{year}-{rng.randrange(1, 13):02d}-15",  # noqa: PLR2004 - some remember the year
        "SoGiayTo": f"036{century}{year % 100:02d}{rng.randrange(10**6):06d}",
    }


def _given(rng: Random, sex: str) -> str:
    return f"{rng.choice(MIDDLES[sex])} {rng.choice(GIVEN[sex])}"
