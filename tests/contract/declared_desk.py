"""A ministry that says what a test tells it to, and an adapter that a definition describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from adapters.rest import plugin
from bridge.sdk.adapter import Adapter, AdapterContext
from bridge.sdk.declared.forms import HANOI
from bridge.sdk.records import Page, Record
from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=HANOI)
SECRET = "khoa-dien-tap"


class Desk(HttpRehearsal):
    """``says`` holds what each path answers to its query and body; ``asked`` what was asked."""

    name = "desk"

    def __init__(self) -> None:
        super().__init__()
        self.says: dict[str, Callable[[Mapping[str, str], Any], Any]] = {}
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.clock = NOON
        self._built: list[Adapter] = []

    def stop(self) -> None:
        """Close what was built, and stop serving."""
        for adapter in self._built:
            adapter.close()
        super().stop()

    def operation(self, request: Request) -> str:
        return urlsplit(request.path).path.strip("/")

    def answer(self, request: Request, fault: Fault | None) -> Response:
        del fault
        if request.headers.get("x-khoa") != f"K {SECRET}":
            return Response(b"{}", 401)
        query = dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
        body = orjson.loads(request.body) if request.body else None
        self.asked.append((self.operation(request), query, body))
        said = self.says[self.operation(request)](query, body)
        return said if isinstance(said, Response) else Response(orjson.dumps(said), 200)

    def passes(self, **passed: float) -> None:
        """Let time pass."""
        self.clock += timedelta(**passed)

    def adapter(self, **tables: Any) -> Adapter:
        """Return an adapter for a definition with these tables."""
        definition = {
            "title": "Bàn thử",
            "mappings": {"dossier": "gplx/licence", "step": "dvcqg/step"},
            "login": {"kind": "header", "header": "X-Khoa", "prefix": "K "},
            "record": {"ref": "So", "code": "Ma"},
            **tables,
        }
        given = {"definition": definition, "base_url": self.address, "client_secret": SECRET}
        options = plugin.options.model_validate(given)
        context = AdapterContext("desk", Path(), 5.0, 4, lambda: self.clock)
        built = plugin.of(options).build(options, context)
        self._built.append(built)
        return built

    def records(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def options(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def secrets(self) -> Mapping[str, str]:
        raise NotImplementedError

    def duplicates(self) -> list[str]:
        raise NotImplementedError

    def advance(self, limit: int | None = None) -> int:
        raise NotImplementedError

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        raise NotImplementedError

    def file_own(self, count: int = 1, rng: Any = None, **fields: Any) -> list[str]:
        raise NotImplementedError


def get(path: str, **more: Any) -> dict[str, Any]:
    """Return an operation that asks a path and reads rows of ``R``."""
    return {"method": "GET", "path": f"/{path}", "rows": "R", **more}


def post(path: str, **more: Any) -> dict[str, Any]:
    """Return an operation that posts to a path."""
    return {"method": "POST", "path": f"/{path}", **more}


def rows(*numbers: int | str, **more: Any) -> dict[str, Any]:
    """Return an answer with records of these numbers."""
    return {"R": [{"So": str(number)} for number in numbers], **more}


def read(adapter: Adapter, cursor: Any = None) -> tuple[list[str], list[str], Any]:
    """Read the feed to its end; return numbers or names, warnings, and the cursor as stored."""
    names: list[str] = []
    warnings: list[str] = []
    for page in _pages(adapter, cursor):
        names += [one.ref if isinstance(one, Record) else one.name for one in page.records]
        warnings += page.warnings
        cursor = orjson.loads(orjson.dumps(page.cursor))
    return names, warnings, cursor


def _pages(adapter: Adapter, cursor: Any) -> Iterator[Page]:
    more = True
    while more:
        page = adapter.changes(cursor)
        cursor, more = page.cursor, page.more
        if page.token is not None:
            adapter.acknowledge(page.token)
        yield page
