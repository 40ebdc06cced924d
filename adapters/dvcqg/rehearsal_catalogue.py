"""The procedures the pretend portal knows, and how its two catalogue services show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.sdk.times import VIETNAM

__all__ = ["PROCEDURES", "Catalogue"]

MOST = 100
OLD = "20260105080000"
"""When what the portal begins with was published."""

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
        ("1.002835", "Cấp mới giấy phép lái xe", "G09-GT01", "Đường bộ",
         "Sở Giao thông vận tải", "10", "135000"),
        ("1.002809", "Đổi giấy phép lái xe", "G09-GT01", "Đường bộ",
         "Sở Giao thông vận tải", "5", "135000"),
        ("1.003709", "Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh", "G18-YT05", "Khám bệnh",
         "H40.07", "20", "360000"),
    )
)  # fmt: skip


class Catalogue:
    """The list of procedures and when each was published last; not safe for several threads."""

    def __init__(self) -> None:
        self._rows = {row["MATTHC"]: dict(row) for row in PROCEDURES}
        self._since = dict.fromkeys(self._rows, OLD)

    def publish(self, code: str, at: datetime | None = None, **fields: Any) -> None:
        """Publish a procedure, or change fields of one that is; ``TRANGTHAI`` 0 withdraws it."""
        self._rows[code] = {**self._rows.get(code, {"MATTHC": code}), **fields}
        self._since[code] = f"{(at or datetime.now(UTC)).astimezone(VIETNAM):%Y%m%d%H%M%S}"

    def forget(self, code: str) -> None:
        """Leave a procedure out of every answer, as a portal does on a bad day."""
        del self._rows[code], self._since[code]

    def listed(self, asked: Mapping[str, Any]) -> list[Mapping[str, str]] | None:
        """Return a page of ``LayDanhSachTTHC``; ``None`` when it is not understood."""
        page, number = str(asked.get("trang", "1")), str(asked.get("soluong", MOST))
        since = str(asked.get("tungay", ""))
        if not (page.isdecimal() and number.isdecimal() and 1 <= int(number) <= MOST and int(page)):
            return None
        if since and not (since.isdecimal() and len(since) == len(OLD)):
            return None
        rows = [row for code, row in self._rows.items() if self._since[code] >= since]
        start = (int(page) - 1) * int(number)
        return list(rows[start : start + int(number)])

    def procedure(self, code: Any) -> list[Mapping[str, Any]]:
        """Return the answer of ``LayThuTuc``, empty when there is no such procedure."""
        return [
            {
                "MATTHC": one["MATTHC"],
                "TENTTHC": one["TENTTHC"],
                "LINHVUCTHUCHIEN": [
                    {"MALINHVUC": one["MALINHVUC"], "TENLINHVUC": one["TENLINHVUC"]}
                ],
            }
            for one in self._rows.values()
            if one["MATTHC"] == code
        ]
