"""One record of the ministry, read: its numbers as texts, and what two other calls tell of it.

Numbers come as JSON numbers or as text, some days; here they are always text. The contract names
no form for ``ngayDangKy``: the envelopes' (``dd/MM/yyyy``) and the document's (``yyyy-MM-dd``) are
read alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.sdk.http import nfc
from bridge.sdk.records import Record, Unreadable

from .client import BIRTH, HotichClient, day_of
from .faults import whole_number

__all__ = ["completed", "read"]

ASKED, REGISTERED = "2", "4"
"""The states in which there is more to ask for: what is wanted, and the entry in the register."""

ENTRY = ("so", "quyenSo", "trangSo", "ngayDangKy")


def read(row: Any) -> Record | Unreadable:
    """Return a row of ``traDanhSachHoSo``, or the value of ``traHoSo``, as a record."""
    if not isinstance(row, Mapping):
        return Unreadable("traDanhSachHoSo", "a record is no JSON object")
    ref = whole_number(row.get("id"))
    if ref is None:
        return Unreadable("traDanhSachHoSo", "a record has no number", "id")
    return Record(str(ref), {**_texts(row), "id": str(ref), "module": BIRTH})


def completed(client: HotichClient, record: Record) -> Record:
    """Return a record of one of our dossiers with what is asked for, or with its entry.

    What was registered without the one-stop has no code by which it could be asked about.
    """
    body = record.body
    code, state = body.get("maHoSo"), body.get("trangThai")
    if not code:
        return record
    if state == ASKED:
        now = client.state(code)
        if now is not None and str(now[0]) == ASKED:
            return replace(record, body={**body, "traTrangThaiHoSo": {"value": now[1]}})
    if state == REGISTERED and not body.get("so"):
        entry = _texts(client.entry(code) or {})
        return replace(record, body={**body, **{name: entry.get(name) for name in ENTRY}})
    return record


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _day(_text(value)) if name == "ngayDangKy" else _text(value)
            for name, value in nfc(dict(row)).items()}  # fmt: skip


def _text(value: Any) -> Any:
    """Return a number as text, and a text without blanks or a byte order mark around it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip("\ufeff \t\r\n") if isinstance(value, str) else value


def _day(value: Any) -> Any:
    found = day_of(value)
    return value if found is None else found.isoformat()
