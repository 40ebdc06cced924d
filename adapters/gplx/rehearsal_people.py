"""Invented applicants for dossiers that are keyed only at the ministry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

__all__ = ["invented_dossier"]

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLES = {"Nam": ("Văn", "Đức", "Quang", "Hữu"), "Nữ": ("Thị", "Ngọc", "Thu", "Diệu")}
GIVEN = {
    "Nam": ("An", "Bình", "Dũng", "Hải", "Khánh", "Long", "Phúc", "Sơn", "Thắng", "Vinh"),
    "Nữ": ("Chi", "Giang", "Hạnh", "Lan", "Mai", "Nhung", "Oanh", "Quỳnh", "Thảo", "Yến"),
}
STREETS = ("Trần Hưng Đạo", "Lê Lợi", "Hùng Vương", "Nguyễn Du", "Phan Bội Châu")
CLASSES = ("A1", "A", "B", "C1", "C", "D2", "CE")
PERSON = frozenset(
    {"HoTen", "NgaySinh", "GioiTinh", "LoaiGiayTo", "SoGiayTo", "DienThoai", "Email", "DiaChi",
     "MaXa"}
)  # fmt: skip


def invented_dossier(rng: Random, now: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a HoSo that the ministry's own counter took; ``fields`` replace what is invented.

    A field of the applicant (``HoTen``) is given by its own name, like one of the dossier.
    """
    sex = rng.choice(("Nam", "Nữ"))
    born = datetime(rng.randrange(1962, 2006), rng.randrange(1, 13), rng.randrange(1, 29))  # noqa: DTZ001 - a day
    century = (0 if born.year < 2000 else 2) + (sex == "Nữ")  # noqa: PLR2004
    person = {
        "HoTen": f"{rng.choice(FAMILIES)} {rng.choice(MIDDLES[sex])} {rng.choice(GIVEN[sex])}",
        "NgaySinh": f"{born:%d/%m/%Y}",
        "GioiTinh": sex,
        "LoaiGiayTo": "CCCD",
        "SoGiayTo": f"036{century}{born:%y}{rng.randrange(10**6):06d}",
        "DienThoai": f"09{rng.randrange(10**8):08d}",
        "DiaChi": f"{rng.randrange(1, 300)} {rng.choice(STREETS)}",
    }
    received = now.replace(microsecond=0)
    dossier = {
        "MaThuTuc": "1.002835",
        "NguoiNop": person | {name: fields[name] for name in PERSON & fields.keys()},
        "HangGPLX": rng.choice(CLASSES),
        "NgayTiepNhan": received.isoformat(),
        "NgayHenTra": (received + timedelta(days=7)).isoformat(),
        "LePhi": "135000",
    }
    return dossier | {name: value for name, value in fields.items() if name not in PERSON}
