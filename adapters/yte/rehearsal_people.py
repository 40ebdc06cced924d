"""Invented practitioners for dossiers that are keyed only at the pretend ministry of health."""

from __future__ import annotations

from random import Random
from typing import Any

__all__ = ["invented_dossier"]

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE = {"M": ("Văn", "Đức", "Quang", "Hữu"), "F": ("Thị", "Thu", "Ngọc", "Thanh")}
_GIVEN = {"M": ("Hùng", "Dũng", "Sơn", "Tuấn", "Lâm"), "F": ("Hương", "Lan", "Mai", "Yến", "Hà")}
_SCOPE = ("Khám bệnh, chữa bệnh đa khoa", "Điều dưỡng viên", "Dược sĩ", "Chuyên khoa răng hàm mặt")
_SCHOOL = ("Trường Đại học Y Hà Nội", "Trường Đại học Y Dược Thái Bình", "Trường Đại học Dược")


def invented_dossier(rng: Random, received: str) -> dict[str, Any]:
    """Return a HoSo without codes, received at ``received`` (14 digits)."""
    sex = rng.choice("MF")
    year, month, day = rng.randint(1965, 1998), rng.randint(1, 12), rng.randint(1, 28)
    name = " ".join((rng.choice(_FAMILY), rng.choice(_MIDDLE[sex]), rng.choice(_GIVEN[sex])))
    return {
        "MaTTHC": "1.003709",
        "NguoiHanhNghe": {
            "HoTen": name,
            "NgaySinh": f"{year}{month:02d}{day:02d}",
            "GioiTinh": sex,
            "SoDinhDanh": f"036{int(sex == 'F')}{year % 100:02d}{rng.randint(0, 999_999):06d}",
            "DienThoai": f"09{rng.randint(0, 99_999_999):08d}",
            "DiaChi": f"Số {rng.randint(1, 200)}, phường Vị Xuyên, Nam Định",
        },
        "PhamViChuyenMon": rng.choice(_SCOPE),
        "VanBang": [
            {"Ten": "Bác sĩ đa khoa", "NoiCap": rng.choice(_SCHOOL), "NamCap": str(year + 25)}
        ],
        "NgayTiepNhan": received,
        "TrangThai": "MOI",
    }
