"""What pytest loads of the kit by itself (entry point ``pytest11``): it tells what was found.

It imports pytest alone: whoever only has pytest running beside this package waits for nothing.
"""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

__all__ = ["pytest_collection_modifyitems", "pytest_configure", "pytest_terminal_summary"]

KIT = "bridge.sdk.conformance.claims"


def pytest_configure(config: pytest.Config) -> None:
    """Make the kit's marker known."""
    config.addinivalue_line("markers", "concerns(*needs): whom a claim of the kit concerns")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write the sentence of every claim on its item; it travels in reports, also between processes."""
    kit = sys.modules.get(KIT)
    for item in items if kit else ():
        if isinstance(item, pytest.Function) and item.cls and issubclass(item.cls, kit.Conformance):  # type: ignore[union-attr]
            sentence = inspect.getdoc(item.function) or item.name
            item.user_properties.append(("claim", " ".join(sentence.split())))


@dataclass
class _Tally:
    """What came of the claims on one adapter."""

    held: int = 0
    broken: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell for each adapter which claims hold, which do not, and which do not concern it and why."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for outcome in ("passed", "failed", "error", "skipped"):
        for adapter, claim, reason in _claims(terminalreporter.getreports(outcome)):
            tally = tallies[adapter]
            tally.held += outcome == "passed"
            if outcome in {"failed", "error"}:
                tally.broken.append(claim)
            elif outcome == "skipped":
                tally.skipped.append(reason)
    if tallies:
        terminalreporter.section("conformance")
    for adapter, tally in sorted(tallies.items()):
        for line in _lines(adapter, tally):
            terminalreporter.line(line)


def _claims(reports: list[pytest.TestReport]) -> Iterator[tuple[str, str, str]]:
    """Yield the adapter, the sentence and the reason of every claim among reports."""
    for report in reports:
        told = dict(getattr(report, "user_properties", ()))
        if "claim" in told:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            name = str(told.get("adapter", report.nodeid.rpartition("::")[0]))
            yield name, str(told["claim"]), reason.removeprefix("Skipped: ")


def _lines(adapter: str, tally: _Tally) -> Iterator[str]:
    yield (
        f"{adapter}: {tally.held} claims hold, {len(tally.broken)} do not, "
        f"{len(tally.skipped)} do not concern it"
    )
    for sentence in tally.broken:
        yield f"  DOES NOT HOLD: {sentence}"
    for reason in sorted(set(tally.skipped)):
        yield f"  {tally.skipped.count(reason)} skipped: {reason.removeprefix(f'{adapter}: ')}"
