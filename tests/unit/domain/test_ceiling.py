from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.ceiling import NOTHING_SPENT, Ceiling

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("every", [timedelta(seconds=7), timedelta(minutes=11)])
def test_in_no_hour_and_no_day_more_moves_than_may(every: timedelta) -> None:
    """Whoever takes all he gets, all the time, has at most so many in any window; and as many."""
    ceiling, spent = Ceiling(hour=20, day=100), NOTHING_SPENT
    moved: list[datetime] = []
    now = NOON
    while now < NOON + timedelta(days=2):
        if left := spent.left(ceiling, now):
            spent = spent.then(left, now)
            moved += [now] * left
        now += every
    for at in moved:
        assert sum(at <= one < at + HOUR for one in moved) <= 20
        assert sum(at <= one < at + 24 * HOUR for one in moved) <= 100
    assert len(moved) == 200
    assert len(spent.day) <= 61


def test_a_clock_that_was_far_ahead_holds_nothing_back() -> None:
    """What moved in a future that will not be is not counted; what may be a neighbour's clock is."""
    spent = NOTHING_SPENT.then(5, NOON + timedelta(days=400))
    assert spent.left(Ceiling(hour=5), NOON) == 5
    spent = NOTHING_SPENT.then(5, NOON + timedelta(seconds=2))
    assert spent.left(Ceiling(hour=5), NOON) == 0
    assert spent.left(Ceiling(), NOON) is None
