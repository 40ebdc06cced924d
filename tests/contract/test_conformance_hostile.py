"""The kit itself: for each claim an adapter that breaks it, and no other, is found out."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bridge.sdk.conformance import every_claim
from tests.contract.hostile import HOSTILE
from tests.contract.hostile_desk import Honest

ROOT = Path(__file__).parents[2]
SUITE = "tests/contract/hostile_suite.py"

Outcomes = Mapping[str, Mapping[str, str]]
"""What came of each claim, by adapter: passed, failed or skipped."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcomes, str]:
    """The outcomes of the whole hostile suite, run as an author would, and what was printed."""
    report = tmp_path_factory.mktemp("hostile") / "report.xml"
    command = [sys.executable, "-m", "pytest", SUITE, "-q", "--tb=line", f"--junitxml={report}"]
    ended = subprocess.run(
        [*command, "-p", "no:cacheprovider"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    outcomes: dict[str, dict[str, str]] = defaultdict(dict)
    for case in ET.parse(report).iter("testcase"):
        kind = case.get("classname", "").rpartition(".Test")[2]
        found = {one.tag for one in case}
        outcome = "failed" if found & {"failure", "error"} else "passed"
        outcomes[kind][case.get("name", "")] = "skipped" if "skipped" in found else outcome
    return outcomes, ended.stdout


def failed(outcomes: Mapping[str, str]) -> list[str]:
    return [name for name, outcome in outcomes.items() if outcome == "failed"]


def test_every_claim_has_an_adapter_that_breaks_it() -> None:
    """No claim of the kit is one that nothing can break."""
    assert {one.breaks for one in HOSTILE} == {one.name for one in every_claim()}


@pytest.mark.parametrize("kind", HOSTILE, ids=lambda one: str(one.__name__))
def test_it_breaks_this_claim_and_no_other(run: tuple[Outcomes, str], kind: type[Honest]) -> None:
    """The claim it breaks fails; all others hold."""
    assert failed(run[0][kind.__name__]) == [kind.breaks]


def test_the_honest_adapter_keeps_every_claim(run: tuple[Outcomes, str]) -> None:
    """Nothing is found against an adapter that does as it should."""
    outcomes = run[0]["Honest"]
    assert len(outcomes) == len(every_claim())
    assert failed(outcomes) == []
    assert [name for name, outcome in outcomes.items() if outcome == "skipped"] == [
        "test_what_is_only_read_is_not_written"
    ]


def test_what_came_of_each_adapter_is_told(run: tuple[Outcomes, str]) -> None:
    """At the end stand the claims that do not hold, in words, and why others were skipped."""
    told = run[1]
    held = len(every_claim()) - 1
    assert f"Honest: {held} claims hold, 0 do not, 1 do not concern it" in told
    assert f"CutsTexts: {held - 1} claims hold, 1 do not, 1 do not concern it" in told
    assert "DOES NOT HOLD: NFD, a byte order mark, quotes" in told
    assert "skipped: it writes (writes = true)" in told
