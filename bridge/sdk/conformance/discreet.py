"""The claim that nothing an adapter says tells a secret, or anything about a living person."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator

import pytest

from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance.needs import HTTP, LOGIN
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import pages, questions, require, said, sent, someone
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Page, Receipt, Record, Undecided, Unreadable
from bridge.sdk.rehearsal import Fault

__all__ = ["Discreet"]

FAULTS = (
    Fault.LOST_ANSWER, Fault.ERROR_500, Fault.PAGE_503, Fault.TRUNCATED, Fault.WRONG_SCHEMA,
    Fault.HTML_200,
)  # fmt: skip
PERSON = "Nguyễn Văn Kín Tiếng"
SPOILT = ("", "\x01", "\ud800", "x" * 10_000)
"""What makes a text that can't be carried, put behind a personal one."""


class Discreet:
    """Claims of this page."""

    def test_nothing_confidential_is_said(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        """No secret and no personal value stands in an error, a finding of check, a reason or a log."""
        named = rig.confidential()
        require(named, "the rig names nothing confidential, so nothing would be found")
        secret = {folded(one): one for one in (*named, PERSON)}
        with caplog.at_level(logging.DEBUG):
            words = list(_all_said(rig))
        words += [("a log", _logged(one)) for one in caplog.records]
        for where, text in words:
            for value, shown in secret.items():
                require(value not in folded(text), f"{where} tells {shown!r}")


def folded(text: str) -> str:
    """Return a text as it is searched: composed, without capitals."""
    return unicodedata.normalize("NFC", text).casefold()


def _all_said(rig: Rig) -> Iterator[tuple[str, str]]:
    """Yield all that an adapter says in good and bad days, and where it said it."""
    adapter = rig.adapter()
    known = someone(rig, adapter)
    yield "the adapter's repr", repr(adapter)
    yield from _asked(rig, adapter, known, "on a good day")
    yield from _of_broken_records(rig)
    if HTTP.met(rig.plugin):
        for fault in FAULTS:
            with rig.fault(fault):
                yield from _asked(rig, rig.adapter(), known, f"with {fault}")
    if LOGIN.met(rig.plugin):
        yield from _asked(rig, rig.adapter(login=False), known, "with a wrong secret")
    rig.down()
    yield from _asked(rig, adapter, known, "at a dead address")
    rig.up()


def _asked(rig: Rig, adapter: Adapter, known: str, when: str) -> Iterator[tuple[str, str]]:
    findings = said(lambda: list(adapter.check()))
    for one in findings if isinstance(findings, list) else ():
        yield f"check {when}", f"{one.name} {one.detail}"
    for name, ask in questions(rig, adapter, known).items():
        yield from _words(f"{name} {when}", said(ask))
    if rig.plugin.capabilities.writes:
        for spoilt in SPOILT:
            command = rig.command(7, text=f"{PERSON}{spoilt}")
            yield from _words(f"submit {when}", sent(adapter, command)[0])
        rig.settle()
        confirmed = said(lambda: list(adapter.confirm([rig.command(7)])))
        for answer in confirmed if isinstance(confirmed, list) else [confirmed]:
            yield from _words(f"confirm {when}", answer)


def _of_broken_records(rig: Rig) -> Iterator[tuple[str, str]]:
    if rig.plugin.capabilities.feed != "none":
        rig.spoil()
        found = said(lambda: list(pages(rig.adapter())))
        for page in found if isinstance(found, list) else [found]:
            yield from _words("a page of the feed", page)


def _words(where: str, found: object) -> Iterator[tuple[str, str]]:
    """Yield what an answer says in words; what it shows of a record is no business of this claim."""
    match found:
        case AdapterError():
            yield from _of_error(where, found)
        case Page():
            for warning in found.warnings:
                yield f"a warning of {where}", warning
            for one in found.records:
                yield from _words(where, one)
        case Unreadable():
            yield f"an unreadable record of {where}", f"{found.name} {found.reason} {found.field}"
        case Receipt() | Record():
            yield f"a note of {where}", str(getattr(found, "note", None))
        case Undecided():
            yield f"a reason of {where}", found.reason
        case _:
            return


def _of_error(where: str, error: BaseException | None) -> Iterator[tuple[str, str]]:
    """Yield what an error says, and what a traceback would say of those that it came from."""
    while error is not None:
        yield f"{type(error).__name__} of {where}", f"{error} {error!r} {vars(error)}"
        shown = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or shown


def _logged(one: logging.LogRecord) -> str:
    error = one.exc_info[1] if one.exc_info else None
    return " ".join([one.getMessage(), *(text for _, text in _of_error("a log", error))])
