"""A comparison of invented dossiers in which every kind of finding and of difference occurs."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from bridge.domain.authority import Owner
from bridge.domain.comparison import Comparison, Kind, Place, Placed, kind_of
from bridge.domain.dossier import Json
from bridge.domain.reconcile import (
    Action,
    Different,
    Duplicates,
    FieldDifference,
    Finding,
    InStep,
    Lacks,
    Mark,
    MissingAtMinistry,
    MissingAtOneStop,
    NotSeen,
    OnItsWay,
    OrphanLink,
    Waits,
    Withdrawn,
)
from bridge.domain.said import Said
from bridge.domain.unlike import unlike
from bridge.reports import Look

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 27)
MADE_AT = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
TITLES = {
    "gplx": "Giấy phép lái xe (Cục Cảnh sát giao thông)",
    "000.11.22.H40": "Sở Xây dựng",
    "000.12.22.H40": "Ủy ban nhân dân phường Nam Định",
    "1.002835": "Cấp mới giấy phép lái xe",
    "1.002809": "Đổi giấy phép lái xe do ngành giao thông vận tải cấp",
}
PEOPLE = (
    "Nguyễn Thị Hoà",
    "Nguyễn Thị Hòa",
    "Trần Văn Đạt",
    "Tran Van Dat",
    "036088001234",
    "036088001243",
    "0912345678",
    "15 Trần Hưng Đạo, phường Nam Định",
    "15 Trần Hưng Đạo,  phường Nam Định",
    "1988-02-03",
    "1988-03-02",
)
"""What is said of people in ``rows``."""
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> & \"x\" \x1b[31m \u202eabc"

VI = Look("vi", with_values=False, titles=TITLES)
EN = Look("en", with_values=False, titles=TITLES)
VI_OPEN = Look("vi", with_values=True, titles=TITLES)


def code(number: int, day: date = UNTIL) -> str:
    return f"000.11.22.H40-{day:%y%m%d}-{number:04d}"


def differs(
    path: str, ours: Json, theirs: Json, owner: Owner = Owner.ONESTOP, *forms: str
) -> FieldDifference:
    told = {Owner.ONESTOP: "ministry", Owner.MINISTRY: "onestop"}.get(owner, "person")
    return FieldDifference(path, ours, theirs, owner, unlike(ours, theirs), told, forms)


def fields() -> tuple[FieldDifference, ...]:
    """Return a difference of each sort."""
    name, other, here, there, number, turned, phone, address, spaced, born, swapped = PEOPLE
    row = {"id": "1", "kind": 2, "name": "Tờ khai", "file_name": "to-khai.pdf", "size": 120_345}
    second = {"id": "2", "kind": 2, "name": "Giấy khám sức khoẻ", "file_name": "kham.pdf"}
    return (
        differs("applicant.name", name, other, Owner.ONESTOP, "name"),
        differs("details.mother.name", here, there),
        differs("applicant.id_number", number, turned),
        differs("applicant.phone", phone, None),
        differs("applicant.address", address, spaced),
        differs("applicant.birth_date", born, swapped, Owner.ONESTOP, "date"),
        differs("details.degrees", [{"name": "Y sĩ", "year": 2010}], []),
        differs("status", 4, 5, Owner.BY_STATUS),
        differs("status_note", "Chờ bổ sung giấy khám", "chờ bổ sung Giấy khám", Owner.MINISTRY),
        differs("due_at", "2026-11-20T09:15:00.000+07:00", "2026-11-20T09:15:30.000+07:00"),
        differs("agency.name", "Sở Xây dựng", HOSTILE, Owner.MINISTRY),
        differs("procedure.name", "Cấp mới", unicodedata.normalize("NFD", "Cấp mới")),
        differs("documents", [row, second], [row]),
        differs("applicant.vneid", True, False),
        differs("result_delivery", 1, "1"),
        differs("ministry_ref", "", "GPLX-26-01", Owner.MINISTRY),
    )


def findings() -> Iterator[Finding]:
    """Yield findings of every kind, each of which stands for a way to be one."""
    mark = Mark("a", "b", "c")
    yield from (InStep(code(n), f"GPLX-26-{n:07d}") for n in range(1, 200))
    yield InStep(code(200), "GPLX-26-0000200", compared=False)
    yield from (OnItsWay(code(210 + n), None, why) for n, why in enumerate(Waits))
    for n, (why, action) in enumerate(
        zip(Lacks, (Action.SEND_ANEW, Action.PERSON) * 2, strict=True)
    ):
        yield MissingAtMinistry(code(220 + n), None, why, action, mark)
    yield MissingAtMinistry(code(225), "GPLX-26-0000225", Lacks.LOST, Action.AWAIT, mark)
    yield MissingAtMinistry(code(226), None, Lacks.UNCAPTURED, Action.CAPTURE, mark)
    yield MissingAtOneStop(None, "GPLX-26-0000230", Action.TAKE_IN, mark, "2026-11-03")
    yield MissingAtOneStop(code(231), "GPLX-26-0000231", Action.PERSON, mark, "2026-11-03")
    yield Different(code(240), "GPLX-26-0000240", fields(), (), Action.TAKE_IN, mark)
    lost = ("a1f0c3", "b2e1d4")
    yield Different(code(241), "GPLX-26-0000241", fields()[:1], lost, Action.SEND_AGAIN, mark)
    yield Different(code(242), "GPLX-26-0000242", (), (), Action.LISTEN_ANEW, mark)
    clash = differs("applicant.name", PEOPLE[2], PEOPLE[0], Owner.NOBODY)
    yield Different(code(243), "GPLX-26-0000243", (clash,), (), Action.PERSON, mark)
    yield Duplicates(code(250), ("GPLX-26-0000250", "GPLX-26-0000251"))
    yield OrphanLink(code(260), "GPLX-26-0000260")
    yield Withdrawn(code(270), None)
    yield NotSeen(code(280), Said("its procedure is not for this system"))


def placed(found: Iterable[Finding]) -> Iterator[Placed]:
    """Put findings in places, one after the other; the last in none that is known."""
    units = ("000.11.22.H40", "000.12.22.H40", "000.99.22.H40")
    for n, finding in enumerate(found):
        day = SINCE + timedelta(days=(n * 7) % 27)
        procedure = ("1.002835", "1.002809")[n % 2]
        known = not isinstance(finding, NotSeen)
        place = Place(day.isoformat(), units[n % 3], procedure) if known else Place()
        yield Placed(finding, place)


def compared(rows: Iterable[Placed], made_at: datetime = MADE_AT) -> Comparison:
    """Return what rows come to."""
    counts: Counter[Kind] = Counter()
    by: tuple[defaultdict[str, Counter[Kind]], ...] = tuple(defaultdict(Counter) for _n in range(3))
    for row in rows:
        kind = kind_of(row.finding)
        counts[kind] += 1
        place = row.place
        for table, key in zip(by, (place.day, place.unit, place.procedure), strict=True):
            table[key or ""][kind] += 1
    return Comparison("gplx", SINCE, UNTIL, made_at, counts, *by)


def rows() -> list[Placed]:
    """Return a row of every kind."""
    return list(placed(findings()))


def earlier(count: int = 5) -> list[Comparison]:
    """Return comparisons of the days before, the oldest first, each with a difference more."""
    return [
        compared(rows()[190 : 216 + n], MADE_AT - timedelta(days=count - n)) for n in range(count)
    ]
