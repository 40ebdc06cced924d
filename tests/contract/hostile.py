"""Adapters that each break one claim of the conformance kit, and keep all others.

They are the mistakes one makes: a code in the error's text, a cursor kept in memory, silence taken
for no.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import get_ident
from typing import ClassVar, TypeVar

from bridge.sdk import Json
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import AdapterError, ContractBroken, InDoubt, Rejected, Retryable
from bridge.sdk.records import (
    Absent,
    Action,
    Answer,
    Check,
    Command,
    Confirmation,
    Page,
    Probe,
    Receipt,
    Record,
    Unreadable,
)
from bridge.sdk.rehearsal import Fault
from tests.contract.hostile_desk import CAPABILITIES, Desk, Honest

T = TypeVar("T")


class DeclaresOtherwise(Honest):
    """The adapter says other than its plug-in."""

    breaks = "test_it_declares_what_it_is"
    declared: ClassVar[Capabilities] = replace(CAPABILITIES, submit="duplicate_refused")


class WritesWhereItReads(Honest):
    """Declared as read only, and takes what it is given."""

    breaks = "test_what_is_only_read_is_not_written"
    declared: ClassVar[Capabilities] = replace(
        CAPABILITIES, writes=False, submit="none", steps=False
    )

    def put(self, command: Command) -> Receipt:
        return Receipt(self.desk.ref(command.code))


class OpensAtBirth(Honest):
    """Its constructor reads a file."""

    breaks = "test_building_it_reaches_nothing"

    def __init__(self, desk: Desk, password: str) -> None:
        super().__init__(desk, password)
        self.contract = Path(__file__).read_bytes()


class ChecksByRaising(Honest):
    """``check`` raises where nothing answers."""

    breaks = "test_check_finds_and_never_raises"

    def check(self) -> Iterable[Check]:
        yield Check("desk", ok=True, detail="asked")
        try:
            self.ask("check", lambda: None)
        except Retryable:
            raise
        except AdapterError as error:
            yield Check("login", ok=False, detail=error.reason)


class ChecksNothing(Honest):
    """``check`` finds all well, whatever is."""

    breaks = "test_check_finds_and_never_raises"

    def check(self) -> Iterable[Check]:
        return [Check("desk", ok=True, detail="as ever")]


class ClosesOnce(Honest):
    """The second ``close`` fails."""

    breaks = "test_closing_twice_is_harmless"
    closed = False

    def close(self) -> None:
        if self.closed:
            raise ValueError("closed already")
        self.closed = True


class RemembersThePlace(Honest):
    """What the cursor says it trusts only where it read the page before itself."""

    breaks = "test_the_feed_resumes_from_any_page"
    began = False

    def page(self, cursor: Json) -> Page:
        page = super().page(cursor)
        lost = cursor is not None and not self.began
        self.began = True
        return replace(page, records=page.records[1:]) if lost else page


class ReadsToTheEnd(Honest):
    """Once it has read all, it never looks again."""

    breaks = "test_the_feed_goes_on_from_where_it_stood"

    def page(self, cursor: Json) -> Page:
        if cursor == "done":
            return Page((), "done")
        page = super().page(cursor)
        return page if page.more else replace(page, cursor="done")


class CountsReadings(Honest):
    """Writes into a record how often it was read."""

    breaks = "test_what_the_feed_shows_again_is_the_same"

    def record(self, place: int) -> Record | Unreadable:
        found = super().record(place)
        self.desk.reads += 1
        if isinstance(found, Unreadable):
            return found
        return replace(found, body={**found.body, "lan_doc": self.desk.reads})


class NeverAcknowledges(Honest):
    """Goes by its cursor, and tells the ministry nothing."""

    breaks = "test_only_what_is_acknowledged_is_gone"

    def page(self, cursor: Json) -> Page:
        return self.listed(int(str(cursor or 0)))

    def acknowledge(self, token: object) -> None:
        del token


class AcknowledgesUnasked(Honest):
    """Acknowledges a page while it is read, stored or not."""

    breaks = "test_only_what_is_acknowledged_is_gone"

    def page(self, cursor: Json) -> Page:
        page = super().page(cursor)
        self.acknowledge(page.token)
        return page


class AcknowledgesOnce(Honest):
    """A page that is acknowledged again is an error."""

    breaks = "test_acknowledging_twice_is_harmless"

    def acknowledge(self, token: object) -> None:
        places = set(token if isinstance(token, tuple) else ())
        if places and places <= self.desk.gone:
            raise Rejected("404", None, "nothing to acknowledge")
        super().acknowledge(token)


class StopsAtTheFirstBadRecord(Honest):
    """One bad record, and the whole page is none."""

    breaks = "test_a_bad_record_stops_no_neighbour"

    def record(self, place: int) -> Record | Unreadable:
        found = super().record(place)
        if isinstance(found, Unreadable):
            raise ContractBroken(found.reason)
        return found


class LeavesOutBadRecords(Honest):
    """A bad record is left out in silence."""

    breaks = "test_a_bad_record_stops_no_neighbour"

    def page(self, cursor: Json) -> Page:
        page = super().page(cursor)
        good = tuple(one for one in page.records if isinstance(one, Record))
        return replace(page, records=good)


class RefusesUnknownNumbers(Honest):
    """A number that nobody has is an error."""

    breaks = "test_a_number_that_nobody_has_is_none"

    def numbered(self, ref: str) -> Record | None:
        found = super().numbered(ref)
        if found is None:
            raise Rejected("404", None, "không tìm thấy")
        return found


class ListsOnePage(Honest):
    """Lists the first page alone."""

    breaks = "test_the_list_shows_what_is_there"

    def listed(self, after: int) -> Page:
        return replace(super().listed(after), more=False)


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


HOSTILE: tuple[type[Honest], ...] = tuple(
    one
    for one in list(globals().values())
    if isinstance(one, type) and issubclass(one, Honest) and one.breaks
)
