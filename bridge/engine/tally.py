"""What this process heard of each system since it last wrote that down.

Calls are counted here and written to the store now and then, so that a system that works costs
no write a call, and its row is no place where all workers meet.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.domain.breaker import Answered, Calls, Failed, Shut, Told, Wait, counted


@dataclass(frozen=True, slots=True)
class Heard:
    """``calls`` since ``since``, not written down yet.

    ``reached`` tells whether the last call that told anything met somebody at the address (``None``:
    there was none), ``trouble`` why it was no success.
    """

    calls: Calls
    since: datetime
    reached: bool | None = None
    trouble: str | None = None


class Tally:
    """Counts calls by system. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[str, Heard] = {}

    def heard(self, name: str, words: Sequence[Told], now: datetime) -> Heard:
        """Count calls; returns what is not written down yet."""
        with self._lock:
            own = self._heard.get(name) or Heard(Calls(), now)
            if not own.calls.total:
                own = replace(own, since=now)
            for word in words:
                own = _with(own, word)
            self._heard[name] = own
            return own

    def taken(self, name: str) -> Heard:
        """Return what is not written down yet, to write it down now."""
        with self._lock:
            own = self._heard[name]
            self._heard[name] = replace(own, calls=Calls())
            return own

    def last(self, name: str) -> Heard | None:
        """Return what was heard last of a system."""
        with self._lock:
            return self._heard.get(name)


def _with(own: Heard, word: Told) -> Heard:
    own = replace(own, calls=own.calls.then(counted(word)))
    match word:
        case Answered():
            return replace(own, reached=True, trouble=None)
        case Failed():
            return replace(own, reached=not word.unreachable, trouble=word.reason)
        case Shut() | Wait():
            return replace(own, reached=True, trouble=word.reason)
        case _:
            return own
