"""Compares two tables by datacompy or reladiff; run by ``benchmarks/reconcile.py`` in another Python.

``python benchmarks/rivals.py datacompy|reladiff URL COLUMNS`` prints the seconds, the peak memory in MB and
how many rows differ, as JSON. The tables ``ours`` and ``theirs`` have the same columns (``COLUMNS``, a list
in JSON), and the keys ``code`` and ``n``, a number.
It imports nothing of the bridge: its Python has only the rivals.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any


def by_datacompy(url: str) -> int:
    """Read both tables into frames and compare these."""
    compare, pandas = (importlib.import_module(name) for name in ("datacompy", "pandas"))
    engine: Any = importlib.import_module("sqlalchemy").create_engine(url)
    with engine.connect() as connection:
        columns = ["code", *json.loads(sys.argv[3])]
        ours, theirs = (
            pandas.read_sql_table(name, connection, columns=columns) for name in ("ours", "theirs")
        )
    made = compare.PandasCompare if hasattr(compare, "PandasCompare") else compare.Compare
    found = made(ours, theirs, join_columns="code")
    alone = len(found.df1_unq_rows) + len(found.df2_unq_rows)
    return int(alone + len(found.all_mismatch()))


def by_reladiff(url: str) -> int:
    """Let the database hash segments, and look into those that differ."""
    reladiff: Any = importlib.import_module("reladiff")
    made: Any = importlib.import_module("sqlalchemy").make_url(url)
    place = {"driver": "postgresql", "database": made.database, "user": made.username}
    address = {**place, "host": made.query.get("host", made.host), "port": made.port}
    columns = json.loads(sys.argv[3])
    ours, theirs = (
        reladiff.connect_to_table(address, name, "n", extra_columns=tuple(columns))
        for name in ("ours", "theirs")
    )
    return len({row[1][0] for row in reladiff.diff_tables(ours, theirs)})


def peak_mb() -> float:
    """Return the peak resident size of this process in MB (Linux).

    Not ``getrusage``: that remembers the size of the process it was started from.
    """
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) / 1024


def main() -> None:
    """Measure one of them."""
    ways = {"datacompy": by_datacompy, "reladiff": by_reladiff}
    started = time.perf_counter()  # of processor time all counts: they load what they need here
    differing = ways[sys.argv[1]](sys.argv[2])
    seconds = time.perf_counter() - started
    told = {"seconds": seconds, "cpu": time.process_time(), "peak_mb": peak_mb()}
    print(json.dumps({**told, "differing": differing}))


if __name__ == "__main__":
    main()
