"""Every field has a name a clerk knows, and a place in the one-stop database."""

from __future__ import annotations

import re
import sqlite3
from importlib.resources import files

import pytest

import mappings
from bridge.domain.dossier import LIST_KEYS, PATHS
from bridge.mapping import column_of, compile_mapping, label_of, load_file
from bridge.mapping.labels import LABELS, named
from bridge.mapping.spec import Rule


@pytest.fixture(scope="module")
def columns() -> set[str]:
    """The tables of the one-stop database, its columns, and those of a dossier alone."""
    base = sqlite3.connect(":memory:")
    try:
        base.executescript(files("adapters.onestop_sql").joinpath("onestop.sql").read_text("utf-8"))
        tables = [
            row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        found = {*tables}
        for table in tables:
            names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            found |= {f"{table}.{name}" for name in names}
            found |= set(names) if table == "dossier" else set()
        return found
    finally:
        base.close()


@pytest.mark.parametrize("path", [*PATHS, *LIST_KEYS["progress"]])
def test_every_path_stands_somewhere_in_the_one_stop_database(path: str, columns: set[str]) -> None:
    """The column a notice names is one the clerk's software has."""
    if path == "id":
        return
    assert column_of(path) in columns


@pytest.mark.parametrize("path", PATHS)
def test_every_path_has_a_label(path: str) -> None:
    """No clerk reads a path of ours."""
    assert label_of(path) != path


def _paths(rules: tuple[Rule, ...], above: str = "") -> set[str]:
    found = {f"{above}{path}" for rule in rules for path in rule.reads}
    return found.union(*(_paths(rule.each, f"{rule.ours}.") for rule in rules if rule.each), set())


@pytest.mark.parametrize(
    "file", mappings.files(), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_every_path_of_the_mappings_has_a_label(file: object) -> None:
    """What a mapping can refuse, a clerk is told by name; row ids are the adapter's."""
    lens = compile_mapping(load_file(file))  # type: ignore[arg-type]
    assert {path for path in _paths(lens.rules) if path not in LABELS} == set()


def test_a_label_is_lower_case_and_without_a_stop() -> None:
    """Labels stand inside sentences."""
    assert [text for text in LABELS.values() if not re.fullmatch(r"[^\W\d_A-Z][^.]*", text)] == []


def test_an_unknown_field_is_named_by_its_column() -> None:
    """A key of ``details`` nobody labelled is still named."""
    assert named("details.spouse") == "spouse"
    assert named("applicant.sex") == "giới tính của người nộp (applicant_sex)"
