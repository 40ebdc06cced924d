"""The kit itself: for each claim an adapter that breaks it, and no other, is found out."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.sdk.conformance import Claim, Conformance, every_claim
from tests.contract.hostile import HOSTILE
from tests.contract.hostile_desk import DeskRig, Honest
from tests.contract.hostile_writing import CutsTexts

ROOT = Path(__file__).parents[2]
SUITE = "tests/contract/hostile_suite.py"


def outcome(claim: Claim, kind: type[Honest], caplog: pytest.LogCaptureFixture) -> str:
    """Try one claim on an adapter, as pytest would with a rig made anew."""
    rig = DeskRig(kind)
    if not all(need.met(rig.plugin) for need in claim.needs):
        return "skipped"
    test = getattr(Conformance(), claim.name)
    caplog.clear()
    given: dict[str, Any] = {"rig": rig, "caplog": caplog}
    try:
        test(**{name: given[name] for name in inspect.signature(test).parameters})
    except (pytest.fail.Exception, Exception):  # noqa: BLE001 - whatever it is, the claim failed
        return "failed"
    return "passed"


def with_outcome(wanted: str, kind: type[Honest], caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.name for one in every_claim() if outcome(one, kind, caplog) == wanted]


def test_every_claim_has_an_adapter_that_breaks_it() -> None:
    """No claim of the kit is one that nothing can break."""
    assert {one.breaks for one in HOSTILE} == {one.name for one in every_claim()}


@pytest.mark.parametrize("kind", HOSTILE, ids=lambda one: str(one.__name__))
def test_it_breaks_this_claim_and_no_other(
    caplog: pytest.LogCaptureFixture, kind: type[Honest]
) -> None:
    """The claim it breaks fails; all others hold."""
    assert with_outcome("failed", kind, caplog) == [kind.breaks]


def test_the_honest_adapter_keeps_every_claim(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is found against an adapter that does as it should."""
    assert with_outcome("failed", Honest, caplog) == []
    assert with_outcome("skipped", Honest, caplog) == ["test_what_is_only_read_is_not_written"]


def test_what_came_of_each_adapter_is_told() -> None:
    """At the end of a run stand the claims that do not hold, in words, and why others were skipped."""
    command = [sys.executable, "-m", "pytest", SUITE, "-q", "--tb=line", "-p", "no:cacheprovider"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    held = len(every_claim()) - 1
    told = ended.stdout
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert f"Honest: {held} claims hold, 0 do not, 1 do not concern it" in told
    assert f"CutsTexts: {held - 1} claims hold, 1 do not, 1 do not concern it" in told
    [broken] = [one.sentence for one in every_claim() if one.name == CutsTexts.breaks]
    assert told.count("DOES NOT HOLD: ") == 1
    assert f"DOES NOT HOLD: {broken}" in told
    assert told.count("1 skipped: it writes (writes = true)") == 2
