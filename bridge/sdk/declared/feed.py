"""The ministry's changes by what the definition says of them; a page a call, no state kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, assert_never

from bridge.domain.dossier import Json
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.pages import Pages
from bridge.sdk.declared.paths import text_at
from bridge.sdk.declared.records import is_number, row_hash, version_of
from bridge.sdk.declared.rows import Rows
from bridge.sdk.declared.service import Answered, Service
from bridge.sdk.declared.tables import Feed, Operation
from bridge.sdk.declared.windows import Windows
from bridge.sdk.http import Reply
from bridge.sdk.records import Page

__all__ = ["DeclaredFeed"]


class DeclaredFeed:
    """Reads a feed. Safe between threads."""

    def __init__(
        self,
        interface: Interface,
        feed: Feed,
        changes: Operation,
        service: Service,
        now: Callable[[], datetime],
    ) -> None:
        self._interface = interface
        self._feed = feed
        self._changes = changes
        self._service = service
        self._pages = Pages(feed.paging, changes)
        self._windows = Windows(interface, feed, self._pages, self._ask, now)

    def page(self, cursor: Json) -> Page:
        """Return the page after ``cursor``; see ``Adapter.changes``."""
        match self._feed.kind:
            case "version":
                return self._by_version(cursor)
            case "cursor":
                return self._by_cursor(cursor)
            case "window":
                return self._windows.page(cursor)
            case "acknowledge":
                return self._unacknowledged(cursor)
            case _:
                assert_never(self._feed.kind)

    def greet(self) -> Reply:
        """Ask for the first page, and return the answer as it came."""
        values = self._values() | {"after": 0, "cursor": self._feed.first}
        if self._feed.kind == "window":
            values |= self._windows.first_values()
        return self._service.call("changes", values).reply

    def acknowledge(self, refs: Sequence[str]) -> None:
        """Tell the ministry which numbers are stored."""
        joined = self._feed.joined_by.join(refs)
        self._service.call("acknowledge", {"refs": refs, "refs_joined": joined})

    def _by_version(self, cursor: Json) -> Page:
        after = int(cursor) if isinstance(cursor, int | str) else 0
        rows = self._rows(self._ask(self._values() | {"after": after}))
        versions = [version_of(row, self._changes) or 0 for row in rows.rows]
        in_order = sorted(range(len(rows)), key=versions.__getitem__)
        last = max([after, *versions])
        more = last > after and self._pages.more(rows.names, rows.plain)
        return Page(tuple(map(rows.at, in_order)), last, more)

    def _by_cursor(self, cursor: Json) -> Page:
        place = cursor if isinstance(cursor, str) else self._feed.first
        rows = self._rows(self._ask(self._values() | {"cursor": place}))
        word = text_at(rows.plain, self._changes.next)
        more = bool(rows) if self._changes.more is None else self._pages.more([], rows.plain)
        records = tuple(map(rows.at, range(len(rows))))
        return Page(records, word or place, more and word is not None and word != place)

    def _unacknowledged(self, cursor: Json) -> Page:
        """Return what was not acknowledged; a page that was shown before leads no further.

        What can't be read is acknowledged too, by its number: it is set aside over here.
        """
        rows = self._rows(self._ask(self._values()))
        records = tuple(map(rows.at, range(len(rows))))
        refs = [name for name in dict.fromkeys(rows.names) if is_number(name)]
        shown = row_hash(rows.names)
        more = bool(refs) and shown != cursor and self._pages.more(rows.names, rows.plain)
        return Page(records, shown, more, token=tuple(refs) or None)

    def _values(self) -> dict[str, Any]:
        return {"limit": self._feed.paging.limit}

    def _ask(self, values: dict[str, Any]) -> Answered:
        return self._service.call("changes", values)

    def _rows(self, answered: Answered) -> Rows:
        return Rows(answered, self._changes, self._interface.record)
