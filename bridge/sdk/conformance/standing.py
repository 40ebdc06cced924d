"""Claims on how an adapter stands before anything is sent: its declaration, its birth, its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import local
from typing import Any

import pytest

from bridge.sdk.adapter import Adapter
from bridge.sdk.capabilities import CapabilityFault
from bridge.sdk.conformance.needs import HTTP, LOGIN, READS_ONLY, concerns
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import (
    around_today,
    expect,
    questions,
    require,
    said,
    sent,
    someone,
)
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Action, Check, Command, Page
from bridge.sdk.rehearsal import Fault

__all__ = ["Standing"]

OUTSIDE = frozenset(
    {"open", "os.listdir", "os.mkdir", "os.scandir", "socket.bind", "socket.connect",
     "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen"}
)  # fmt: skip
"""What Python itself reports when a program reaches outside (``sys.addaudithook``)."""

PROTOCOLS = frozenset({"rest", "soap", "xml"})


class Standing:
    """Claims of this page."""

    def test_it_declares_what_it_is(self, rig: Rig) -> None:
        """Its declaration is sound, the adapter has all of the interface, and both say the same."""
        plugin, adapter = rig.plugin, rig.adapter()
        try:
            plugin.capabilities.verify(plugin.name)
        except CapabilityFault as fault:
            pytest.fail(str(fault), pytrace=False)
        require(plugin.protocol in PROTOCOLS, f"protocol is none of {sorted(PROTOCOLS)}")
        require(isinstance(adapter, Adapter), "the adapter lacks methods of bridge.sdk.Adapter")
        declared, found = plugin.capabilities, adapter.capabilities
        smaller = found.batch <= declared.batch and found.step_batch <= declared.step_batch
        same = replace(found, batch=declared.batch, step_batch=declared.step_batch) == declared
        require(smaller and same, f"the plug-in declares {declared}, the adapter {found}")
        for word, answer in _undeclared(rig, adapter):
            empty = isinstance(answer, AdapterError) or not answer.records
            require(empty, f"{word} is not declared, but it shows records")

    @concerns(READS_ONLY)
    def test_what_is_only_read_is_not_written(self, rig: Rig) -> None:
        """Declared as read only, it takes no command."""
        command = Command("key", Action.CREATE, "H40-261120-0001", None, {})
        [answer] = sent(rig.adapter(), command)
        expect("a command to a system that is only read", answer, AdapterError)

    def test_building_it_reaches_nothing(self, rig: Rig) -> None:
        """Its constructor opens no file, no connection and no process."""
        rig.adapter()  # what is imported late is imported now
        with _listening() as heard:
            rig.adapter()
        require(not heard, f"the constructor reached outside: {', '.join(heard)}")

    def test_check_finds_and_never_raises(self, rig: Rig) -> None:
        """``check`` finds all well where it is, something wrong where it is not, and never raises."""
        well = _findings(rig.adapter())
        wrong = [f"{one.name}: {one.detail}" for one in well if not one.ok]
        require(well, "check yields no finding")
        require(not wrong, f"check finds fault with a healthy system: {'; '.join(wrong)}")
        rig.down()
        found = _findings(rig.adapter())
        require(not all(one.ok for one in found), "check finds nothing wrong with a dead address")
        rig.up()
        if LOGIN.met(rig.plugin):
            found = _findings(rig.adapter(login=False))
            require(not all(one.ok for one in found), "check finds nothing wrong with a bad login")
        if HTTP.met(rig.plugin):
            for fault in (Fault.PAGE_503, Fault.HTML_200, Fault.WRONG_SCHEMA, Fault.LOST_ANSWER):
                with rig.fault(fault):
                    _findings(rig.adapter())

    def test_closing_twice_is_harmless(self, rig: Rig) -> None:
        """It can be closed before its first call, after its last, and again."""
        unused = rig.adapter()
        unused.close()
        unused.close()
        adapter = rig.adapter()
        for ask in questions(rig, adapter, someone(rig, adapter)).values():
            said(ask)
        adapter.close()
        adapter.close()


def _undeclared(rig: Rig, adapter: Adapter) -> Iterator[tuple[str, Page | AdapterError]]:
    """Yield the answers to questions that it does not declare it can answer."""
    if rig.plugin.capabilities.feed == "none":
        yield "feed", said(lambda: adapter.changes(None))
    if not rig.plugin.capabilities.lists:
        yield "lists", said(lambda: adapter.list(*around_today(), None))


def _findings(adapter: Adapter) -> list[Check]:
    """Return what ``check`` finds; whatever it raises fails the claim."""
    try:
        found = list(adapter.check())
    except Exception as error:  # noqa: BLE001 - the claim is that there is none
        pytest.fail(f"check raised {type(error).__name__}: {error}")
    for one in found:
        expect("a finding of check", one, Check)
    return found


_ears = local()
_installed: list[bool] = []


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Collect what this thread reaches outside for, as long as the block runs."""
    if not _installed:  # an audit hook stays for good: one, which listens only when asked to
        _installed.append(True)
        sys.addaudithook(_hear)
    heard: list[str] = []
    _ears.heard = heard
    try:
        yield heard
    finally:
        _ears.heard = None


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    heard = getattr(_ears, "heard", None)
    if heard is not None and event in OUTSIDE:
        heard.append(f"{event}{arguments[:1]!r}")
