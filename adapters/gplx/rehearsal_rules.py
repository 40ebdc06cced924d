"""What the pretend ministry refuses, beyond its schema: the rules of contracts/systems.md."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["Refusal", "refusal"]

SEXES = frozenset({"Nam", "Nữ"})
PAPERS = frozenset({"CMND", "CCCD", "HC", "TTT", "MST"})
FINAL = frozenset({"TR", "HUY"})
BIRTH_FORMS = {10: "%d/%m/%Y", 7: "%m/%Y", 4: "%Y"}
LICENCE_CLASS = re.compile(r"[A-F][A-E0-9]{0,2}")
PROCEDURE = re.compile(r"\d\.\d{6}(\.\S+)?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ``DuLieuSai``: the field, and why, in the ministry's words (never the value)."""

    field: str
    reason: str


def refusal(dossier: Mapping[str, Any], status: str | None) -> Refusal | None:
    """Return why the ministry refuses a HoSo, None when it takes it.

    ``status`` is the TrangThai it holds, None for a dossier that is new to it.
    """
    return next(_refusals(dossier, status), None)


def _refusals(dossier: Mapping[str, Any], status: str | None) -> Iterator[Refusal]:
    yield from _person_refusals(dossier["NguoiNop"])
    if not PROCEDURE.fullmatch(dossier["MaThuTuc"]):
        yield Refusal("MaThuTuc", "Mã thủ tục không hợp lệ")
    if not LICENCE_CLASS.fullmatch(dossier["HangGPLX"]):
        yield Refusal("HangGPLX", "Hạng giấy phép không có trong danh mục")
    if dossier.get("LePhi", "").lstrip().startswith("-"):
        yield Refusal("LePhi", "Lệ phí không được âm")
    yield from _status_refusals(dossier.get("TrangThai"), status)
    for item in dossier.get("TaiLieu", ()):
        if hashlib.sha256(b64decode(item["NoiDung"])).hexdigest() != item["Sha256"].lower():
            yield Refusal("Sha256", "Nội dung tệp không khớp với mã băm")


def _person_refusals(person: Mapping[str, str]) -> Iterator[Refusal]:
    for field in ("HoTen", "SoGiayTo"):
        if not person[field].strip():
            yield Refusal(field, "Không được để trống")
    if unicodedata.normalize("NFC", person["GioiTinh"]) not in SEXES:
        yield Refusal("GioiTinh", "Chỉ nhận Nam hoặc Nữ")
    if person["LoaiGiayTo"] not in PAPERS:
        yield Refusal("LoaiGiayTo", "Loại giấy tờ không có trong danh mục")
    if not _birth_date(person["NgaySinh"]):
        yield Refusal("NgaySinh", "Không đúng định dạng dd/MM/yyyy, MM/yyyy hoặc yyyy")


def _status_refusals(asked: str | None, held: str | None) -> Iterator[Refusal]:
    if asked is None:
        return
    if held is None or asked not in FINAL:
        yield Refusal("TrangThai", "Trạng thái này do cơ quan giải quyết cập nhật")
    elif held in FINAL and asked != held:
        yield Refusal("TrangThai", "Hồ sơ đã kết thúc")


def _birth_date(text: str) -> bool:
    form = BIRTH_FORMS.get(len(text))
    try:
        return form is not None and datetime.strptime(text, form).year > 0  # noqa: DTZ007 - a day
    except ValueError:
        return False
