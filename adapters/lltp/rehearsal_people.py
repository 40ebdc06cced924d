"""Invented applicants for dossiers that are filed straight at the department of justice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

__all__ = ["invented_filing"]

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLES = {"1": ("Văn", "Đức", "Quang", "Hữu"), "0": ("Thị", "Ngọc", "Thu", "Diệu")}
GIVEN = {
    "1": ("An", "Bình", "Dũng", "Hải", "Khánh", "Long", "Phúc", "Sơn", "Thắng", "Vinh"),
    "0": ("Chi", "Giang", "Hạnh", "Lan", "Mai", "Nhung", "Oanh", "Quỳnh", "Thảo", "Yến"),
}
STREETS = ("Trần Hưng Đạo", "Lê Lợi", "Hùng Vương", "Nguyễn Du", "Phan Bội Châu")
_CENTURY = 2000


def invented_filing(rng: Random, now: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the forms of a dossier; ``fields`` replace what is invented of the declaration.

    ``now`` is local. Of some birth dates only the month or the year is known.
    """
    sex = rng.choice("10")
    born = date(rng.randrange(1962, 2006), rng.randrange(1, 13), rng.randrange(1, 29))
    home = f"{rng.randrange(1, 300)} {rng.choice(STREETS)}"
    century = (0 if born.year < _CENTURY else 2) + (sex == "0")
    declaration = {
        "fullName": f"{rng.choice(FAMILIES)} {rng.choice(MIDDLES[sex])} {rng.choice(GIVEN[sex])}",
        "genderId": sex,
        "birthDateStr": f"{born:%d/%m/%Y}"[rng.choice((0, 0, 3, 6)) :],
        "nationalityId": "1",
        "ethnicId": "1",
        "residence": home,
        "idTypeId": "3",
        "identifyNo": f"036{century}{born:%y}{rng.randrange(10**6):06d}",
        "idIssueDate": "15/06/2021",
        "phone": f"09{rng.randrange(10**8):08d}",
        "declareDate": f"{now:%d/%m/%Y}",
        "declareTypeId": "3846",
        "requestQty": "1",
        "objectRequestId": "72",
        "formType": rng.choice("12"),
        "isBanPosition": "0",
        "purpose": "",
        "receiveDate": f"{now:%d/%m/%Y}",
        "appointmentDate": f"{now + timedelta(days=14):%d/%m/%Y}",
    }
    lived = {"fromDateStr": str(born.year + 14), "toDateStr": f"{now:%m/%Y}"}
    return {
        "declarationWSForm": declaration | dict(fields),
        "residenceWSForm": [{**lived, "residencePlace": home, "jobName": ""}],
        "mandatorWSForm": {},
    }
