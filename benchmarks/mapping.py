"""What a mapping costs beside a function written by hand that makes the same record.

The record is a whole dossier for the national portal (dvcqg/dossier), the widest mapping there is.
Both ways clean every text (NFC, blanks), read every time, and name what is missing. Goal: at most
twice the time of the function. Run: ``python benchmarks/mapping.py``
"""

from __future__ import annotations

import random
import statistics
import timeit
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import mappings
from bridge.mapping import Lens, compile_mapping, load_file
from bridge.mapping.invented import dossier

GOAL = 2.0
ROUNDS = 7
VIETNAM = timezone(timedelta(hours=7))

Fields = dict[str, Any]


def text(fields: Fields, path: str) -> str | None:
    """Return a text in NFC, trimmed; nothing when it is empty."""
    value = fields.get(path)
    if value is None:
        return None
    return unicodedata.normalize("NFC", value).strip() or None


def needed(fields: Fields, path: str, most: int | None = None) -> str:
    """Return a text that must be there, and not be too long."""
    value = text(fields, path)
    if value is None or (most is not None and len(value) > most):
        raise ValueError(path)
    return value


def number(fields: Fields, path: str) -> str:
    """Return a number that must be there."""
    return str(int(fields[path]))


def time(fields: Fields, path: str) -> str:
    """Return a time in 14 digits."""
    value = fields.get(path)
    if not value:
        return ""
    return datetime.fromisoformat(value).astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def identity(fields: Fields) -> list[Fields]:
    """Return the applicant's paper, if the portal has a code for it."""
    code = {"cccd": "1", "cmnd": "2"}.get(fields.get("applicant.id_type") or "")
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


def by_hand(fields: Fields) -> Fields:
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


def portal() -> Lens:
    """Return the portal's mapping."""
    path = next(one for one in mappings.files() if one.name == "dossier.v1.yaml")
    return compile_mapping(load_file(path))


def microseconds(work: Callable[[], object]) -> float:
    """Return what one call costs: the median of several rounds."""
    timer = timeit.Timer(work)
    number, _ = timer.autorange()
    return statistics.median(timer.repeat(ROUNDS, number)) / number * 1e6


def main() -> None:
    """Print what each way costs."""
    lens = portal()
    chance = random.Random(7)
    whole = max((dossier(lens, chance) for _ in range(40)), key=len)
    if lens.lower(whole).body != by_hand(whole):
        raise SystemExit("the function written by hand makes another record")
    body = lens.lower(whole).body
    hand = microseconds(lambda: by_hand(whole))
    lens_us = microseconds(lambda: lens.lower(whole))
    print(f"{len(whole)} fields, {len(lens.rules)} rules; microseconds a dossier")
    print(f"  by hand        {hand:8.1f}")
    print(f"  lens.lower     {lens_us:8.1f}   {lens_us / hand:.2f} times, goal {GOAL}")
    print(f"  lens.lift      {microseconds(lambda: lens.lift(body)):8.1f}")
    print(f"  lens.project   {microseconds(lambda: lens.project(whole)):8.1f}")


if __name__ == "__main__":
    main()
