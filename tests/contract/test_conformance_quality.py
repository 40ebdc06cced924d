"""What each adapter's quality.yaml says is so: by its declaration, its mappings and our tests."""

from __future__ import annotations

import importlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from bridge.mapping import Lens, compile_mapping, load_file
from bridge.sdk.adapter import Plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, every_claim
from bridge.sdk.conformance.quality import QUALITIES, contradictions
from bridge.sdk.registry import Registry

TESTS = Path(__file__).parents[1]


@cache
def registry() -> Registry:
    return Registry.load()


def lenses(plugin: Plugin) -> list[Lens]:
    named = plugin.mappings.values()
    return [compile_mapping(load_file(registry().mapping_file(name))) for name in named]


def package(plugin: Plugin) -> str:
    """Return the package an adapter comes from."""
    return registry().sources[plugin.name].place.partition(":")[0]


def conforms(name: str) -> bool:
    """Tell whether a class of the kit is collected for an adapter, with every claim as it is."""
    if not (TESTS / "contract" / f"test_conformance_{name}.py").exists():
        return False
    module = importlib.import_module(f"tests.contract.test_conformance_{name}")
    names = [one.name for one in every_claim()]
    return any(
        isinstance(found, type)
        and title.startswith("Test")
        and issubclass(found, Conformance)
        and all(getattr(found, one) is getattr(Conformance, one) for one in names)
        for title, found in vars(module).items()
    )


def checks_well(plugin: Plugin) -> bool:
    """Tell whether ``check`` finds all well with a rehearsal that serves."""
    with RehearsalRig(plugin) as rig:
        found = list(rig.adapter().check())
    return bool(found) and all(one.ok for one in found)


def has_a_story(name: str) -> bool:
    """Tell whether a story of the journey names a system."""
    stories = (TESTS / "journey").glob("test_*.py")
    return any(re.search(rf'"{name}"', one.read_text(encoding="utf-8")) for one in stories)


@pytest.mark.parametrize("name", sorted(registry().ministries))
def test_what_an_adapter_says_of_itself_is_so(name: str) -> None:
    """Every quality is answered; ``done`` is true, and what is exempt has a reason and is not done."""
    plugin = registry().ministry(name)
    text = (files(package(plugin)) / "quality.yaml").read_text(encoding="utf-8")
    tested = {
        "conformance": conforms(name),
        # a kit's class that brings the ministry itself shows what check finds of it
        "check": conforms(name) if plugin.rehearsal is None else checks_well(plugin),
        "journey": has_a_story(name),
    }
    assert contradictions(text, plugin, lenses(plugin), tested) == []


def all_done(**other: str) -> str:
    answers = {one.name: "done" for one in QUALITIES} | other
    return "".join(f"{name}: {answer}\n" for name, answer in answers.items() if answer)


TRUE = {"steps": "{exempt: it takes none}"}
TESTED = {"conformance": True, "check": True, "journey": True}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (all_done(**TRUE), []),
        (all_done(), ["steps: done is not true: steps of progress are written, each once"]),
        (
            all_done(**TRUE, feed="{exempt: we are lazy}"),
            ["feed: is exempt, and so all the same: the ministry's changes are read"],
        ),
        (all_done(steps=""), ["steps: is not answered: write done, or {exempt: why}"]),
        (all_done(steps="{exempt: '  '}"), ["steps: is neither done nor {exempt: why}"]),
        (all_done(steps="todo"), ["steps: is neither done nor {exempt: why}"]),
        (all_done(**TRUE, beauty="done"), ["beauty: there is no such quality"]),
        ("- done", ["it is no mapping of qualities"]),
        ("a: 1\na: 2", ['line 2: it is no YAML: found duplicate key "a" (first on line 1)']),
    ],
)
def test_what_is_not_so_is_named(text: str, wrong: list[str]) -> None:
    """A quality that is missing, unknown, untrue or exempt without need or reason is told."""
    plugin = registry().ministry("gplx")
    assert contradictions(text, plugin, lenses(plugin), TESTED) == wrong


def test_what_no_test_shows_is_not_done() -> None:
    """``done`` needs its test: a class of the kit, a story."""
    plugin = registry().ministry("gplx")
    untested = dict.fromkeys(TESTED, False)
    found = contradictions(all_done(**TRUE), plugin, lenses(plugin), untested)
    assert [one.partition(":")[0] for one in found] == ["conformance", "check", "journey"]
    assert not conforms("so_khong_co")
    assert not has_a_story("so_khong_co")
