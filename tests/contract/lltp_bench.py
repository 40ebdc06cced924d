"""What the tests of lltp share: forms as the mapping lowers them, commands, and a ministry."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from adapters.lltp import plugin
from adapters.lltp.adapter import LltpAdapter
from adapters.lltp.rehearsal import LltpRehearsal
from bridge.sdk import Json
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Action, Answer, Command, Page, Receipt, Record, Unreadable
from bridge.sdk.rehearsal import Fault, Request, Response

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
PERSONAL = ("Nguyễn Văn Mẫu", "036090000001", "0900000001", "mau@example.vn")


def code(number: int = 1) -> str:
    return f"H40.09-261120-{number:04}"


def body(number: int = 1, **declaration: Any) -> dict[str, Any]:
    """Return a dossier as the mapping lowers it; ``declaration`` replaces fields of that form."""
    form = {
        "receiveNo": code(number),
        "fullName": PERSONAL[0],
        "genderId": "1",
        "birthDateStr": "02/1990",
        "nationalityId": "1",
        "ethnicId": "1",
        "residence": "1 Lê Lợi",
        "idTypeId": "3",
        "identifyNo": PERSONAL[1],
        "phone": PERSONAL[2],
        "email": PERSONAL[3],
        "declareDate": "20/11/2026",
        "declareTypeId": "3846",
        "requestQty": "1",
        "objectRequestId": "72",
        "formType": "1",
        **declaration,
    }
    return {
        "idReceivedDec": code(number),
        "dateReceivedDec": "20/11/2026",
        "datePromissoryDec": "04/12/2026",
        "declarationWSForm": {key: value for key, value in form.items() if value is not None},
    }


def dossier(number: int = 1, **declaration: Any) -> Command:
    """Return a command that files a dossier."""
    return Command(f"key-{number}", Action.CREATE, code(number), None, body(number, **declaration))


class Ministry(LltpRehearsal):
    """The rehearsal, which also answers a function once with what a test makes up.

    ``sent`` holds what was asked of it with a living token, oldest first. ``before`` is called
    before a function is served: what else happens at the ministry just then.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.before: dict[str, Callable[[], object]] = {}
        self._made_up: dict[str, deque[bytes]] = {}

    def says(self, function: str, *answers: Mapping[str, Any] | bytes) -> None:
        """Answer the next calls of a function with these; nothing is applied by them."""
        made = (one if isinstance(one, bytes) else orjson.dumps(one) for one in answers)
        self._made_up.setdefault(function, deque()).extend(made)

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        self.sent.append((operation, orjson.loads(request.body)))
        self.before.pop(operation, lambda: None)()
        waiting = self._made_up.get(operation)
        return Response(waiting.popleft()) if waiting else super().served(operation, request, fault)

    def asked(self, function: str) -> list[dict[str, Any]]:
        """Return what was asked of a function, oldest first."""
        return [asked for name, asked in self.sent if name == function]


def error(number: str, description: str = "Lỗi", **fields: Any) -> dict[str, Any]:
    """Return an answer that is an error."""
    return {"STATUS": "0", "ERROR_CODE": number, "DESCRIPTION": description, **fields}


def rows(*listed: Any) -> dict[str, Any]:
    """Return the answer of a list."""
    return {"STATUS": "1", "LISTCONTENT": list(listed)}


def row(ref: str, status: Any, number: int | None = 1, **fields: Any) -> dict[str, Any]:
    """Return a row of traDsTrangThaiHs; without a ``number`` the dossier was filed there."""
    return {
        "DECLARATION_ID": ref,
        "RECEIVE_NO": None if number is None else code(number),
        "DEC_STATUS_ID": status,
        "DEC_STATUS_NAME": "Đang xử lý",
        "APPROVE_DATE": "",
        "ISSUE_DATE": "",
        **fields,
    }


@dataclass
class Clock:
    """The engine's clock, which a test moves on."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


def built(
    options: Mapping[str, Any], clock: Callable[[], datetime], timeout: float = 5.0
) -> LltpAdapter:
    """Return an adapter as the engine builds it."""
    context = AdapterContext("lltp", Path(), timeout, 4, clock)
    adapter = plugin.build(plugin.options.model_validate(dict(options)), context)
    assert isinstance(adapter, LltpAdapter)
    return adapter


@dataclass
class Bench:
    """A ministry that serves, an adapter that speaks to it, and what the engine would store."""

    ministry: Ministry
    timeout: float = 5.0
    clock: Clock = field(default_factory=Clock)
    cursor: Json = None
    adapter: LltpAdapter = field(init=False)

    def __post_init__(self) -> None:
        """Build the adapter."""
        self.restart()

    @property
    def options(self) -> dict[str, Any]:
        """The options under which the ministry is reached."""
        return {**self.ministry.options(), **self.ministry.secrets()}

    def restart(self) -> None:
        """Build the adapter anew, as after a crash: only the cursor is kept."""
        if hasattr(self, "adapter"):
            self.adapter.close()
        self.adapter = built(self.options, self.clock, self.timeout)

    def send(self, *commands: Command) -> list[Answer]:
        """Return the answers to commands."""
        return list(self.adapter.submit(commands))

    def filed(self, number: int = 1) -> str:
        """Have a dossier there, its reception told and acknowledged; return its ID."""
        (answer,) = self.send(dossier(number))
        assert isinstance(answer, Receipt)
        assert answer.ref is not None
        self.poll()
        self.forget()
        return answer.ref

    def page(self, *, acknowledged: bool = True) -> Page:
        """Read a page and store its cursor, as the engine does; then acknowledge it."""
        page = self.adapter.changes(self.cursor)
        self.cursor = orjson.loads(orjson.dumps(page.cursor))
        if acknowledged and page.token is not None:
            self.adapter.acknowledge(page.token)
        return page

    def poll(self) -> list[Record | Unreadable]:
        """Read the feed to its end."""
        read: list[Record | Unreadable] = []
        for _ in range(50):
            page = self.page()
            read += page.records
            if not page.more:
                return read
        raise AssertionError("the feed does not end")

    def forget(self) -> None:
        """Forget what was called so far."""
        self.ministry.sent.clear()
        self.ministry.calls.clear()

    def close(self) -> None:
        """Let go of the connections."""
        self.adapter.close()


def seen(read: list[Record | Unreadable]) -> list[tuple[str, str, str]]:
    """Return kind, ID and status of every record that could be read."""
    return [(one.kind, one.ref, status_of(one)) for one in read if isinstance(one, Record)]


def status_of(record: Record) -> str:
    """Return the status a record shows."""
    form = record.body.get("declarationWSForm", record.body)
    return str(form.get("decStatusId", form.get("DEC_STATUS_ID")))


def text_of(answer: Answer) -> str:
    """Return the words of an error."""
    assert isinstance(answer, AdapterError)
    return answer.reason
