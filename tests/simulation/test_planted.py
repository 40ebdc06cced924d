from __future__ import annotations

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.seed import run
from tests.simulation.shorten import shortened, told

MOST = 500
QUICK = "doubt_is_not_asked_about"
"""A planted fault that one of the first seeds finds."""


@pytest.mark.timeout(600)
def test_a_planted_fault_is_found_and_told_in_short() -> None:
    """With the question about a doubt taken away a seed fails, with less than it began with."""
    with PLANTED[QUICK]():
        ending = next(one for one in map(run, range(1, MOST)) if not one.well)
        short = shortened(ending, seconds=5)
    assert not short.well
    assert len(short.choices) < len(ending.choices)
    assert f"make sim SEED={ending.seed}" in told(short)
    assert run(ending.seed).well


@pytest.mark.verify
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_fault_is_found(name: str) -> None:
    """Take away one thing a promise rests on: one of 500 seeds tells of it.

    It tells of what is lost, twice or unlike: that the planted thing stumbles shows nothing.
    """
    with PLANTED[name]():
        endings = (run(seed) for seed in range(1, MOST + 1))
        ending = next((one for one in endings if not one.well), None)
    assert ending is not None
    assert not any("unexpected" in one or "Error" in one for one in ending.findings)
