"""Everything that is left to chance, under one seed.

A choice is named by what it decides and how often that was decided before, and made from seed and
name alone. So leaving one out (which is how a failing seed is shortened) leaves the dice of all
others as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import TypeAlias, TypeVar

Choice: TypeAlias = tuple[str, int]
"""What was decided, and the how manieth time."""

T = TypeVar("T")

_WHOLE = float(2**64)


class Choices:
    """The dice of one seed. ``only`` names the choices that may be made; ``None`` leaves all open."""

    def __init__(self, seed: int, only: Collection[Choice] | None = None) -> None:
        self.seed = seed
        self.made: dict[Choice, str] = {}
        self._only = None if only is None else frozenset(only)
        self._counts: Counter[str] = Counter()

    def roll(self, name: str) -> float:
        """Return a number in [0, 1) that depends on seed and name alone."""
        text = f"{self.seed}/{name}".encode()
        return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") / _WHOLE

    def between(self, name: str, least: float, most: float) -> float:
        """Return a number between two, by seed and name."""
        return least + (most - least) * self.roll(name)

    def one_of(self, name: str, among: Sequence[T]) -> T:
        """Return one of several, by seed and name."""
        return among[int(self.roll(name) * len(among))]

    def happens(self, name: str, odds: float, words: str = "") -> float | None:
        """Decide whether something unusual happens now; ``None`` for no, else a number in [0, 1).

        What happens is noted under ``name`` (``words`` say it in the account of a failing seed).
        """
        n = self._counts[name]
        self._counts[name] = n + 1
        rolled = self.roll(f"{name}#{n}")
        if rolled >= odds or (self._only is not None and (name, n) not in self._only):
            return None
        self.made[name, n] = words
        return rolled / odds
