"""What the pretend portal accepts: contracts/systems.md, "dvcqg", field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

__all__ = ["dossier_fault", "step_fault"]

_Row: TypeAlias = Mapping[str, Any]

_STATUSES = frozenset(map(str, range(1, 11)))
_REQUIRED = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo",
    "LoaiDoiTuong", "NgayNopHoSo", "NgayTiepNhan", "TrangThaiHoSo", "HinhThuc", "DonViXuLy",
    "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen",
)  # fmt: skip
_WORDS: Mapping[str, frozenset[str]] = {
    "KenhThucHien": frozenset("123"),
    "LoaiDoiTuong": frozenset("1234"),
    "TrangThaiHoSo": _STATUSES,
    "HinhThuc": frozenset("01"),
    "NoiNopHoSo": frozenset("12"),
    "HoSoCoThanhPhanSoHoa": frozenset("01"),
    "TaiKhoanDuocXacThucVoiVNeID": frozenset("01"),
    "DuocThanhToanTrucTuyen": frozenset("012"),
}
_TIMES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayTuChoi", "NgayKetThucXuLy", "NgayTra")
_LIMITS = {"MaHoSo": 50, "ChuHoSo": 500, "TrichYeuHoSo": 1000}
_ROWS: Mapping[str, tuple[str, ...]] = {
    "DinhDanhCHS": ("LoaiDinhDanh", "SoDinhDanh"),
    "TaiLieuNop": ("TenTepDinhKem", "DuongDanTaiTepTin"),
    "DanhSachLePhi": ("TenPhiLePhi", "MaPhiLePhi", "HinhThucThu", "Gia", "LoaiPhiLePhi"),
    "DanhSachTepDinhKemKhac": (),
    "DanhSachHoSoBoSung": (),
    "DanhSachGiayToKetQua": ("TenGiayTo", "DuongDanTepTinKetQua"),
}
_ROW_WORDS = {"LoaiDinhDanh": frozenset("12"), "IsDeleted": frozenset(("True", "False", ""))}
_ROW_TIMES = frozenset(("NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi"))

_STEP_REQUIRED = ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai")
_STEP_TIMES = ("ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh")


def dossier_fault(one: Any) -> str | None:
    """Return what the portal says against a dossier, ``None`` when it takes it."""
    return "Hồ sơ không đúng dạng" if not isinstance(one, dict) else next(_of_dossier(one), None)


def step_fault(one: Any) -> str | None:
    """Return what the portal says against a step, ``None`` when it takes it."""
    return "Bước không đúng dạng" if not isinstance(one, dict) else next(_of_step(one), None)


def _of_dossier(one: _Row) -> Iterator[str]:
    yield from _missing(one, _REQUIRED)
    for key, value in one.items():
        if key in _ROWS:
            yield from _of_rows(key, value)
        elif type(value) is not str:
            yield f"{key} phải là chuỗi"
    for key, words in _WORDS.items():
        if one[key] not in words:
            yield f"{key} không đúng danh mục"
    yield from _badly_timed(one, _TIMES)
    for key, most in _LIMITS.items():
        if len(one.get(key, "")) > most:
            yield f"{key} dài quá {most}"


def _of_rows(name: str, rows: Any) -> Iterator[str]:
    if not isinstance(rows, list):
        yield f"{name} phải là danh sách"
        return
    for row in rows:
        if not isinstance(row, dict) or any(type(value) is not str for value in row.values()):
            yield f"{name} không đúng dạng"
            return
        yield from _missing(row, _ROWS[name])
        for key, words in _ROW_WORDS.items():
            if key in row and row[key] not in words:
                yield f"{key} không đúng danh mục"
        yield from _badly_timed(row, _ROW_TIMES & row.keys())


def _of_step(one: _Row) -> Iterator[str]:
    yield from _missing(one, _STEP_REQUIRED)
    for key, value in one.items():
        if type(value) is not str:
            yield f"{key} phải là chuỗi"
    if len(one["NguoiXuLy"]) > 50:  # noqa: PLR2004 - the contract's limit
        yield "NguoiXuLy dài quá 50"
    yield from _badly_timed(one, _STEP_TIMES)
    if one["TrangThai"] not in _STATUSES:
        yield "TrangThai không đúng danh mục"


def _missing(one: _Row, required: tuple[str, ...]) -> Iterator[str]:
    for key in required:
        if not one.get(key):
            yield f"Thiếu {key}"


def _badly_timed(one: _Row, times: Any) -> Iterator[str]:
    """Times are 14 digits, or empty when unknown."""
    for key in times:
        at = one.get(key, "")
        if at and (len(at) != 14 or not at.isdecimal()):  # noqa: PLR2004 - yyyyMMddHHmmss
            yield f"{key} không đúng dạng yyyyMMddHHmmss"
