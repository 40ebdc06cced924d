"""The turns of one system's workers in this process."""

from __future__ import annotations

from bridge.engine.turnstile import Turnstile


class Pace:
    """Holds the turnstile that a system's workers go through."""

    def __init__(self) -> None:
        self.turnstile = Turnstile()
