"""The turnstile: one worker begins, others join while there is time to spare, or after a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from bridge.engine.turnstile import Turnstile

LONG = 60.0


@dataclass
class Gauge:
    """A process whose time a test moves."""

    passed: float = 0.0
    process: float = 0.0
    thread: float = 0.0

    def monotonic(self) -> float:
        return self.passed

    def process_time(self) -> float:
        return self.process

    def thread_time(self) -> float:
        return self.thread


@contextmanager
def another(turnstile: Turnstile) -> Iterator[threading.Event]:
    """Have another worker ask for a turn and keep it for the block; the event says it has it."""
    has, over = threading.Event(), threading.Event()

    def work() -> None:
        with turnstile.turn():
            has.set()
            over.wait(LONG)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield has
    finally:
        over.set()
        thread.join(LONG)


def stand_in_line(turnstile: Turnstile, workers: int) -> None:
    """Wait until so many workers wait."""
    with turnstile._changed:
        assert turnstile._changed.wait_for(lambda: len(turnstile._line) == workers, LONG)


@pytest.fixture
def gauge() -> Gauge:
    return Gauge()


def spend(turnstile: Turnstile, gauge: Gauge, *, seconds: float, computing: float) -> None:
    """Take a turn of so many seconds, of which so many were computed by this very thread."""
    with turnstile.turn():
        gauge.passed += seconds
        gauge.process += computing
        gauge.thread += computing


def test_a_second_worker_waits_for_the_first(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, LONG)
    with ExitStack() as stack:
        with turnstile.turn():
            has = stack.enter_context(another(turnstile))
            stand_in_line(turnstile, 1)
            assert not has.is_set()
        assert has.wait(LONG)


def test_while_the_process_has_time_to_spare_workers_join(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, LONG)
    with ExitStack() as stack:
        with turnstile.turn():
            first = stack.enter_context(another(turnstile))
            second = stack.enter_context(another(turnstile))
            stand_in_line(turnstile, 2)
            gauge.passed += 1.0
            gauge.process += 0.1
        assert first.wait(LONG)
        assert second.wait(LONG)


def test_where_this_system_computes_all_the_time_a_worker_goes(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, LONG)
    turnstile._width = 3
    spend(turnstile, gauge, seconds=1.0, computing=0.95)
    assert turnstile._width == 2
    spend(turnstile, gauge, seconds=1.0, computing=0.95)
    spend(turnstile, gauge, seconds=1.0, computing=0.95)
    assert turnstile._width == 1, "one always works"


def test_where_others_compute_this_system_keeps_its_workers(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, LONG)
    turnstile._width = 3
    with turnstile.turn():
        gauge.passed += 1.0
        gauge.process += 1.0
        gauge.thread += 0.1
    assert turnstile._width == 3


def test_a_moment_is_no_measure(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, LONG)
    turnstile._width = 3
    spend(turnstile, gauge, seconds=0.1, computing=0.1)
    assert turnstile._width == 3


def test_a_call_that_hangs_holds_nobody_up_for_long(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, patience=0.0)
    with ExitStack() as stack, turnstile.turn():
        assert stack.enter_context(another(turnstile)).wait(LONG)


def test_a_turn_that_fails_is_over(gauge: Gauge) -> None:
    turnstile = Turnstile(gauge, LONG)
    with pytest.raises(ZeroDivisionError), turnstile.turn():
        _ = 1 / 0
    with turnstile.turn():
        assert turnstile._working == 1
