"""How claims ask an adapter and judge what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest

from bridge.sdk import Json
from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance.rig import Call, Rig
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import (
    Answer,
    Command,
    Confirmation,
    Page,
    Receipt,
    Record,
    Unreadable,
)
from bridge.sdk.times import VIETNAM

__all__ = [
    "around_today",
    "expect",
    "pages",
    "questions",
    "records",
    "refs",
    "require",
    "said",
    "sent",
    "settled",
    "someone",
    "stored",
    "taken",
    "told",
]

T = TypeVar("T")

MOST_PAGES = 1000
"""A feed that has not ended by then never does."""


def require(held: object, otherwise: str) -> None:
    """Fail the claim, with words for the adapter's author, unless it ``held``."""
    __tracebackhide__ = True
    if not held:
        pytest.fail(otherwise, pytrace=False)


def expect(what: str, found: object, *kinds: type) -> None:
    """Fail the claim unless what was found is of one of the kinds."""
    __tracebackhide__ = True
    names = " or ".join(kind.__name__ for kind in kinds)
    require(isinstance(found, kinds), f"{what}: expected {names}, got {told(found)}")


def told(found: object) -> str:
    """Say what an adapter answered, in a line."""
    if isinstance(found, AdapterError):
        return f"{type(found).__name__} ({found.reason})"
    if isinstance(found, Page):
        return f"a page of {len(found.records)}"
    return type(found).__name__ if isinstance(found, Receipt | Record) else repr(found)


def said(call: Callable[[], T]) -> T | AdapterError:
    """Return what a call came to; anything but an ``AdapterError`` fails the claim as it is."""
    try:
        return call()
    except AdapterError as error:
        return error


def sent(adapter: Adapter, *commands: Command) -> list[Answer]:
    """Return the answers to commands of one call: one each, and errors returned, not raised."""
    __tracebackhide__ = True
    answers = said(lambda: list(adapter.submit(commands)))
    if isinstance(answers, AdapterError):
        pytest.fail(f"submit raised {told(answers)}: it is to be returned", pytrace=False)
    require(len(answers) == len(commands), f"{len(answers)} answers to {len(commands)} command(s)")
    return answers


def taken(adapter: Adapter, command: Command) -> Receipt:
    """Have a command taken that nothing speaks against, and return its receipt."""
    __tracebackhide__ = True
    [answer] = sent(adapter, command)
    if not isinstance(answer, Receipt):
        pytest.fail(f"{command.action} {command.code} was not taken: {told(answer)}", pytrace=False)
    return answer


def settled(rig: Rig, adapter: Adapter, command: Command) -> Confirmation:
    """Send a command and return what became of it, once the ministry had time for it."""
    [answer] = sent(adapter, command)
    if not isinstance(answer, Receipt) or rig.plugin.capabilities.confirms == "in_reply":
        return answer
    rig.settle()
    [confirmed] = adapter.confirm([command])
    return confirmed


def stored(cursor: Json) -> Json:
    """Return a cursor as it comes back from where the engine keeps it."""
    try:
        kept: Json = json.loads(json.dumps(cursor))
    except (TypeError, ValueError) as error:
        pytest.fail(f"the cursor is no plain JSON: {error}", pytrace=False)
    return kept


def pages(
    adapter: Adapter | Callable[[], Adapter], cursor: Json = None, *, acknowledge: bool = True
) -> Iterator[Page]:
    """Yield the pages of the feed as the engine reads them: stored, acknowledged, the next.

    Given a way to build adapters, each page is read by another, as after a crash.
    """
    for _ in range(MOST_PAGES):
        reader = adapter if isinstance(adapter, Adapter) else adapter()
        page = reader.changes(cursor)
        yield page
        if acknowledge and page.token is not None:
            reader.acknowledge(page.token)
        cursor = stored(page.cursor)
        if not page.more:
            return
    pytest.fail(f"the feed has not ended after {MOST_PAGES} pages", pytrace=False)


def records(found: Iterable[Page]) -> list[Record | Unreadable]:
    """Return all that stands on pages, in order."""
    return [one for page in found for one in page.records]


def refs(found: Iterable[Page]) -> set[str]:
    """Return the numbers of the records on pages."""
    return {one.ref for one in records(found) if isinstance(one, Record)}


def someone(rig: Rig, adapter: Adapter) -> str:
    """Return the number of a record that is there: one of the ministry's own, else one of ours."""
    seeded = rig.seed(1)
    return seeded[0] if seeded else taken(adapter, rig.command(1)).ref or ""


def questions(rig: Rig, adapter: Adapter, known: str) -> Mapping[Call, Callable[[], object]]:
    """Return every question that the adapter puts to its ministry, ready to be asked.

    ``known`` is the number of a record that is there.
    """
    can = rig.plugin.capabilities
    asked: dict[Call, Callable[[], object]] = {}
    if can.feed != "none":
        asked["changes"] = lambda: adapter.changes(None)
    if can.lists:
        asked["list"] = lambda: adapter.list(*around_today(), None)
    if rig.fetches:
        asked["fetch"] = lambda: adapter.fetch(known)
    if can.writes and can.probes:
        asked["probe"] = lambda: adapter.probe(rig.command(1))
    return asked


def around_today() -> tuple[date, date]:
    """Return the day before and the day after the ministries' today."""
    today = datetime.now(VIETNAM).date()
    return today - timedelta(days=1), today + timedelta(days=1)
