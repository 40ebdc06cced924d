"""The troubles of a run, by a seed: which side, which trouble, how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tools.chaos.proxy import Kind, Trouble

LONGEST = {Kind.DELAY: 4.0, Kind.BANDWIDTH: 4.0, Kind.DROP: 3.0, Kind.REFUSE: 4.0}
"""Seconds; what cuts connections goes on for at most ``CUTS_MOST``."""

CUTS_MOST = 2.0
SHORTEST = 0.3
CALM_MOST = 0.8


@dataclass(frozen=True, slots=True)
class Spell:
    """One trouble on its way: before which side, for how many seconds, after how many of calm."""

    side: str
    trouble: Trouble
    seconds: float
    calm: float


def forecast(chance: Random, sides: Sequence[str]) -> Iterator[Spell]:
    """Yield spells without end; the same seed yields the same."""
    while True:
        kind = chance.choice(list(Kind))
        trouble = Trouble(
            kind,
            seconds=chance.uniform(0.05, 1.5) if kind is Kind.DELAY else 0.0,
            bytes_per_second=chance.randint(2_000, 50_000) if kind is Kind.BANDWIDTH else 0,
        )
        yield Spell(
            chance.choice(sides),
            trouble,
            chance.uniform(SHORTEST, LONGEST.get(kind, CUTS_MOST)),
            chance.uniform(0, CALM_MOST),
        )
