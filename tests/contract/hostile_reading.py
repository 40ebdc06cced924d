"""Adapters that declare, begin, end or read wrongly, each in one way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from bridge.sdk import Json
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.code_lists import CodeList
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected, Retryable
from bridge.sdk.records import (
    Check,
    Command,
    Page,
    Receipt,
    Record,
    Unreadable,
)
from tests.contract.hostile_desk import CAPABILITIES, Desk, Honest


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


class ShowsNoList(Honest):
    """A list it declares is there and empty."""

    breaks = "test_its_code_lists_are_read"

    def coded(self, name: str) -> CodeList:
        return super().coded(name) if name == "ward" else CodeList({})


class ShowsNamesAsTheyCame(Honest):
    """Names of a list are neither composed nor trimmed."""

    breaks = "test_its_code_lists_are_read"

    def coded(self, name: str) -> CodeList:
        return CodeList({"01": f"Hoa\u0300n {name} "})


class CountsItsReadings(Honest):
    """The same list has other codes each time it is read."""

    breaks = "test_its_code_lists_are_read"

    def coded(self, name: str) -> CodeList:
        self.desk.reads += 1
        return CodeList({str(self.desk.reads): name})
