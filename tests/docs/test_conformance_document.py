"""docs/conformance.md is the kit's: its tables, its example and its arguments."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from bridge.sdk.conformance import RehearsalRig
from bridge.sdk.conformance.document import claim_table, quality_table

PAGE = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")


def test_every_claim_stands_in_the_document() -> None:
    """The table of claims is the one the code makes."""
    assert claim_table() in PAGE


def test_every_quality_stands_in_the_document() -> None:
    """The table of qualities is the one the code makes."""
    assert quality_table() in PAGE


def test_every_argument_of_the_rig_stands_in_the_document() -> None:
    """No argument of RehearsalRig is missing, and none is told that is not there."""
    [table] = re.findall(r"\| argument \| needed \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE)
    told = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert told == [name for name in inspect.signature(RehearsalRig).parameters if name != "self"]


def test_the_example_of_the_document_is_python_and_right() -> None:
    """The class an author copies imports what is there."""
    [example] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for line in example.splitlines() if "our_adapter" not in line]
    names: dict[str, object] = {}
    exec(compile("\n".join(lines), "conformance.md", "exec"), names)
    assert "TestOurs" in names
