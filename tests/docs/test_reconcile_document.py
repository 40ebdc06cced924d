"""docs/reconcile.md explains every word a comparison has."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest

from bridge.cli.exits import ExitCode
from bridge.domain.comparison import Kind
from bridge.domain.reconcile import Action, Lacks
from bridge.domain.unlike import Unlike

PAGE = (Path(__file__).parents[2] / "docs" / "reconcile.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [Kind, Lacks, Action, Unlike], ids=lambda one: one.__name__)
def test_every_word_of_the_document_is_explained(words: type[StrEnum]) -> None:
    """Whatever stands in the JSON for a kind, a reason, an action or a way to differ is in a table."""
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    assert [one for one in words if f"`{one}`" not in rows] == []


def test_every_way_to_end_is_told() -> None:
    """The table of exit codes has them all."""
    assert [code for code in ExitCode if f"| {code.value} |" not in PAGE] == []
