"""A pretend civil status service behind its gateway: strict, and it replaces what it knows.

Beside the faults of every HTTP ministry its lists know these: DUPLICATE (rows twice), REORDER
(rows in reverse), WRONG_SCHEMA (the first record, or the answer, is not as the contract says).
EXPIRED_SESSION ends every token.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any

import orjson

from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.rehearsal_backup import Backup
from bridge.sdk.rehearsal_gateway import GatewayRehearsal, as_json
from bridge.sdk.times import VIETNAM

from .client import BATCH, BIRTH, day_of
from .faults import NO_LIST, NO_UNIT, NOT_COMPLETE, NOT_FOUND, WRONG
from .rehearsal_lists import listed
from .rehearsal_people import invented_birth
from .rehearsal_register import ASKED, NATIONAL, REGISTERED, Entry, Register
from .rehearsal_rules import MODULES, Refusal, opened, refusal

__all__ = ["HotichRehearsal"]

AGENCY = 3613669
PATH = "/apiHoTichTuPhap"
NO_METHOD = 405
TEXTS = frozenset({"dsHoSoDangKy", "danhMuc"})
"""The calls whose ``value`` is the text of a JSON list."""


class HotichRehearsal(GatewayRehearsal):
    """The pretend ministry; see the module."""

    name = "hotich"

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(VIETNAM)) -> None:
        super().__init__()
        self._now = now
        self._register = Register(now)
        self._chance = Random(1)  # noqa: S311 - invents people
        self._refused: defaultdict[str, deque[Refusal]] = defaultdict(deque)
        self._calls: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "dangKyHoTich": self._file,
            "traTrangThaiHoSo": self._state,
            "ketQuaDangKyHS": self._entry,
            "dsHoSoDangKy": self._list,
            "traHoSo": self._get,
            "traDanhSachHoSo": self._get_many,
            "danhMuc": self._catalogue,
        }

    # -- what the demo and the tests ask

    def options(self) -> Mapping[str, Any]:
        """Return the system's options without secrets."""
        reached = super().options()
        return {**reached, "base_url": f"{reached['base_url']}{PATH}", "agency": AGENCY}

    def records(self) -> list[dict[str, Any]]:
        """Return one plain dict a record, the oldest first."""
        return [_plain(one) for one in self._register.entries()]

    def duplicates(self) -> list[str]:
        """Return the codes held twice, and those of children registered twice."""
        return self._register.twice()

    def snapshot(self) -> Backup:
        """Return what the register holds now."""
        return self._register.backup()

    def restore(self, backup: Backup) -> None:
        """Hold what it held then, and count on from there."""
        self._register.restore(backup)

    def advance(self, limit: int | None = None) -> int:
        """Move records one state on their usual way (1, 3, 4); return how many moved."""
        return self._register.advance(limit)

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a record a state (``"1"`` to ``"4"``); ``note`` is what is asked for."""
        self._register.move(int(ref), int(status), note, at)

    def amend(self, ref: str, **fields: str | None) -> None:
        """Let an officer change fields of a record; None takes one away."""
        self._register.amend(int(ref), fields)

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """Register invented births without the one-stop; return their numbers."""
        rng, today = rng or self._chance, self._now().astimezone(VIETNAM).date()
        made = (invented_birth(rng, today, fields) for _ in range(count))
        return [str(self._register.file(birth)) for birth in made]

    def take_away(self, ref: str) -> None:
        """Show a record no more, though it is listed still."""
        self._register.take_away(int(ref))

    def refuse(self, operation: str, code: str, message: str = "", count: int = 1) -> None:
        """Answer the next calls of an operation with ``status`` 0, and do nothing."""
        self._refused[operation].extend([Refusal(code, message)] * count)

    # -- what it serves

    def spoiled(self, response: Response) -> Response:
        """Return the answer as it is: ``served`` has spoiled it, or one record of it."""
        return response

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        """Answer a call that came with a living token."""
        call = self._calls.get(operation)
        if call is None or request.method != "POST":
            return as_json({"fault": {"code": 900906, "message": "No resource"}}, NO_METHOD)
        try:
            if self._refused[operation]:
                raise self._refused[operation].popleft()
            answer = call(_read(request))
        except Refusal as refused:
            answer = {"status": 0, "errorCode": refused.code, "errorMessage": refused.message}
        return as_json(_disturbed(answer, fault, as_text=operation in TEXTS))

    def _file(self, asked: Mapping[str, Any]) -> Any:
        refused = refusal(asked, AGENCY)
        if refused is not None:
            raise refused
        self._register.put(asked["maHoSo"].strip(), opened(asked.get("data")))
        return {"status": 1}

    def _state(self, asked: Mapping[str, Any]) -> Any:
        held = self._ours(asked)
        answer: dict[str, Any] = {"status": held.status}
        if held.status == ASKED:
            answer["value"] = held.note or ""
        return answer

    def _entry(self, asked: Mapping[str, Any]) -> Any:
        held = self._ours(asked)
        if held.status != REGISTERED:
            raise Refusal(NOT_COMPLETE, "Hồ sơ chưa hoàn thành")
        return {"status": 1, "value": dict(held.entry)}

    def _list(self, asked: Mapping[str, Any]) -> Any:
        births, since = _births(asked), day_of(asked.get("ngayCapNhat"))
        if since is None:
            raise Refusal(WRONG, "Dữ liệu sai: ngayCapNhat không đúng dạng dd/MM/yyyy")
        found = self._register.changed_since(since) if births else []
        rows = [{"id": one.id, "maDonVi": AGENCY} for one in found]
        return {"status": 1, "value": rows}

    def _get(self, asked: Mapping[str, Any]) -> Any:
        number = asked.get("maHoSo")
        held = self._register.get(number) if _births(asked) and type(number) is int else None
        if held is None:
            raise Refusal(NOT_FOUND, "Không tìm thấy hồ sơ")
        return {"status": 1, "value": held.shown()}

    def _get_many(self, asked: Mapping[str, Any]) -> Any:
        births, numbers = _births(asked), asked.get("dsMaHoSo")
        if not isinstance(numbers, list) or not 0 < len(numbers) <= BATCH:
            raise Refusal(WRONG, "Dữ liệu sai: dsMaHoSo trống hoặc quá 50")
        found = [self._register.get(one) for one in numbers if births and type(one) is int]
        return {"status": 1, "value": [one.shown() for one in found if one is not None]}

    def _catalogue(self, asked: Mapping[str, Any]) -> Any:
        rows = listed(asked.get("loaiDanhMuc"))
        if rows is None:
            raise Refusal(NO_LIST, "Không có danh mục này")
        return {"status": 1, "value": rows}

    def _ours(self, asked: Mapping[str, Any]) -> Entry:
        if type(asked.get("maDonVi")) is not int or asked["maDonVi"] != AGENCY:
            raise Refusal(NO_UNIT, "Mã đơn vị không đúng")
        held = self._register.with_code(str(asked.get("maHoSo")))
        if held is None:
            raise Refusal(NOT_FOUND, "Không tìm thấy hồ sơ")
        return held


def _read(request: Request) -> Mapping[str, Any]:
    try:
        asked = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise Refusal(WRONG, "Dữ liệu sai: không phải JSON")
    return asked


def _births(asked: Mapping[str, Any]) -> bool:
    """Tell whether births are asked for; of the other modules there are none."""
    if asked.get("module") not in MODULES:
        raise Refusal(WRONG, "Dữ liệu sai: module không có trong danh mục")
    return bool(asked["module"] == BIRTH)


def _disturbed(answer: Any, fault: Fault | None, *, as_text: bool) -> Any:
    """Return an answer as a fault has it, its list as the text of a list where that is agreed."""
    rows = answer.get("value")
    if isinstance(rows, list):
        match fault:
            case Fault.DUPLICATE:
                rows = [row for row in rows for _ in range(2)]
            case Fault.REORDER:
                rows = rows[::-1]
            case Fault.WRONG_SCHEMA if rows:
                rows = [{"khong": "phai"}, *rows[1:]]
        return {**answer, "value": orjson.dumps(rows).decode() if as_text else rows}
    return {"khong": "phai"} if fault is Fault.WRONG_SCHEMA else answer


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "ref": str(entry.id),
        "code": entry.code,
        "status": NATIONAL[entry.status],
        "body": entry.shown(),
        "updates": entry.updates,
        "steps": [{"status": NATIONAL[one], "at": at.isoformat()} for one, at in entry.steps],
    }
