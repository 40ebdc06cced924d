"""The ministry's lists as methods: days and minutes in, plain rows out.

``chiTietDoanhNghiep`` is not called: no field of a dossier comes from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bridge.sdk import Said
from bridge.sdk.errors import ContractBroken
from bridge.sdk.gateway import Gateway
from bridge.sdk.http import Reply, nfc

from .faults import good

__all__ = ["LIMIT", "DkkdClient", "Listing"]

LIMIT = 100
"""The most rows a page may hold."""

LAST_MINUTE = "23:59"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. ``count`` is how many rows the ministry says the list has."""

    rows: tuple[Any, ...]
    count: int


class DkkdClient:
    """Asks one gateway. Safe between threads."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def today(self, since: datetime, offset: int) -> Listing:
        """Return a page of what was processed today from the minute ``since`` (local) on.

        The window ends with the day and not now, so that a clock of theirs that is ahead of ours
        hides nothing.
        """
        window = {"from_ts": f"{since:%H:%M}", "to_ts": LAST_MINUTE}
        return _listing(self._asked("/danhSachHoSoTrongNgay", window | _page(offset)))

    def days(self, first: date, last: date, offset: int) -> Listing:
        """Return a page of what was received or processed on these days, both included."""
        span = {"from_date": f"{first:%d/%m/%Y}", "to_date": f"{last:%d/%m/%Y}"}
        return _listing(self._asked("/danhSachHoSo", span | _page(offset)))

    def one(self, ref: str) -> Any:
        """Return the row of a number, ``None`` when there is none."""
        found = self._asked("/tinhTrangHoSo", {"in_journal_no": ref}).get("Data")
        rows = found if isinstance(found, list) else [found]
        return nfc(rows[0]) if rows else None

    def log_in(self) -> Reply:
        """Get a new token; return the raw answer."""
        return self._gateway.log_in()

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._gateway.close()

    def _asked(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        return good(self._gateway.call("GET", path, write=False, params=params).json())


def _page(offset: int) -> dict[str, str]:
    return {"offset": str(offset), "limit": str(LIMIT)}


def _listing(answer: Mapping[str, Any]) -> Listing:
    """Return the rows of a good answer; an empty list may be ``null``."""
    rows, count = answer.get("Data"), answer.get("DataCount")
    if isinstance(count, bool) or not str(count).strip().isdecimal():
        raise ContractBroken(Said("DataCount is no number"))
    number = int(str(count))
    if rows is None and number == 0:
        rows = []
    if not isinstance(rows, list):
        raise ContractBroken(Said("Data is no list"))
    return Listing(tuple(map(nfc, rows)), number)
