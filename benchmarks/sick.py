"""What a sick ministry costs the others: a healthy one alone, and beside one in each kind of trouble.

A one-stop database (SQLite) full of new dossiers of two ministries, the bridge's daemon in one
process, each rehearsal ministry in one of its own. The clock runs from the daemon's start until
the healthy one (lltp) has confirmed all of its own. The other (gplx) meanwhile does not exist,
works, hangs, answers 500, is not there, or floods its feed with records of its own. Beside the
throughput: how long a delivery waited from being put in line until it was settled.

Run: ``python benchmarks/sick.py [--dossiers 300] [--rounds 3]``. Loopback: the ministries answer as
fast as they compute, so one that works, or floods, takes its share of the processor; one that is
sick otherwise should cost nothing.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bridge.bootstrap import clock, open_house
from bridge.daemon import Daemon
from bridge.domain.delivery import State
from bridge.engine import survey
from bridge.engine.house import House
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal_alone import Alone, alone
from bridge.settings import load
from bridge.store import tables

HEALTHY, SICK = "lltp", "gplx"
PROCEDURES = {HEALTHY: ("2.000488",), SICK: ("1.002835",)}
SEED = 2026
FLOOD = 5_000
LONGEST = timedelta(minutes=5)


def _well(_: Alone) -> None:
    """Let it work."""


TROUBLES: Mapping[str, Callable[[Alone], object] | None] = {
    "alone": None,
    "beside one that works": _well,
    "beside one that hangs": lambda sick: sick.tell("faults.always", "slow"),
    "beside one that answers 500": lambda sick: sick.tell("faults.always", "error_500"),
    "beside one that is not there": lambda sick: sick.tell("down"),
    "beside one that floods its feed": lambda sick: sick.tell("file_own", FLOOD),
}


def furnish(folder: Path, ministries: Mapping[str, Alone], dossiers: int) -> int:
    """Write the configuration, and key about so many dossiers of each; returns the healthy one's."""
    (folder / "systems").mkdir()
    (folder / "bridge.toml").write_text('[console]\nlisten = "127.0.0.1:0"\n', encoding="utf-8")
    for name, ministry in ministries.items():
        lines = [f'name = "{name}"', f'adapter = "{name}"', "poll_seconds = 1"]
        lines += [f"procedures = {json.dumps(PROCEDURES[name])}", "[options]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in ministry.options.items()]
        for key, secret in ministry.secrets.items():
            place = folder / f".{name}.{key}"
            place.write_text(secret, encoding="utf-8")
            place.chmod(0o600)
            lines.append(f'{key} = {{ file = "{place}" }}')
        (folder / "systems" / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")
    settings = load(folder / "bridge.toml", {})
    plugin = Registry.load().onestop(settings.onestop.adapter)
    options = settings.onestop.options_for(plugin)
    context = OneStopContext(folder, clock)
    if plugin.create is None or plugin.invent is None:
        raise RuntimeError("the one-stop adapter can't invent dossiers")
    plugin.create(options, context)
    codes = tuple(code for name in ministries for code in PROCEDURES[name])
    plugin.invent(options, context, dossiers * len(ministries), SEED, codes)
    with closing(sqlite3.connect(folder / "var" / "onestop.db")) as database:
        count = "SELECT count(*) FROM dossier WHERE procedure_code = ?"
        return int(database.execute(count, PROCEDURES[HEALTHY]).fetchone()[0])


def inside(folder: Path, dossiers: int) -> None:
    """Be the bridge's process: run until the healthy ministry has all; print what was measured."""
    opened = open_house(load(folder / "bridge.toml", {}))
    daemon = Daemon(opened.house)
    pause = threading.Event()
    started = clock()
    daemon.start()
    while not in_step(opened.house, dossiers):
        if clock() - started > LONGEST:
            raise RuntimeError("the healthy ministry is not served")
        pause.wait(0.5)
    waits, ended, codes = measured(opened.house)
    stands = {one.name: one for one in survey.standings(opened.house)}
    daemon.stop()
    opened.close()
    seconds = (ended - started).total_seconds()
    result = {
        "rate": codes / seconds,
        "median": statistics.median(waits),
        "p99": statistics.quantiles(waits, n=100)[98],
        "sick": stands[SICK].state if SICK in stands else "-",
        "waiting": stands[SICK].received if SICK in stands else 0,
    }
    print(json.dumps(result))


def in_step(house: House, dossiers: int) -> bool:
    """Tell whether the healthy ministry has confirmed all of its dossiers."""
    with house.store.read() as unit:
        return unit.outbox.counts().get((HEALTHY, State.CONFIRMED), 0) >= dossiers


def measured(house: House) -> tuple[list[float], datetime, int]:
    """Return how long each of its deliveries waited, in seconds, when the last ended, how many."""
    table = tables.delivery
    ours = (table.c.system == HEALTHY) & table.c.settled_at.is_not(None)
    query = select(table.c.created_at, table.c.settled_at).where(ours)
    with house.store.read() as unit:
        rows = unit.connection.execute(query).all()
    waits = [(row.settled_at - row.created_at).total_seconds() for row in rows]
    return waits, max(row.settled_at for row in rows), len(rows)


def once(trouble: str, dossiers: int) -> dict[str, float | str]:
    """Measure one kind of trouble once, everything fresh."""
    make = TROUBLES[trouble]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridge-bench-")))
        names = (HEALTHY,) if make is None else (HEALTHY, SICK)
        ministries = {name: stack.enter_context(alone(name)) for name in names}
        keyed = furnish(folder, ministries, dossiers)
        if make is not None:
            make(ministries[SICK])
        command = [sys.executable, __file__, "--inside", str(folder), str(keyed)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        if ministries[HEALTHY].tell("duplicates"):
            raise RuntimeError("a ministry holds a dossier twice")
    said = [line for line in done.stdout.splitlines() if line.startswith(b"{")]
    told: dict[str, float | str] = json.loads(said[-1])
    return told


def main() -> None:
    """Be the bridge's process, or measure every kind of trouble."""
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        compare()


def compare() -> None:
    """Measure every kind of trouble in turn, round after round, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dossiers", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    found: dict[str, list[dict[str, float | str]]] = {trouble: [] for trouble in TROUBLES}
    for _ in range(given.rounds):
        for trouble, told in found.items():
            told.append(once(trouble, given.dossiers))
            print(f"  {trouble}: {told[-1]}", file=sys.stderr, flush=True)
    print(f"{given.dossiers} dossiers of {HEALTHY}, medians of {given.rounds}")
    print(f"{HEALTHY:<34}{'per second':>12}{'median s':>10}{'p99 s':>8}  {SICK} ends")
    for trouble, told in found.items():
        rate, median, p99 = (
            statistics.median(float(one[key]) for one in told) for key in ("rate", "median", "p99")
        )
        print(f"{trouble:<34}{rate:>12.1f}{median:>10.2f}{p99:>8.2f}  {told[-1]['sick']}")


if __name__ == "__main__":
    main()
