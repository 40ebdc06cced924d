"""A small run of chaos: real processes, killed and cut off while everybody works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.chaos.faults import Lives
from tools.chaos.report import as_json, as_text
from tools.chaos.run import Order, run


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("database", "dossiers", "seconds"),
    [
        ("sqlite", 60, 12.0),
        pytest.param("sqlite", 600, 90.0, marks=pytest.mark.verify),
        pytest.param("postgresql", 600, 90.0, marks=pytest.mark.verify),
    ],
)
def test_a_run_of_chaos_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, database: str, dossiers: int, seconds: float
) -> None:
    """Kills and torn connections: in the end both sides show the same, and nobody had to help.

    How long recoveries take is measured by ``make chaos``, on a machine that does nothing else.
    """
    order = Order(database, dossiers, seconds, seed=1, own=10, lives=Lives(1.0, 4.0))
    outcome = run(order, tmp_path)
    assert outcome.good, as_text(outcome)
    said = as_json(outcome)
    assert said["dossiers"] == dossiers + 10
    assert said["faults"]["kill"]["times"] > 1
    assert (tmp_path / "journal.jsonl").stat().st_size > 0
