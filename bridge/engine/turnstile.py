"""Lets as many workers of a system work at once as its answers leave time for.

Threads of one interpreter compute one at a time, and taking over from each other costs. While a
ministry takes its time, its workers wait side by side for nothing; where one answers about as
fast as we compute, a second worker only hinders the first. So one begins, and another joins
whenever the process has time to spare; when it has none left, and this system's workers are a
good part of the reason, one goes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SPARE = 0.6
"""Up to what share of one processor the process has time to spare."""

BUSY = 0.9
"""From what share of one processor it computes all the time."""

OURS = 0.4
"""From what share of one processor a system's workers are the reason."""

SAMPLE_SECONDS = 0.25
PATIENCE_SECONDS = 1.0
"""After how long one joins in any case: a call that hangs holds nobody up for longer."""


class Measure(Protocol):
    """What is read of the process, in seconds."""

    def monotonic(self) -> float:
        """Return the time that passes."""

    def process_time(self) -> float:
        """Return what all threads computed."""

    def thread_time(self) -> float:
        """Return what this thread computed."""


class Turnstile:
    """Where the workers of one system, in one process, take their turns."""

    def __init__(self, measure: Measure = time, patience: float = PATIENCE_SECONDS) -> None:
        self._measure = measure
        self._patience = patience
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._working = 0
        self._width = 1
        self._computed = 0.0
        self._sampled = (measure.monotonic(), measure.process_time(), 0.0)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, first come first served, and take it."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._may_go(ticket), self._patience):
                self._width += 1
            self._line.remove(ticket)
            self._working += 1
            self._changed.notify_all()
        started = self._measure.thread_time()
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._computed += self._measure.thread_time() - started
                self._adjust()
                self._changed.notify_all()

    def _may_go(self, ticket: object) -> bool:
        return self._line[0] is ticket and self._working < self._width

    def _adjust(self) -> None:
        """Look at what the process and this system's workers computed since last time."""
        now = (self._measure.monotonic(), self._measure.process_time(), self._computed)
        elapsed, process, ours = (new - old for new, old in zip(now, self._sampled, strict=True))
        if elapsed < SAMPLE_SECONDS:
            return
        self._sampled = now
        if process <= SPARE * elapsed and self._line:
            self._width += 1
        elif process >= BUSY * elapsed and ours >= OURS * elapsed:
            self._width = max(1, self._width - 1)
