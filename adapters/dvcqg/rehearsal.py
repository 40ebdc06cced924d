"""A pretend national portal: all or nothing, validating as the contract says, dying sessions."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from uuid import uuid4

import orjson

from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response

from .rehearsal_rules import dossier_fault, step_fault

__all__ = ["DvcqgRehearsal"]

USERNAME, PASSWORD, AGENCY = "tinh-mau", "mat-khau-dien-tap", "000.00.00.H40"  # noqa: S105
GOOD = {"error_code": 0, "message": "Đồng bộ thành công"}
MOST_STEPS = 10


class DvcqgRehearsal(HttpRehearsal):
    """The pretend portal.

    ``names_bad``: a refusal names the dossier at fault. ``refused`` holds codes it refuses with
    -1 whatever they hold.
    """

    name = "dvcqg"

    def __init__(self, *, batch_size: int = 50, names_bad: bool = False) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.names_bad = names_bad
        self.refused: dict[str, str] = {}
        self._lock = threading.RLock()
        self._sessions: set[str] = set()
        self._dossiers: dict[str, dict[str, Any]] = {}
        self._steps: dict[str, list[Mapping[str, Any]]] = {}
        self._updates: Counter[str] = Counter()

    # -- what the demo and the tests ask

    def options(self) -> Mapping[str, Any]:
        """Return the system's options without secrets."""
        return {
            "base_url": self.address,
            "username": USERNAME,
            "agency": AGENCY,
            "batch_size": self.batch_size,
        }

    def secrets(self) -> Mapping[str, str]:
        """Return the secret options."""
        return {"password": PASSWORD}

    def records(self) -> list[dict[str, Any]]:
        """Return every dossier it holds."""
        with self._lock:
            return [
                {
                    "ref": code,
                    "code": code,
                    "status": int(body["TrangThaiHoSo"]),
                    "body": dict(body),
                    "updates": self._updates[code],
                    "steps": list(self._steps.get(code, ())),
                }
                for code, body in self._dossiers.items()
            ]

    def duplicates(self) -> list[str]:
        """Return the dossiers that show a step twice (a dossier itself can't be there twice)."""
        with self._lock:
            return [
                code
                for code, steps in self._steps.items()
                if len({_key(step) for step in steps}) < len(steps)
            ]

    def advance(self, limit: int | None = None) -> int:
        """Return 0: the portal moves nothing, it mirrors."""
        del limit
        return 0

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """Return nothing: nobody keys a dossier only at the portal."""
        del count, rng, fields
        return []

    def end_sessions(self) -> None:
        """Let every session die without notice."""
        with self._lock:
            self._sessions.clear()

    # -- what it serves

    def operation(self, request: Request) -> str:
        """Return ``login``, or the service that is called."""
        if request.path.partition("?")[0].endswith("/login"):
            return "login"
        try:
            return str(orjson.loads(request.body).get("service"))
        except (orjson.JSONDecodeError, AttributeError):
            return "unreadable"

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Serve a request."""
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return _response({"error_code": "-1", "message": "JSON sai"})
        if fault is Fault.EXPIRED_SESSION:
            self.end_sessions()
        with self._lock:
            if request.path.partition("?")[0].endswith("/login"):
                return _response(self._login(body))
            if body.get("session") not in self._sessions:
                return _response({"error_code": "-2", "message": "Phiên làm việc không hợp lệ"})
            return _response(self._service(body))

    def _login(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if (body.get("username"), body.get("password")) != (USERNAME, PASSWORD):
            return {"error_code": -1, "message": "Sai tài khoản"}
        session = uuid4().hex
        self._sessions.add(session)
        return {"error_code": 0, "session": session}

    def _service(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        data = body.get("data") or []
        match body.get("service"):
            case "DongBoHoSoMC":
                return self._dossiers_in(data, updating=body.get("isUpdating"))
            case "CapNhatTienDoHoSoMC":
                return self._steps_in(data)
            case "TraCuuHoSo":
                return {**GOOD, "result": self._look_up(body.get("mahoso"))}
            case _:
                return {"error_code": "-1", "message": "Không có dịch vụ này"}

    def _dossiers_in(self, data: Sequence[Any], *, updating: Any) -> Mapping[str, Any]:
        if updating not in ("True", "False") or not 1 <= len(data) <= self.batch_size:
            return {"error_code": "-1", "message": "Dữ liệu sai: isUpdating hoặc số hồ sơ"}
        for one in data:
            fault = self._fault(one, updating == "True")
            if fault is not None:
                code, message = fault
                named = f" ({one.get('MaHoSo')})" if self.names_bad else ""
                return {"error_code": code, "message": f"{message}{named}"}
        for one in data:
            self._dossiers[one["MaHoSo"]] = one
            self._updates[one["MaHoSo"]] += updating == "True"
        return GOOD

    def _fault(self, one: Mapping[str, Any], updating: bool) -> tuple[str, str] | None:  # noqa: FBT001
        wrong = self.refused.get(str(one.get("MaHoSo"))) or dossier_fault(one)
        if wrong is not None:
            return "-1", wrong
        there = one["MaHoSo"] in self._dossiers
        if there and not updating:
            return "-3", unicodedata.normalize("NFD", "Hồ sơ  Đã tồn tại")
        if updating and not there:
            return "3", "Hồ sơ không tồn tại"
        return None

    def _steps_in(self, data: Sequence[Any]) -> Mapping[str, Any]:
        if not 1 <= len(data) <= MOST_STEPS:
            return {"error_code": "-1", "message": "Dữ liệu sai: số bước"}
        for one in data:
            wrong = step_fault(one)
            if wrong is None and one["MaHoSo"] not in self._dossiers:
                wrong = "MaHoSo chưa có"
            if wrong is not None:
                return {"error_code": "-1", "message": wrong}
        for one in data:
            self._steps.setdefault(one["MaHoSo"], []).append(one)
        return GOOD

    def _look_up(self, code: Any) -> list[dict[str, Any]]:
        found = self._dossiers.get(code)
        if found is None:
            return []
        return [{**found, "DanhSachTienDo": list(self._steps.get(code, ()))}]


def _key(step: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return step["ThoiDiemXuLy"], step["TrangThai"], step["NoiDungXuLy"]


def _response(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body))
