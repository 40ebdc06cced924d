"""When a system may be called next: its rate, over all processes that share the store."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.engine.house import House, Ministry

AHEAD = timedelta(milliseconds=500)
"""How far ahead a process takes moments: what it does not use of them, nobody does."""


@dataclass
class _Block:
    """Moments of one system that are this process's own: the next, and how many there are."""

    lock: threading.Lock
    next: datetime | None = None
    left: int = 0
    wanted: int = 1


class Moments:
    """Hands out moments at which a system may be called, ``1 / rate_per_second`` apart.

    The store gives them, so that the rate holds over all processes: a call at a time to who calls
    seldom, ever larger blocks, half a second at most, to who calls all the time. So a fast system
    costs two commits a second, and a slow one a commit for each call it may have.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: dict[str, _Block] = {}

    def wait(self, house: House, ministry: Ministry) -> None:
        """Wait for the next moment; at once where the system has no rate."""
        if not ministry.rate_per_second:
            return
        with self._lock:
            block = self._blocks.setdefault(ministry.name, _Block(threading.Lock()))
        with block.lock:
            gap = timedelta(seconds=1 / ministry.rate_per_second)
            moment = _moment(house, ministry, block, gap)
        delay = (moment - house.now()).total_seconds()
        if delay > 0:
            house.sleep(delay)


def _moment(house: House, ministry: Ministry, block: _Block, gap: timedelta) -> datetime:
    """Return the next moment of a block; those that went by unused are nobody's."""
    now = house.now()
    if block.next is not None and block.left and block.next + gap < now:
        gone = min(block.left, (now - block.next) // gap)
        block.next, block.left = block.next + gone * gap, block.left - gone
        if not block.left:
            block.wanted = 1
    if not block.left or block.next is None:
        with house.store.write("take moments") as unit:
            block.next = unit.systems.moments(ministry.name, gap, block.wanted)
        block.left = block.wanted
        block.wanted = max(1, min(block.wanted * 2, AHEAD // gap))
    moment = block.next
    block.next, block.left = moment + gap, block.left - 1
    return moment
