"""Claims on silence: what is known not to be applied, what may be, and how the truth is found."""

from __future__ import annotations

from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance.needs import HTTP, PROBES, WRITES, concerns
from bridge.sdk.conformance.rig import Call, Rig
from bridge.sdk.conformance.verdict import (
    expect,
    questions,
    require,
    said,
    sent,
    settled,
    someone,
    taken,
    told,
)
from bridge.sdk.errors import InDoubt, Retryable
from bridge.sdk.records import Absent, Action, Answer, Applied, Command, Receipt
from bridge.sdk.rehearsal import Fault

__all__ = ["Doubting"]

SHORT = 0.3
"""Seconds; a wait that is certain to end in a timeout is not a long one."""


class Doubting:
    """Claims of this page."""

    def test_a_dead_address_is_unreachable(self, rig: Rig) -> None:
        """Where nothing answers, reads and writes are Retryable and unreachable, until it does."""
        adapter = rig.adapter()
        known = someone(rig, adapter)
        rig.down()
        for name, ask in questions(rig, adapter, known).items():
            _unreachable(name, said(ask))
        if rig.plugin.capabilities.writes:
            _unreachable("submit", sent(adapter, rig.command(2))[0])
        rig.up()
        for name, ask in questions(rig, adapter, known).items():
            back = said(ask)
            require(not isinstance(back, Retryable), f"{name}, once it answers again: {told(back)}")
        if rig.plugin.capabilities.writes:
            taken(adapter, rig.command(2))

    @concerns(WRITES, HTTP)
    def test_silence_after_a_write_is_doubt(self, rig: Rig) -> None:
        """A write whose answer never came, or not in time, is InDoubt, applied or not."""
        for number, fault in enumerate((Fault.LOST_ANSWER, Fault.CUT_BEFORE, Fault.SLOW), start=1):
            command = rig.command(number)
            expect(f"a write with {fault}", _lost(rig, command, fault), InDoubt)
            if fault is not Fault.SLOW:
                times = int(fault is Fault.LOST_ANSWER)
                require(rig.applied(command) == times, "a write in doubt was made again")

    @concerns(HTTP)
    def test_silence_after_a_read_is_retryable(self, rig: Rig) -> None:
        """A question whose answer never came, or not in time, is Retryable."""
        known = someone(rig, rig.adapter())
        for fault in (Fault.CUT_BEFORE, Fault.SLOW):
            adapter = rig.adapter(timeout=SHORT if fault is Fault.SLOW else 5.0)
            for name, ask in questions(rig, adapter, known).items():
                with rig.fault(fault, name):
                    expect(f"{name} with {fault}", said(ask), Retryable)

    @concerns(WRITES, PROBES)
    def test_the_probe_tells_applied_from_absent(self, rig: Rig) -> None:
        """After a lost answer the probe finds what was applied, once, and does not find what was not."""
        adapter = rig.adapter()
        for number, fault in ((1, Fault.LOST_ANSWER), (2, Fault.CUT_BEFORE)):
            _probed(rig, adapter, rig.command(number), fault)
        receipt = settled(rig, adapter, rig.command(3))
        ref = receipt.ref if isinstance(receipt, Receipt) else None
        changed = rig.command(3, Action.UPDATE, ref=ref, text="Trần Thị Đổi Tên")
        [answer] = sent(adapter, changed)
        if isinstance(answer, Receipt):  # some systems take no corrections
            for text, fault in (
                ("Lê Văn Mất", Fault.LOST_ANSWER),
                ("Vũ Thị Cắt", Fault.CUT_BEFORE),
            ):
                _probed(rig, adapter, rig.command(3, Action.UPDATE, ref=ref, text=text), fault)
        if rig.plugin.capabilities.steps:
            for number, fault in ((4, Fault.LOST_ANSWER), (5, Fault.CUT_BEFORE)):
                taken(adapter, rig.command(number))
                _probed(rig, adapter, rig.command(number, Action.STEP), fault)


def _unreachable(name: str, found: object) -> None:
    expect(f"{name} at a dead address", found, Retryable)
    if isinstance(found, Retryable):
        require(found.unreachable, f"{name}: nothing answers, and it does not say unreachable")


def _lost(rig: Rig, command: Command, fault: Fault) -> Answer:
    """Send a command whose answer is lost."""
    call: Call = command.action.value
    adapter = rig.adapter(timeout=SHORT if fault is Fault.SLOW else 5.0)
    with rig.fault(fault, call):
        [answer] = sent(adapter, command)
    return answer


def _probed(rig: Rig, adapter: Adapter, command: Command, fault: Fault) -> None:
    _lost(rig, command, fault)
    rig.settle()
    found = adapter.probe(command)
    kind = Applied if fault is Fault.LOST_ANSWER else Absent
    expect(f"the probe of a {command.action} with {fault}", found, kind)
    if isinstance(found, Applied):
        times = rig.applied(command)
        require(found.count == times == 1, f"there {times} times, the probe says {found.count}")
