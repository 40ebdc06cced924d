"""Matching by splink on duckdb: the same keys for candidates, weights learned by EM. Run by ``match``.

What it does not do: demand that a pair is one to one, tell dossiers of one person apart, say in words why,
or answer for one new dossier without the whole table.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

NEAR = "abs(date_diff('day', l.received, r.received)) <= 7"
BLOCKS = [
    block_on("cccd"),
    block_on("cmnd"),
    block_on("tax"),
    block_on("phone", "initials"),
    block_on("born", "initials"),
    block_on("ordered", "year"),
    f"l.ordered = r.ordered and {NEAR}",
    f"l.born = r.born and {NEAR}",
]
NAME = compare.CustomComparison(
    output_column_name="name",
    comparison_levels=[
        levels.NullLevel("bare"),
        levels.ExactMatchLevel("name", term_frequency_adjustments=True),
        levels.ExactMatchLevel("bare"),
        levels.ExactMatchLevel("ordered"),
        levels.DamerauLevenshteinLevel("bare", 2),
        levels.ElseLevel(),
    ],
)
BIRTH = compare.CustomComparison(
    output_column_name="birth",
    comparison_levels=[
        levels.NullLevel("year"),
        levels.ExactMatchLevel("birth"),
        levels.ExactMatchLevel("born"),
        levels.DamerauLevenshteinLevel("birth", 1),
        levels.ExactMatchLevel("year"),
        levels.ElseLevel(),
    ],
)
SETTINGS = SettingsCreator(
    link_type="link_only",
    comparisons=[
        compare.DamerauLevenshteinAtThresholds("cccd", 1),
        compare.DamerauLevenshteinAtThresholds("cmnd", 1),
        compare.DamerauLevenshteinAtThresholds("tax", 1),
        NAME,
        BIRTH,
        compare.ExactMatch("phone"),
        compare.ExactMatch("procedure"),
        compare.AbsoluteDateDifferenceAtThresholds(
            "received",
            input_is_string=False,
            metrics=["day", "day", "day", "day"],
            thresholds=[0.5, 3, 7, 31],
        ),
    ],
    blocking_rules_to_generate_predictions=BLOCKS,
    retain_matching_columns=False,
)


def main(folder: Path) -> None:
    """Read both sides, then match: only that is timed."""
    database = duckdb.connect()
    for name in ("ours", "theirs"):
        database.execute(
            f"create table {name} as select * replace (cast(received as date) as received)"
            f" from read_csv('{folder / name}.csv', all_varchar = true)"
        )
    begun, worked = time.perf_counter(), time.process_time()
    api = DuckDBAPI(connection=database)
    linker = Linker([api.register("ours"), api.register("theirs")], SETTINGS, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("cccd", "received"), block_on("phone", "name", "received")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("cccd"), block_on("ordered", "birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.01)
    rows = database.execute(
        f"select unique_id_l, unique_id_r, match_weight from {found.physical_name}"
    ).fetchall()
    took = {"seconds": time.perf_counter() - begun, "processor": time.process_time() - worked}
    with (folder / "splink.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
