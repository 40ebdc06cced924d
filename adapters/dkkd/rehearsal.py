"""A pretend business registration service: strict about what is asked, with lists that move.

Nothing can be sent to it: a dossier of the one-stop is keyed there by an officer, under its code or
without. Beside the faults of every gateway, its lists know these: DUPLICATE (rows twice), REORDER
(rows in reverse), WRONG_SCHEMA (the first row has no such day, an answer without rows no Status).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.rehearsal_backup import Backup
from bridge.sdk.rehearsal_gateway import GatewayRehearsal, as_json
from bridge.sdk.times import VIETNAM

from .client import LIMIT
from .rehearsal_people import invented_row
from .rehearsal_register import NATIONAL, Entry, Register

__all__ = ["DkkdRehearsal"]

MOST_DAYS = timedelta(days=5)
NOT_FOUND = 404

Query = Mapping[str, str]


class _Refused(Exception):  # noqa: N818 - an answer, not an error
    """The ministry answers with Status 0; the text is its Message."""


class DkkdRehearsal(GatewayRehearsal):
    """The pretend ministry.

    ``broken`` are days no list can be made of. ``announced_too_many`` is added to every DataCount.
    """

    name = "dkkd"

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(VIETNAM)) -> None:
        super().__init__()
        self.broken: set[date] = set()
        self.announced_too_many = 0
        self._register = Register(now)
        self._failures: Counter[str] = Counter()
        self._chance = Random(1)  # noqa: S311 - invents people

    # -- what the demo and the tests ask

    def records(self) -> list[dict[str, Any]]:
        """Return one plain dict a dossier, the oldest first."""
        return [_shown(one) for one in self._register.entries()]

    def duplicates(self) -> list[str]:
        """Return the dossier codes that more than one dossier carries."""
        codes = Counter(one.row["DOSSIER_NO"] for one in self._register.entries())
        return sorted(code for code, count in codes.items() if code and count > 1)

    def advance(self, limit: int | None = None) -> int:
        """Move dossiers on their usual way (TIEP_NHAN, DANG_XU_LY, CAP_GCN); how many moved."""
        return self._register.advance(limit)

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a dossier any PROCESS_STATUS; there is no field for ``note``."""
        del note
        self._register.move(ref, status, at)

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """File dossiers over there; return their numbers.

        With ``DOSSIER_NO`` it is the one-stop's dossier that an officer keys; without, it is known
        only there.
        """
        rng = rng or self._chance
        return [self._register.file({**invented_row(rng), **fields}) for _ in range(count)]

    def snapshot(self) -> Backup:
        """Return what the register holds now."""
        return self._register.backup()

    def restore(self, backup: Backup) -> None:
        """Hold what it held then, and count on from there."""
        self._register.restore(backup)

    def fail(self, operation: str, count: int = 1) -> None:
        """Answer the next calls of an operation with Status 0."""
        self._failures[operation] += count

    # -- what it serves

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        """Answer a call that came with a living token; what is refused is so with HTTP 200."""
        query = dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
        try:
            self._refuse(operation, request)
            return self._answered(operation, query, fault)
        except _Refused as refused:
            return as_json({"Data": None, "DataCount": 0, "Status": "0", "Message": str(refused)})

    def spoiled(self, response: Response) -> Response:
        """Return an answer whose first row has no such day, or that has no Status."""
        answer = orjson.loads(response.body)
        if answer.get("Data"):
            answer["Data"][0]["PROCESSED_DATE"] = "31/02/2026 25:00:00"
        else:
            del answer["Status"]
        return as_json(answer)

    def _refuse(self, operation: str, request: Request) -> None:
        if request.method != "GET":
            raise _Refused("Phương thức không được hỗ trợ")
        if self._failures[operation] > 0:
            self._failures[operation] -= 1
            raise _Refused("Lỗi hệ thống")

    def _answered(self, operation: str, query: Query, fault: Fault | None) -> Response:
        match operation:
            case "danhSachHoSoTrongNgay":
                since, until = _minute(query, "from_ts"), _minute(query, "to_ts")
                if since > until:
                    raise _Refused("from_ts sau to_ts")
                rows = self._register.processed_today(since, until)
                return self._page(rows, query, fault)
            case "danhSachHoSo":
                return self._page(self._of_days(query), query, fault)
            case "tinhTrangHoSo":
                return _good(self._register.one(_needed(query, "in_journal_no")))
            case "chiTietDoanhNghiep":
                found = self._register.enterprise(_needed(query, "msdn"))
                return _good([] if found is None else [found])
            case _:
                return as_json({"fault": {"code": NOT_FOUND}}, NOT_FOUND)

    def _of_days(self, query: Query) -> list[dict[str, Any]]:
        first, last = _day(query, "from_date"), _day(query, "to_date")
        if not timedelta() <= last - first <= MOST_DAYS:
            raise _Refused("Khoảng thời gian không quá 5 ngày")
        if any(first <= day <= last for day in self.broken):
            raise _Refused("Lỗi truy vấn")
        return self._register.of_days(first, last)

    def _page(self, rows: Sequence[dict[str, Any]], query: Query, fault: Fault | None) -> Response:
        offset, limit = _whole(query, "offset"), _whole(query, "limit")
        if not 1 <= limit <= LIMIT:
            raise _Refused("limit không quá 100")
        page = list(rows[offset : offset + limit])
        if fault is Fault.DUPLICATE:
            page = [row for row in page for _ in range(2)]
        if fault is Fault.REORDER:
            page.reverse()
        return _good(page, len(rows) + self.announced_too_many)


def _good(rows: Sequence[dict[str, Any]], count: int | None = None) -> Response:
    counted = len(rows) if count is None else count
    return as_json({"Data": rows, "DataCount": counted, "Status": "1", "Message": "success"})


def _needed(query: Query, name: str) -> str:
    if not query.get(name):
        raise _Refused(f"Thiếu {name}")
    return query[name]


def _whole(query: Query, name: str) -> int:
    text = _needed(query, name)
    if not (text.isascii() and text.isdecimal()):
        raise _Refused(f"{name} không hợp lệ")
    return int(text)


def _minute(query: Query, name: str) -> time:
    return _read(query, name, "%H:%M", "HH:mm").time()


def _day(query: Query, name: str) -> date:
    return _read(query, name, "%d/%m/%Y", "dd/MM/yyyy").date()


def _read(query: Query, name: str, form: str, shown: str) -> datetime:
    text = _needed(query, name)
    try:
        read = datetime.strptime(text, form).replace(tzinfo=VIETNAM)
    except ValueError:
        read = None
    if read is None or len(text) != len(shown):
        raise _Refused(f"{name} không đúng định dạng {shown}")
    return read


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "ref": entry.ref,
        "code": entry.row["DOSSIER_NO"],
        "status": NATIONAL.get(entry.status),
        "body": dict(entry.row),
        "updates": 0,
        "steps": [{"status": NATIONAL.get(one), "at": at.isoformat()} for one, at in entry.steps],
    }
