"""The portal's mapping as specs of glom, both ways, for ``mapping.py``.

Texts, times and numbers are cleaned by the functions of ``by_hand``, called from the spec. What it
does not do: length limits and required fields are checks one writes oneself (here too); it stops
at the first, and its error shows the value it was looking at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glom import Coalesce, Glommer, Iter, T, Val

from benchmarks import by_hand
from benchmarks.by_hand import Fields

_glom: Callable[[Any, Any], Any] = Glommer().glom


def _text(path: str) -> Any:
    return (Coalesce(T[path], default=None), by_hand.clean, Coalesce(T, skip=None, default=""))


def _needed(path: str, most: int | None = None) -> Any:
    def check(value: str | None) -> str:
        if value is None or (most is not None and len(value) > most):
            raise ValueError(path)
        return value

    return (T[path], by_hand.clean, check)


def _number(path: str) -> Any:
    return (T[path], int, str)


def _time(path: str) -> Any:
    return (Coalesce(T[path], default=None), lambda value: by_hand.digits(value) if value else "")


def _paid(fees: list[Fields]) -> str:
    return str(
        next((one["gateway"] for one in fees if one.get("gateway") and one.get("paid_at")), 0)
    )


def _scanned(papers: list[Fields]) -> str:
    found = (p["kind"] == "component" and p["digitised"] and not p["deleted"] for p in papers)
    return "1" if any(found) else "0"


def _summary(value: str | None) -> str:
    if value is not None and len(value) > 1000:  # noqa: PLR2004 - the portal's limit
        raise ValueError("summary")
    return value or ""


_FEE = {
    "TenPhiLePhi": _needed("name"),
    "MaPhiLePhi": _needed("code"),
    "HinhThucThu": _number("stage"),
    "Gia": (T["amount"], str),
    "LoaiPhiLePhi": _number("kind"),
}
_SUPPLEMENT = {
    "HoSoBoSungId": _needed("id"),
    "NguoiYeuCauBoSung": _text("requested_by"),
    "NoiDungBoSung": _text("request"),
    "NgayBoSung": _time("requested_at"),
    "NgayTiepNhanBoSung": _time("completed_at"),
    "TrangThaiBoSung": lambda row: "1" if row.get("completed_at") else "0",
    "NgayHenTraTruoc": _time("old_due_at"),
    "NgayHenTraMoi": _time("new_due_at"),
}
_LOWER = {
    "MaHoSo": _needed("code", 50),
    "MaTTHC": _needed("procedure.code"),
    "TenTTHC": _needed("procedure.name"),
    "MaLinhVuc": _needed("procedure.sector_code"),
    "TenLinhVuc": _needed("procedure.sector_name"),
    "KenhThucHien": _number("channel"),
    "NoiNopHoSo": _number("submitted_via"),
    "DonViXuLy": _needed("agency.name"),
    "ChuHoSo": _needed("applicant.name", 500),
    "LoaiDoiTuong": _number("applicant.kind"),
    "MaDoiTuong": Val(""),
    "Email": _text("applicant.email"),
    "SoDienThoai": _text("applicant.phone"),
    "TaiKhoanDuocXacThucVoiVNeID": (T["applicant.vneid"], lambda value: "1" if value else "0"),
    "DinhDanhCHS": by_hand.identity,
    "TrichYeuHoSo": (Coalesce(T["summary"], default=None), by_hand.clean, _summary),
    "TrangThaiHoSo": _number("status"),
    "GhiChu": _text("status_note"),
    "HinhThuc": _number("result_delivery"),
    "NgayNopHoSo": _time("submitted_at"),
    "NgayTiepNhan": _time("received_at"),
    "NgayHenTra": _time("due_at"),
    "NgayTuChoi": _time("refused_at"),
    "NgayKetThucXuLy": _time("finished_at"),
    "NgayTra": _time("returned_at"),
    "HoSoCoThanhPhanSoHoa": (Coalesce(T["documents"], skip=None, default=[]), _scanned),
    "TaiLieuNop": Val([]),
    "DanhSachGiayToKetQua": Val([]),
    "DuocThanhToanTrucTuyen": (Coalesce(T["fees"], skip=None, default=[]), _paid),
    "DanhSachLePhi": (
        Coalesce(T["fees"], skip=None, default=[]),
        Iter().filter(lambda row: row.get("code") and row.get("stage")).map(_FEE).all(),
    ),
    "DanhSachHoSoBoSung": (Coalesce(T["supplements"], skip=None, default=[]), [_SUPPLEMENT]),
}


def _read(name: str, how: Callable[[Any], Any]) -> Any:
    return (Coalesce(T[name], default=None), how)


def _rows(name: str, spec: Fields) -> Any:
    return (Coalesce(T[name], default=[]), [spec], lambda rows: rows or None)


_LIFT_FEE = {
    "name": _read("TenPhiLePhi", by_hand.told),
    "code": _read("MaPhiLePhi", by_hand.told),
    "stage": _read("HinhThucThu", by_hand.whole),
    "amount": _read("Gia", by_hand.amount),
    "kind": _read("LoaiPhiLePhi", by_hand.whole),
}
_LIFT_SUPPLEMENT = {
    "id": _read("HoSoBoSungId", by_hand.told),
    "requested_by": _read("NguoiYeuCauBoSung", by_hand.told),
    "request": _read("NoiDungBoSung", by_hand.told),
    "requested_at": _read("NgayBoSung", by_hand.instant),
    "completed_at": _read("NgayTiepNhanBoSung", by_hand.instant),
    "old_due_at": _read("NgayHenTraTruoc", by_hand.instant),
    "new_due_at": _read("NgayHenTraMoi", by_hand.instant),
}
_LIFT = {
    "code": _read("MaHoSo", by_hand.told),
    "procedure.code": _read("MaTTHC", by_hand.told),
    "procedure.name": _read("TenTTHC", by_hand.told),
    "procedure.sector_code": _read("MaLinhVuc", by_hand.told),
    "procedure.sector_name": _read("TenLinhVuc", by_hand.told),
    "channel": _read("KenhThucHien", by_hand.whole),
    "submitted_via": _read("NoiNopHoSo", by_hand.whole),
    "agency.name": _read("DonViXuLy", by_hand.told),
    "applicant.name": _read("ChuHoSo", by_hand.told),
    "applicant.kind": _read("LoaiDoiTuong", by_hand.whole),
    "applicant.email": _read("Email", by_hand.told),
    "applicant.phone": _read("SoDienThoai", by_hand.told),
    "applicant.vneid": _read("TaiKhoanDuocXacThucVoiVNeID", by_hand.flag),
    "summary": _read("TrichYeuHoSo", by_hand.told),
    "status": _read("TrangThaiHoSo", by_hand.whole),
    "status_note": _read("GhiChu", by_hand.told),
    "result_delivery": _read("HinhThuc", by_hand.whole),
    "submitted_at": _read("NgayNopHoSo", by_hand.instant),
    "received_at": _read("NgayTiepNhan", by_hand.instant),
    "due_at": _read("NgayHenTra", by_hand.instant),
    "refused_at": _read("NgayTuChoi", by_hand.instant),
    "finished_at": _read("NgayKetThucXuLy", by_hand.instant),
    "returned_at": _read("NgayTra", by_hand.instant),
    "fees": _rows("DanhSachLePhi", _LIFT_FEE),
    "supplements": _rows("DanhSachHoSoBoSung", _LIFT_SUPPLEMENT),
}


def lower(fields: Fields) -> Fields:
    """Return a dossier as the portal takes it."""
    made: Fields = _glom(fields, _LOWER)
    return made


def lift(theirs: Fields) -> Fields:
    """Return what the portal shows as fields of ours."""
    made: Fields = _glom(theirs, _LIFT)
    return made
