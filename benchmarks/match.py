"""Precision, recall and time of matching, beside splink and dedupe on the same invented dossiers.

Each side holds so many dossiers as clerks key them (``keyed``); what belongs together is known. Goals: sure
pairs are right in 9,999 of 10,000, sure and likely ones together find 98 of 100, and neither library is
faster. Run: ``python benchmarks/match.py [--size 200000] [--rivals PYTHON]``, where PYTHON is the
interpreter of an environment with ``splink``, ``duckdb`` and ``dedupe``; without one they are skipped.
Ends with 1 when a goal is missed.

The libraries are treated well: they get every value in the comparable form made by us, and neither that
nor reading it counts as their time (what it costs us is told beside); splink finds candidates by the same keys as we do; dedupe is told
100 true pairs and 100 false ones, more than a person would label; the bounds of what they would call
sure are set with the truth in hand, as low as precision allows, and one to one; of all their pairs as
many are looked at as we show, one to one or not, whichever finds more. Compared is the time of the
processor, which a machine that does other things meanwhile changes least.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.keyed import Sides, sides
from bridge import heap
from bridge.domain.matching import Entry, Sureness, pairs
from bridge.domain.matching.known import known

PRECISION, RECALL = 0.9999, 0.98
PATIENCE = 1_200
"""Seconds after which a library is stopped."""
RIVALS = ("splink", "dedupe")
LABELLED = 100
Found = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """How one way did: its time in seconds, by the clock and of the processor, and how good its pairs were."""

    name: str
    seconds: float
    processor: float
    precision: float
    sure: float
    """True pairs among the sure ones, of all true pairs."""
    found: float
    """True pairs among all that were shown, of all true pairs."""
    shown: int


def ours(town: Sides) -> Figures:
    """Match, and weigh what was found."""
    begun, worked = time.perf_counter(), time.process_time()
    found = list(pairs(town.ours, town.theirs))
    seconds, processor = time.perf_counter() - begun, time.process_time() - worked
    sure = [(one.ours, one.theirs) for one in found if one.sureness is Sureness.SURE]
    shown = [(one.ours, one.theirs) for one in found]
    right = _right(sure, town)
    precision = right / len(sure)
    return Figures(
        "bridge",
        seconds,
        processor,
        precision,
        right / len(town.truth),
        _recall(shown, town),
        len(shown),
    )


def forms(town: Sides) -> float:
    """Return the seconds it takes to bring both sides into comparable form, as the libraries get them."""
    begun = time.perf_counter()
    for entry in chain(town.ours, town.theirs):
        known(entry)
    return time.perf_counter() - begun


def rival(name: str, python: str, folder: Path, town: Sides, shown: int) -> Figures | str:
    """Let a library match in its own interpreter; a text says why it could not."""
    script = Path(__file__).with_name(f"with_{name}.py")
    try:
        done = subprocess.run(
            [python, str(script), str(folder)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {PATIENCE} s"
    except OSError as fault:
        return f"{python}: {fault.strerror}"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it ended"])[-1]
    told = json.loads(done.stdout.splitlines()[-1])
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        scored = sorted((-float(row[2]), row[0], row[1]) for row in csv.reader(file))
    found = _best(scored)
    every = [(one, other) for _, one, other in scored]
    recall = max(_recall(list(islice(way, shown)), town) for way in (found, every))
    precision, sure = _bound(found, town)
    return Figures(
        name, told["seconds"], told["processor"], precision, sure, recall, min(shown, len(every))
    )


def _best(scored: Iterable[tuple[float, str, str]]) -> list[Found]:
    """Return pairs, the best first, each only where neither of the two was in a better one."""
    taken: set[str] = set()
    found = []
    for _, one, other in scored:
        if one not in taken and other not in taken:
            found.append((one, other))
            taken |= {one, other}
    return found


def _bound(found: Sequence[Found], town: Sides) -> tuple[float, float]:
    """Return precision and recall where the bound of what is sure is as low as precision allows."""
    right, best = 0, (0.0, 0)
    for count, pair in enumerate(found, 1):
        right += pair in town.truth
        if right / count >= PRECISION:
            best = (right / count, right)
    return best[0], best[1] / len(town.truth)


def _right(found: Collection[Found], town: Sides) -> int:
    return sum(pair in town.truth for pair in found)


def _recall(found: Collection[Found], town: Sides) -> float:
    return _right(found, town) / len(town.truth)


FORM = ("unique_id", "cccd", "cmnd", "tax", "name", "bare", "ordered", "initials", "birth", "born",
        "year", "phone", "procedure", "received")  # fmt: skip


def written(town: Sides, folder: Path) -> None:
    """Write both sides in comparable form, and labelled pairs for those that learn from them."""
    for name, entries in (("ours", town.ours), ("theirs", town.theirs)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([FORM, *map(_row, entries)])
    true = sorted(town.truth)[:LABELLED]
    false = [
        (one[0], other[1]) for one, other in pairwise(true) if (one[0], other[1]) not in town.truth
    ]
    (folder / "labelled.json").write_text(json.dumps({"match": true, "distinct": false}))


def _row(entry: Entry) -> Sequence[str | int | None]:
    one = known(entry)
    name, birth = one.name, one.birth
    card = one.card or ""
    whole = birth is not None and birth.whole
    return (
        one.key,
        card if len(card) == len("036080001234") else None,
        card if 0 < len(card) < len("036080001234") else None,
        one.tax,
        name.words if name else None,
        name.bare if name else None,
        name.sorted_bare if name else None,
        name.initials if name else None,
        f"{birth.year}-{birth.month:02}-{birth.day:02}" if birth and whole else None,
        f"{birth.year}{sorted((birth.month, birth.day))}" if birth and whole else None,
        birth.year if birth else None,
        one.phone,
        one.procedure,
        date.fromordinal(one.received).isoformat() if one.received else None,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures, and say whether the goals were met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--rivals", metavar="PYTHON")
    parser.add_argument("--beside", nargs="*", choices=RIVALS, default=RIVALS)
    chosen = parser.parse_args(arguments)
    heap.look_seldom()  # as a command does
    town = sides(chosen.size, chosen.seed)
    print(f"{chosen.size:,} × {chosen.size:,} dossiers, {len(town.truth):,} true pairs", flush=True)
    us = ours(town)
    _print(us)
    print(f"{'':8} of it {forms(town):.1f} s to bring both sides into comparable form", flush=True)
    missed = us.precision < PRECISION or us.found < RECALL
    for name in chosen.beside:
        told = _told(name, chosen.rivals, town, us.shown)
        if isinstance(told, str):
            print(f"{name:8} not measured: {told}")
        else:
            _print(told)
            missed = missed or told.processor < us.processor
    return int(missed)


def _told(name: str, python: str | None, town: Sides, shown: int) -> Figures | str:
    if python is None:
        return "--rivals names no interpreter that has it"
    with TemporaryDirectory() as folder:
        written(town, Path(folder))
        return rival(name, python, Path(folder), town, shown)


def _print(one: Figures) -> None:
    print(
        f"{one.name:8} {one.seconds:8.1f} s ({one.processor:.1f} of the processor)   sure: precision {one.precision:.5f},"
        f" recall {one.sure:.4f}   all {one.shown:,}: recall {one.found:.4f}"
    )


if __name__ == "__main__":
    sys.exit(main())
