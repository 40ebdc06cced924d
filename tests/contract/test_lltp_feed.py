"""Two lists that are acknowledged: nothing is lost between the list, the commit and the word."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.lltp.feed import ASKED_MOST
from bridge.sdk.errors import AdapterError, Rejected, Retryable
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.rehearsal import Fault
from tests.contract.lltp_bench import (
    Bench,
    Ministry,
    code,
    dossier,
    error,
    row,
    rows,
    seen,
)

CHANGES, FILED, DONE, STATUS = "traDsTrangThaiHs", "traHoSo", "danhDauHsThanhCong", "traTrangThaiHs"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Ministry() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


def acknowledged(bench: Bench) -> list[tuple[str, list[str]]]:
    """Return kind and IDs of every acknowledgement, oldest first."""
    return [
        (one["infoType"], one["declarationId"].split(";")) for one in bench.ministry.asked(DONE)
    ]


def unreadable(page: Page) -> list[tuple[str, str | None]]:
    """Return name and field of what could not be read."""
    return [(one.name, one.field) for one in page.records if isinstance(one, Unreadable)]


# -- what is listed


def test_every_status_comes_in_the_order_of_its_number(bench: Bench) -> None:
    """A dossier's rows, oldest status first, of the kind that shows a part."""
    ref = bench.filed()
    bench.ministry.advance()
    bench.ministry.advance()
    assert seen(bench.poll()) == [("status", ref, "4"), ("status", ref, "5")]
    assert bench.poll() == []


@pytest.mark.parametrize("fault", [Fault.REORDER, Fault.DUPLICATE, Fault.BOM, Fault.NFD])
def test_however_rows_are_listed_they_are_read_the_same(bench: Bench, fault: Fault) -> None:
    """In reverse, twice, behind a byte order mark or decomposed: ascending, and composed."""
    bench.filed()
    bench.ministry.advance()
    bench.ministry.advance()
    bench.ministry.faults.next(fault, operation=CHANGES)
    page = bench.page()
    shown = [one for one in page.records if isinstance(one, Record)]
    versions = [one.version or 0 for one in shown]
    assert versions == sorted(versions)
    assert sorted(set(versions)) == [40, 52]
    names = "".join(str(one.body["DEC_STATUS_NAME"]) for one in shown)
    assert unicodedata.is_normalized("NFC", names)


def test_a_dossier_filed_there_comes_whole_before_its_status(bench: Bench) -> None:
    """A dossier of traHoSo: its forms, its number, and no code of ours."""
    (ref,) = bench.ministry.file_own(fullName="Trần Thị Thử")
    read = bench.poll()
    assert seen(read) == [("dossier", ref, "3"), ("status", ref, "3")]
    (whole, _) = read
    assert isinstance(whole, Record)
    assert whole.body["declarationWSForm"]["fullName"] == "Trần Thị Thử"
    assert "declarationTraHoSoForm" not in whole.body
    assert whole.body["residenceWSForm"][0]["residencePlace"]


def test_lists_are_acknowledged_each_under_its_own_kind(bench: Bench) -> None:
    """1 for what was filed there, 2 for statuses, and only after the page is stored."""
    ref = bench.filed()
    (own,) = bench.ministry.file_own()
    bench.ministry.advance(1)
    page = bench.page(acknowledged=False)
    assert acknowledged(bench) == []
    bench.adapter.acknowledge(page.token)
    assert acknowledged(bench) == [("1", [own]), ("2", [ref])]
    bench.adapter.acknowledge(page.token)
    assert bench.ministry.asked(CHANGES)[-1] == {"infoType": "2"}
    assert bench.ministry.asked(FILED)[-1] == {"infoType": "2"}


def test_what_is_not_acknowledged_is_listed_again(bench: Bench) -> None:
    """A crash before the word is said: the same page comes once more."""
    bench.filed()
    bench.ministry.advance()
    first = bench.page(acknowledged=False)
    bench.restart()
    bench.cursor = None
    assert bench.page(acknowledged=False).records == first.records


def test_lists_of_200_and_100_lead_on(bench: Bench) -> None:
    """More than one answer holds: every dossier is read, whatever its list."""
    refs = bench.ministry.file_own(230)
    read = bench.poll()
    assert {ref for kind, ref, _ in seen(read) if kind == "dossier"} == set(refs)
    assert {ref for kind, ref, _ in seen(read) if kind == "status"} == set(refs)
    assert len(acknowledged(bench)) >= 3


def test_a_list_that_does_not_move_is_not_followed(bench: Bench) -> None:
    """A ministry that lists what was acknowledged again and again does not hold us up."""
    bench.ministry.says(CHANGES, *[rows(row("A", 4), row("A", 3))] * 6)
    bench.ministry.says(STATUS, *[row("A", 4) | {"STATUS": "1"}] * 6)
    assert {one[1:] for one in seen(bench.poll())} == {("A", "3"), ("A", "4")}
    assert bench.ministry.calls[CHANGES] <= 3


def test_an_empty_feed_asks_for_nothing(bench: Bench) -> None:
    """Nothing listed: no records, no token, and a cursor that stays."""
    first = bench.page()
    assert (first.records, first.token, first.more) == ((), None, False)
    assert bench.page() == first
    assert bench.ministry.calls == {"token": 1, FILED: 2, CHANGES: 2}


@pytest.mark.parametrize("nothing", [[], None, ""])
def test_an_empty_list_is_read_in_every_spelling(bench: Bench, nothing: Any) -> None:
    """[], null and an empty text are nothing."""
    bench.ministry.says(CHANGES, {"STATUS": "1", "LISTCONTENT": nothing})
    assert bench.page().records == ()


# -- between the list and the word


def test_a_status_that_comes_before_the_word_is_asked_for(bench: Bench) -> None:
    """The acknowledgement covers the dossier, so the newer status is never listed; it is asked."""
    ref = bench.filed()
    bench.ministry.advance()
    bench.ministry.before[DONE] = bench.ministry.advance
    assert seen(bench.poll()) == [("status", ref, "4"), ("status", ref, "5")]
    assert bench.ministry.asked(STATUS) == [{"idReceivedDec": code(), "infoType": "2"}]
    assert bench.ministry.calls[CHANGES] == 2


def test_the_greater_of_both_is_taken(bench: Bench) -> None:
    """What is asked and is no news is no record; nor is anything less."""
    bench.filed()
    bench.ministry.advance()
    bench.ministry.says(STATUS, row("A", 3) | {"STATUS": "1"})
    assert [one[2] for one in seen(bench.poll())] == ["4"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_beside_the_word_loses_nothing(bench: Bench, when: str) -> None:
    """The stored cursor knows who must be asked, whether the word was said or not."""
    ref = bench.filed()
    bench.ministry.advance()
    page = bench.page(acknowledged=False)
    bench.ministry.advance()
    if when == "after":
        bench.adapter.acknowledge(page.token)
    bench.restart()
    assert ("status", ref, "5") in seen(bench.poll())
    assert bench.ministry.sent[2 if when == "before" else 3][0] == STATUS
    bench.clock.forward(1000)
    bench.poll()
    assert bench.cursor == {"questions": [], "left": {}}


def lost_word(bench: Bench) -> tuple[str, Callable[[], None]]:
    """Lose the answer to an acknowledgement; returns the dossier's number, and what lets it arrive."""
    ref = bench.filed()
    bench.ministry.advance()
    armed = bench.ministry.faults.next(Fault.APPLIED_LATE, operation=DONE)
    page = bench.page(acknowledged=False)
    with pytest.raises(AdapterError):
        bench.adapter.acknowledge(page.token)

    def arrives() -> None:
        armed.release()
        for thread in bench.ministry._late:
            thread.join(10)

    return ref, arrives


def test_a_word_that_arrives_late_loses_nothing(bench: Bench) -> None:
    """The word is cut and said again; the first arrives after all: asked once more, in the end."""
    ref, arrives = lost_word(bench)
    assert bench.page(acknowledged=False).records == ()
    bench.ministry.advance()
    arrives()
    assert seen(bench.poll()) == []
    bench.clock.forward(20)
    assert seen(bench.poll()) == [("status", ref, "5")]
    assert bench.cursor == {"questions": [], "left": {}}


def test_a_word_that_was_heard_is_no_end_of_one_that_may_still_arrive(bench: Bench) -> None:
    """The first is lost and comes late, the second is heard between: asked once more after the first."""
    ref, arrives = lost_word(bench)
    assert seen(bench.poll()) == [("status", ref, "4")]
    assert seen(bench.poll()) == []
    bench.ministry.advance()
    arrives()
    assert seen(bench.poll()) == []
    bench.clock.forward(20)
    assert seen(bench.poll()) == [("status", ref, "5")]
    assert bench.cursor == {"questions": [], "left": {}}


def test_a_word_that_was_heard_is_asked_about_once(bench: Bench) -> None:
    """No second question where this process knows that the acknowledgement arrived."""
    bench.filed()
    bench.ministry.advance()
    bench.poll()
    bench.clock.forward(1000)
    bench.poll()
    assert bench.ministry.calls[STATUS] == 1


def test_many_are_asked_a_page_at_a_time(bench: Bench) -> None:
    """A page asks about twenty, each once."""
    for number in range(1, 46):
        bench.send(dossier(number))
    bench.page()
    for left in (25, 5, 0):
        assert bench.page().more
        assert isinstance(bench.cursor, dict)
        assert len(bench.cursor["questions"]) == left
    assert bench.ministry.calls[STATUS] == 45
    assert ASKED_MOST == 20


def test_a_dossier_nobody_can_be_asked_about_stays_listed_until_it_ends(bench: Bench) -> None:
    """Filed there, without our code: its statuses come once each, its word is said at the end."""
    (ref,) = bench.ministry.file_own()
    assert ("status", ref, "3") in seen(bench.poll())
    assert bench.poll() == []
    bench.ministry.advance()
    assert seen(bench.poll()) == [("status", ref, "4")]
    assert acknowledged(bench) == [("1", [ref])]
    bench.restart()
    bench.ministry.advance()
    bench.ministry.before[DONE] = lambda: None
    assert seen(bench.poll()) == [("status", ref, "5")]
    assert acknowledged(bench) == [("1", [ref]), ("2", [ref])]
    assert bench.ministry.calls[STATUS] == 0


def test_a_full_list_is_cleared_of_them(bench: Bench) -> None:
    """Two hundred rows that are left would hide the next: they are acknowledged."""
    bench.ministry.file_own(100)
    bench.poll()
    assert [kind for kind, _ in acknowledged(bench)] == ["1"]
    bench.ministry.advance()
    read = bench.poll()
    assert len({ref for _, ref, status in seen(read) if status == "4"}) == 100
    kind, refs = acknowledged(bench)[-1]
    assert (kind, len(refs)) == ("2", 100)


def test_a_dossier_that_is_gone_keeps_no_other_from_being_acknowledged(bench: Bench) -> None:
    """201 for one of many: the others are acknowledged singly, and it is forgotten."""
    refs = [bench.filed(1), bench.filed(2)]
    bench.ministry.advance()
    bench.adapter.acknowledge({"1": [], "2": [refs[0], "khong-con", refs[1]]})
    assert acknowledged(bench)[1:] == [("2", [refs[0]]), ("2", ["khong-con"]), ("2", [refs[1]])]
    assert bench.poll() == []


# -- one sick, the others well


@pytest.mark.parametrize("sick", [CHANGES, FILED])
def test_one_list_that_fails_does_not_hide_the_other(bench: Bench, sick: str) -> None:
    """What can be read is read, and what can't is said aloud."""
    bench.filed()
    bench.ministry.advance()
    bench.ministry.file_own()
    bench.ministry.faults.always(Fault.ERROR_500, sick)
    page = bench.page()
    assert {kind for kind, _, _ in seen(list(page.records))} == {
        "dossier" if sick == CHANGES else "status"
    }
    assert page.warnings == (f"{sick} could not be read: HTTP 500",)
    with pytest.raises(Retryable):
        bench.poll()
    bench.ministry.faults.clear()
    assert len(bench.poll()) >= 1


def test_a_question_that_fails_stops_neither_lists_nor_other_questions(bench: Bench) -> None:
    """It is put again in a minute, after the others."""
    for number in (1, 2, 3):
        bench.send(dossier(number))
    bench.page()
    bench.ministry.says(STATUS, error("500"))
    own = bench.ministry.file_own()
    assert own[0] in {ref for _, ref, _ in seen(bench.poll())}
    bench.clock.forward(60)
    bench.poll()
    asked = [one["idReceivedDec"] for one in bench.ministry.asked(STATUS)]
    assert asked == [code(1), code(2), code(3), code(1)]
    assert isinstance(bench.cursor, dict)
    assert bench.cursor["questions"] == []


def test_answers_before_a_failure_are_kept(bench: Bench) -> None:
    """The first is answered, the second is cut: the first is news all the same."""
    for number in (1, 2):
        bench.send(dossier(number))
    bench.page()
    bench.ministry.advance()
    bench.ministry.says(STATUS, row("A", 4) | {"STATUS": "1"}, b"<html>")
    page = bench.page()
    assert [one[2] for one in seen(list(page.records))] == ["4"]
    assert page.more


def test_a_dossier_the_ministry_forgot_is_asked_about_once(bench: Bench) -> None:
    """201: there is nothing to learn, and nothing to ask again."""
    bench.filed()
    bench.ministry.advance()
    bench.ministry.says(STATUS, error("201"))
    assert len(bench.poll()) == 1
    assert bench.cursor == {"questions": [], "left": {}}


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_502, Fault.TRUNCATED])
def test_a_lost_page_is_asked_for_again(bench: Bench, fault: Fault) -> None:
    """A read that failed is repeated with the same cursor, and finds the same."""
    ref = bench.filed()
    bench.ministry.advance()
    bench.ministry.faults.next(fault, operation=CHANGES)
    with pytest.raises(Retryable):
        bench.page()
    assert seen(bench.poll()) == [("status", ref, "4")]


@pytest.mark.parametrize("broken", [{}, rows() | {"LISTCONTENT": 5}, {"STATUS": "1"}, b"<html>"])
def test_a_page_that_is_none_is_not_half_believed(bench: Bench, broken: Any) -> None:
    """What breaks the schema is no empty list."""
    bench.ministry.says(CHANGES, broken)
    with pytest.raises(AdapterError):
        bench.page()


# -- rows that can't be read


BROKEN = [
    ("x", ("traDsTrangThaiHs, row 1", None)),
    (row("", 4), ("row 1", "DECLARATION_ID")),
    (row("A;B", 4), ("row 1", "DECLARATION_ID")),
    (row("A", None), ("A", "DEC_STATUS_ID")),
    (row("A", "bốn"), ("A", "DEC_STATUS_ID")),
    (row("A", True), ("A", "DEC_STATUS_ID")),
    (row("A", -4), ("A", "DEC_STATUS_ID")),
]


@pytest.mark.parametrize(("broken", "named"), BROKEN)
def test_a_broken_row_is_set_aside_and_its_neighbours_are_read(
    bench: Bench, broken: Any, named: tuple[str, str | None]
) -> None:
    """It is named by number or place, and not acknowledged: it is stored nowhere else."""
    bench.ministry.says(CHANGES, rows(broken, row("B", 4, 2)))
    page = bench.page(acknowledged=False)
    assert unreadable(page) == [named]
    assert seen(list(page.records)) == [("status", "B", "4")]
    assert page.token == {"1": [], "2": ["B"]}


def test_a_dossier_one_of_whose_rows_is_broken_is_not_acknowledged(bench: Bench) -> None:
    """The word covers the dossier, so it waits for the row that can't be read."""
    bench.ministry.says(CHANGES, rows(row("A", 3), row("A", "?")))
    page = bench.page(acknowledged=False)
    assert seen(list(page.records)) == [("status", "A", "3")]
    assert page.token is None


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (5, ("traHoSo, row 1", None)),
        ({"declarationTraHoSoForm": []}, ("traHoSo, row 1", None)),
        ({"declarationTraHoSoForm": {"decStatusId": 3}}, ("dossier 1", "declarationId")),
        ({"declarationTraHoSoForm": {"declarationId": "A"}}, ("A", "decStatusId")),
    ],
)
def test_a_broken_dossier_is_set_aside(
    bench: Bench, broken: Any, named: tuple[str, str | None]
) -> None:
    """It stops no neighbour, and is not acknowledged."""
    whole = {"declarationTraHoSoForm": {"declarationId": "B", "decStatusId": "3"}}
    bench.ministry.says(FILED, rows(broken, whole))
    page = bench.page(acknowledged=False)
    assert unreadable(page) == [named]
    assert page.token == {"1": ["B"], "2": []}


def test_a_list_full_of_what_can_not_be_read_is_said_aloud(bench: Bench) -> None:
    """Two hundred of them hide what comes after: an administrator must know."""
    bench.ministry.says(CHANGES, rows(*[row(str(n), "?") for n in range(200)]))
    page = bench.page()
    assert len(unreadable(page)) == 200
    assert "full of rows that can't be read" in page.warnings[0]


def test_an_answer_that_can_not_be_read_is_set_aside(bench: Bench) -> None:
    """A question whose answer is broken is not put for ever."""
    bench.send(dossier())
    bench.page()
    bench.ministry.says(STATUS, {"STATUS": "1", "DEC_STATUS_ID": "?"})
    page = bench.page()
    assert [field for _, field in unreadable(page)] == ["DEC_STATUS_ID"]
    assert bench.cursor == {"questions": [], "left": {}}


def test_of_one_status_the_row_that_tells_more_is_the_later(bench: Bench) -> None:
    """A date that is told later is news; one that is missing again is not."""
    bare, told = row("A", 5), row("A", "5", APPROVE_DATE="25/11/2026", ISSUE_DATE="26/11/2026")
    bench.ministry.says(CHANGES, rows(told, bare))
    page = bench.page()
    assert [one.version for one in page.records if isinstance(one, Record)] == [50, 52]


# -- what there is not


def test_there_is_no_dossier_by_number_and_no_list_by_day(bench: Bench) -> None:
    """Nothing is made up: a dossier that can't be asked for is not "none"."""
    with pytest.raises(Rejected):
        bench.adapter.fetch("A")
    today = bench.clock().date()
    assert bench.adapter.list(today, today, None) == Page((), None)
    assert not bench.ministry.calls


def test_a_cursor_of_nothing_begins_anew(bench: Bench) -> None:
    """Without a cursor, the lists are read: the ministry knows what we have not acknowledged."""
    ref = bench.filed()
    bench.ministry.advance()
    bench.cursor = None
    assert seen(bench.poll()) == [("status", ref, "4")]
