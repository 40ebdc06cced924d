"""What a monitor's look costs over a store of years: a scrape of the metrics, and a look of the watch.

A store with as many links and deliveries as are asked for, of six systems: nearly all confirmed, one
in a hundred in each other state. Told is the median of twenty.

Run: ``python benchmarks/scrape.py [--deliveries 1000000]``
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from adapters.onestop_sql.create import create_schema
from bridge.bootstrap import open_house
from bridge.engine.watch.observe import observe
from bridge.engine.watch.station import Watch
from bridge.metrics import Metrics
from bridge.settings import load

SYSTEMS = tuple(f"ministry_{number}" for number in range(6))
STATES = ("pending", "in_doubt", "accepted", "dead", "superseded")
LOOKS = 20

_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most)"
)
_CODE = "printf('H40.05-261120-%07d', n)"
_SYSTEM = f"'ministry_' || (n % {len(SYSTEMS)})"
_AT = "1767571200000 + n % 25920000 * 1000"
"""A second of 300 days, in the milliseconds in which SQLite keeps an instant."""
_STATE = (
    "CASE n % 100 "
    + " ".join(f"WHEN {place} THEN '{state}'" for place, state in enumerate(STATES))
    + " ELSE 'confirmed' END"
)
_FIELDS = """json_object('applicant.name', 'Người ' || n, 'status', 4)"""

LINKS = f"""INSERT INTO link (id, code, system, ref, state, imported, shard, base, theirs, versions,
 stubborn, created_at) {_NUMBERS} SELECT n, {_CODE}, {_SYSTEM}, 'R' || n, 'open', 0, n % 16, {_FIELDS},
 {_FIELDS}, 1, '{{}}', {_AT} FROM numbers"""
DELIVERIES = f"""INSERT INTO delivery (id, link_id, code, system, shard, seq, kind, state, priority,
 fields, version, attempts, crashes, absences, asked, failed_times, created_at, sent_at, settled_at)
 {_NUMBERS} SELECT n, n, {_CODE}, {_SYSTEM}, n % 16, 1, 'create', {_STATE}, 0, {_FIELDS}, 1, 1, 0, 0, 0,
 0, {_AT}, {_AT}, {_AT} FROM numbers"""


def furnish(folder: Path) -> None:
    """Write the configuration, and make an empty one-stop."""
    (folder / "systems").mkdir()
    create_schema(f"sqlite:///{folder}/onestop.db")
    (folder / "bridge.toml").write_text(
        f'[store]\nurl = "sqlite:///{folder}/store.db"\n'
        f'[onestop]\nurl = "sqlite:///{folder}/onestop.db"\n',
        encoding="utf-8",
    )
    here = Path(__file__).parent
    for name in ("register.toml", "register.yaml"):
        (folder / name).write_bytes((here / name).read_bytes())
    (folder / "secret").write_text("invented", encoding="utf-8")
    (folder / "secret").chmod(0o600)
    for number, system in enumerate(SYSTEMS):
        (folder / "systems" / f"{system}.toml").write_text(
            f'name = "{system}"\nadapter = "rest"\nprocedures = ["1.00283{number}"]\n[options]\n'
            'definition = "register.toml"\nbase_url = "http://127.0.0.1:9"\n'
            'client_secret = { file = "secret" }\n',
            encoding="utf-8",
        )


def fill(store: Path, deliveries: int) -> None:
    """Fill the store."""
    with closing(sqlite3.connect(store, isolation_level=None)) as sql:
        sql.executescript("PRAGMA synchronous=OFF; BEGIN;")
        for statement in (LINKS, DELIVERIES):
            sql.execute(statement, {"most": deliveries})
        sql.execute("COMMIT")


def seconds(look: Callable[[], object]) -> float:
    """Return the median of some looks."""
    taken = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        look()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Fill, look, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bridge-bench-") as name:
        folder = Path(name)
        furnish(folder)
        opened = open_house(load(folder / "bridge.toml", {}))
        fill(folder / "store.db", given.deliveries)
        watch = Watch((), folders={"store": folder})
        scrape = seconds(lambda: Metrics(opened.house).exposition())
        look = seconds(lambda: observe(opened.house, watch))
        opened.close()
    print(
        f"{given.deliveries:,} deliveries: a scrape {scrape:.3f} s, a look of the watch {look:.3f} s"
    )


if __name__ == "__main__":
    main()
