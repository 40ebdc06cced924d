"""Matching by dedupe: keys and weights learned from labelled pairs. Run by ``match``.

What it does not do: tell dossiers of one person apart, say why, or work without training.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from pathlib import Path

import dedupe
from dedupe import variables
from dedupe.predicates import ExistsPredicate, IndexPredicate

FIELDS = [
    variables.ShortString("cccd", has_missing=True),
    variables.ShortString("cmnd", has_missing=True),
    variables.ShortString("tax", has_missing=True),
    variables.ShortString("name", has_missing=True),
    variables.ShortString("birth", has_missing=True),
    variables.ShortString("phone", has_missing=True),
    variables.Exact("procedure", has_missing=True),
    variables.ShortString("received", has_missing=True),
]
_USELESS = (IndexPredicate, ExistsPredicate)
"""Keys that need an index take minutes to try and are not chosen later; that a value is there is none."""
for field in FIELDS:
    told = field.predicates if field.field != "procedure" else ()
    field.predicates = [one for one in told if not isinstance(one, _USELESS)]
SAMPLE = 500

Records = dict[str, dict[str, str | None]]


def read(path: Path) -> Records:
    """Return a side by its keys."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {
            row["unique_id"]: {field.field: row[field.field] or None for field in FIELDS}
            for row in rows
        }


def main(folder: Path) -> None:
    """Read both sides, then learn and match: only that is timed."""
    ours, theirs = read(folder / "ours.csv"), read(folder / "theirs.csv")
    told = json.loads((folder / "labelled.json").read_text())
    labelled = {
        kind: [
            {"__class__": "tuple", "__value__": [ours[one], theirs[other]]}
            for one, other in told[kind]
        ]
        for kind in ("match", "distinct")
    }
    begun, worked = time.perf_counter(), time.process_time()
    linker = dedupe.RecordLink(FIELDS, num_cores=0, in_memory=True)
    file = io.StringIO(json.dumps(labelled))
    linker.prepare_training(ours, theirs, training_file=file, sample_size=SAMPLE)
    linker.train(recall=0.99, index_predicates=False)
    found = linker.join(ours, theirs, threshold=0.01, constraint="one-to-one")
    rows = [(one, other, float(score)) for (one, other), score in found]
    took = {"seconds": time.perf_counter() - begun, "processor": time.process_time() - worked}
    with (folder / "dedupe.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
