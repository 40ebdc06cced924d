"""What the portal's ``error_code`` means. It always answers HTTP 200; the outcome is in the body.

Source: contracts/systems.md, "dvcqg" and "Doubt": -1, -2, -3 and -99 prove that nothing was
applied, but a -99 on steps is doubt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from bridge.sdk import Said
from bridge.sdk.errors import AdapterError, ContractBroken, InDoubt, Rejected, Retryable

__all__ = [
    "GOOD",
    "PORTAL",
    "SAFE_FAULTS",
    "SESSION",
    "already_there",
    "code_of",
    "error_of",
    "folded",
    "not_there",
]

GOOD, WRONG, SESSION, REFUSED, PORTAL = 0, -1, -2, -3, -99

#: For the documents: the answers that prove a write was not applied.
SAFE_FAULTS: Mapping[str, str] = {
    "-1": "data wrong: dead letter with the portal's words",
    "-2": "session: logged in again and sent again once; a second time, later",
    "-3, 3": "refused; `đã tồn tại` becomes an update, `không tồn tại` a creation",
    "-99": "a fault of the portal: sent again later (on steps: in doubt)",
}

_FIELDS = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo",
    "LoaiDoiTuong", "MaDoiTuong", "ThongTinKhac", "Email", "Fax", "SoDienThoai", "TrichYeuHoSo",
    "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo", "NgayTuChoi",
    "NgayKetThucXuLy", "NgayTra", "ThongTinTra", "HinhThuc", "DonViXuLy", "GhiChu", "NoiNopHoSo",
    "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen",
    "DinhDanhCHS", "LoaiDinhDanh", "SoDinhDanh", "TaiLieuNop", "TenTepDinhKem",
    "DuongDanTaiTepTin", "DanhSachLePhi", "TenPhiLePhi", "MaPhiLePhi", "HinhThucThu", "Gia",
    "LoaiPhiLePhi", "DanhSachTepDinhKemKhac", "DanhSachHoSoBoSung", "DanhSachGiayToKetQua",
    "NguoiXuLy", "ChucDanh", "ThoiDiemXuLy", "PhongBanXuLy", "NoiDungXuLy", "TrangThai",
    "NgayBatDau", "NgayKetThucTheoQuyDinh",
)  # fmt: skip
_FIELD = re.compile(rf"\b({'|'.join(_FIELDS)})\b")


def code_of(answer: Any) -> int:
    """Return the ``error_code`` of an answer, written as a number or as text.

    Raises:
        ContractBroken: there is none.
    """
    code = answer.get("error_code") if isinstance(answer, dict) else None
    try:
        return int(str(code))
    except ValueError:
        raise ContractBroken(Said("the answer has no error_code")) from None


def error_of(answer: Mapping[str, Any], *, steps: bool = False) -> AdapterError | None:
    """Say what an answer means for what was sent; ``None`` when it was applied.

    A code that the contract does not know proves nothing: ``ContractBroken``, on a write doubt.
    """
    code = code_of(answer)
    if code == GOOD:
        return None
    if code == PORTAL:
        reason = Said("a fault of the portal (-99)")
        return InDoubt(reason) if steps else Retryable(reason)
    if code == SESSION:
        return Retryable(Said("the portal ended the session twice (-2)"))
    if code not in (WRONG, REFUSED, -REFUSED):
        return ContractBroken(Said("the contract knows no error_code {code}", code=code))
    message = _collapsed(answer.get("message"))
    named = _FIELD.search(message)
    return Rejected(str(code), named[1] if named else None, message or Said("no message"))


def already_there(error: object) -> bool:
    """Tell whether a refusal says that the dossier exists."""
    return _says(error, "đã tồn tại")


def not_there(error: object) -> bool:
    """Tell whether a refusal says that the dossier does not exist."""
    return _says(error, "không tồn tại")


def _says(error: object, words: str) -> bool:
    refused = isinstance(error, Rejected) and error.code in {"3", "-3"}
    return refused and words in folded(str(error))


def folded(text: object) -> str:
    """Return text as messages and steps are compared: NFC, case folded, blanks collapsed."""
    return _collapsed(text).casefold()


def _collapsed(text: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text or "")).split())
