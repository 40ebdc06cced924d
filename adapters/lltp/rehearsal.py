"""A pretend ministry of justice: strict, forgetful of nothing, and listing until it is told to stop.

It takes a dossier once, knows no corrections, and lists every status change until it is
acknowledged. Beside the faults of every HTTP ministry, its lists know DUPLICATE (rows twice) and
REORDER (rows in reverse).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any

import orjson

from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.rehearsal_backup import Backup
from bridge.sdk.rehearsal_gateway import GatewayRehearsal, as_json
from bridge.sdk.times import VIETNAM

from .rehearsal_lists import LISTS
from .rehearsal_people import invented_filing
from .rehearsal_register import NATIONAL, Entry, Register
from .rehearsal_rules import refusal

__all__ = ["LltpRehearsal"]

AGENCY = "H40-STP"
MOST_CHANGES, MOST_FILED = 200, 100
THROUGH_US = "2"

Answer = dict[str, Any]


class LltpRehearsal(GatewayRehearsal):
    """The pretend ministry. ``lists`` are its lists of codes: the name of each ID, by infoType."""

    name = "lltp"

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(VIETNAM)) -> None:
        super().__init__()
        self._now = now
        self._register = Register(now)
        self.lists = {number: dict(rows) for number, rows in LISTS.items()}
        self._chance = Random(1)  # noqa: S311 - invents people
        self._functions: Mapping[str, Callable[[Answer], Answer]] = {
            "nhanHoSoDangKy": self._file,
            "traTrangThaiHs": self._status,
            "traDsTrangThaiHs": self._changes,
            "traHoSo": self._filed_there,
            "danhDauHsThanhCong": self._acknowledge,
            "traDanhMuc": self._code_list,
        }

    # -- what the demo and the tests ask

    def options(self) -> Mapping[str, Any]:
        """Return ``[options]`` of the system's file, without the secret."""
        return {**super().options(), "agency": AGENCY}

    def records(self) -> list[dict[str, Any]]:
        """Return one plain dict a dossier, the oldest first."""
        return [_shown(entry) for entry in self._register.entries()]

    def duplicates(self) -> list[str]:
        """Return the codes that more than one dossier carries."""
        codes = Counter(entry.code for entry in self._register.entries() if entry.code)
        return sorted(code for code, count in codes.items() if count > 1)

    def advance(self, limit: int | None = None) -> int:
        """Move dossiers one status on (3, 4, 5); return how many moved."""
        return self._register.advance(limit)

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a dossier a DEC_STATUS_ID; the ministry has no words to add to it."""
        del note
        self._register.move(ref, status, at)

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """File invented dossiers that only the ministry knows; return their IDs.

        ``fields`` replace what is invented of declarationTraHoSoForm.
        """
        rng, local = rng or self._chance, self._now().astimezone(VIETNAM)
        made = [invented_filing(rng, local, fields) for _ in range(count)]
        return [self._register.file_there(one).ref for one in made]

    def snapshot(self) -> Backup:
        """Return what the register holds now."""
        return self._register.backup()

    def restore(self, backup: Backup) -> None:
        """Hold what it held then, and count on from there."""
        self._register.restore(backup)

    # -- what it serves

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        """Answer a function; what is asked wrongly is error 500."""
        function = self._functions.get(operation)
        try:
            asked = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            asked = None
        if function is None or request.method != "POST":
            return as_json({}, 404)
        if not isinstance(asked, dict):
            return as_json(_error("500", "Dữ liệu không đúng dạng JSON"))
        answer = function(asked)
        if "LISTCONTENT" in answer:
            answer["LISTCONTENT"] = _disturbed(answer["LISTCONTENT"], fault)
        return as_json(answer)

    def _file(self, asked: Answer) -> Answer:
        code = asked.get("idReceivedDec")
        if asked.get("idMinistryJustice") != AGENCY:
            return _error("106", "Sai mã đơn vị")
        if not isinstance(code, str) or not code.strip():
            return _error("500", "idReceivedDec: không được để trống")
        known = self._register.of_code(code)
        wrong = None if known else refusal(asked, self.lists)
        if wrong is not None:
            return _error("500", wrong)
        forms = {
            "declarationWSForm": asked.get("declarationWSForm"),
            "residenceWSForm": asked.get("residenceWSForm"),
            "mandatorWSForm": asked.get("mandatorWSForm"),
            "dateReceivedDec": asked.get("dateReceivedDec"),
        }
        entry, before = self._register.file(code, forms)
        if before:
            return _error("301", "Hồ sơ đã được tiếp nhận") | {"ID": entry.ref}
        return _good(ID=entry.ref)

    def _status(self, asked: Answer) -> Answer:
        if asked.get("infoType") != THROUGH_US:
            return _error("500", "infoType: không đúng")
        entry = self._register.of_code(asked.get("idReceivedDec"))
        return _error("201", "Không tìm thấy hồ sơ") if entry is None else _good(**entry.shown())

    def _changes(self, asked: Answer) -> Answer:
        if asked.get("infoType") != THROUGH_US:
            return _error("500", "infoType: không đúng")
        return _good(LISTCONTENT=self._register.changes(MOST_CHANGES))

    def _filed_there(self, asked: Answer) -> Answer:
        if asked.get("infoType") != THROUGH_US:
            return _error("500", "infoType: không đúng")
        return _good(LISTCONTENT=[_whole(one) for one in self._register.filed_there(MOST_FILED)])

    def _code_list(self, asked: Answer) -> Answer:
        listed = self.lists.get(str(asked.get("infoType")))
        if listed is None:
            return _error("500", "infoType: không đúng")
        return _good(LISTCONTENT=[{"ID": key, "NAME": name} for key, name in listed.items()])

    def _acknowledge(self, asked: Answer) -> Answer:
        kind, refs = asked.get("infoType"), str(asked.get("declarationId") or "").split(";")
        if kind not in ("1", "2"):
            return _error("500", "infoType: không đúng")
        known = self._register.acknowledge(refs, filed=kind == "1")
        return _good() if known else _error("201", "Không tìm thấy hồ sơ")


def _good(**fields: Any) -> Answer:
    return {"STATUS": "1", "ERROR_CODE": "", "DESCRIPTION": "Thành công", **fields}


def _error(code: str, description: str) -> Answer:
    return {"STATUS": "0", "ERROR_CODE": code, "DESCRIPTION": description}


def _disturbed(rows: list[Any], fault: Fault | None) -> list[Any]:
    match fault:
        case Fault.DUPLICATE:
            return [row for row in rows for _ in range(2)]
        case Fault.REORDER:
            return rows[::-1]
        case _:
            return rows


def _whole(entry: Entry) -> Answer:
    """Return a dossier as ``traHoSo`` lists it."""
    shown = entry.shown()
    number = entry.ref[-8:-2]
    form = {
        **entry.forms["declarationWSForm"],
        "declarationId": entry.ref,
        "declarationCode": f"STP-{number}",
        "appointmentNo": number,
        "issueDate": shown["ISSUE_DATE"],
        "decStatusId": shown["DEC_STATUS_ID"],
        "decStatusName": shown["DEC_STATUS_NAME"],
    }
    return {
        "declarationTraHoSoForm": form,
        "residenceWSForm": entry.forms["residenceWSForm"],
        "mandatorWSForm": entry.forms["mandatorWSForm"],
    }


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "ref": entry.ref,
        "code": entry.code,
        "status": NATIONAL[entry.status],
        "body": {**entry.forms, **entry.shown()},
        "updates": 0,
        "steps": [{"status": NATIONAL[status], "at": at.isoformat()} for status, at in entry.steps],
    }
