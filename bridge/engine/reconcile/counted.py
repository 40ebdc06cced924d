"""What a comparison came to: its findings counted by kind, by day, by unit, by procedure."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

from bridge.domain.comparison import Comparison, Kind, Place
from bridge.store import KeptComparison, Unit

Counts: TypeAlias = Counter[tuple[Place, Kind]]


def count(unit: Unit, comparison: int) -> Counts:
    """Count the findings of a comparison that are kept, by place and kind."""
    counts: Counts = Counter()
    for place, number in unit.comparisons.in_step(comparison):
        counts[place, Kind.IN_STEP] += number
    for place, kind, number in unit.comparisons.tally(comparison):
        counts[place, kind] += number
    return counts


def comparison(kept: KeptComparison, counts: Counts) -> Comparison:
    """Return a comparison with what it came to; one that is not whole is of when it was begun."""
    by: tuple[dict[str, Counter[Kind]], ...] = ({}, {}, {})
    total: Counter[Kind] = Counter()
    for (place, kind), number in sorted(counts.items(), key=_in_order):
        total[kind] += number
        for groups, name in zip(by, (place.day, place.unit, place.procedure), strict=True):
            groups.setdefault(name or "", Counter())[kind] += number
    made_at = kept.made_at or kept.begun_at
    return Comparison(kept.system, kept.since, kept.until, made_at, total, *by)


def _in_order(one: tuple[tuple[Place, Kind], int]) -> tuple[str, ...]:
    (place, kind), _number = one
    return (place.day or "", place.unit or "", place.procedure or "", kind)


def as_json(counts: Counts) -> dict[str, Any]:
    """Return counts as the store keeps them for ever: those of the whole."""
    total: Counter[str] = Counter()
    for (_place, kind), number in counts.items():
        total[kind.value] += number
    return dict(total)


def comparison_of(kept: KeptComparison) -> Comparison:
    """Return what is left of an earlier comparison: its totals."""
    made_at = kept.made_at or kept.begun_at
    return Comparison(kept.system, kept.since, kept.until, made_at, kept.counts or {})
