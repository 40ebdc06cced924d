"""What the tests of the store share: a clock, an open store, two rivals, a few short words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bridge.domain.delivery import State
from bridge.store import Arrival, Delivery, Link, Store, Unit
from bridge.store.entries import NewDelivery
from tests.ready import upgraded

T = TypeVar("T")

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CODE = "H40.05-261120-0001"
SYSTEM = "gplx"


class PowerCut(BaseException):
    """What a test ends a unit with on its way."""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, time: timedelta = MINUTE) -> datetime:
        self.now += time
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    """A store with every table."""
    upgraded(store_url)
    store = Store(store_url, clock)
    yield store
    store.close()


@pytest.fixture
def rival(store: Store, clock: Clock) -> Iterator[Store]:
    """The same store as another process opens it: it shares no lock and no connection."""
    rival = Store(store.url, clock)
    yield rival
    rival.close()


def cut(store: Store, *work: Callable[[Unit], object]) -> None:
    """Do ``work`` in one unit that is ended on its way, by itself or after it."""
    with pytest.raises(PowerCut):
        _cut(store, work)


def _cut(store: Store, work: Sequence[Callable[[Unit], object]]) -> None:
    with store.write("cut") as unit:
        for each in work:
            each(unit)
        raise PowerCut


def together(*calls: Callable[[], T]) -> list[T]:
    """Run each call in a thread of its own, all let go at once; returns what they returned."""
    gate = threading.Barrier(len(calls))

    def go(call: Callable[[], T]) -> T:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(go, calls))


def arrival(ref: str = "r1", content: str = "h1", reason: str | None = None) -> Arrival:
    payload = None if reason else {"content": content}
    return Arrival(SYSTEM, ref, content, payload, reason)


def open_link(unit: Unit, code: str = CODE, *, system: str = SYSTEM, shard: int = 0) -> Link:
    pair = (code, system)
    return unit.links.open([pair], {pair: shard})[pair]


def state(link: Link, seq: int, *, name: str = "A", priority: int = 0) -> NewDelivery:
    return NewDelivery(
        link.id,
        link.code,
        link.system,
        link.shard,
        seq,
        "state",
        {"applicant.name": name},
        "driver.v1",
        priority=priority,
    )


def step(link: Link, seq: int, name: str, *, priority: int = 0) -> NewDelivery:
    return NewDelivery(
        link.id,
        link.code,
        link.system,
        link.shard,
        seq,
        "step",
        {"status": 4},
        "driver_step.v1",
        step_id=name,
        priority=priority,
    )


def line(store: Store, code: str = CODE) -> list[Delivery]:
    """Every delivery of a dossier, in order."""
    with store.read() as unit:
        return unit.outbox.of_code(code)


def claim(store: Store, *, most: int = 10, shard: int = 0) -> list[Delivery]:
    with store.read() as unit:
        return unit.outbox.claim(SYSTEM, shard, most)


def end(store: Store, delivery: Delivery, how: State = State.CONFIRMED) -> None:
    with store.write("settle") as unit:
        unit.outbox.change(delivery.id, state=how.value, settled_at=unit.now)
