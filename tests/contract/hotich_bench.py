"""What the tests of hotich share: a body as the mapping lowers it, commands, and a ministry."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from adapters.hotich import plugin
from adapters.hotich.adapter import HotichAdapter
from adapters.hotich.rehearsal import HotichRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Action, Answer, Command, Page, Record
from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.rehearsal_gateway import as_json

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
"""12:00 in Hanoi."""

PERSONAL = ("Nguyễn Thị Thử", "Trần Thị Mẫu", "036199000017", "Lê Văn Mẫu", "0912000001")


def code(number: int = 1) -> str:
    return f"H40.31-261120-{number:04}"


def body(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a birth as the mapping lowers it; None leaves a field out."""
    whole = {
        "maHoSo": code(number),
        "module": "KS",
        "ngayTiepNhan": "20/11/2026",
        "nksHoTen": PERSONAL[0],
        "nksGioiTinh": "2",
        "nksNgaySinh": "2026-11-02",
        "nksNoiSinh": "Bệnh viện Phụ sản tỉnh",
        "nksDanToc": "Kinh",
        "nksQuocTich": "VN",
        "meHoTen": PERSONAL[1],
        "meNgaySinh": "1999",
        "meSoGiayTo": f"{PERSONAL[2]}-{number}",
        "nycHoTen": PERSONAL[3],
        "nycQuanHe": "Ông nội",
        "nycSoDienThoai": PERSONAL[4],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def command(number: int = 1, action: Action = Action.CREATE, /, **given: Any) -> Command:
    """Return a command with the body above, or with ``body`` as given."""
    lowered = given.pop("body", None)
    sent = body(number) if lowered is None else lowered
    return Command(f"key-{number}", action, code(number), given.pop("ref", None), sent, **given)


class Clock:
    """A clock that stands until it is moved on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **spans: float) -> None:
        self.now += timedelta(**spans)


class Ministry(HotichRehearsal):
    """The rehearsal, which also answers an operation once with what a test makes up.

    ``sent`` holds what was asked of it, by operation, oldest first.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: list[tuple[str, Any]] = []
        self._made_up: dict[str, deque[Response]] = {}

    def says(self, operation: str, *answers: Any) -> None:
        """Answer the next calls of an operation with these; nothing is applied by them."""
        made = (one if isinstance(one, Response) else as_json(one) for one in answers)
        self._made_up.setdefault(operation, deque()).extend(made)

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        self.sent.append((operation, orjson.loads(request.body)))
        waiting = self._made_up.get(operation)
        return waiting.popleft() if waiting else super().served(operation, request, fault)

    def asked(self, operation: str) -> list[Any]:
        """Return what was asked of one operation, oldest first."""
        return [body for name, body in self.sent if name == operation]


def built(
    options: Mapping[str, Any], now: Any = lambda: NOON, *, timeout: float = 5.0
) -> HotichAdapter:
    """Return an adapter as the engine builds it."""
    context = AdapterContext("hotich", Path(), timeout, 4, now)
    adapter = plugin.build(plugin.options.model_validate(dict(options)), context)
    assert isinstance(adapter, HotichAdapter)
    return adapter


@dataclass
class Bench:
    """A ministry that serves, an adapter that speaks to it, and the clock of both."""

    clock: Clock = field(default_factory=Clock)
    timeout: float = 5.0
    ministry: Ministry = field(init=False)
    adapter: HotichAdapter = field(init=False)

    def __post_init__(self) -> None:
        """Start the ministry and build the adapter."""
        self.ministry = Ministry(now=self.clock)
        self.ministry.start()
        self.adapter = built(self.options, self.clock, timeout=self.timeout)

    @property
    def options(self) -> dict[str, Any]:
        """The options under which the ministry is reached."""
        return {**self.ministry.options(), **self.ministry.secrets()}

    def send(self, *commands: Command) -> list[Answer]:
        """Return the answers to commands."""
        return list(self.adapter.submit(commands))

    def filed(self, *numbers: int) -> None:
        """Have dossiers there, and forget how they came."""
        answers = self.send(*(command(one) for one in numbers or (1,)))
        assert not [one for one in answers if isinstance(one, AdapterError)]
        self.forget()

    def forget(self) -> None:
        """Forget what was called so far."""
        self.ministry.sent.clear()
        self.ministry.calls.clear()

    def held(self, number: int = 1) -> dict[str, Any]:
        """Return the record the ministry holds for a dossier."""
        (found,) = [one for one in self.ministry.records() if one["code"] == code(number)]
        return found

    def round(self, cursor: Any = None) -> tuple[list[Page], Any]:
        """Read the feed to its end; return the pages and where the next round starts."""
        pages = [self.adapter.changes(cursor)]
        while pages[-1].more:
            pages.append(self.adapter.changes(pages[-1].cursor))
        return pages, pages[-1].cursor

    def close(self) -> None:
        """Let go of the connections, and stop the ministry."""
        self.adapter.close()
        self.ministry.stop()


def good(pages: Sequence[Page]) -> list[Record]:
    """Return the records of pages that could be read, in order."""
    return [one for page in pages for one in page.records if isinstance(one, Record)]


def reason(answer: Answer) -> str:
    """Return the words of an error."""
    assert isinstance(answer, AdapterError)
    return answer.reason
