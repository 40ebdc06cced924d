"""The pretend ministry of health reading a file of ours: as strict as its contract allows.

Every refusal has a code and Vietnamese words that name the element at fault.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import parse, to_plain

from .outgoing import SCHEMA

__all__ = ["Reading", "Refusal", "read_file"]

LISTS = frozenset({"HoSo", "VanBang", "TepDinhKem"})
_NAME = re.compile(r"(?P<code>.+)\.(?P<n>[1-9]\d*)\.xml")
_BIRTH = {8: "%Y%m%d", 6: "%Y%m", 4: "%Y"}
_FILLED = ("HoTen", "SoDinhDanh")

Reading = tuple[str, int, dict[str, Any]]
"""Dossier code, n, and the HoSo with attachments reduced to name, type and hash."""


class Refusal(Exception):  # noqa: N818 - an answer of the ministry
    """The file is refused: ``code`` is MaLoi, ``reason`` LyDo."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_file(name: str, content: bytes, agency: str) -> Reading:
    """Return what a file of ours says; raises Refusal."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise Refusal("TEN_TEP", "Tên tệp không đúng dạng mã hồ sơ, số thứ tự")
    try:
        root = parse(content)
        SCHEMA.require(root)
        plain = to_plain(root, LISTS)
    except ContractBroken as error:
        raise Refusal("XSD", f"Tệp sai lược đồ: {error.evidence}") from error
    if plain.get("@maDonVi") != agency:
        raise Refusal("MA_DON_VI", "maDonVi không phải của đơn vị nộp")
    dossiers = plain.get("HoSo", [])
    if len(dossiers) != 1:
        raise Refusal("SO_HO_SO", "Mỗi tệp chỉ được có một HoSo")
    code, number, dossier = match["code"], int(match["n"]), dossiers[0]
    if dossier.get("MaHoSo") != code:
        raise Refusal("MA_HO_SO", "MaHoSo không khớp với tên tệp")
    if int(dossier["@phienBan"]) != number:
        raise Refusal("PHIEN_BAN", "phienBan không khớp với tên tệp")
    if number == 1 and dossier["TrangThai"] != "MOI":
        raise Refusal("TRANG_THAI", "TrangThai của lần gửi đầu phải là MOI")
    _check_fields(dossier)
    for paper in dossier.get("TepDinhKem", []):
        _check_paper(paper)
    return code, number, dossier


def _check_fields(dossier: Mapping[str, Any]) -> None:
    person = dossier["NguoiHanhNghe"]
    for name in _FILLED:
        _require(name, bool(person[name].strip()))
    for name in ("MaTTHC", "PhamViChuyenMon"):
        _require(name, bool(dossier[name].strip()))
    _require("NgaySinh", _parses(person["NgaySinh"], _BIRTH.get(len(person["NgaySinh"]), "")))
    for name in ("NgayTiepNhan", "NgayHenTra", "NgayKetThuc"):
        _require(name, name not in dossier or _parses(dossier[name], "%Y%m%d%H%M%S"))


def _check_paper(paper: dict[str, str]) -> None:
    content = b64decode(paper.pop("#text"))
    _require("TepDinhKem", hashlib.sha256(content).hexdigest() == paper["@sha256"].lower())


def _require(name: str, good: bool) -> None:  # noqa: FBT001 - reads like the rule
    if not good:
        raise Refusal(f"SAI_{name}", f"{name} không hợp lệ")


def _parses(text: str, form: str) -> bool:
    parse_text: Callable[[str, str], datetime] = datetime.strptime
    try:
        return bool(form) and text.isdigit() and bool(parse_text(text, form))
    except ValueError:
        return False
