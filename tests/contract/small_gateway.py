"""A small read-only register behind OAuth2, and its adapter: what an author begins with.

It shows what changed since a number, the row of that number once more, and lists by page.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel

from bridge.sdk import Json
from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected
from bridge.sdk.gateway import Gateway, GatewayOptions
from bridge.sdk.records import (
    Answer,
    Check,
    Command,
    Confirmation,
    Page,
    Probe,
    Record,
    Undecided,
    Unreadable,
)
from bridge.sdk.rehearsal import Fault, Request, Response
from bridge.sdk.rehearsal_gateway import GatewayRehearsal, as_json

PAGE = 3
Rows = Sequence[Mapping[str, Any]]


CAPABILITIES = Capabilities(writes=False, feed="since", submit="none", lists=True)


class SmallRehearsal(GatewayRehearsal):
    """The register; ``file_own`` is the only way a row comes in."""

    name = "small"

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def served(self, operation: str, request: Request, fault: Fault | None) -> Response:
        del fault
        asked = {name: one[0] for name, one in parse_qs(urlsplit(request.path).query).items()}
        with self._lock:
            rows = list(self._rows)
        if operation == "mot":
            return as_json({"Data": [row for row in rows if row["SO"] == asked["so"]]})
        start = int(asked.get("tu", "0"))
        return as_json({"Data": rows[start : start + PAGE], "Con": len(rows) > start + PAGE})

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        del rng
        with self._lock:
            first = len(self._rows)
            made = [
                {"SO": f"S-{n}", "THU_TU": n, "TEN": "Đỗ Thị Nhỏ", **fields}
                for n in range(first, first + count)
            ]
            self._rows += made
        return [str(row["SO"]) for row in made]

    def records(self) -> list[dict[str, Any]]:
        return [{"ref": row["SO"], "code": None, "body": row} for row in self._rows]

    def duplicates(self) -> list[str]:
        counted = Counter(row["SO"] for row in self._rows)
        return [ref for ref, count in counted.items() if count > 1]

    def advance(self, limit: int | None = None) -> int:
        del limit
        return 0

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        raise NotImplementedError(ref, status, note, at)


class SmallAdapter:
    """Reads the register."""

    capabilities = CAPABILITIES

    def __init__(self, options: GatewayOptions, context: AdapterContext) -> None:
        self._gateway = Gateway(options, context)

    def check(self) -> Iterable[Check]:
        try:
            self._gateway.log_in()
            self._rows("/thayDoi", tu="0")
        except AdapterError as error:
            return [Check("login", ok=False, detail=error.reason)]
        return [Check("login", ok=True, detail="accepted")]

    def changes(self, cursor: Json) -> Page:
        after = int(str(cursor or 0))
        rows, more = self._rows("/thayDoi", tu=str(max(0, after - 1)))  # one row over
        last = max([after, *(int(row["THU_TU"]) + 1 for row in rows if "THU_TU" in row)])
        return Page(tuple(map(_record, rows)), last, more and last > after)

    def list(self, since: date, until: date, cursor: Json) -> Page:
        del since, until
        start = int(str(cursor or 0))
        rows, more = self._rows("/danhSach", tu=str(start))
        return Page(tuple(map(_record, rows)), start + len(rows), more)

    def fetch(self, ref: str) -> Record | None:
        rows, _ = self._rows("/mot", so=ref)
        found = [one for one in map(_record, rows) if isinstance(one, Record)]
        return found[0] if found else None

    def acknowledge(self, token: object) -> None:
        del token

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        return [Rejected("READ", None, "this register is only read") for _ in commands]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        return Undecided(f"{command.action} was never sent")

    def close(self) -> None:
        self._gateway.close()

    def _rows(self, path: str, **params: str) -> tuple[Rows, bool]:
        answer = self._gateway.call("GET", path, write=False, params=params).json()
        rows = answer.get("Data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise ContractBroken("Data is no list")
        return rows, bool(answer.get("Con"))


def _record(row: Mapping[str, Any]) -> Record | Unreadable:
    ref = row.get("SO")
    if not isinstance(ref, str):
        return Unreadable(f"row {row.get('THU_TU')}", "SO: is no text", "SO")
    return Record(ref, row)


def _build(options: BaseModel, context: AdapterContext) -> SmallAdapter:
    return SmallAdapter(GatewayOptions.model_validate(options), context)


plugin = Plugin(
    name="small",
    title="Sổ nhỏ",
    protocol="rest",
    options=GatewayOptions,
    capabilities=CAPABILITIES,
    build=_build,
    rehearsal=SmallRehearsal,
)
