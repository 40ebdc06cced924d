"""The same dossier keyed by hand at gplx as well, as an officer over there keys it."""

from __future__ import annotations

import unicodedata
from typing import Any

from tests.journey.town import Town

SEXES = {"male": "Nam", "female": "Nữ"}
MATTER = {
    "licence_class": "HangGPLX",
    "old_licence_number": "SoGPLXCu",
    "reason": "LyDoDoi",
}


def keyed_there(town: Town, code: str, **otherwise: Any) -> str:
    """File a dossier of ours at gplx too, without its code; returns the record's number."""
    row = town.dossier(code)
    year, month, day = str(row["applicant_birth_date"]).split("-")
    person = {
        "HoTen": unicodedata.normalize("NFD", row["applicant_name"]),
        "NgaySinh": f"{day}/{month}/{year}",
        "GioiTinh": SEXES[row["applicant_sex"]],
        "SoGiayTo": row["applicant_id_number"],
        "DienThoai": f"+84{str(row['applicant_phone'])[1:]}",
        "MaThuTuc": row["procedure_code"],
        "NgayTiepNhan": row["received_at"] or town.clock().isoformat(timespec="seconds"),
    }
    matter = {theirs: row["details"].get(ours) for ours, theirs in MATTER.items()}
    person |= {name: value for name, value in matter.items() if value}
    (ref,) = town.ministries["gplx"].file_own(**person | otherwise)
    return str(ref)


def keyed_carelessly(town: Town, code: str, **otherwise: Any) -> str:
    """File it with another number (an old identity card), and day and month swapped."""
    year, month, day = str(town.dossier(code)["applicant_birth_date"]).split("-")
    worse = {"NgaySinh": f"{month}/{day}/{year}", "SoGiayTo": "161234567", "LoaiGiayTo": "CMND"}
    return keyed_there(town, code, **worse | otherwise)
