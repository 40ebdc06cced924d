"""The portal's mapping as JSONata expressions, both ways, for ``mapping.py``.

JSONata knows no NFC, and its ``$trim`` changes blanks inside a text as well: texts and times are
cleaned by the functions of ``by_hand``, registered with it. What it does not do: a field of ours
that is nothing is left out, not ``null``; it stops at the first missing field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonata.jsonata import Jsonata

from benchmarks import by_hand
from benchmarks.by_hand import Fields

_LOWER = """
{
  "MaHoSo": $needed(`code`, 50),
  "MaTTHC": $needed(`procedure.code`, 0),
  "TenTTHC": $needed(`procedure.name`, 0),
  "MaLinhVuc": $needed(`procedure.sector_code`, 0),
  "TenLinhVuc": $needed(`procedure.sector_name`, 0),
  "KenhThucHien": $string(channel),
  "NoiNopHoSo": $string(submitted_via),
  "DonViXuLy": $needed(`agency.name`, 0),
  "ChuHoSo": $needed(`applicant.name`, 500),
  "LoaiDoiTuong": $string(`applicant.kind`),
  "MaDoiTuong": "",
  "Email": $text(`applicant.email`),
  "SoDienThoai": $text(`applicant.phone`),
  "TaiKhoanDuocXacThucVoiVNeID": `applicant.vneid` ? "1" : "0",
  "DinhDanhCHS": [`applicant.id_number` and `applicant.id_type` in ["cccd", "cmnd"] ? {
    "LoaiDinhDanh": $lookup({"cccd": "1", "cmnd": "2"}, `applicant.id_type`),
    "SoDinhDanh": $text(`applicant.id_number`)
  }],
  "TrichYeuHoSo": summary ? $needed(summary, 1000) : "",
  "TrangThaiHoSo": $string(status),
  "GhiChu": $text(status_note),
  "HinhThuc": $string(result_delivery),
  "NgayNopHoSo": $digits(submitted_at),
  "NgayTiepNhan": $digits(received_at),
  "NgayHenTra": $digits(due_at),
  "NgayTuChoi": $digits(refused_at),
  "NgayKetThucXuLy": $digits(finished_at),
  "NgayTra": $digits(returned_at),
  "HoSoCoThanhPhanSoHoa": documents[kind = "component" and digitised and $not(deleted)] ? "1" : "0",
  "TaiLieuNop": [],
  "DanhSachGiayToKetQua": [],
  "DuocThanhToanTrucTuyen": $paid(fees),
  "DanhSachLePhi": [fees[code and stage].{
    "TenPhiLePhi": $needed(name, 0),
    "MaPhiLePhi": $needed(code, 0),
    "HinhThucThu": $string(stage),
    "Gia": $string(amount),
    "LoaiPhiLePhi": $string(kind)
  }],
  "DanhSachHoSoBoSung": [supplements.{
    "HoSoBoSungId": $needed(id, 0),
    "NguoiYeuCauBoSung": $text(requested_by),
    "NoiDungBoSung": $text(request),
    "NgayBoSung": $digits(requested_at),
    "NgayTiepNhanBoSung": $digits(completed_at),
    "TrangThaiBoSung": completed_at ? "1" : "0",
    "NgayHenTraTruoc": $digits(old_due_at),
    "NgayHenTraMoi": $digits(new_due_at)
  }]
}
"""
_LIFT = """
{
  "code": $told(MaHoSo),
  "procedure.code": $told(MaTTHC),
  "procedure.name": $told(TenTTHC),
  "procedure.sector_code": $told(MaLinhVuc),
  "procedure.sector_name": $told(TenLinhVuc),
  "channel": $whole(KenhThucHien),
  "submitted_via": $whole(NoiNopHoSo),
  "agency.name": $told(DonViXuLy),
  "applicant.name": $told(ChuHoSo),
  "applicant.kind": $whole(LoaiDoiTuong),
  "applicant.email": $told(Email),
  "applicant.phone": $told(SoDienThoai),
  "applicant.vneid": $flag(TaiKhoanDuocXacThucVoiVNeID),
  "summary": $told(TrichYeuHoSo),
  "status": $whole(TrangThaiHoSo),
  "status_note": $told(GhiChu),
  "result_delivery": $whole(HinhThuc),
  "submitted_at": $instant(NgayNopHoSo),
  "received_at": $instant(NgayTiepNhan),
  "due_at": $instant(NgayHenTra),
  "refused_at": $instant(NgayTuChoi),
  "finished_at": $instant(NgayKetThucXuLy),
  "returned_at": $instant(NgayTra),
  "fees": [DanhSachLePhi.{
    "name": $told(TenPhiLePhi),
    "code": $told(MaPhiLePhi),
    "stage": $whole(HinhThucThu),
    "amount": $amount(Gia),
    "kind": $whole(LoaiPhiLePhi)
  }],
  "supplements": [DanhSachHoSoBoSung.{
    "id": $told(HoSoBoSungId),
    "requested_by": $told(NguoiYeuCauBoSung),
    "request": $told(NoiDungBoSung),
    "requested_at": $instant(NgayBoSung),
    "completed_at": $instant(NgayTiepNhanBoSung),
    "old_due_at": $instant(NgayHenTraTruoc),
    "new_due_at": $instant(NgayHenTraMoi)
  }]
}
"""


def _needed(value: Any, most: int) -> str:
    cleaned = by_hand.clean(value)
    if cleaned is None or (most and len(cleaned) > most):
        raise ValueError("a field is missing or too long")
    return cleaned


def _paid(fees: Any) -> str:
    rows = fees or []
    return str(
        next((one["gateway"] for one in rows if one.get("gateway") and one.get("paid_at")), 0)
    )


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "needed": _needed,
    "text": lambda value: by_hand.clean(value) or "",
    "digits": lambda value: by_hand.digits(value) if value else "",
    "paid": _paid,
    "told": by_hand.told,
    "whole": by_hand.whole,
    "flag": by_hand.flag,
    "amount": by_hand.amount,
    "instant": by_hand.instant,
}


def _compiled(expression: str) -> Jsonata:
    made = Jsonata(expression)
    for name, function in _FUNCTIONS.items():
        made.register_lambda(name, function)
    return made


_lower, _lift = _compiled(_LOWER), _compiled(_LIFT)


def lower(fields: Fields) -> Fields:
    """Return a dossier as the portal takes it."""
    made: Fields = _lower.evaluate(fields)
    return made


def lift(theirs: Fields) -> Fields:
    """Return what the portal shows as fields of ours, without those that are nothing."""
    made: Fields = _lift.evaluate(theirs)
    return made
