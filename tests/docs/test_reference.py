"""The pages that are made from code say what the code says, all of it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from bridge.cli.exits import ExitCode
from bridge.domain.delivery import State
from bridge.domain.journal import Event
from bridge.mapping.gathers import KINDS
from bridge.sdk import errors
from bridge.sdk.capabilities import Capabilities
from tools.reference import pages, transforms
from tools.reference.pages import Page, all_pages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.path.name)
def test_a_page_is_as_the_code_tells_it(page: Page) -> None:
    """``python -m tools.reference`` would change nothing."""
    assert page.path.read_text(encoding="utf-8") == page.text()


def test_a_page_that_is_old_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word changed by hand is out of date, and so is a page that is not there."""
    old = tmp_path / "errors.md"
    old.write_text("otherwise", encoding="utf-8")
    both = (Page(old, lambda: "as told"), Page(tmp_path / "none.md", lambda: "as told"))
    monkeypatch.setattr(pages, "all_pages", lambda: both)
    assert list(pages.stale()) == list(both)


def test_the_tables_are_whole() -> None:
    """Every exit code, error, state and event, and every capability, has its row."""
    told, declared = (
        (DOCS / "errors.md").read_text("utf-8"),
        (DOCS / "capabilities.md").read_text("utf-8"),
    )
    rows = [f"| `{one}` |" for one in (*Event, *State, *set(errors.__all__) - {"AdapterError"})]
    rows += [f"| {code.value} | {code.name.lower()} |" for code in ExitCode]
    assert [row for row in rows if row not in told] == []
    names = [one.name for one in fields(Capabilities)]
    assert [name for name in names if declared.count(f"| `{name}` |") != 2] == []


def test_every_transform_and_every_gather_has_an_example() -> None:
    """Each is put through the compiler and run when the page is made, and each rule names its own."""
    assert set(transforms.EXAMPLES) == set(KINDS)
    for name, examples in transforms.EXAMPLES.items():
        assert examples
        assert all(name in one.rule.partition("via:")[2] for one in examples)
