"""What the portal publishes of procedures: a page of ``LayDanhSachTTHC``, and how a row is read.

Source: contracts/systems.md, "dvcqg": only ``TRANGTHAI`` other than 1 withdraws a procedure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.sdk import Said
from bridge.sdk.catalogue import Procedure, ProcedurePage, Unit, Withdrawn
from bridge.sdk.http import nfc
from bridge.sdk.records import Unreadable
from bridge.sdk.times import VIETNAM

from .faults import folded

__all__ = ["MOST", "asked", "page_of"]

MOST = 100
"""The most rows a page may hold."""

UNITS: Mapping[str, Unit] = {
    "ngày làm việc": "working_day",
    "ngày": "day",
    "giờ": "hour",
    "tháng": "month",
}

_CODE = re.compile(r"(\d+\.\d{6})(\.\S+)?", re.ASCII)
"""The national part, and what a province puts behind it (1.010708.000.00.00.H56)."""

_NUMBER = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
"""Three digits behind the point may be thousands: such a number is not guessed at."""


class _UnfitError(ValueError):
    """A row says nothing usable in the field ``args[0]``."""


def asked(since: datetime | None, page: int) -> dict[str, str]:
    """Return what a page is asked for by: every scalar is text."""
    start = {} if since is None else {"tungay": f"{since.astimezone(VIETNAM):%Y%m%d%H%M%S}"}
    return {**start, "trang": str(page), "soluong": str(MOST)}


def page_of(rows: Sequence[Mapping[str, Any]], page: int) -> ProcedurePage:
    """Read the rows of a page; only an empty one ends the list, for a portal may give fewer."""
    procedures: list[Procedure | Withdrawn] = []
    unreadable: list[Unreadable] = []
    for n, row in enumerate(nfc(list(rows)), start=(page - 1) * MOST + 1):
        try:
            procedures.append(_read(row))
        except _UnfitError as unfit:
            field, row_name = unfit.args[0], _text(row, "MATTHC") or f"row {n}"
            reason = Said(
                "procedure {code} was left out: {field} can't be read", code=row_name, field=field
            )
            unreadable.append(Unreadable(row_name, reason, field))
    return ProcedurePage(procedures, unreadable, more=bool(rows))


def _read(row: Mapping[str, Any]) -> Procedure | Withdrawn:
    code = _CODE.fullmatch(_filled(row, "MATTHC"))
    if code is None:
        raise _UnfitError("MATTHC")
    if _filled(row, "TRANGTHAI") != "1":
        return Withdrawn(code[1])
    return Procedure(
        code=code[1],
        local_code=code[0] if code[2] else None,
        name=_filled(row, "TENTTHC"),
        sector_code=_filled(row, "MALINHVUC"),
        sector_name=_filled(row, "TENLINHVUC"),
        agency=_filled(row, "COQUAN"),
        processing_time=_number(row, "THOIHAN"),
        processing_unit=_unit(row),
        fee=_number(row, "PHI"),
    )


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    return "" if value is None else str(value).strip().strip("\ufeff").strip()


def _filled(row: Mapping[str, Any], field: str) -> str:
    value = _text(row, field)
    if not value:
        raise _UnfitError(field)
    return value


def _number(row: Mapping[str, Any], field: str) -> int | str | None:
    """Return a number, whole or as the text of a decimal; ``None`` where none is given."""
    text = _text(row, field)
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _UnfitError(field)
    fraction = (found[2] or "").rstrip("0")
    return f"{int(found[1])}.{fraction}" if fraction else int(found[1])


def _unit(row: Mapping[str, Any]) -> Unit | None:
    text = folded(_text(row, "DONVITINH"))
    if text and text not in UNITS:
        raise _UnfitError("DONVITINH")
    return UNITS.get(text)
