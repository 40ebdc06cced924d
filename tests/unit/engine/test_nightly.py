from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.engine.reconcile.nightly import Nights, due
from bridge.store import KeptComparison

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHTS = Nights(at=time(1, 30), days=30, weekly_days=365, weekly_on=6)
NOON = datetime(2026, 11, 25, 12, tzinfo=ZONE)
"""A Wednesday."""
BEGUN = KeptComparison(
    id=1,
    system="gplx",
    since=date(2026, 10, 1),
    until=date(2026, 11, 24),
    terms="",
    rules="",
    unasked=True,
    worker=None,
    worked_until=None,
    begun_at=NOON - timedelta(days=1),
    made_at=None,
    counts=None,
)


def test_the_first_night_is_the_first_that_begins_while_the_daemon_runs() -> None:
    """Switched on at noon, nothing is due before half past one."""
    assert due(None, NOON, NOON, NIGHTS) is None
    assert due(None, NOON, NOON + timedelta(hours=13), NIGHTS) is None
    night = due(None, NOON, NOON + timedelta(hours=13, minutes=30), NIGHTS)
    assert night == (date(2026, 10, 28), date(2026, 11, 26))


def test_a_night_that_was_missed_is_made_up_for_and_each_is_made_once() -> None:
    """Off at its time, it is compared when the daemon is back; done, it is not due again that day."""
    whole = replace(BEGUN, made_at=NOON - timedelta(hours=23))
    assert due(whole, NOON, NOON, NIGHTS) == (date(2026, 10, 27), date(2026, 11, 25))
    today = replace(whole, begun_at=NOON - timedelta(hours=4))
    assert due(today, NOON, NOON, NIGHTS) is None


def test_one_that_was_stopped_is_gone_on_with_until_the_next_night() -> None:
    """The same days again while its night lasts; then new ones."""
    stopped = replace(BEGUN, begun_at=NOON - timedelta(hours=10))
    assert due(stopped, NOON, NOON, NIGHTS) == (stopped.since, stopped.until)
    later = NOON + timedelta(hours=14)
    assert due(stopped, NOON, later, NIGHTS) == (date(2026, 10, 28), date(2026, 11, 26))


@pytest.mark.parametrize("days", [4, 11])
def test_once_a_week_it_looks_further_back(days: int) -> None:
    """In the night of Sunday."""
    since, until = due(BEGUN, NOON, NOON + timedelta(days=days), NIGHTS) or (None, None)
    assert until is not None
    assert (until.weekday(), since) == (6, until - timedelta(days=364))
