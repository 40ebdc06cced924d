"""The seven calls of the civil status service: plain values in, plain values out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import orjson

from bridge.sdk.code_lists import CodeList, code_list
from bridge.sdk.errors import ContractBroken, Rejected, Retryable
from bridge.sdk.gateway import Gateway
from bridge.sdk.http import Reply, nfc

from .faults import BAD_TOKEN, GOOD, NOT_COMPLETE, NOT_FOUND, code_of, outcome, whole_number

__all__ = ["BATCH", "BIRTH", "CODE_LISTS", "HotichClient", "day", "day_of"]

BIRTH = "KS"
"""The module of births, the only one whose document is specified."""

BATCH = 50
"""The most records ``traDanhSachHoSo`` gives in one answer."""

CODE_LISTS: Mapping[str, int] = {
    "nationality": 1,
    "country": 2,
    "ethnic_group": 3,
    "province": 4,
    "identity_paper": 5,
}
"""``loaiDanhMuc`` of each list of codes (contracts/systems.md, "hotich")."""

Answer = Mapping[str, Any]
_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")


def day(on: date) -> str:
    """Return a day as the envelopes have it, ``dd/MM/yyyy``."""
    return f"{on:%d/%m/%Y}"


def day_of(text: Any) -> date | None:
    """Return the day an envelope's text stands for, None when it is none."""
    found = _DAY.fullmatch(text) if isinstance(text, str) else None
    try:
        return None if found is None else date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


class HotichClient:
    """The ministry's service for one unit. Every method raises AdapterError, and only that."""

    def __init__(self, gateway: Gateway, agency: int) -> None:
        self._gateway = gateway
        self._agency = agency

    def log_in(self) -> Reply:
        """Get a new token and return the raw answer."""
        return self._gateway.log_in()

    def register(self, code: str, received: str, module: str, document: str) -> None:
        """File a dossier, or replace the one that is there under its code.

        ``received`` is ``dd/MM/yyyy``, ``document`` the text of an XML document.
        """
        parts = {"module": module, "maHoSo": code, "ngayTiepNhan": received, "data": document}
        answer = self._call("dangKyHoTich", {"maDonVi": self._agency, **parts}, write=True)
        error = outcome(answer)
        if error is not None:
            raise error
        if whole_number(answer.get("status")) != GOOD:
            raise ContractBroken("dangKyHoTich: status is neither 0 nor 1")

    def state(self, code: str) -> tuple[int, str | None] | None:
        """Return the state (1..4) of a dossier and what the ministry says of it.

        None when it has none. Here ``status`` is the dossier's state, and only 0 an error.
        """
        answer = self._ask("traTrangThaiHoSo", {"maDonVi": self._agency, "maHoSo": code})
        if answer is None:
            return None
        said = nfc(answer.get("value"))
        return int(answer["status"]), said if isinstance(said, str) and said.strip() else None

    def entry(self, code: str) -> dict[str, Any] | None:
        """Return the entry in the register; None where it is not complete, or there is none."""
        answer = self._ask("ketQuaDangKyHS", {"maDonVi": self._agency, "maHoSo": code})
        return None if answer is None else _object(answer.get("value"), "ketQuaDangKyHS")

    def changed(self, since: date) -> list[int | None]:
        """Return the numbers of all births created or changed on or after a day, None for a row without."""
        answer = self._ask("dsHoSoDangKy", {"module": BIRTH, "ngayCapNhat": day(since)})
        return [] if answer is None else _numbers(answer.get("value"), "dsHoSoDangKy")

    def record(self, ref: int) -> dict[str, Any] | None:
        """Return the record with this number, None when there is none."""
        answer = self._ask("traHoSo", {"module": BIRTH, "maHoSo": ref})
        if answer is None:
            return None
        record = _object(answer.get("value"), "traHoSo")
        if whole_number(record.get("id")) != ref:
            raise ContractBroken("traHoSo: id is not the one asked for")
        return record

    def records(self, refs: Sequence[int]) -> list[Any]:
        """Return the records with these numbers, at most 50, as they came."""
        answer = self._ask("traDanhSachHoSo", {"module": BIRTH, "dsMaHoSo": list(refs)})
        rows: Any = [] if answer is None else nfc(answer.get("value"))
        if not isinstance(rows, list):
            raise ContractBroken("traDanhSachHoSo: value is no list")
        return rows

    def code_list(self, name: str) -> CodeList:
        """Return one of ``CODE_LISTS``: rows with ``ma`` and ``ten``."""
        answer = self._ask("danhMuc", {"loaiDanhMuc": CODE_LISTS[name]})
        rows = [] if answer is None else _listed(answer.get("value"), "danhMuc")
        return code_list((one.get("ma"), one.get("ten")) for one in map(_row, rows))

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._gateway.close()

    def _ask(self, path: str, body: Mapping[str, Any]) -> Answer | None:
        """Make a read and return its answer, None when there is nothing of that name (yet)."""
        answer = self._call(path, body, write=False)
        error = outcome(answer)
        if error is None:
            return answer
        if isinstance(error, Rejected):
            if error.code in (NOT_FOUND, NOT_COMPLETE):
                return None
            raise ContractBroken(f"{path}: the question was refused ({error.code})")
        raise error

    def _call(self, path: str, body: Mapping[str, Any], *, write: bool) -> Answer:
        """Make a call; a token that the ministry itself refuses is renewed once, as the gateway's."""
        answer = self._made(path, body, write=write)
        if code_of(answer) != BAD_TOKEN:
            return answer
        try:
            self._gateway.log_in()
        except ContractBroken as error:  # of a write it would be doubt
            raise Retryable(f"token: {error.reason}") from error
        return self._made(path, body, write=write)

    def _made(self, path: str, body: Mapping[str, Any], *, write: bool) -> Answer:
        reply = self._gateway.call("POST", f"/{path}", write=write, json=body)
        return _object(reply.json(), path)


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ContractBroken(f"{where}: expected a JSON object")
    plain: dict[str, Any] = nfc(value)
    return plain


def _row(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


@dataclass(frozen=True, slots=True)
class _Number:
    """What is kept of a row: there may be a day's, and as they came they take many times the memory."""

    ref: int | None


def _number(row: Mapping[str, Any]) -> _Number:
    return _Number(whole_number(row.get("id")))


def _numbers(value: Any, where: str) -> list[int | None]:
    """Return the numbers of the rows of such a list."""
    rows = _listed(value, where, partial(json.loads, object_hook=_number))
    return [row.ref if isinstance(row, _Number) else None for row in rows]


def _listed(value: Any, where: str, loads: Callable[[str], Any] = orjson.loads) -> list[Any]:
    """Return the list inside a ``value`` that is the text of a JSON document."""
    try:
        rows = loads(value.strip("\ufeff \r\n")) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise ContractBroken(f"{where}: value is not the text of a JSON list")
    return rows
