"""``python -m tools.chaos``: play runs, print their tables, end with 1 when one is not good."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tools.chaos.report import as_json, as_text
from tools.chaos.run import Order, run

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Play one run a database."""
    parser = argparse.ArgumentParser(prog="python -m tools.chaos", description=__doc__)
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--dossiers", type=int, default=10_000, help="keyed by clerks (10000)")
    parser.add_argument("--own", type=int, help="filed by ministries (one in twenty)")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long it goes on (600)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where logs, metrics and journals are kept")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    place = given.folder or Path(tempfile.mkdtemp(prefix="dossier-bridge-chaos-"))
    place.chmod(0o755) if place.exists() else place.mkdir(parents=True)
    good = True
    for database in DATABASES if given.database == "both" else (given.database,):
        own = given.dossiers // 20 if given.own is None else given.own
        folder = place / f"{database}-{given.seed}"
        folder.mkdir()
        outcome = run(Order(database, given.dossiers, given.seconds, given.seed, own), folder)
        said = as_json(outcome)
        (folder / "result.json").write_text(
            json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False)
        )
        print(json.dumps(said, allow_nan=False) if given.json else as_text(outcome), flush=True)
        print(f"kept in {folder}", file=sys.stderr)
        good = good and said["good"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
