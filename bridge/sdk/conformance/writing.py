"""Claims on what an adapter writes: taken once, refused with words, answered one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.sdk.conformance.needs import SAFE_FAULTS, WRITES, concerns
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import expect, require, sent, settled, taken, told
from bridge.sdk.errors import AuthFailed, Maintenance, Rejected, Retryable
from bridge.sdk.records import Action, Answer, Applied, Command, Receipt

__all__ = ["Writing"]

SEVERAL = 4


class Writing:
    """Claims of this page."""

    @concerns(WRITES)
    def test_a_receipt_proves_what_is_declared(self, rig: Rig) -> None:
        """What is taken is there once, and its receipt, or ``confirm``, proves it as declared."""
        adapter, command = rig.adapter(), rig.command(1)
        receipt = taken(adapter, command)
        how = rig.plugin.capabilities.confirms
        rig.settle()
        require(rig.applied(command) == 1, f"taken, but there {rig.applied(command)} times")
        if how == "in_reply":
            require(receipt.proves, "confirms = in_reply, but the receipt proves nothing")
        confirmed = list(adapter.confirm([command]))
        require(len(confirmed) == 1, f"confirm gives {len(confirmed)} answers to 1 command")
        if not receipt.proves:
            expect(f"confirm of what is there (confirms = {how})", confirmed[0], Receipt)

    @concerns(WRITES)
    def test_the_same_key_twice(self, rig: Rig) -> None:
        """Sent a second time, a command is there once, or twice and said so, as ``submit`` declares."""
        adapter, command = rig.adapter(), rig.command(1)
        require(
            isinstance(settled(rig, adapter, command), Receipt), "the first time it was refused"
        )
        again = settled(rig, adapter, replace(command, attempt=2, sent_before=True))
        times = rig.applied(command)
        match rig.plugin.capabilities.submit:
            case "not_idempotent":
                found = adapter.probe(command)
                honest = isinstance(found, Applied) and found.count == times
                require(honest, f"there {times} times, and the probe says {told(found)}")
            case "duplicate_refused":
                expect("sent a second time", again, Receipt, Rejected)
                require(
                    times == 1, f"duplicates are declared as refused, and it is there {times} times"
                )
            case _:
                expect("sent a second time", again, Receipt)
                require(times == 1, f"declared as idempotent, and it is there {times} times")

    @concerns(WRITES)
    def test_a_refusal_names_its_field(self, rig: Rig) -> None:
        """What the system understands and refuses is Rejected, with code, field and words."""
        command = rig.command(1, text="")
        refused = settled(rig, rig.adapter(), command)
        expect("a command without a field that is required", refused, Rejected)
        if isinstance(refused, Rejected):
            require(refused.field, f"the refusal names no field: {told(refused)}")
            require(refused.code, "the refusal has no code")
        require(rig.applied(command) == 0, "it was refused, and is there all the same")

    @concerns(WRITES)
    def test_a_batch_is_answered_one_by_one(self, rig: Rig) -> None:
        """Of several commands in one call each has its own answer, in their order, and a bad one stops none."""
        adapter = rig.adapter()
        size = min(SEVERAL, adapter.capabilities.batch)
        commands = [rig.command(number) for number in range(1, size + 1)]
        if size > 1:
            commands[0] = rig.command(1, text="")
        answers = _final(rig, commands)
        for place, (command, answer) in enumerate(zip(commands, answers, strict=True)):
            bad = size > 1 and place == 0
            expect(f"answer {place + 1} of {size}", answer, Rejected if bad else Receipt)
            require(rig.applied(command) == (not bad), f"answer {place + 1} is of another command")
        if rig.plugin.capabilities.steps:
            taken(adapter, rig.command(9))
            size = min(SEVERAL, adapter.capabilities.step_batch)
            step = rig.command(9, Action.STEP)
            for answer in sent(adapter, *[step, rig.command(2, Action.STEP)][:size]):
                expect("a step among others", answer, Receipt)
            require(rig.applied(step) == 1, f"a step is shown {rig.applied(step)} times")

    @concerns(WRITES, SAFE_FAULTS)
    def test_what_is_called_safe_is_safe(self, rig: Rig) -> None:
        """Every answer in ``safe_faults`` leaves nothing behind, and the adapter says so."""
        for number, code in enumerate(rig.plugin.safe_faults, start=1):
            command = rig.command(number)
            try:
                with rig.answering(code) as adapter:
                    [answer] = sent(adapter, command)
            except LookupError as unknown:
                pytest.fail(
                    f"{code}: the rig can't let the system answer so ({unknown})", pytrace=False
                )
            rig.settle()
            if isinstance(answer, Receipt):  # it found a way, as a session begun again
                require(rig.applied(command) == 1, f"{code}: taken, and not there")
                continue
            expect(
                f"{code}, which proves that nothing was applied",
                answer,
                Retryable,
                Rejected,
                AuthFailed,
                Maintenance,
            )
            require(rig.applied(command) == 0, f"{code} is called safe, and the command is there")


def _final(rig: Rig, commands: list[Command]) -> list[Answer | None]:
    """Return what became of commands of one call, once the system had time for them."""
    adapter = rig.adapter()
    answers: list[Answer | None] = list(sent(adapter, *commands))
    if rig.plugin.capabilities.confirms == "in_reply":
        return answers
    rig.settle()
    confirmed = list(adapter.confirm(commands))
    require(len(confirmed) == len(commands), f"confirm gives {len(confirmed)} answers")
    return [
        later if isinstance(first, Receipt) else first
        for first, later in zip(answers, confirmed, strict=True)
    ]
