"""The invented part of the catalogue: agencies, procedures, and what each procedure asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from adapters.onestop_sql.invented_people import (
    COMMUNES,
    Person,
    citizen_number,
    invent_name,
)

Details = Callable[[Random, Person, date], dict[str, Any]]

CENTRE = "H40.01"

#: Agencies by code: name and the agency above.
AGENCIES: Mapping[str, tuple[str, str | None]] = {
    "H40": ("Ủy ban nhân dân tỉnh", None),
    CENTRE: ("Trung tâm Phục vụ hành chính công", "H40"),
    "H40.05": ("Sở Giao thông vận tải", "H40"),
    "H40.07": ("Sở Y tế", "H40"),
    "H40.09": ("Sở Tư pháp", "H40"),
    "H40.10": ("Sở Kế hoạch và Đầu tư", "H40"),
    "H40.31": ("Ủy ban nhân dân phường Nam Định", "H40"),
}


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: ``days`` are working days, ``fee`` VND, ``papers`` its components by code."""

    code: str
    name: str
    sector: tuple[str, str]
    agency: str
    unit: str
    days: int
    fee: int
    papers: Mapping[str, str]
    details: Details
    subject: str


def _driving(rng: Random, person: Person, today: date) -> dict[str, Any]:
    del today
    return {
        "licence_class": rng.choice(("A1", "A", "B1", "B", "C1", "C", "D", "E")),
        "old_licence_number": f"36{person.born.year % 100:02d}{rng.randrange(100_000_000):08d}",
        "reason": rng.choice(("Hết hạn", "Bị hỏng", "Sai thông tin", "Bị mất")),
    }


def _practice(rng: Random, person: Person, today: date) -> dict[str, Any]:
    schools = ("Trường Đại học Y Dược Thái Bình", "Trường Đại học Điều dưỡng Nam Định")
    year = min(person.born.year + rng.randrange(23, 26), today.year)
    degree = rng.choice(("Bác sĩ đa khoa", "Cử nhân điều dưỡng", "Dược sĩ đại học"))
    return {
        "practice_scope": rng.choice(("Khám bệnh, chữa bệnh Nội khoa", "Điều dưỡng", "Nhi khoa")),
        "degrees": [{"name": degree, "issuer": rng.choice(schools), "year": year}],
    }


def _criminal_record(rng: Random, person: Person, today: date) -> dict[str, Any]:
    moved = person.born.year + rng.randrange(14, 18)
    return {
        "nationality": "VN",
        "form_type": rng.choice((1, 1, 2)),
        "quantity": rng.randrange(1, 3),
        "declared_on": today.isoformat(),
        "declared_by": "self",
        "requester": "citizen",
        "birth_place": COMMUNES[person.commune],
        "ethnic_group": "Kinh",
        "purpose": rng.choice(("Xin việc làm", "Du học", "Xuất khẩu lao động")),
        "ban_from_office": rng.choice((True, False)),
        "father": {"name": invent_name(rng, "male"), "born": str(person.born.year - 27)},
        "mother": {"name": invent_name(rng, "female"), "born": str(person.born.year - 25)},
        "residences": [
            {"from": str(moved), "to": f"{today:%Y-%m}", "place": person.address,
             "job": rng.choice(("Công nhân", "Giáo viên", "Nông dân", "Kế toán"))},
        ],
    }  # fmt: skip


def _birth(rng: Random, person: Person, today: date) -> dict[str, Any]:
    sex = rng.choice(("male", "female"))
    man, woman = invent_name(rng, "male"), invent_name(rng, "female")
    year = max(person.born.year, today.year - 45)
    parent = {"born_on": str(year), "id_number": ""}
    return {
        "register": "birth",
        "child": {
            "name": invent_name(rng, sex),
            "sex": sex,
            "born_on": (today - timedelta(days=rng.randrange(3, 55))).isoformat(),
            "place": "Bệnh viện Phụ sản tỉnh",
            "ethnic_group": "Kinh",
            "nationality": "VN",
        },
        "mother": parent | {"name": woman, "id_number": citizen_number(rng, "female", year)},
        "father": parent | {"name": man, "id_number": citizen_number(rng, "male", year)},
        "relation": rng.choice(("Cha", "Mẹ", "Ông nội", "Bà ngoại")),
    }


def _nothing(rng: Random, person: Person, today: date) -> dict[str, Any]:
    del rng, person, today
    return {}


_ROADS = ("G09-GT01", "Đường bộ")
_JUSTICE = ("G15-TP02", "Lý lịch tư pháp")
_HEALTH = "Giấy khám sức khỏe"

PROCEDURES: Mapping[str, Procedure] = {
    one.code: one
    for one in (
        Procedure(
            "1.002835", "Cấp mới giấy phép lái xe", _ROADS, "H40.05",
            "Phòng Quản lý vận tải", 10, 135_000,
            {"G09-GPLX01": "Đơn đề nghị", "G09-GPLX02": _HEALTH}, _driving,
            "Đề nghị cấp mới giấy phép lái xe",
        ),
        Procedure(
            "1.002809", "Đổi giấy phép lái xe", _ROADS, "H40.05",
            "Phòng Quản lý vận tải", 5, 135_000,
            {"G09-GPLX01": "Đơn đề nghị", "G09-GPLX03": "Bản sao giấy phép lái xe"}, _driving,
            "Đề nghị đổi giấy phép lái xe",
        ),
        Procedure(
            "1.003709", "Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh", ("G18-YT05", "Khám bệnh"),
            "H40.07", "Phòng Nghiệp vụ Y", 20, 360_000,
            {"G18-YT01": "Văn bằng chuyên môn", "G18-YT02": _HEALTH}, _practice,
            "Đề nghị cấp chứng chỉ hành nghề",
        ),
        Procedure(
            "2.000488", "Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam", _JUSTICE, "H40.09",
            "Phòng Hành chính tư pháp", 10, 200_000,
            {"G15-LL01": "Tờ khai yêu cầu cấp Phiếu", "G15-LL02": "Bản sao CCCD"},
            _criminal_record, "Yêu cầu cấp Phiếu lý lịch tư pháp",
        ),
        Procedure(
            "1.001193", "Đăng ký khai sinh", ("G15-HT01", "Hộ tịch"), "H40.31",
            "Bộ phận Tư pháp, hộ tịch", 1, 0,
            {"G15-HT01": "Tờ khai đăng ký khai sinh", "G15-HT02": "Giấy chứng sinh"}, _birth,
            "Đăng ký khai sinh",
        ),
        Procedure(
            "2.001610", "Đăng ký thành lập doanh nghiệp", ("G05-DN01", "Đăng ký doanh nghiệp"),
            "H40.10", "Phòng Đăng ký kinh doanh", 3, 50_000,
            {"G05-DN01": "Giấy đề nghị đăng ký", "G05-DN02": "Điều lệ công ty"}, _nothing,
            "Đăng ký thành lập doanh nghiệp",
        ),
    )
}  # fmt: skip
