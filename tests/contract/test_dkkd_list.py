"""dkkd listed by day of reception: each dossier once, over spans, pages and moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from bridge.sdk.errors import Retryable
from bridge.sdk.records import Record
from tests.contract.dkkd_bench import DAYS, NOW, Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def listed(bench: Bench, since: date, until: date) -> list[str]:
    """Return the numbers that are listed, in order."""
    found: list[str] = []
    cursor, more = None, True
    while more:
        page = bench.adapter.list(since, until, cursor)
        found += [one.ref for one in page.records if isinstance(one, Record)]
        assert all(isinstance(one, Record) and one.kind == "dossier" for one in page.records)
        bench.warnings += page.warnings
        cursor, more = page.cursor, page.more
    return found


def on(bench: Bench, day: int, count: int = 1) -> list[str]:
    """File dossiers on a day of November."""
    bench.clock = NOW.replace(day=day)
    return bench.ministry.file_own(count)


def test_a_period_is_listed_in_spans(bench: Bench) -> None:
    """13 days are three calls; both ends count, what lies outside does not."""
    refs = [on(bench, day)[0] for day in (2, 3, 9, 15, 16)]
    assert listed(bench, date(2026, 11, 3), date(2026, 11, 15)) == refs[1:4]
    assert bench.ministry.spans() == [
        ("03/11/2026", "07/11/2026"),
        ("08/11/2026", "12/11/2026"),
        ("13/11/2026", "15/11/2026"),
    ]


def test_a_dossier_counts_on_the_day_it_was_received(bench: Bench) -> None:
    """Processed again in a later span, it is not listed twice; received before, not at all."""
    (before,), (within,) = on(bench, 1), on(bench, 3)
    for ref in (before, within):
        bench.ministry.move(ref, "DANG_XU_LY", at=NOW.replace(day=9))
    assert listed(bench, date(2026, 11, 2), date(2026, 11, 12)) == [within]


def test_pages_that_move_make_none_be_left_out(bench: Bench) -> None:
    """230 dossiers of one day, 30 of which are processed today while the list is read."""
    refs = on(bench, 10, 230)
    bench.clock = NOW

    def work() -> None:
        for ref in refs[:30]:
            bench.ministry.move(ref, "DANG_XU_LY")

    bench.ministry.before[DAYS] = deque([lambda: None, work])
    found = listed(bench, date(2026, 11, 10), date(2026, 11, 10))
    assert sorted(found) == refs
    assert bench.warnings == []


def test_a_list_that_stays_short_is_said(bench: Bench) -> None:
    """Announced rows that are never shown are counted."""
    refs = on(bench, 10, 2)
    bench.ministry.announced_too_many = 3
    assert listed(bench, date(2026, 11, 10), date(2026, 11, 10)) == refs
    assert bench.warnings == ["10/11/2026-10/11/2026: 3 announced rows were not found"]


def test_a_day_without_a_time_of_reception_is_a_day(bench: Bench) -> None:
    """RECEIPT_DATE as a day alone counts; a dossier that does not say it is listed."""
    bench.clock = NOW.replace(day=10)
    refs = bench.ministry.file_own(1, RECEIPT_DATE="10/11/2026")
    refs += bench.ministry.file_own(1, RECEIPT_DATE=None)
    refs += bench.ministry.file_own(1, RECEIPT_DATE="hôm qua")
    bench.ministry.file_own(1, RECEIPT_DATE="09/11/2026 08:00:00")
    found = listed(bench, date(2026, 11, 10), date(2026, 11, 10))
    assert found == refs


def test_a_call_that_fails_is_made_again(bench: Bench) -> None:
    """The error goes up, and the same cursor leads on."""
    refs = on(bench, 10)
    bench.ministry.fail(DAYS)
    with pytest.raises(Retryable):
        listed(bench, date(2026, 11, 10), date(2026, 11, 10))
    assert listed(bench, date(2026, 11, 10), date(2026, 11, 10)) == refs


def test_no_span_is_longer_than_the_contract_allows(bench: Bench) -> None:
    """A year in one go: every call of at most five days, and none is refused."""
    listed(bench, NOW.date() - timedelta(days=366), NOW.date())
    assert bench.ministry.calls[DAYS] == 74
