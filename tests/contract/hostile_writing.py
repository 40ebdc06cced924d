"""Adapters that write, doubt, mishear or talk wrongly, each in one way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from threading import get_ident
from typing import ClassVar, TypeVar

from bridge.sdk.errors import AdapterError, ContractBroken, InDoubt, Rejected, Retryable
from bridge.sdk.records import (
    Absent,
    Action,
    Answer,
    Check,
    Command,
    Confirmation,
    Probe,
    Receipt,
)
from bridge.sdk.rehearsal import Fault
from tests.contract.hostile_desk import Honest

T = TypeVar("T")


class ProvesNothing(Honest):
    """Declared as proving in reply, and does not."""

    breaks = "test_a_receipt_proves_what_is_declared"

    def put(self, command: Command) -> Receipt:
        return replace(super().put(command), proves=False)


class ConfirmsNobody(Honest):
    """Asked about one command, ``confirm`` answers none."""

    breaks = "test_a_receipt_proves_what_is_declared"

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        del commands
        return []


class FilesTwice(Honest):
    """The same key makes a second record."""

    breaks = "test_the_same_key_twice"

    def lay(self, command: Command) -> None:
        if command.action is Action.UPDATE:
            super().lay(command)
        else:
            self.desk.held.append(command)


class NamesNoField(Honest):
    """A refusal says nothing of the field."""

    breaks = "test_a_refusal_names_its_field"

    def refusal(self) -> Rejected:
        return Rejected("17", None, "thiếu")


class AnswersBackwards(Honest):
    """The answers of a batch come in another order."""

    breaks = "test_a_batch_is_answered_one_by_one"

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        return list(super().submit(commands))[::-1]


class StopsAtTheFirstRefusal(Honest):
    """What stands behind a refused command of a batch is not sent."""

    breaks = "test_a_batch_is_answered_one_by_one"

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        answers: list[Answer] = []
        for command in commands:
            stopped = any(isinstance(one, Rejected) for one in answers)
            answers.append(Retryable("not sent") if stopped else self.one(command))
        return answers


class CallsSafeWhatIsNot(Honest):
    """An answer of ``safe_faults`` comes after the command was applied."""

    breaks = "test_what_is_called_safe_is_safe"

    def told(self, command: Command) -> Answer:
        self.lay(command)
        return super().told(command)


class DoubtsWhatIsSafe(Honest):
    """An answer of ``safe_faults`` is doubt all the same."""

    breaks = "test_what_is_called_safe_is_safe"

    def told(self, command: Command) -> Answer:
        del command
        return InDoubt("who knows")


class _Mishears(Honest):
    """Takes one kind of weather for another."""

    faults: ClassVar[Sequence[Fault | None]] = ()
    on_writes = True

    def said(self, fault: Fault | None, *, write: bool) -> AdapterError:
        if fault in self.faults and write == self.on_writes:
            return self.heard()
        return super().said(fault, write=write)

    def heard(self) -> AdapterError:
        return Retryable("it is said")


class NeverSaysUnreachable(_Mishears):
    """At a dead address it does not say that nothing answers."""

    breaks = "test_a_dead_address_is_unreachable"
    faults = (None,)


class TakesSilenceForNo(_Mishears):
    """A write whose answer never came is made again."""

    breaks = "test_silence_after_a_write_is_doubt"
    faults = (Fault.LOST_ANSWER, Fault.CUT_BEFORE)


class TakesTimeForNo(_Mishears):
    """A write whose answer did not come in time is made again."""

    breaks = "test_silence_after_a_write_is_doubt"
    faults = (Fault.SLOW,)


class DoubtsReads(_Mishears):
    """A read whose answer never came is doubt."""

    breaks = "test_silence_after_a_read_is_retryable"
    faults = (Fault.CUT_BEFORE,)
    on_writes = False

    def heard(self) -> AdapterError:
        return InDoubt("silence")


class NeverFinds(Honest):
    """The probe says Absent, whatever is there."""

    breaks = "test_the_probe_tells_applied_from_absent"

    def found(self, command: Command) -> Probe:
        del command
        return Absent()


class RejectsItsLogin(Honest):
    """A refused login is a refusal of the dossier."""

    breaks = "test_a_refused_login_is_auth_failed"

    def refused(self) -> AdapterError:
        return Rejected("LOGIN", None, "login refused")


class DoubtsItsSession(_Mishears):
    """A session that ended before a write is doubt."""

    breaks = "test_an_ended_session_leaves_no_doubt"
    faults = (Fault.EXPIRED_SESSION,)

    def heard(self) -> AdapterError:
        return InDoubt("the session ended")


class RetriesInMaintenance(_Mishears):
    """A closed ministry is asked again at once."""

    breaks = "test_a_page_for_people_is_maintenance"
    faults = (Fault.PAGE_503,)


class WaitsForNobody(_Mishears):
    """Does not hear how long it should wait."""

    breaks = "test_too_many_calls_are_repeated_later"
    faults = (Fault.TOO_MANY,)


class TakesFailureForNo(_Mishears):
    """A 500 is taken for not applied."""

    breaks = "test_a_failing_server_leaves_a_write_in_doubt"
    faults = (Fault.ERROR_500,)


class TakesHalfForNo(_Mishears):
    """Half an answer is taken for not applied."""

    breaks = "test_half_an_answer_is_none"
    faults = (Fault.TRUNCATED,)


class TakesAnythingForNothing(Honest):
    """An answer of another schema shows that nothing is there."""

    breaks = "test_an_answer_of_another_schema_breaks_the_contract"

    def probe(self, command: Command) -> Probe:
        try:
            return super().probe(command)
        except ContractBroken:
            fault = self.desk.faults.get("probe")
            if fault and fault[0] is Fault.WRONG_SCHEMA:
                return Absent()
            raise


class RefusesPages(_Mishears):
    """A page with status 200 is a refusal."""

    breaks = "test_a_page_with_status_200_breaks_the_contract"
    faults = (Fault.HTML_200,)

    def heard(self) -> AdapterError:
        return Rejected("HTML", "body", "a page")


class StumblesOverMarks(Honest):
    """A byte order mark is no answer."""

    breaks = "test_unicode_of_answers_is_forgiven"

    def unicode(self, value: T) -> T:
        raise ContractBroken(f"no answer of {type(value).__name__}")


class CutsTexts(Honest):
    """A long text is cut in silence."""

    breaks = "test_every_text_survives_or_is_refused"

    def lay(self, command: Command) -> None:
        super().lay(replace(command, body={"ten": command.body["ten"][:255]}))


class TellsNames(Honest):
    """An error names the person it is about."""

    breaks = "test_nothing_confidential_is_said"

    def one(self, command: Command) -> Answer:
        answer = super().one(command)
        doubt = isinstance(answer, InDoubt)
        return InDoubt(f"silence about {command.body['ten']}") if doubt else answer


class TellsItsPassword(Honest):
    """The login is in what ``check`` finds."""

    breaks = "test_nothing_confidential_is_said"

    def check(self) -> Iterable[Check]:
        for one in super().check():
            yield replace(one, detail=f"{one.detail}, asked as {self.password}")


class LogsBodies(Honest):
    """What is sent is in the log."""

    breaks = "test_nothing_confidential_is_said"

    def one(self, command: Command) -> Answer:
        logging.getLogger(__name__).debug("sending %s", command.body)
        return super().one(command)


class LivesInOneThread(Honest):
    """Only the thread that used it first may use it again, as with a database connection."""

    breaks = "test_threads_may_share_it"
    owner: int | None = None

    def ask(self, name: str, do: Callable[[], T], *, write: bool = False) -> T:
        self.owner = self.owner or get_ident()
        if self.owner != get_ident():
            raise RuntimeError("this object is used in another thread")
        return super().ask(name, do, write=write)
