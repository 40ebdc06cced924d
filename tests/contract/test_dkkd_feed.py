"""dkkd, day by day: what changes is read once, whatever moves, and ended days are read whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bridge.sdk.errors import AdapterError, ContractBroken, Maintenance, Retryable
from bridge.sdk.records import Page, Record
from bridge.sdk.rehearsal import Fault
from bridge.sdk.times import VIETNAM
from tests.contract.dkkd_bench import CODE, DAYS, NOW, TODAY, Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def statuses(bench: Bench) -> list[tuple[str, object]]:
    return [(one.ref, one.body["PROCESS_STATUS"]) for one in bench.records()]


# --- today ---------------------------------------------------------------------------------------


def test_today_is_read_by_windows_that_begin_an_hour_back(bench: Bench) -> None:
    """The first window begins with the day, the next an hour before the last reading; to 23:59."""
    bench.poll()
    bench.later(minutes=10)
    bench.poll()
    bench.later(minutes=40)
    bench.poll()
    assert bench.ministry.windows() == [("00:00", "23:59"), ("08:30", "23:59"), ("08:40", "23:59")]
    assert bench.ministry.spans() == []


def test_a_change_is_handed_on_once(bench: Bench) -> None:
    """A row that is listed again as it was is dropped; once it changes it comes again."""
    (ref,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    assert statuses(bench) == [(ref, 2)]
    bench.later(seconds=30)
    assert bench.poll() == []
    bench.ministry.move(ref, "DANG_XU_LY")
    assert statuses(bench) == [(ref, 4)]
    for _ in range(4):
        bench.later(minutes=20)
        assert bench.poll() == []
    bench.ministry.move(ref, "BO_SUNG")
    assert statuses(bench) == [(ref, 5)]


def test_nothing_new_within_a_minute_leaves_the_cursor_as_it_was(bench: Bench) -> None:
    """An idle feed costs the store no write."""
    bench.ministry.file_own(3, DOSSIER_NO=CODE)
    bench.poll()
    before = bench.cursor
    bench.later(seconds=20)
    assert bench.page() == Page((), before)


def test_a_row_is_today_s_part_of_a_dossier(bench: Bench) -> None:
    """Its time is Hanoi's PROCESSED_DATE, its code DOSSIER_NO; no contact, no dates."""
    (ref,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    (one,) = bench.records()
    assert (one.ref, one.kind, one.version) == (ref, "today", None)
    assert one.at == NOW
    assert one.at.utcoffset() == timedelta(hours=7)
    assert one.body["DOSSIER_NO"] == CODE
    assert not {"CONTACT_FULL_NAME", "RECEIPT_DATE"} & one.body.keys()


def test_a_dossier_keyed_only_there_comes_whole(bench: Bench) -> None:
    """Today's list has no contact, so danhSachHoSo of today is asked, and only for what is new."""
    bench.ministry.file_own(DOSSIER_NO=CODE)
    (ref,) = bench.ministry.file_own(CONTACT_FULL_NAME="Đỗ Văn Thử")
    by_ref = {one.ref: one for one in bench.records()}
    assert {one.kind for one in by_ref.values()} == {"today", "dossier"}
    assert by_ref[ref].body["CONTACT_FULL_NAME"] == "Đỗ Văn Thử"
    assert by_ref[ref].body["DOSSIER_NO"] is None
    assert bench.ministry.spans() == [("20/11/2026", "20/11/2026")]
    bench.forget()
    bench.later(minutes=1)
    assert bench.poll() == []
    assert bench.ministry.calls == {TODAY: 1}


def test_a_certificate_comes_whole_too(bench: Bench) -> None:
    """Its day, REGISTRATION_DATE, is only in danhSachHoSo."""
    (ref,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.poll()
    bench.ministry.move(ref, "CAP_GCN")
    (one,) = bench.records()
    assert (one.kind, one.body["PROCESS_STATUS"]) == ("dossier", 9)
    assert one.body["REGISTRATION_DATE"] == "20/11/2026 09:30:00"


def test_many_keyed_only_there_are_made_whole_over_all_pages(bench: Bench) -> None:
    """250 of them: each comes once, with its contact."""
    refs = bench.ministry.file_own(250)
    found = bench.records()
    assert sorted(one.ref for one in found) == sorted(refs)
    assert all(one.body["CONTACT_FULL_NAME"] for one in found)


@pytest.mark.parametrize("code", [None, "", " "])
def test_one_that_cannot_be_made_whole_now_is_handed_on_later(
    bench: Bench, code: str | None
) -> None:
    """The whole list fails: the neighbours come as they are, the certificate without its day."""
    (own,) = bench.ministry.file_own(DOSSIER_NO=code)
    (ours,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.ministry.move(ours, "CAP_GCN")
    bench.ministry.fail(DAYS)
    (one,) = bench.records()
    assert (one.ref, one.kind) == (ours, "today")
    bench.later(minutes=1)
    (one,) = bench.records()
    assert (one.ref, one.kind) == (own, "dossier")


def test_one_is_made_whole_again_when_it_changes(bench: Bench) -> None:
    """An imported dossier still has no DOSSIER_NO: each of its changes comes whole."""
    (own,) = bench.ministry.file_own()
    assert statuses(bench) == [(own, 2)]
    bench.ministry.move(own, "DANG_XU_LY")
    (one,) = bench.records()
    assert (one.kind, one.body["PROCESS_STATUS"]) == ("dossier", 4)


# --- pages that move -----------------------------------------------------------------------------


@pytest.mark.parametrize("moved", [1, 15, 60])
def test_rows_that_move_between_pages_are_not_missed(bench: Bench, moved: int) -> None:
    """Dossiers processed while 250 rows are read: all come, and the moved ones as they are now."""
    refs = [bench.ministry.file_own(DOSSIER_NO=f"H40.10-261120-{n:04}")[0] for n in range(250)]
    for n, ref in enumerate(refs):
        bench.ministry.move(ref, "DANG_XU_LY", at=NOW - timedelta(minutes=60, seconds=-n))

    def work() -> None:
        bench.later(seconds=1)
        for ref in refs[:moved]:
            bench.ministry.move(ref, "CAP_GCN")

    bench.ministry.before[TODAY] = deque([lambda: None, work])
    first = bench.refs()
    assert set(first) == set(refs)
    assert bench.warnings == []
    bench.later(seconds=30)
    assert [one for one, status in statuses(bench) if status == 9] == refs[:moved]


def test_a_gap_that_cannot_be_closed_is_said_once(bench: Bench) -> None:
    """A DataCount that is never reached is said, once, until the list is whole again."""
    bench.ministry.file_own(3, DOSSIER_NO=CODE)
    bench.ministry.announced_too_many = 2
    bench.poll()
    (said,) = bench.warnings
    assert said == (
        "today from 00:00: 2 of 5 announced rows were not found, however often it was read: "
        "their changes may be missing"
    )
    bench.forget()
    bench.later(minutes=1)
    bench.poll()
    assert len(bench.warnings) == 1
    assert bench.ministry.calls[TODAY] == 2
    bench.ministry.announced_too_many = 0
    bench.later(minutes=1)
    bench.poll()
    bench.ministry.announced_too_many = 1
    bench.later(minutes=1)
    bench.poll()
    assert len(bench.warnings) == 2


@pytest.mark.parametrize("fault", [Fault.DUPLICATE, Fault.REORDER, Fault.NFD, Fault.BOM])
def test_pages_that_come_disturbed_do_no_harm(bench: Bench, fault: Fault) -> None:
    """Rows twice, in reverse, decomposed, behind a byte order mark: each comes once, in NFC."""
    refs = [bench.ministry.file_own(DOSSIER_NO=f"H40.10-261120-{n:04}")[0] for n in range(130)]
    bench.ministry.faults.next(fault, operation=TODAY, count=2)
    found = bench.records()
    assert sorted(one.ref for one in found) == refs
    held = {one["ref"]: one["body"]["NAME"] for one in bench.ministry.records()}
    assert {one.ref: one.body["NAME"] for one in found} == held
    assert bench.warnings == []


# --- days ----------------------------------------------------------------------------------------


def test_the_days_before_the_first_start_are_read_in_spans() -> None:
    """12 days back are three spans of at most 5 days, the oldest first; then comes today."""
    bench = Bench(first_days=12)
    bench.clock = NOW - timedelta(days=4)
    old = bench.ministry.file_own(2)
    bench.clock = NOW
    assert bench.refs() == old
    assert bench.ministry.spans() == [
        ("08/11/2026", "12/11/2026"),
        ("13/11/2026", "17/11/2026"),
        ("18/11/2026", "19/11/2026"),
    ]
    assert bench.ministry.windows() == [("00:00", "23:59")]
    bench.close()


def test_days_missed_while_the_bridge_was_down_are_read(bench: Bench) -> None:
    """From the day it last read on, whole; what was received or processed then comes, whole."""
    bench.poll()
    bench.later(hours=1)
    late = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.later(days=3)
    later = bench.ministry.file_own()
    bench.later(days=4)
    bench.forget()
    found = bench.records()
    assert [one.ref for one in found] == late + later
    assert {one.kind for one in found} == {"dossier"}
    assert bench.ministry.spans() == [("20/11/2026", "24/11/2026"), ("25/11/2026", "26/11/2026")]


def test_an_interruption_in_the_middle_is_gone_on_from() -> None:
    """Stopped after a page, started two days later: the read pages stay read, all else comes."""
    bench = Bench(first_days=8)
    refs = []
    for days in (7, 6, 5, 4):
        bench.clock = NOW - timedelta(days=days)
        refs += bench.ministry.file_own(60)
    bench.clock = NOW
    first = [one.ref for one in bench.page().records if isinstance(one, Record)]
    assert first == refs[:100]
    bench.clock = NOW + timedelta(days=2)
    bench.adapter.close()
    bench.adapter = bench.built()
    today = bench.ministry.file_own()
    rest = bench.refs()
    assert rest == refs[100:] + today
    whole_days = bench.ministry.spans()[:4]
    assert whole_days == [
        ("12/11/2026", "16/11/2026"),
        ("17/11/2026", "19/11/2026"),
        ("20/11/2026", "21/11/2026"),
        ("22/11/2026", "22/11/2026"),
    ]
    bench.close()


def test_a_window_that_crosses_midnight(bench: Bench) -> None:
    """What was processed in the last seconds of a day is read with that day, at once."""
    bench.clock = NOW.replace(hour=23, minute=59, second=40)
    (ref,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.poll()
    bench.later(seconds=15)
    bench.ministry.move(ref, "DANG_XU_LY")
    bench.later(seconds=10)
    bench.forget()
    assert statuses(bench) == [(ref, 4)]
    assert bench.ministry.spans() == [("20/11/2026", "20/11/2026")]
    assert bench.ministry.windows() == [("00:00", "23:59")]


def test_midnight_in_the_middle_of_today_s_pages(bench: Bench) -> None:
    """Page one of a day, midnight, and the rest comes with the whole of that day."""
    bench.clock = NOW.replace(hour=23, minute=58)
    refs = [bench.ministry.file_own(DOSSIER_NO=f"H40.10-261120-{n:04}")[0] for n in range(150)]
    first = [one.ref for one in bench.page().records if isinstance(one, Record)]
    bench.later(minutes=3)
    assert set(first) | set(bench.refs()) == set(refs)


def test_an_ended_day_is_read_once_more_an_hour_later(bench: Bench) -> None:
    """A row committed late is found then; between the two, and after, the day is left alone."""
    bench.poll()
    bench.clock = NOW.replace(hour=0, minute=5) + timedelta(days=1)
    bench.poll()
    bench.forget()
    late = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.ministry.move(late[0], "DANG_XU_LY", at=NOW)
    bench.later(minutes=50)
    assert bench.poll() == []
    bench.later(minutes=10)
    assert bench.refs() == late
    assert bench.ministry.spans() == [("20/11/2026", "20/11/2026")]
    bench.forget()
    bench.later(hours=9)
    assert bench.poll() == []
    assert bench.ministry.spans() == []


@pytest.mark.parametrize("ahead", [timedelta(minutes=55), timedelta(minutes=-55)])
@pytest.mark.parametrize("hour", [9, 23, 0])
def test_a_clock_of_theirs_that_is_an_hour_off_hides_nothing(
    bench: Bench, ahead: timedelta, hour: int
) -> None:
    """Every change of a day comes, around midnight too, by the end of the next morning at latest."""
    bench.ministry.ahead = ahead
    bench.clock = NOW.replace(hour=hour)
    bench.poll()
    moved = set()
    seen: set[str] = set()
    for n in range(40):
        bench.later(minutes=3)
        moved |= set(bench.ministry.file_own(DOSSIER_NO=f"H40.10-261120-{n:04}"))
        seen |= set(bench.refs())
    bench.later(hours=4)
    assert seen | set(bench.refs()) == moved
    assert bench.warnings == []


def test_a_clock_of_ours_that_was_set_back_is_survived(bench: Bench) -> None:
    """A cursor of tomorrow is read on from now."""
    bench.clock = NOW + timedelta(days=1)
    bench.poll()
    bench.clock = NOW
    refs = bench.ministry.file_own(DOSSIER_NO=CODE)
    assert bench.refs() == refs


def test_rows_that_leave_a_past_day_while_it_is_read_are_found_today(bench: Bench) -> None:
    """Dossiers of yesterday processed today, between two pages: none of 200 is left out."""
    bench.poll()
    bench.clock = NOW + timedelta(hours=2)
    refs = [bench.ministry.file_own(DOSSIER_NO=f"H40.10-261120-{n:04}")[0] for n in range(200)]
    bench.clock = NOW + timedelta(days=1)
    for ref in refs:
        bench.ministry._register._entries[ref].received -= timedelta(days=9)

    def work() -> None:
        for ref in refs[:40]:
            bench.ministry.move(ref, "DANG_XU_LY")

    bench.ministry.before[DAYS] = deque([lambda: None, work])
    found = bench.records()
    assert {one.ref for one in found} == set(refs)
    latest = {one.ref: one.body["PROCESS_STATUS"] for one in found}
    assert [latest[ref] for ref in refs] == [4] * 40 + [2] * 160


# --- days that can't be read ---------------------------------------------------------------------


def test_a_day_that_cannot_be_read_holds_nothing_up_and_is_said_aloud() -> None:
    """Status 0 for one day of 10: the others come, today comes, and after three failures it is said."""
    bench = Bench(first_days=10)
    bench.clock = NOW - timedelta(days=7)
    bad = bench.ministry.file_own()
    bench.clock = NOW - timedelta(days=6)
    good = bench.ministry.file_own()
    bench.clock = NOW
    bench.ministry.broken = {(NOW - timedelta(days=7)).date()}
    today = bench.ministry.file_own(DOSSIER_NO=CODE)
    assert bench.refs() == today
    assert bench.warnings == []
    found = []
    for _ in range(5):
        bench.later(minutes=1)
        found += bench.refs()
    assert found == good
    (said,) = bench.warnings
    assert said == (
        '13/11/2026 can\'t be read (the ministry answers with Status "0"): changes of that day may '
        "be missing; it is tried again at 09:51 20/11/2026"
    )
    bench.ministry.broken = set()
    bench.later(minutes=16)
    assert bench.refs() == bad
    assert bench.warnings[1:] == ["13/11/2026 could be read after all"]
    bench.forget()
    bench.later(hours=7)
    bench.poll()
    assert bench.ministry.spans() == []
    bench.close()


def test_a_day_that_stays_unreadable_is_tried_ever_less_often_and_said_each_time() -> None:
    """Within two days it is asked for about a dozen times, and never given up."""
    bench = Bench(first_days=1)
    bench.ministry.broken = {(NOW - timedelta(days=1)).date()}
    for _ in range(2 * 24 * 6):
        bench.poll()
        bench.later(minutes=10)
    asked = [one for one in bench.ministry.asked if one[1].get("from_date") == "19/11/2026"]
    assert 8 <= len(asked) <= 14
    assert 5 <= len(bench.warnings) <= 12
    bench.close()


def test_a_list_of_a_past_day_that_is_short_is_said() -> None:
    """An ended day with fewer rows than it announces is read again, and then it is said."""
    bench = Bench(first_days=1)
    bench.clock = NOW - timedelta(days=1)
    refs = bench.ministry.file_own(2)
    bench.clock = NOW
    bench.ministry.announced_too_many = 1
    assert bench.refs() == refs
    assert bench.warnings[0] == (
        "19/11/2026: 1 of 3 announced rows were not found, however often it was read: "
        "their changes may be missing"
    )
    bench.close()


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_500, Fault.ERROR_502, Fault.TRUNCATED, Fault.HTML_200]
)
def test_an_answer_that_is_lost_for_a_past_day_is_asked_for_again(fault: Fault) -> None:
    """Whatever went wrong at that one call, today is read now and the day in a minute."""
    bench = Bench(first_days=1)
    bench.clock = NOW - timedelta(days=1)
    old = bench.ministry.file_own()
    bench.clock = NOW
    today = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.ministry.faults.next(fault, operation=DAYS)
    assert bench.refs() == today
    bench.later(minutes=1)
    assert bench.refs() == old
    assert bench.warnings == []
    bench.close()


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.PAGE_503, Maintenance), (Fault.TOO_MANY, Retryable)]
)
def test_what_concerns_the_whole_ministry_puts_nothing_off(
    fault: Fault, error: type[AdapterError]
) -> None:
    """Closed, or asking for patience: the same cursor is asked again, and nothing is skipped."""
    bench = Bench(first_days=1)
    bench.clock = NOW - timedelta(days=1)
    old = bench.ministry.file_own()
    bench.clock = NOW
    bench.ministry.faults.next(fault, operation=DAYS)
    with pytest.raises(error):
        bench.page()
    assert bench.refs() == old
    bench.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.CUT_BEFORE, Retryable),
        (Fault.ERROR_500, Retryable),
        (Fault.TRUNCATED, Retryable),
        (Fault.HTML_200, ContractBroken),
    ],
)
def test_a_ministry_that_fails_whatever_is_asked_puts_no_day_off(
    fault: Fault, error: type[AdapterError]
) -> None:
    """However often it fails: no gap is announced, and once it answers every day comes at once."""
    bench = Bench(first_days=1)
    bench.clock = NOW - timedelta(days=1)
    old = bench.ministry.file_own()
    bench.clock = NOW
    today = bench.ministry.file_own(DOSSIER_NO=CODE)
    for name in (DAYS, TODAY):
        bench.ministry.faults.always(fault, name)
    for _ in range(5):
        with pytest.raises(error):
            bench.page()
        bench.later(minutes=1)
    bench.ministry.faults.clear()
    assert bench.refs() == old + today
    assert bench.warnings == []
    bench.close()


def test_today_with_status_0_is_asked_again(bench: Bench) -> None:
    """An error with HTTP 200 is Retryable, and the cursor stays where it was."""
    refs = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.ministry.fail(TODAY)
    with pytest.raises(Retryable, match="Status"):
        bench.page()
    assert bench.refs() == refs


def test_the_cursor_stays_small() -> None:
    """A year of absence and a busy morning leave a cursor of some kilobytes, without a name in it."""
    bench = Bench(first_days=366)
    bench.ministry.file_own(300, NAME="Công ty Bí Mật")
    bench.poll()
    text = str(bench.cursor)
    assert "Bí Mật" not in text
    assert len(text) < 20_000
    moment = datetime.fromisoformat(bench.cursor["through"])
    assert moment == NOW.astimezone(VIETNAM)
    bench.close()
