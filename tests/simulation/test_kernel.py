from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

import bridge.daemon  # noqa: F401 - with all its rooms
from tests.simulation.choices import Choices
from tests.simulation.kernel import Kernel, StuckError
from tests.simulation.threads import ROOMS, Condition, Semaphore, cooperative


def ended(kernel: Kernel) -> None:
    """Run to the end; nothing escaped."""
    kernel.run()
    assert kernel.crashes == []


def test_one_runs_at_a_time_and_each_comes_to_its_end() -> None:
    """Five actors that make way at every step never meet."""
    kernel = Kernel(Choices(1), restless=0.9)
    inside: list[str] = []
    seen: list[int] = []

    def work(name: str) -> Callable[[], None]:
        def steps() -> None:
            for _ in range(50):
                inside.append(name)
                seen.append(len(inside))
                inside.remove(name)
                kernel.pause("a step")

        return steps

    for name in "abcde":
        kernel.spawn(name, None, work(name))
    ended(kernel)
    assert set(seen) == {1}
    assert len(seen) == 250


def test_time_passes_only_where_all_wait() -> None:
    """An hour's wait takes no time, and comes after a minute's."""
    kernel = Kernel(Choices(1))
    order: list[str] = []

    def sleeper(name: str, seconds: float) -> Callable[[], None]:
        def sleep() -> None:
            kernel.pause("sleeps", seconds)
            order.append(name)

        return sleep

    kernel.spawn("hour", None, sleeper("hour", 3600))
    kernel.spawn("minute", None, sleeper("minute", 60))
    ended(kernel)
    assert order == ["minute", "hour"]
    assert 3600 < kernel.now < 3601


def test_a_lock_held_over_a_pause_holds_up_only_who_wants_it() -> None:
    """One sleeps with the lock, one waits for it, a third goes on."""
    kernel = Kernel(Choices(1))
    lock = Semaphore(kernel)
    order: list[str] = []

    def holder() -> None:
        with lock:
            kernel.pause("sleeps", 10)
            order.append("holder")

    def waiter() -> None:
        kernel.pause("later", 1)
        with lock:
            order.append("waiter")

    def other() -> None:
        kernel.pause("later", 2)
        order.append("other")

    for work in (holder, waiter, other):
        kernel.spawn(work.__name__, None, work)
    ended(kernel)
    assert order == ["other", "holder", "waiter"]


def test_a_dead_process_does_nothing_more() -> None:
    """Killed while it sleeps: what would have come after does not, and its lock is free."""
    kernel = Kernel(Choices(1))
    lock = Semaphore(kernel)
    done: list[str] = []

    def victim() -> None:
        with lock:
            kernel.pause("sleeps", 10)
            done.append("victim")

    kernel.spawn("victim", "process", victim)
    kernel.at(5.0, lambda: kernel.kill("process"))
    ended(kernel)
    assert done == []
    assert not lock.locked()


def test_nobody_can_go_on_is_said() -> None:
    """Two that wait for each other are a finding, not a test that hangs."""
    kernel = Kernel(Choices(1))
    first, second = Semaphore(kernel), Semaphore(kernel)

    def crosswise(one: Semaphore, other: Semaphore) -> Callable[[], None]:
        def work() -> None:
            with one:
                kernel.pause("has one", 1)
                with other:
                    pass

        return work

    kernel.spawn("a", None, crosswise(first, second))
    kernel.spawn("b", None, crosswise(second, first))
    with pytest.raises(StuckError, match="nobody can go on"):
        kernel.run()
    kernel.end()


def test_a_condition_gives_its_lock_back_while_it_waits() -> None:
    """Who waits for something lets in whoever makes it true."""
    kernel = Kernel(Choices(1))
    condition = Condition(kernel)
    ready: list[bool] = []
    seen: list[bool] = []

    def waiter() -> None:
        with condition:
            seen.append(condition.wait_for(lambda: bool(ready), 60))

    def maker() -> None:
        kernel.pause("later", 5)
        with condition:
            ready.append(True)
            condition.notify_all()

    kernel.spawn("waiter", None, waiter)
    kernel.spawn("maker", None, maker)
    ended(kernel)
    assert seen == [True]
    assert kernel.now < 6


def test_every_room_that_makes_locks_makes_ours() -> None:
    """While a world is built no module of the engine sees the real ``threading``."""
    with cooperative(Kernel(Choices(1))):
        real = [
            name
            for name, module in sys.modules.items()
            if name.startswith(ROOMS) and getattr(module, "threading", None) is threading
        ]
    assert real == []


def test_leaving_a_choice_out_changes_no_other() -> None:
    """The dice of a choice depend on seed and name alone."""
    every = Choices(7)
    names = [f"fault {n % 3}" for n in range(60)]
    happened = [every.happens(name, 0.5) for name in names]
    left_out = next(iter(every.made))
    others = Choices(7, [one for one in every.made if one != left_out])
    again = [others.happens(name, 0.5) for name in names]
    different = [n for n, (a, b) in enumerate(zip(happened, again, strict=True)) if a != b]
    assert len(different) == 1
    assert every.made.keys() - others.made.keys() == {left_out}
