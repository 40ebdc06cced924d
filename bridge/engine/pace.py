"""How fast one system is called, over all its workers in this process: its rate, and turns."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from bridge.engine.house import House
from bridge.engine.turnstile import Turnstile


class Pace:
    """Hands out moments at least ``1 / rate`` seconds apart, and turns at the turnstile."""

    def __init__(self, rate_per_second: float | None) -> None:
        self.turnstile = Turnstile()
        self._gap = None if not rate_per_second else timedelta(seconds=1 / rate_per_second)
        self._next: datetime | None = None
        self._lock = threading.Lock()

    def wait(self, house: House) -> None:
        """Wait for the next moment a call may be made."""
        if self._gap is None:
            return
        with self._lock:
            now = house.now()
            moment = max(now, self._next or now)
            self._next = moment + self._gap
        delay = (moment - now).total_seconds()
        if delay > 0:
            house.sleep(delay)
