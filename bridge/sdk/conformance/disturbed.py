"""Claims on answers that are none: refused logins, pages for people, halves, other schemas.

Source: contracts/systems.md, "Rules for all systems", Doubt: 401, 429 and 503 prove that a write
was not applied; 500, 502, 504, a cut or unreadable answer leave it in doubt.
"""

from __future__ import annotations

from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance.needs import HTTP, LOGIN, concerns
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import (
    expect,
    pages,
    questions,
    refs,
    require,
    said,
    sent,
    settled,
    someone,
    told,
)
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Retryable,
)
from bridge.sdk.records import Absent, Page, Receipt, Unreadable
from bridge.sdk.rehearsal import Fault

__all__ = ["Disturbed"]


class Disturbed:
    """Claims of this page."""

    @concerns(LOGIN)
    def test_a_refused_login_is_auth_failed(self, rig: Rig) -> None:
        """With a wrong secret reads and writes are AuthFailed, and nothing is applied."""
        known = someone(rig, rig.adapter())
        adapter = rig.adapter(login=False)
        for name, ask in questions(rig, adapter, known).items():
            expect(f"{name} with a wrong secret", said(ask), AuthFailed)
        if rig.plugin.capabilities.writes:
            command = rig.command(2)
            expect("submit with a wrong secret", sent(adapter, command)[0], AuthFailed)
            require(rig.applied(command) == 0, "the login was refused, and the command applied")

    @concerns(LOGIN)
    def test_an_ended_session_leaves_no_doubt(self, rig: Rig) -> None:
        """A session that ends on the way is begun again, or said to be refused: never doubt."""
        adapter = rig.adapter()
        known = someone(rig, adapter)
        for name, ask in questions(rig, adapter, known).items():
            with rig.fault(Fault.EXPIRED_SESSION, name, once=True):
                found = said(ask)
            if isinstance(found, AdapterError):
                expect(f"{name} with a session that ended", found, AuthFailed, Retryable)
        if rig.plugin.capabilities.writes:
            command = rig.command(2)
            with rig.fault(Fault.EXPIRED_SESSION, "create", once=True):
                [answer] = sent(adapter, command)
            expect("a write whose session ended", answer, Receipt, AuthFailed, Retryable)
            times = int(isinstance(answer, Receipt))
            require(rig.applied(command) == times, f"{told(answer)}, and there {1 - times} times")

    @concerns(HTTP)
    def test_a_page_for_people_is_maintenance(self, rig: Rig) -> None:
        """A page of HTML with status 503 is Maintenance, for reads and for writes."""
        for what, found in _all(rig, Fault.PAGE_503, applied=0):
            expect(f"{what} with a page of maintenance", found, Maintenance)

    @concerns(HTTP)
    def test_too_many_calls_are_repeated_later(self, rig: Rig) -> None:
        """A 429 is Retryable and says after how many seconds, as Retry-After does."""
        for what, found in _all(rig, Fault.TOO_MANY, applied=0):
            expect(f"{what} with a 429", found, Retryable)
            if isinstance(found, Retryable):
                require(found.after == 1.0, f"{what}: Retry-After: 1, and it says {found.after}")

    @concerns(HTTP)
    def test_a_failing_server_leaves_a_write_in_doubt(self, rig: Rig) -> None:
        """A 500 or 502 is InDoubt on a write and Retryable on a read."""
        for fault in (Fault.ERROR_500, Fault.ERROR_502):
            for what, found in _all(rig, fault):
                expect(f"{what} with {fault}", found, InDoubt if what == "submit" else Retryable)

    @concerns(HTTP)
    def test_half_an_answer_is_none(self, rig: Rig) -> None:
        """An answer cut short is doubt on a write; a read of it is asked again."""
        for what, found in _all(rig, Fault.TRUNCATED, applied=1):
            kind = InDoubt if what == "submit" else Retryable
            expect(f"{what} with half an answer", found, kind, ContractBroken)

    @concerns(HTTP)
    def test_an_answer_of_another_schema_breaks_the_contract(self, rig: Rig) -> None:
        """An answer that is not as agreed is ContractBroken, on a write doubt; it never says that nothing is there."""
        for what, found in _all(rig, Fault.WRONG_SCHEMA, applied=1):
            _unreadable(what, "an answer of another schema", found)

    @concerns(HTTP)
    def test_a_page_with_status_200_breaks_the_contract(self, rig: Rig) -> None:
        """HTML with status 200, as a proxy's login page, is ContractBroken, on a write doubt."""
        for what, found in _all(rig, Fault.HTML_200, applied=0):
            _unreadable(what, "HTML and status 200", found)

    def test_unicode_of_answers_is_forgiven(self, rig: Rig) -> None:
        """Answers behind a byte order mark, or in decomposed Unicode, are read like others."""
        adapter = rig.adapter()
        for number, fault in enumerate((Fault.BOM, Fault.NFD), start=1):
            if rig.plugin.capabilities.feed != "none":
                with rig.fault(fault):
                    seeded = rig.seed(2)
                    missing = {*seeded} - refs(pages(adapter))
                require(not missing, f"with {fault}, the feed shows {len(missing)} records too few")
            if rig.plugin.capabilities.writes:
                command = rig.command(number)
                with rig.fault(fault, "create"):
                    expect(f"a write with {fault}", settled(rig, adapter, command), Receipt)
                require(rig.applied(command) == 1, f"with {fault}, nothing was applied")


def _all(rig: Rig, fault: Fault, applied: int | None = None) -> list[tuple[str, object]]:
    """Meet a fault with every question and with a write; return what each came to.

    ``applied`` is how often the write is there afterwards, where the fault decides it.
    """
    adapter: Adapter = rig.adapter()
    known = someone(rig, adapter)
    if rig.plugin.capabilities.writes and rig.plugin.capabilities.probes:
        said(lambda: adapter.submit([rig.command(1)]))
    found: list[tuple[str, object]] = []
    for name, ask in questions(rig, adapter, known).items():
        with rig.fault(fault, name):
            found.append((name, said(ask)))
    if rig.plugin.capabilities.writes:
        command = rig.command(2)
        with rig.fault(fault, "create"):
            found.append(("submit", sent(adapter, command)[0]))
        if applied is not None:
            times = rig.applied(command)
            require(times == applied, f"with {fault} it is there {times} times, not {applied}")
    return found


def _unreadable(what: str, with_what: str, found: object) -> None:
    """Judge what came of an answer that can't be read."""
    if what == "probe":  # it may see that the command is there, whatever else is wrong
        require(not isinstance(found, Absent), f"probe with {with_what} says Absent")
    elif isinstance(found, Page):
        spoiled = any(isinstance(one, Unreadable) for one in found.records)
        require(spoiled, f"{what} with {with_what} shows a page without a word")
    else:
        kinds = (ContractBroken, InDoubt) if what == "submit" else (ContractBroken,)
        expect(f"{what} with {with_what}", found, *kinds)
