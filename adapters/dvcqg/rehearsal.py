"""A pretend national portal: all or nothing, validating as the contract says, dying sessions."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any
from uuid import uuid4

import orjson

from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response
from bridge.sdk.rehearsal_backup import Backup, copied, put_back

from .rehearsal_catalogue import Catalogue
from .rehearsal_files import Files
from .rehearsal_rules import dossier_fault, step_fault

__all__ = ["DvcqgRehearsal"]

USERNAME, PASSWORD, AGENCY = "tinh-mau", "mat-khau-dien-tap", "000.00.00.H40"
GOOD = {"error_code": 0, "message": "Đồng bộ thành công"}
PORTAL_FAULT = {"error_code": "-99", "message": "Lỗi hệ thống"}
THERE = unicodedata.normalize("NFD", "Hồ sơ  Đã tồn tại")
"""Decomposed, with a capital and two blanks: so the portal writes it, some days."""

MOST_STEPS = 10
_HELD = ("_dossiers", "_steps", "_updates")


class DvcqgRehearsal(HttpRehearsal):
    """The pretend portal.

    ``names_bad``: a refusal names the dossier at fault. ``refused`` holds codes it refuses with
    -1, whatever they hold, and what it says of each. ``catalogue`` is what it publishes,
    ``files`` what it fetched.
    """

    name = "dvcqg"

    def __init__(self, *, batch_size: int = 50, names_bad: bool = False) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.names_bad = names_bad
        self.refused: dict[str, str] = {}
        self.catalogue = Catalogue()
        self.files = Files()
        self._lock = threading.RLock()
        self._sessions: set[str] = set()
        self._dossiers: dict[str, dict[str, Any]] = {}
        self._steps: dict[str, list[Mapping[str, Any]]] = {}
        self._updates: Counter[str] = Counter()
        self._failures: dict[str, list[bool]] = {}

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

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a dossier another status, as if somebody had changed it by hand over there."""
        del at
        with self._lock:
            self._dossiers[ref] |= {"TrangThaiHoSo": status, "GhiChu": note or ""}

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """Return nothing: nobody keys a dossier only at the portal."""
        del count, rng, fields
        return []

    def end_sessions(self) -> None:
        """Let every session die without notice."""
        with self._lock:
            self._sessions.clear()

    def fail(self, service: str, *, applied: bool = False, count: int = 1) -> None:
        """Answer the next calls of a service with -99; ``applied``: having done as asked."""
        with self._lock:
            self._failures.setdefault(service, []).extend([applied] * count)

    def snapshot(self) -> Backup:
        """Return the dossiers and steps it holds now."""
        with self._lock:
            return copied(self, _HELD)

    def restore(self, backup: Backup) -> None:
        """Hold the dossiers and steps it held then; sessions live on."""
        with self._lock:
            put_back(self, backup)

    # -- what it serves

    def operation(self, request: Request) -> str:
        """Return ``login``, or the service that is called."""
        if _to_login(request):
            return "login"
        return str(_read(request).get("service"))

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Serve a request."""
        asked = _read(request)
        with self._lock:
            if fault is Fault.EXPIRED_SESSION:
                self._sessions.clear()
            answer = self._login(asked) if _to_login(request) else self._called(asked)
        return Response(orjson.dumps(answer))

    def _login(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if (asked.get("username"), asked.get("password")) != (USERNAME, PASSWORD):
            return {"error_code": -1, "message": "Sai tài khoản"}
        session = uuid4().hex
        self._sessions.add(session)
        return {"error_code": 0, "session": session}

    def _called(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if asked.get("session") not in self._sessions:
            return {"error_code": "-2", "message": "Phiên làm việc không hợp lệ"}
        failures = self._failures.get(str(asked.get("service")))
        failed = failures.pop(0) if failures else None
        if failed is False:
            return PORTAL_FAULT
        ours = asked.get("madonvi") == AGENCY
        answer = self._service(asked) if ours else _refusal("madonvi không đúng")
        return PORTAL_FAULT if failed else answer

    def _service(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        match asked.get("service"):
            case "DongBoHoSoMC":
                return self._dossiers_in(asked.get("data"), updating=asked.get("isUpdating"))
            case "CapNhatTienDoHoSoMC":
                return self._steps_in(asked.get("data"))
            case "TraCuuHoSo":
                return {**GOOD, "result": self._look_up(asked.get("mahoso"))}
            case "LayDanhSachTTHC":
                page = self.catalogue.listed(asked)
                return _refusal("trang hoặc soluong") if page is None else {**GOOD, "result": page}
            case "LayThuTuc":
                return {**GOOD, "result": self.catalogue.procedure(asked.get("maTTHC"))}
            case _:
                return _refusal("Không có dịch vụ này")

    def _dossiers_in(self, sent: Any, *, updating: Any) -> Mapping[str, Any]:
        if updating not in ("True", "False") or not _some(sent, self.batch_size):
            return _refusal("Dữ liệu sai: isUpdating hoặc số hồ sơ")
        taken: dict[str, dict[str, Any]] = {}
        for one in sent:
            fault = self._fault(one, taken, updating=updating == "True")
            if fault is not None:
                code, message = fault
                named = f" ({one['MaHoSo']})" if self.names_bad and "MaHoSo" in one else ""
                return {"error_code": code, "message": f"{message}{named}"}
            taken[one["MaHoSo"]] = one
        self._dossiers |= taken
        self.files.told(taken.values())
        if updating == "True":
            self._updates.update(list(taken))
        return GOOD

    def _fault(
        self, one: Any, before: Mapping[str, Any], *, updating: bool
    ) -> tuple[str, str] | None:
        wrong = dossier_fault(one)
        code = "" if wrong else one["MaHoSo"]
        wrong = wrong or self.refused.get(code)
        if wrong is None and code in before:
            wrong = "MaHoSo trùng trong một lần gửi"
        if wrong is not None:
            return "-1", wrong
        there = code in self._dossiers
        if there and not updating:
            return "-3", THERE
        return ("3", "Hồ sơ không tồn tại") if updating and not there else None

    def _steps_in(self, sent: Any) -> Mapping[str, Any]:
        if not _some(sent, MOST_STEPS):
            return _refusal("Dữ liệu sai: số bước")
        for one in sent:
            wrong = step_fault(one)
            if wrong is None and one["MaHoSo"] not in self._dossiers:
                wrong = "MaHoSo chưa có"
            if wrong is not None:
                return _refusal(wrong)
        for one in sent:
            self._steps.setdefault(one["MaHoSo"], []).append(one)
        return GOOD

    def _look_up(self, code: Any) -> list[dict[str, Any]]:
        found = self._dossiers.get(code)
        if found is None:
            return []
        return [{**found, "DanhSachTienDo": list(self._steps.get(code, ()))}]


def _to_login(request: Request) -> bool:
    return request.path.partition("?")[0].endswith("/login")


def _read(request: Request) -> Mapping[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _some(sent: Any, most: int) -> bool:
    return isinstance(sent, list) and 1 <= len(sent) <= most


def _refusal(message: str) -> Mapping[str, Any]:
    return {"error_code": "-1", "message": message}


def _key(step: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return step["ThoiDiemXuLy"], step["TrangThai"], step["NoiDungXuLy"]
