"""The lists the pretend ministry shows by ``danhMuc``, and holds documents to."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = ["listed", "on_list"]

_NATIONS = {
    "VN": "Việt Nam", "LA": "Lào", "KH": "Campuchia", "CN": "Trung Quốc", "TH": "Thái Lan",
    "KR": "Hàn Quốc", "JP": "Nhật Bản", "US": "Hoa Kỳ", "FR": "Pháp", "DE": "Đức", "RU": "Nga",
    "AU": "Úc",
}  # fmt: skip
_ETHNIC_GROUPS = (
    "Kinh", "Tày", "Thái", "Hoa", "Khmer", "Mường", "Nùng", "Mông", "Dao", "Gia Rai", "Ngái",
    "Ê Đê", "Ba Na", "Xơ Đăng", "Sán Chay", "Cơ Ho", "Chăm", "Sán Dìu", "Hrê", "Mnông", "Raglay",
    "Xtiêng", "Bru - Vân Kiều", "Thổ", "Giáy", "Cơ Tu", "Giẻ Triêng", "Mạ", "Khơ Mú", "Co",
    "Tà Ôi", "Chơ Ro", "Kháng", "Xinh Mun", "Hà Nhì", "Chu Ru", "Lào", "La Chí", "La Ha",
    "Phù Lá", "La Hủ", "Lự", "Lô Lô", "Chứt", "Mảng", "Pà Thẻn", "Cờ Lao", "Cống", "Bố Y",
    "Si La", "Pu Péo", "Brâu", "Ơ Đu", "Rơ Măm",
)  # fmt: skip

_PROVINCES = {
    "01": "Hà Nội", "04": "Cao Bằng", "08": "Tuyên Quang", "11": "Điện Biên", "12": "Lai Châu",
    "14": "Sơn La", "15": "Lào Cai", "19": "Thái Nguyên", "20": "Lạng Sơn", "22": "Quảng Ninh",
    "24": "Bắc Ninh", "25": "Phú Thọ", "31": "Hải Phòng", "33": "Hưng Yên", "37": "Ninh Bình",
    "38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh", "44": "Quảng Trị", "46": "Huế",
    "48": "Đà Nẵng", "51": "Quảng Ngãi", "52": "Gia Lai", "56": "Khánh Hòa", "66": "Đắk Lắk",
    "68": "Lâm Đồng", "75": "Đồng Nai", "79": "Hồ Chí Minh", "80": "Tây Ninh", "82": "Đồng Tháp",
    "86": "Vĩnh Long", "91": "An Giang", "92": "Cần Thơ", "96": "Cà Mau",
}  # fmt: skip
"""The 34 provinces since 1-7-2025."""

NATIONALITIES, COUNTRIES, ETHNIC_GROUPS, PROVINCES, PAPERS = 1, 2, 3, 4, 5

_LISTS: Mapping[int, Mapping[str, str]] = {
    NATIONALITIES: _NATIONS,
    COUNTRIES: _NATIONS,
    ETHNIC_GROUPS: {f"{n:02d}": name for n, name in enumerate(_ETHNIC_GROUPS, 1)},
    PROVINCES: _PROVINCES,
    PAPERS: {"1": "Chứng minh nhân dân", "2": "Hộ chiếu", "5": "Căn cước công dân"},
}


def listed(number: Any) -> list[Mapping[str, str]] | None:
    """Return the rows of a list, None when there is no such list."""
    rows = _LISTS.get(number) if type(number) is int else None
    return None if rows is None else [{"ma": code, "ten": name} for code, name in rows.items()]


def on_list(number: int, said: str) -> bool:
    """Tell whether a code or a name is on a list."""
    words = {word for pair in _LISTS[number].items() for word in map(_folded, pair)}
    return _folded(said) in words


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()
