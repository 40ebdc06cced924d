"""``make sim``: runs seeds; a failing one is shortened and told.

``SEED=7`` runs one and prints what happened; ``SEEDS=1000`` runs many, from ``FIRST`` on;
``SECONDS=600`` goes on for so long.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.simulation.seed import run
from tests.simulation.shorten import shortened, told

SEEDS = 200

_PROCESSOR = 36
"""Where proc(5) tells the core, counted behind the name in brackets."""


def main(words: list[str]) -> int:
    """Do as the words say; returns 1 when a seed failed."""
    given = dict(word.partition("=")[::2] for word in words if word.partition("=")[2])
    if "SEED" in given:
        ending = run(int(given["SEED"]))
        print(told(ending))  # noqa: T201 - a command prints
        return 0 if ending.well else 1
    seconds = float(given.get("SECONDS", "inf"))
    many = sys.maxsize if "SECONDS" in given else int(given.get("SEEDS", SEEDS))
    return _many(int(given.get("FIRST", "1")), many, seconds)


def _many(first: int, many: int, seconds: float) -> int:
    started, done, steps, failed = time.monotonic(), 0, 0, 0
    for seed in range(first, first + many):
        with one_core():
            ending = run(seed)
        done, steps = done + 1, steps + ending.steps
        if not ending.well:
            failed += 1
            print(told(shortened(ending)), flush=True)  # noqa: T201 - a command prints
        if time.monotonic() - started > seconds:
            break
    took = time.monotonic() - started
    print(  # noqa: T201 - a command prints
        f"{done} seeds, {failed} failed, {took:.0f} s,"
        f" {done / took:.2f} seeds/s, {steps / took:.0f} steps/s"
    )
    return 1 if failed else 0


@contextmanager
def one_core() -> Iterator[None]:
    """Keep the threads of a seed on the core this one runs on, where the system can be told so.

    One of them runs at a time: to wake the next on another core takes longer than many a step.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    told = Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()
    os.sched_setaffinity(0, {int(told[_PROCESSOR])})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
