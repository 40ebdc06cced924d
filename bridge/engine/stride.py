"""How many go in one turn, or in one transaction: found out by how quick the last ones were."""

from __future__ import annotations


class Stride:
    """Ever more while turns are quick, then about as many; never fewer than ``fewest``."""

    def __init__(self, fewest: int, most: int) -> None:
        self.now = min(fewest, most)
        self._fewest, self._most = self.now, most
        self._cut = False

    def learn(self, fitted: int, *, quick: bool) -> None:
        """Take note of a turn; of one that was not ``quick``, how many fitted into it."""
        self._cut = self._cut or not quick
        more = self.now + max(1, self.now // 8) if self._cut else self.now * 2
        self.now = max(self._fewest, min(self._most, more if quick else fitted))
