"""The procedures the pretend portal knows, and how its two catalogue services show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["PROCEDURES", "listed", "procedure"]

MOST = 100

PROCEDURES: tuple[Mapping[str, str], ...] = tuple(
    {
        "MATTHC": code,
        "TENTTHC": name,
        "MALINHVUC": sector,
        "TENLINHVUC": sector_name,
        "COQUAN": agency,
        "THOIHAN": days,
        "DONVITINH": "Ngày làm việc",
        "PHI": fee,
        "TRANGTHAI": "1",
    }
    for code, name, sector, sector_name, agency, days, fee in (
        ("1.002835", "Cấp mới giấy phép lái xe", "G09-GT01", "Đường bộ", "Sở GTVT", "10", "135000"),
        ("1.002809", "Đổi giấy phép lái xe", "G09-GT01", "Đường bộ", "Sở GTVT", "5", "115000"),
        ("1.003709", "Cấp chứng chỉ hành nghề", "G10-YT01", "Khám bệnh", "Sở Y tế", "30", "360000"),
    )
)


def listed(asked: Mapping[str, Any]) -> list[Mapping[str, str]] | None:
    """Return a page of ``LayDanhSachTTHC``; ``None`` when page or number is not understood."""
    page, number = str(asked.get("trang", "1")), str(asked.get("soluong", MOST))
    if not (page.isdecimal() and number.isdecimal() and 1 <= int(number) <= MOST and int(page)):
        return None
    start = (int(page) - 1) * int(number)
    return list(PROCEDURES[start : start + int(number)])


def procedure(code: Any) -> list[Mapping[str, Any]]:
    """Return the answer of ``LayThuTuc``, empty when there is no such procedure."""
    return [
        {
            "MATTHC": one["MATTHC"],
            "TENTTHC": one["TENTTHC"],
            "LINHVUCTHUCHIEN": [{"MALINHVUC": one["MALINHVUC"], "TENLINHVUC": one["TENLINHVUC"]}],
        }
        for one in PROCEDURES
        if one["MATTHC"] == code
    ]
