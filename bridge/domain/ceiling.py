"""How many dossiers may move in an hour and in a day, whichever hour and day one looks at. Pure.

A window slides: what moved counts until it lies an hour (a day) back, so that at no border twice as
many may pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many dossiers may move in an hour and in a day of 24 hours; ``None``: any number."""

    hour: int | None = None
    day: int | None = None


NO_CEILING = Ceiling()

UNASKED = Ceiling(hour=200)
"""For what a running system missed, where nobody has said how much of it may go."""

_LENGTHS: Mapping[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}

_STRETCHES = 60
"""What moved within a sixtieth of a window is counted as one, so that little is kept."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """How many moved from ``first`` to ``last``; all of them count until ``last`` is long enough ago."""

    first: datetime
    last: datetime
    count: int

    def counts(self, now: datetime, length: timedelta) -> bool:
        """Tell whether it lies within ``length`` of now; a clock that was far ahead is not believed."""
        return now - length < self.last < now + length


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a ceiling is used up: what moved lately, the oldest first."""

    hour: tuple[Stretch, ...] = ()
    day: tuple[Stretch, ...] = ()

    def _lately(self, name: str, now: datetime) -> tuple[Stretch, ...]:
        stretches: tuple[Stretch, ...] = getattr(self, name)
        return tuple(one for one in stretches if one.counts(now, _LENGTHS[name]))

    def left(self, ceiling: Ceiling, now: datetime) -> int | None:
        """Return how many may still move now; ``None``: any number."""
        rest = [
            max(0, most - sum(one.count for one in self._lately(name, now)))
            for name in _LENGTHS
            if (most := getattr(ceiling, name)) is not None
        ]
        return min(rest, default=None)

    def then(self, count: int, now: datetime) -> Spent:
        """Return what is used up after ``count`` more have moved."""
        windows = {
            name: _with(self._lately(name, now), count, now, length / _STRETCHES)
            for name, length in _LENGTHS.items()
        }
        return Spent(**windows)


def _with(
    stretches: tuple[Stretch, ...], count: int, now: datetime, width: timedelta
) -> tuple[Stretch, ...]:
    if stretches and stretches[-1].first <= now < stretches[-1].first + width:
        last = stretches[-1]
        grown = replace(last, last=max(last.last, now), count=last.count + count)
        return (*stretches[:-1], grown)
    return (*stretches, Stretch(now, now, count))


NOTHING_SPENT = Spent()
