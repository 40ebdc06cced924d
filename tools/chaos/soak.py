"""``python -m tools.chaos.soak``: a long working day of the daemon, weighed every ten seconds.

Nothing fails here; what is looked for grows slowly. Its memory is what counts: after the warm-up
the median of a minute must not grow by five percent until the end.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from bridge.bootstrap import open_house
from tools.chaos.bridge import Bridge, free_port, running
from tools.chaos.databases import Databases, databases
from tools.chaos.people import Clerks, Officers
from tools.chaos.run import until_at_rest
from tools.chaos.town import town

SAMPLE_SECONDS = 10
MINUTE = 60
WARM_UP_SECONDS = 300.0
WARM_UP_SHARE = 1 / 3
"""The warm-up of a run too short for a whole one."""

WINDOW = 6
"""Samples whose median stands for a moment: a minute's."""

GROWTH_MOST = 0.05
KILO = 1024
ROWS = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """What the daemon held at a moment, the size of its store, and what was keyed by then."""

    second: float
    rss_mb: float
    files: int
    threads: int
    cpu_seconds: float
    store_mb: float
    keyed: int


def growth(samples: Sequence[Sample], warm_up: float) -> float:
    """Return by what share memory grew from the end of the warm-up to the end."""
    warm = [one.rss_mb for one in samples if one.second >= warm_up]
    if len(warm) <= WINDOW:
        raise ValueError("too short a soak to tell growth")
    return statistics.median(warm[-WINDOW:]) / statistics.median(warm[:WINDOW]) - 1


def soak(minutes: float, rate: int, seed: int, database: str, folder: Path) -> dict[str, Any]:
    """Play a day of ``rate`` dossiers a second in ``folder``; returns what was measured."""
    log = folder / "logs" / "daemon.jsonl"
    log.parent.mkdir(parents=True)
    with ExitStack() as stack:
        both = stack.enter_context(databases(database, folder))
        place = stack.enter_context(town(folder, both, free_port()))
        clerks = Clerks(both.direct["onestop"], folder / "documents", Random(seed))
        stack.callback(clerks.close)
        bridge = stack.enter_context(running(folder, log))
        day = Day(minutes * 60, rate, clerks, Officers(place, max(1, rate)))
        samples = day.pass_(lambda second: weigh(second, bridge, both, clerks))
        opened = open_house(place.settings)
        stack.callback(opened.close)
        rest, comparison = until_at_rest(place, opened.house)
        code = bridge.stop()
    grown = growth(samples, min(WARM_UP_SECONDS, minutes * 60 * WARM_UP_SHARE))
    return {
        "database": database,
        "minutes": minutes,
        "rate": rate,
        "dossiers": comparison.compared,
        "moved": day.officers.moved,
        "growth": round(grown, 4),
        "rest_seconds": rest,
        "exit_code": code,
        "good": grown < GROWTH_MOST and rest is not None and code == 0,
        "findings": comparison.findings[:1000],
        "samples": [asdict(one) for one in samples],
    }


@dataclass(frozen=True)
class Day:
    """A working day of some seconds: people key ``rate`` dossiers a second, ministries keep up."""

    seconds: float
    rate: int
    clerks: Clerks
    officers: Officers

    def pass_(self, weighed: Callable[[float], Sample]) -> list[Sample]:
        """Let it pass; returns what was weighed on the way."""
        samples: list[Sample] = []
        pause = threading.Event()
        started = time.monotonic()
        for second in range(round(self.seconds)):
            pause.wait(max(0.0, started + second - time.monotonic()))
            self.clerks.work(self.rate)
            self.officers.move(self.rate)
            if second == round(self.seconds / 2):
                self.officers.file()
            if second % SAMPLE_SECONDS == 0:
                samples.append(weighed(time.monotonic() - started))
                if second % MINUTE == 0:
                    print(row(samples[-1]), file=sys.stderr, flush=True)
        return samples


def weigh(second: float, bridge: Bridge, both: Databases, clerks: Clerks) -> Sample:
    """Look at the daemon and its store now."""
    held = bridge.weight()
    size = both.size_mb("store")
    return Sample(
        second,
        held.rss_kb / KILO,
        held.files,
        held.threads,
        held.cpu_seconds,
        size,
        clerks.keyed,
    )


HEAD = f"{'minute':>7}{'keyed':>9}{'memory MB':>11}{'files':>7}{'threads':>9}{'CPU s':>8}{'store MB':>10}"


def row(one: Sample) -> str:
    """Return a sample's line of the table."""
    return (
        f"{one.second / MINUTE:>7.0f}{one.keyed:>9}{one.rss_mb:>11.1f}{one.files:>7}"
        f"{one.threads:>9}{one.cpu_seconds:>8.0f}{one.store_mb:>10.1f}"
    )


def as_text(said: Mapping[str, Any]) -> str:
    """Return the table: every fifth minute, or all of a short day."""
    samples = [Sample(**one) for one in said["samples"]]
    every = max(1, len(samples) // ROWS)
    rest = said["rest_seconds"]
    return "\n".join(
        [
            (
                f"soak on {said['database']}: {said['minutes']:g} minutes at {said['rate']} dossiers/s,"
                f" {said['dossiers']} dossiers, {said['moved']} moves of ministries"
            ),
            HEAD,
            *(row(one) for one in samples[::every]),
            (
                f"memory grew by {said['growth']:.1%} after the warm-up (goal {GROWTH_MOST:.0%});"
                f" both sides the same: {'never' if rest is None else f'after {rest:.0f} s'}"
            ),
            *(f"  {one}" for one in said["findings"][:10]),
            "good" if said["good"] else "NOT GOOD",
        ]
    )


def main() -> int:
    """Soak, print the table, end with 1 when it is not good."""
    parser = argparse.ArgumentParser(prog="python -m tools.chaos.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--rate", type=int, default=20, help="dossiers a second (20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where the log and the samples are kept")
    given = parser.parse_args()
    place = given.folder or Path(tempfile.mkdtemp(prefix="dossier-bridge-soak-"))
    place.mkdir(parents=True, exist_ok=True)
    print(HEAD, file=sys.stderr)
    said = soak(given.minutes, given.rate, given.seed, given.database, place)
    text = json.dumps(said, indent=2, ensure_ascii=False)
    (place / "soak.json").write_text(text, encoding="utf-8")
    print(as_text(said))
    print(f"kept in {place}", file=sys.stderr)
    return 0 if said["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
