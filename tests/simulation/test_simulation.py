from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.seed import Ending, run
from tests.simulation.shorten import shortened, told

CHUNK = 20
CHUNKS = 10
SOAK = 10_000
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(600)  # slow machines are no fault


def digest(ending: Ending) -> str:
    """Return what tells two runs of a seed apart."""
    return hashlib.sha256("\n".join(map(str, ending.account)).encode()).hexdigest()


def all_well(first: int, many: int) -> None:
    """Run seeds; a failing one is shortened and told."""
    for seed in range(first, first + many):
        ending = run(seed)
        if not ending.well:
            pytest.fail(told(shortened(ending)), pytrace=False)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_goes_wrong_all_comes_well(chunk: int) -> None:
    """Crashes, lost answers, clocks that jump: nothing lost, nothing twice, both sides equal."""
    all_well(1 + chunk * CHUNK, CHUNK)


@pytest.mark.soak
@pytest.mark.parametrize("thousand", range(SOAK // 1000))
def test_ten_thousand_seeds_come_well(thousand: int) -> None:
    """As above, for longer."""
    all_well(1000 + thousand * 1000, 1000)


def test_a_seed_is_the_same_story_each_time() -> None:
    """Everything is under the seed: a second run is the same to the last line."""
    for seed in (3, 18):
        first, second = run(seed), run(seed)
        assert [str(one) for one in first.account] == [str(one) for one in second.account]
        assert first.choices == second.choices


def test_a_seed_is_the_same_story_in_another_process() -> None:
    """No hash of a process, no clock and no thread of the machine has a say in it."""
    program = "from tests.simulation.test_simulation import digest, run; print(digest(run(3)))"
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": salt},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for salt in ("1", "2")
    }
    assert told == {digest(run(3))}
