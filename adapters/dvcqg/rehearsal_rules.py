"""What the pretend portal accepts: contracts/systems.md, "dvcqg", field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["dossier_fault", "step_fault"]

_REQUIRED = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo",
    "LoaiDoiTuong", "NgayNopHoSo", "NgayTiepNhan", "TrangThaiHoSo", "HinhThuc", "DonViXuLy",
    "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen",
)  # fmt: skip
_WORDS: Mapping[str, frozenset[str]] = {
    "KenhThucHien": frozenset("123"),
    "LoaiDoiTuong": frozenset("1234"),
    "TrangThaiHoSo": frozenset(map(str, range(1, 11))),
    "HinhThuc": frozenset("01"),
    "NoiNopHoSo": frozenset("12"),
    "HoSoCoThanhPhanSoHoa": frozenset("01"),
    "TaiKhoanDuocXacThucVoiVNeID": frozenset("01"),
    "DuocThanhToanTrucTuyen": frozenset("012"),
}
_TIMES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayTuChoi", "NgayKetThucXuLy", "NgayTra")
_LIMITS = {"MaHoSo": 50, "ChuHoSo": 500, "TrichYeuHoSo": 1000}
_FEE = ("TenPhiLePhi", "MaPhiLePhi", "HinhThucThu", "Gia", "LoaiPhiLePhi")
_STEP = ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai")
_HANDLER_MOST = 50
_TIME = re.compile(r"^(\d{14})?$")


def dossier_fault(one: Mapping[str, Any]) -> str | None:
    """Return what the portal says against a dossier, ``None`` when it takes it."""
    for key in _REQUIRED:
        if not one.get(key):
            return f"Thiếu {key}"
    for key, value in one.items():
        if not isinstance(value, (str, list)):
            return f"{key} phải là chuỗi"
    for key, words in _WORDS.items():
        if one[key] not in words:
            return f"{key} không đúng danh mục"
    for key in _TIMES:
        if not _TIME.match(one.get(key, "")):
            return f"{key} không đúng dạng yyyyMMddHHmmss"
    for key, most in _LIMITS.items():
        if len(one.get(key, "")) > most:
            return f"{key} dài quá {most}"
    for fee in one.get("DanhSachLePhi", ()):
        if not all(fee.get(key) for key in _FEE):
            return "DanhSachLePhi thiếu thông tin"
    return None


def step_fault(one: Mapping[str, Any]) -> str | None:
    """Return what the portal says against a step, ``None`` when it takes it."""
    for key in _STEP:
        if not one.get(key):
            return f"Thiếu {key}"
    if len(one["NguoiXuLy"]) > _HANDLER_MOST:
        return "NguoiXuLy dài quá 50"
    if not _TIME.match(one["ThoiDiemXuLy"]):
        return "ThoiDiemXuLy không đúng dạng yyyyMMddHHmmss"
    return None if one["TrangThai"] in _WORDS["TrangThaiHoSo"] else "TrangThai không đúng danh mục"
