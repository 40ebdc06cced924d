"""The whole journal before the auditor: how many entries, and every place that does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bridge.audit.anchors import Anchor
from bridge.audit.chain import GENESIS, Break, Kind, Row, breaks

KEPT_MOST = 100
"""How many breaks a verdict names; it counts them all."""

TOLD_EVERY = 20_000
"""Entries between two words of progress."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. ``head`` is the last entry there: the anchor of a whole journal."""

    entries: int
    head: Anchor
    broken: int
    breaks: tuple[Break, ...]

    @property
    def ok(self) -> bool:
        """Whether the chain is whole and every anchor holds."""
        return not self.broken

    @property
    def first_broken(self) -> int | None:
        """The number of the first entry that does not fit."""
        return min((one.n for one in self.breaks), default=None)


def audit(
    rows: Iterable[Row],
    anchors: Iterable[Anchor] = (),
    told: Callable[[int], None] = lambda _entries: None,
) -> Verdict:
    """Go through the rows in order of ``n``, once, in bounded memory.

    ``told`` is called with the number of entries seen, every so often.
    """
    watch = _Watch(rows, anchors)
    kept: list[Break] = []
    broken = 0
    for entries, found in enumerate(breaks(watch.seen()), start=1):
        if found is not None:
            broken += 1
            kept += [found] if len(kept) < KEPT_MOST else []
        if entries % TOLD_EVERY == 0:
            told(entries)
    against = list(watch.against())
    first = sorted([*kept, *against], key=lambda one: one.n)[:KEPT_MOST]
    return Verdict(watch.entries, watch.head, broken + len(against), tuple(first))


class _Watch:
    """Lets rows pass, and remembers of them what anchors and the verdict need."""

    def __init__(self, rows: Iterable[Row], anchors: Iterable[Anchor]) -> None:
        self._rows = rows
        self._anchors = frozenset(anchors)
        self._asked = {one.n for one in self._anchors}
        self._there: dict[int, str] = {0: GENESIS}
        self.entries = 0
        self.head = Anchor(0, GENESIS)

    def seen(self) -> Iterator[Row]:
        """Yield the rows."""
        row = None
        for row in self._rows:
            self.entries += 1
            if row.n in self._asked:
                self._there[row.n] = row.hash
            yield row
        if row is not None:
            self.head = Anchor(row.n, str(row.hash))

    def against(self) -> Iterator[Break]:
        """Yield what the anchors say against the rows that have passed, from the first on."""
        for one in sorted(self._anchors, key=lambda one: one.n):
            if one.n > self.head.n:
                yield Break(self.head.n + 1, Kind.CUT_OFF, self.head.n + 1, one.n)
                return
            # a gap at an anchor is told by the chain
            if self._there.get(one.n, one.hash) != one.hash:
                yield Break(one.n, Kind.OTHER, 1, one.n)
                return
