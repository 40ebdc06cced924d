"""What the tests of dkkd share: a ministry with a clock, a feed that is read to its end, rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.dkkd import plugin
from adapters.dkkd.adapter import DkkdAdapter
from adapters.dkkd.rehearsal import DkkdRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.times import VIETNAM

TODAY, DAYS, ONE = "danhSachHoSoTrongNgay", "danhSachHoSo", "tinhTrangHoSo"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=VIETNAM)
CODE = "H40.10-261120-0001"
PERSONAL = ("Nguyễn Thị Bình An", "036190000001", "0912000001", "12 Trần Hưng Đạo")
CONTACT = dict(
    zip(
        ("CONTACT_FULL_NAME", "CONTACT_ID_NO", "CONTACT_PHONE", "CONTACT_ADDRESS"),
        PERSONAL,
        strict=True,
    )
)


class Ministry(DkkdRehearsal):
    """The rehearsal, on the test's clock, ``ahead`` of it by as much as is said.

    ``asked`` holds each call and its query, oldest first; ``before`` what happens just before the
    next calls of an operation; ``says`` the answers an operation gives in place of its own.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.ahead = timedelta()
        super().__init__(now=lambda: now() + self.ahead)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.before: dict[str, deque[Callable[[], object]]] = {}
        self.says: dict[str, deque[Response]] = {}

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        self.asked.append((operation, dict(parse_qsl(urlsplit(request.path).query))))
        if self.before.get(operation):
            self.before[operation].popleft()()
        if self.says.get(operation):
            return self.says[operation].popleft()
        return super().served(operation, request, fault)

    def spans(self) -> list[tuple[str, str]]:
        """Return the days whole lists were asked of, each call once, oldest first."""
        asked = [(q["from_date"], q["to_date"]) for name, q in self.asked if name == DAYS]
        return [one for one, before in zip(asked, [None, *asked], strict=False) if one != before]

    def windows(self) -> list[tuple[str, str]]:
        """Return the minutes today's list was asked of, oldest first."""
        return [(q["from_ts"], q["to_ts"]) for name, q in self.asked if name == TODAY]


@dataclass
class Bench:
    """A ministry that serves, and an adapter that speaks to it; ``cursor`` is what is stored."""

    first_days: int = 0
    ministry: Ministry = field(init=False)
    adapter: DkkdAdapter = field(init=False)
    clock: datetime = NOW
    cursor: Any = None
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the ministry and build the adapter."""
        self.ministry = Ministry(lambda: self.clock)
        self.ministry.start()
        self.adapter = self.built()

    def built(self, *, timeout: float = 5.0, **changes: Any) -> DkkdAdapter:
        """Return an adapter as the engine builds it."""
        options = {**self.options, "first_days": self.first_days, **changes}
        context = AdapterContext("dkkd", Path(), timeout, 4, lambda: self.clock)
        adapter = plugin.build(plugin.options.model_validate(options), context)
        assert isinstance(adapter, DkkdAdapter)
        return adapter

    @property
    def options(self) -> dict[str, Any]:
        """The options under which the ministry is reached."""
        return {**self.ministry.options(), **self.ministry.secrets()}

    def page(self) -> Page:
        """Read one page, and store its cursor as the engine does."""
        page = self.adapter.changes(self.cursor)
        self.cursor = page.cursor
        self.warnings += page.warnings
        return page

    def poll(self) -> list[Record | Unreadable]:
        """Read the feed to its end."""
        found: list[Record | Unreadable] = []
        more = True
        while more:
            page = self.page()
            found += page.records
            more = page.more
        return found

    def records(self) -> list[Record]:
        """Read the feed to its end; return what could be read."""
        return [one for one in self.poll() if isinstance(one, Record)]

    def refs(self) -> list[str]:
        """Read the feed to its end; return the numbers that could be read, in order."""
        return [one.ref for one in self.records()]

    def later(self, **passed: float) -> None:
        """Let time pass."""
        self.clock += timedelta(**passed)

    def forget(self) -> None:
        """Forget what was asked so far."""
        self.ministry.asked.clear()
        self.ministry.calls.clear()

    def close(self) -> None:
        """Let go of everything."""
        self.adapter.close()
        self.ministry.stop()


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of today's list, as the ministry writes it."""
    return {
        "IN_JOURNAL_NO": "DN-26-0000001",
        "DOCUMENT_TYPE": "NEW",
        "ENTERPRISE_GDT_CODE": None,
        "NAME": "Công ty TNHH Mẫu",
        "SITE_ID": "36",
        "PROCESS_STATUS": "DANG_XU_LY",
        "PROCESSED_DATE": "20/11/2026 09:15:00",
        "DOSSIER_NO": CODE,
        **changes,
    }


def whole(**changes: Any) -> dict[str, Any]:
    """Return a row of danhSachHoSo, as the ministry writes it."""
    dates = {"RECEIPT_DATE": "20/11/2026 09:00:00", "PLAN_DATE": "23/11/2026 17:00:00"}
    rest = {"SUPPLEMENT_DATE": None, "REGISTRATION_DATE": None, "CONTACT_EMAIL": ""}
    return {**row(), **dates, **rest, **CONTACT, **changes}


def listed(*rows: Any, **changes: Any) -> Mapping[str, Any]:
    """Return an answer that lists these rows."""
    good = {"Data": list(rows), "DataCount": len(rows), "Status": "1", "Message": "success"}
    return {**good, **changes}
