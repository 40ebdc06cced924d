"""What the portal's mapping does, written by hand as one would: both ways, for ``mapping.py``.

It cleans every text (NFC, blanks), reads every time, and stops with the name of a field that is
missing, too long or of another form. What it does not do: name all of them at once, with the rule,
and in Vietnamese.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
PAPERS = {"cccd": "1", "cmnd": "2"}

Fields = dict[str, Any]


def clean(value: str | None) -> str | None:
    """Return a text in NFC, trimmed; nothing when it is empty."""
    if value is None:
        return None
    return unicodedata.normalize("NFC", value).strip() or None


def text(fields: Fields, path: str) -> str | None:
    """Return a text, cleaned."""
    return clean(fields.get(path))


def needed(fields: Fields, path: str, most: int | None = None) -> str:
    """Return a text that must be there, and not be too long."""
    value = clean(fields.get(path))
    if value is None or (most is not None and len(value) > most):
        raise ValueError(path)
    return value


def number(fields: Fields, path: str) -> str:
    """Return a number that must be there."""
    return str(int(fields[path]))


def time(fields: Fields, path: str) -> str:
    """Return a time in 14 digits."""
    value = fields.get(path)
    return digits(value) if value else ""


def digits(value: str) -> str:
    """Return a time in 14 digits."""
    return datetime.fromisoformat(value).astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def identity(fields: Fields) -> list[Fields]:
    """Return the applicant's paper, if the portal has a code for it."""
    code = PAPERS.get(fields.get("applicant.id_type") or "")
    paper = text(fields, "applicant.id_number")
    return [{"LoaiDinhDanh": code, "SoDinhDanh": paper}] if code and paper else []


def fee(row: Fields) -> Fields:
    """Return a fee."""
    return {
        "TenPhiLePhi": needed(row, "name"),
        "MaPhiLePhi": needed(row, "code"),
        "HinhThucThu": number(row, "stage"),
        "Gia": str(row["amount"]),
        "LoaiPhiLePhi": number(row, "kind"),
    }


def supplement(row: Fields) -> Fields:
    """Return a request for a supplement."""
    return {
        "HoSoBoSungId": needed(row, "id"),
        "NguoiYeuCauBoSung": text(row, "requested_by") or "",
        "NoiDungBoSung": text(row, "request") or "",
        "NgayBoSung": time(row, "requested_at"),
        "NgayTiepNhanBoSung": time(row, "completed_at"),
        "TrangThaiBoSung": "1" if row.get("completed_at") else "0",
        "NgayHenTraTruoc": time(row, "old_due_at"),
        "NgayHenTraMoi": time(row, "new_due_at"),
    }


def lower(fields: Fields) -> Fields:
    """Return a dossier as the portal takes it."""
    papers = fields.get("documents") or []
    fees = fields.get("fees") or []
    paid = next((one["gateway"] for one in fees if one.get("gateway") and one.get("paid_at")), 0)
    scanned = (p["kind"] == "component" and p["digitised"] and not p["deleted"] for p in papers)
    return {
        "MaHoSo": needed(fields, "code", 50),
        "MaTTHC": needed(fields, "procedure.code"),
        "TenTTHC": needed(fields, "procedure.name"),
        "MaLinhVuc": needed(fields, "procedure.sector_code"),
        "TenLinhVuc": needed(fields, "procedure.sector_name"),
        "KenhThucHien": number(fields, "channel"),
        "NoiNopHoSo": number(fields, "submitted_via"),
        "DonViXuLy": needed(fields, "agency.name"),
        "ChuHoSo": needed(fields, "applicant.name", 500),
        "LoaiDoiTuong": number(fields, "applicant.kind"),
        "MaDoiTuong": "",
        "Email": text(fields, "applicant.email") or "",
        "SoDienThoai": text(fields, "applicant.phone") or "",
        "TaiKhoanDuocXacThucVoiVNeID": "1" if fields["applicant.vneid"] else "0",
        "DinhDanhCHS": identity(fields),
        "TrichYeuHoSo": needed(fields, "summary", 1000) if fields.get("summary") else "",
        "TrangThaiHoSo": number(fields, "status"),
        "GhiChu": text(fields, "status_note") or "",
        "HinhThuc": number(fields, "result_delivery"),
        "NgayNopHoSo": time(fields, "submitted_at"),
        "NgayTiepNhan": time(fields, "received_at"),
        "NgayHenTra": time(fields, "due_at"),
        "NgayTuChoi": time(fields, "refused_at"),
        "NgayKetThucXuLy": time(fields, "finished_at"),
        "NgayTra": time(fields, "returned_at"),
        "HoSoCoThanhPhanSoHoa": "1" if any(scanned) else "0",
        "TaiLieuNop": [],
        "DanhSachGiayToKetQua": [],
        "DuocThanhToanTrucTuyen": str(paid),
        "DanhSachLePhi": [fee(one) for one in fees if one.get("code") and one.get("stage")],
        "DanhSachHoSoBoSung": [supplement(one) for one in fields.get("supplements") or []],
    }


# -- and back


def told(value: Any) -> str | None:
    """Return a text of theirs, cleaned; a number as text."""
    return None if value is None else clean(str(value))


def whole(value: Any) -> int | None:
    """Return a whole number of theirs; nothing when they say nothing."""
    read = told(value)
    return None if read is None else int(read)


def flag(value: Any) -> bool | None:
    """Return a yes or no of theirs."""
    read = told(value)
    return None if read is None else {"1": True, "0": False}[read]


def amount(value: Any) -> int | str | None:
    """Return an amount of theirs, a whole one as a number."""
    read = told(value)
    if read is None:
        return None
    exact = Decimal(read)
    return int(exact) if exact == int(exact) else f"{exact.normalize():f}"


def instant(value: Any) -> str | None:
    """Return a time of theirs canonically."""
    read = told(value)
    if read is None:
        return None
    moment = datetime.fromisoformat(f"{read[:8]}T{read[8:]}").replace(tzinfo=VIETNAM)
    return moment.isoformat(timespec="milliseconds")


def lift_fee(row: Fields) -> Fields:
    """Return a fee of ours."""
    return {
        "name": told(row.get("TenPhiLePhi")),
        "code": told(row.get("MaPhiLePhi")),
        "stage": whole(row.get("HinhThucThu")),
        "amount": amount(row.get("Gia")),
        "kind": whole(row.get("LoaiPhiLePhi")),
    }


def lift_supplement(row: Fields) -> Fields:
    """Return a request for a supplement."""
    return {
        "id": told(row.get("HoSoBoSungId")),
        "requested_by": told(row.get("NguoiYeuCauBoSung")),
        "request": told(row.get("NoiDungBoSung")),
        "requested_at": instant(row.get("NgayBoSung")),
        "completed_at": instant(row.get("NgayTiepNhanBoSung")),
        "old_due_at": instant(row.get("NgayHenTraTruoc")),
        "new_due_at": instant(row.get("NgayHenTraMoi")),
    }


def lift(theirs: Fields) -> Fields:
    """Return what the portal shows as fields of ours."""
    return {
        "code": told(theirs.get("MaHoSo")),
        "procedure.code": told(theirs.get("MaTTHC")),
        "procedure.name": told(theirs.get("TenTTHC")),
        "procedure.sector_code": told(theirs.get("MaLinhVuc")),
        "procedure.sector_name": told(theirs.get("TenLinhVuc")),
        "channel": whole(theirs.get("KenhThucHien")),
        "submitted_via": whole(theirs.get("NoiNopHoSo")),
        "agency.name": told(theirs.get("DonViXuLy")),
        "applicant.name": told(theirs.get("ChuHoSo")),
        "applicant.kind": whole(theirs.get("LoaiDoiTuong")),
        "applicant.email": told(theirs.get("Email")),
        "applicant.phone": told(theirs.get("SoDienThoai")),
        "applicant.vneid": flag(theirs.get("TaiKhoanDuocXacThucVoiVNeID")),
        "summary": told(theirs.get("TrichYeuHoSo")),
        "status": whole(theirs.get("TrangThaiHoSo")),
        "status_note": told(theirs.get("GhiChu")),
        "result_delivery": whole(theirs.get("HinhThuc")),
        "submitted_at": instant(theirs.get("NgayNopHoSo")),
        "received_at": instant(theirs.get("NgayTiepNhan")),
        "due_at": instant(theirs.get("NgayHenTra")),
        "refused_at": instant(theirs.get("NgayTuChoi")),
        "finished_at": instant(theirs.get("NgayKetThucXuLy")),
        "returned_at": instant(theirs.get("NgayTra")),
        "fees": [lift_fee(row) for row in theirs.get("DanhSachLePhi") or []] or None,
        "supplements": [lift_supplement(row) for row in theirs.get("DanhSachHoSoBoSung") or []]
        or None,
    }
