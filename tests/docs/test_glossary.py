"""docs/glossary.md: each name in it is one of the code's, and no word of the field is missing."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from adapters.onestop_sql.schema import COLUMNS
from bridge.cli.main import COMMANDS
from bridge.cli.telling import state_name
from bridge.domain.delivery import State
from bridge.domain.dossier import PATHS
from bridge.domain.status import NAMES
from bridge.i18n import use
from bridge.mapping.labels import LABELS
from bridge.sdk.registry import Registry

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS, FIELDS = PAGE.split("\n## The fields\n")
ROWS = [line.strip("|").split(" | ") for line in WORDS.splitlines() if line.startswith("| ")]
CODED = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[-1])})


def _python(name: str) -> bool:
    """Tell whether a dotted name leads to a module, or to something in one."""
    module, _, rest = name, "", ""
    while module:
        try:
            found: object = import_module(module)
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
            continue
        for part in filter(None, rest.split(".")):
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("name", CODED)
def test_a_name_in_the_glossary_is_one_of_the_code_s(name: str) -> None:
    """It is a path, a table or column, a command, or something Python finds."""
    command = re.fullmatch(r"dossier-bridge (\w+)", name)
    table, _, column = name.partition(".")
    assert (
        (command is not None and command[1] in COMMANDS)
        or name in PATHS
        or name in LABELS
        or (table in COLUMNS and (not column or column in COLUMNS[table]))
        or _python(name)
    )


def test_a_name_that_is_gone_is_found() -> None:
    """The look into the code tells a name that is there from one that is not."""
    assert _python("bridge.domain.delivery.State.HELD")
    assert not _python("bridge.domain.delivery.State.LOST")
    assert not _python("bridge.nowhere")


def test_no_word_of_the_field_is_missing() -> None:
    """Each status, each state of a delivery and each built-in system stands in it by its name."""
    first = [row[0].strip() for row in ROWS]
    assert [name for n, name in NAMES.items() if f"{n} {name}" not in first] == []
    use("vi")
    states = {state: state_name(state) for state in State}
    use("en")
    assert [state for state, name in states.items() if name not in first] == []
    registry = Registry.load()
    ours = [
        name
        for name in (*registry.ministries, *registry.onestops)
        if registry.sources[name].place.startswith("adapters.")
    ]
    assert [name for name in ours if f"adapters.{name}" not in CODED] == []


def test_each_label_of_a_field_is_in_it() -> None:
    """What a clerk calls a field leads to its path."""
    missing = [path for path, label in LABELS.items() if f"| {label} | `{path}` |" not in FIELDS]
    assert missing == []
