"""Invented enterprises, and who registers them, for dossiers the ministry's own counter takes."""

from __future__ import annotations

from random import Random
from typing import Any

__all__ = ["invented_row"]

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLES = ("Văn", "Thị", "Đức", "Ngọc", "Quang", "Thu", "Hữu", "Diệu")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hải", "Khánh", "Lan", "Mai", "Phúc", "Sơn", "Yến")
FORMS = ("Công ty TNHH", "Công ty Cổ phần", "Doanh nghiệp tư nhân")
TRADES = ("Dệt may", "Cơ khí", "Đồ gỗ", "Thủy sản", "Xây dựng", "Vận tải")
PLACES = ("Thành Nam", "Sông Ninh", "Non Nước", "Vị Hoàng", "Giao Hải", "Cổ Lễ")
STREETS = ("Trần Hưng Đạo", "Lê Lợi", "Hùng Vương", "Nguyễn Du", "Phan Bội Châu")
DOCUMENT_TYPES = ("NEW", "CHANGE", "BRANCH")


def invented_row(rng: Random) -> dict[str, Any]:
    """Return what a filed dossier says of the enterprise and of the person to be reached."""
    person = f"{rng.choice(FAMILIES)} {rng.choice(MIDDLES)} {rng.choice(GIVEN)}"
    return {
        "DOCUMENT_TYPE": rng.choice(DOCUMENT_TYPES),
        "NAME": f"{rng.choice(FORMS)} {rng.choice(TRADES)} {rng.choice(PLACES)}",
        "SITE_ID": "36",
        "CONTACT_FULL_NAME": person,
        "CONTACT_ID_NO": f"036{rng.randrange(4)}{rng.randrange(100):02d}{rng.randrange(10**6):06d}",
        "CONTACT_PHONE": f"09{rng.randrange(10**8):08d}",
        "CONTACT_EMAIL": None,
        "CONTACT_ADDRESS": f"{rng.randrange(1, 300)} {rng.choice(STREETS)}",
    }
