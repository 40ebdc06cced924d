"""How many go in one turn, or in one portion: found out by how quick the last ones were.

Whatever is worked in portions begins with few. A process that is killed every few seconds, or a database
that is slow, so gets on: what one portion came to is kept before the next begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

MOMENT = timedelta(seconds=1)
"""What takes longer is not quick."""

WORTH_IT = 1.5
"""How many times more a second the larger of two portions must come to, so that it was worth its time."""


class Stride:
    """Ever more while turns are quick, then about as many; never fewer than ``fewest``."""

    def __init__(self, fewest: int, most: int) -> None:
        self.now = min(fewest, most)
        self._fewest, self._most = self.now, most
        self._cut = False
        self._last = 0, 0.0

    def learn(self, fitted: int, *, quick: bool) -> None:
        """Take note of a turn; of one that was not ``quick``, how many fitted into it."""
        self._cut = self._cut or not quick
        more = self.now + max(1, self.now // 8) if self._cut else self.now * 2
        self.now = max(self._fewest, min(self._most, more if quick else fitted))

    @contextmanager
    def portion(self, clock: Callable[[], datetime]) -> Iterator[None]:
        """Take note of how long a portion of ``now`` takes; of one that was slow half is tried next.

        Unless it was worth it: what costs the same however many there are is not shared by fewer.
        """
        began = clock()
        yield
        took, size = clock() - began, self.now
        pace = size / max(took.total_seconds(), 0.001)
        (before, pace_before), self._last = self._last, (size, pace)
        if size < before and took >= MOMENT and pace_before > WORTH_IT * pace:
            self.now = before
        else:
            paid = size > before and pace > WORTH_IT * pace_before
            self.learn(size // 2, quick=took < MOMENT or paid)
