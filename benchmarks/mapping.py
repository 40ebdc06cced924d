"""What a mapping costs beside a function written by hand, and beside glom and jsonata-python.

One record, the portal's (dvcqg/dossier, the widest mapping there is), of 43 fields, lowered and
lifted again; every way must make the same of it before it is timed. Each module says what its
way does not do. Goals: at most twice the time of the function, and at least five times faster than
either library, both ways together. Ends with 1 when a goal is missed. Run:
``python benchmarks/mapping.py``
"""

from __future__ import annotations

import random
import sys
import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import mappings
from benchmarks import by_hand, with_glom, with_jsonata
from benchmarks.by_hand import Fields
from bridge.mapping import Lens, compile_mapping, load_file
from bridge.mapping.invented import dossier

MOST_TIMES_HAND = 2.0
LEAST_TIMES_LIBRARY = 5.0
FIELDS = 43
"""Every field the portal is told, one fee and one request for a supplement among them."""
ROUNDS = 7

Way = Callable[[Fields], Fields]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way costs, in microseconds a record."""

    name: str
    lower: float
    lift: float

    @property
    def both(self) -> float:
        """Both ways together."""
        return self.lower + self.lift


def portal() -> Lens:
    """Return the portal's mapping."""
    path = next(one for one in mappings.files() if one.name == "dossier.v1.yaml")
    return compile_mapping(load_file(path))


def record(lens: Lens) -> Fields:
    """Return an invented dossier of so many fields on the wire, as many of ours known as can be."""
    chance = random.Random(7)
    many = [dossier(lens, chance) for _ in range(200)]
    return max((one for one in many if leaves(lens.lower(one).body) == FIELDS), key=len)


def leaves(value: Any) -> int:
    """Return how many fields a record has, rows of lists counted."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) or 1 if isinstance(value, list) else 1


def proved(way: Way, given: Fields, expected: Fields) -> Way:
    """Return a way that makes the record it should; what is nothing may be left out."""
    made = {path: value for path, value in way(given).items() if value is not None}
    if made != {path: value for path, value in expected.items() if value is not None}:
        sys.exit(f"{way.__module__} makes another record")
    return way


def microseconds(works: Sequence[Callable[[], object]]) -> list[float]:
    """Return what one call of each costs: the best of rounds in turn, so that all share the weather."""
    timers = [timeit.Timer(work) for work in works]
    numbers = [max(1, timer.autorange()[0] // 2) for timer in timers]
    rounds = [
        [timer.timeit(n) / n for timer, n in zip(timers, numbers, strict=True)]
        for _ in range(ROUNDS)
    ]
    return [min(one) * 1e6 for one in zip(*rounds, strict=True)]


def costs(ways: Sequence[tuple[str, Way, Way]], ours: Fields) -> list[Cost]:
    """Time every way in both directions, once each has proved that it makes the same."""
    body = by_hand.lower(ours)
    back = by_hand.lift(body)
    works: list[Callable[[], object]] = []
    for _, lower, lift in ways:
        works += [partial(proved(lower, ours, body), ours), partial(proved(lift, body, back), body)]
    times = microseconds(works)
    return [
        Cost(name, lower, lift)
        for (name, _, _), lower, lift in zip(ways, times[::2], times[1::2], strict=True)
    ]


def main() -> int:
    """Print what each way costs, and whether the goals are met."""
    lens = portal()
    ours = record(lens)
    ways: list[tuple[str, Way, Way]] = [
        ("by hand", by_hand.lower, by_hand.lift),
        ("lens", lambda fields: lens.lower(fields).body, lens.lift),
        ("glom", with_glom.lower, with_glom.lift),
        ("jsonata-python", with_jsonata.lower, with_jsonata.lift),
    ]
    hand, lensed, *libraries = told = costs(ways, ours)
    print(f"{leaves(by_hand.lower(ours))} fields, {len(lens.rules)} rules; microseconds a record\n")
    print("| | lower | lift | both | beside the lens |\n|---|---|---|---|---|")
    for one in told:
        times = one.both / lensed.both
        print(f"| {one.name} | {one.lower:.0f} | {one.lift:.0f} | {one.both:.0f} | {times:.2f} |")
    slower = lensed.both / hand.both
    faster = min(one.both for one in libraries) / lensed.both
    print(
        f"\nthe lens takes {slower:.2f} times the function's time (goal: at most {MOST_TIMES_HAND:g})"
    )
    print(
        f"the nearer library takes {faster:.1f} times ours (goal: at least {LEAST_TIMES_LIBRARY:g})"
    )
    return 0 if slower <= MOST_TIMES_HAND and faster >= LEAST_TIMES_LIBRARY else 1


if __name__ == "__main__":
    sys.exit(main())
