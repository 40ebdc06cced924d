"""How many go in one turn follows how quick the last ones were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.engine.stride import Stride


def test_it_doubles_until_a_turn_was_not_quick_then_grows_slowly() -> None:
    """What fitted is tried again, and then a little more."""
    stride = Stride(1, 200)
    seen = []
    for fitted, quick in [(1, True), (2, True), (4, True), (5, False), (5, True), (6, True)]:
        seen.append(stride.now)
        stride.learn(fitted, quick=quick)
    assert [*seen, stride.now] == [1, 2, 4, 8, 5, 6, 7]


def test_it_stays_between_the_fewest_and_the_most() -> None:
    """Nothing that fitted is no reason to try nothing; all that fits no reason to try more."""
    stride = Stride(10, 25)
    stride.learn(0, quick=False)
    assert stride.now == 10
    for _ in range(20):
        stride.learn(stride.now, quick=True)
    assert stride.now == 25
    assert Stride(50, 20).now == 20


def test_a_portion_that_takes_more_than_a_moment_is_halved() -> None:
    """One that takes less lets the next be larger."""
    now = [datetime(2026, 11, 20, tzinfo=UTC)]
    stride = Stride(5, 50)
    seen = []
    for seconds in (0, 0, 5, 0):
        with stride.portion(lambda: now[0]):
            seen.append(stride.now)
            now[0] += timedelta(seconds=seconds)
    assert [*seen, stride.now] == [5, 10, 20, 10, 11]


def test_what_costs_the_same_for_many_is_not_halved() -> None:
    """A look of two seconds that serves whoever is in the portion: the more, the better."""
    now = [datetime(2026, 11, 20, tzinfo=UTC)]
    stride = Stride(5, 50)
    seen = []
    for _ in range(40):
        with stride.portion(lambda: now[0]):
            now[0] += timedelta(seconds=2)
        seen.append(stride.now)
    assert min(seen[4:]) == 25
