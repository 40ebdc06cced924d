"""What the documents say of the code is so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.domain.delivery import State
from bridge.sdk import errors

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
NO_ROOMS = frozenset({"__init__", "__main__", "py"})


def architecture() -> str:
    return (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def tree() -> str:
    """Return the drawing of the house."""
    return architecture().split("```text\n", 1)[1].split("```", 1)[0]


def test_every_place_drawn_is_there() -> None:
    """Each folder and file the tree names in its first column exists."""
    above = ""
    for line in tree().splitlines():
        name, indent = line.split()[0], len(line) - len(line.lstrip())
        if indent == 0:
            above = name if name.endswith("/") else ""
        if indent in (0, 2):
            assert (ROOT / (above if indent else "") / name).exists(), line


@pytest.mark.parametrize("folder", ["engine", "."])
def test_every_room_is_drawn(folder: str) -> None:
    """No module of the engine, nor of the house's own floor, is missing from the tree."""
    rooms = {path.stem for path in (ROOT / "bridge" / folder).glob("*.py")} - NO_ROOMS
    words = set(re.findall(r"\w+", tree()))
    assert rooms - words == set()


def test_the_errors_an_adapter_may_raise_are_all_in_the_table() -> None:
    """Each error of the taxonomy has its row: what it means, and what the engine does."""
    rows = set(re.findall(r"^\| `(\w+)", architecture(), re.MULTILINE))
    classes = {name for name, one in inspect.getmembers(errors, inspect.isclass)}
    assert rows >= {name for name in classes if name[0].isupper()} - {"AdapterError", "datetime"}


def test_the_states_of_a_delivery_are_drawn() -> None:
    """The drawing of a delivery's life names each state it may be in before a person acts."""
    for state in set(State) - {State.SUPERSEDED, State.DROPPED}:
        assert state.name in architecture(), state


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_commands_of_the_readme_are_there(name: str) -> None:
    """Whatever is shown after the prompt can be typed."""
    shown = re.findall(r"^\$ dossier-bridge (\w+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    assert shown
    assert set(shown) <= set(main.COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    """Files that a document points to are in the repository."""
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), target
