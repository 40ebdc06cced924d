"""A fault planted in any transform or gather is found by a law, on the examples of the reference."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.mapping import Lens, LowerErrors, check, compile_text, laws
from bridge.mapping.gathers import KINDS
from bridge.mapping.transforms import Kind, Transform
from tools.reference.transforms import EXAMPLES, Example

REFERENCE = Path(__file__).parents[3] / "docs" / "mapping.md"


def _lens(example: Example, **said: Any) -> Lens:
    """Return the mapping of one rule, with one example of what it makes."""
    examples = json.dumps([said], ensure_ascii=False)
    return compile_text(f"{example.mapping}examples: {examples}\n", "planted.yaml")


def _made(example: Example) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return what the rule makes of the example, and what is read back; nothing if refused."""
    lens = compile_text(example.mapping, "planted.yaml")
    try:
        body = lens.lower(example.ours, lens.samples).body
    except LowerErrors:
        return None
    return body, lens.lift(body, lens.samples)


def _plant(monkeypatch: pytest.MonkeyPatch, name: str, **broken: Any) -> None:
    sound = KINDS[name]

    def make(argument: Any, codes: Any) -> Transform:
        made = sound.make(argument, codes)
        if made.listing is None:
            return replace(made, **broken)
        looked: dict[str, Any] = {
            way: lambda value, _view, say=say: say(value) for way, say in broken.items()
        }
        return replace(made, listing=replace(made.listing, **looked))

    monkeypatch.setitem(KINDS, name, Kind(make, sound.argument, sound.text))


def _laws(lens: Lens) -> set[str]:
    return {one.kind for one in check(lens)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_transform_that_writes_something_else_breaks_the_example(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Outward, each transform and each gather is held by an example of what it makes."""
    example = EXAMPLES[name][0]
    made = _made(example)
    assert made is not None
    said = {"ours": dict(example.ours), "lowers_to": made[0]}
    assert "example" not in _laws(_lens(example, **said))
    _plant(monkeypatch, name, lower=lambda _value: "otherwise")
    assert "example" in _laws(_lens(example, **said))


@pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if (made := _made(EXAMPLES[name][0])) and made[1]]
)
def test_a_transform_that_reads_something_else_breaks_the_example_and_the_round_trip(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Inward, each transform that has a way back is held by an example, and by invented dossiers."""
    example = EXAMPLES[name][0]
    made = _made(example)
    assert made is not None
    said = {"theirs": made[0], "lifts_to": made[1]}
    assert not _laws(_lens(example, **said)) & {"example", "round trip"}
    _plant(monkeypatch, name, lift=lambda _value: "otherwise")
    assert _laws(_lens(example, **said)) >= {"example", "round trip"}


def test_every_refusal_of_the_reference_is_held_by_an_example(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a transform refuses is an example too; one that lets it through breaks it."""
    refused = [(name, one) for name, many in EXAMPLES.items() for one in many if not _made(one)]
    assert {name for name, _ in refused} == {"code", "max_length", "on_list", "partial_date"}
    for name, example in refused:
        said = {"ours": dict(example.ours), "refuses": list(example.ours)}
        assert "example" not in _laws(_lens(example, **said))
        with monkeypatch.context() as planted:
            _plant(planted, name, lower=lambda value: value)
            assert "example" in _laws(_lens(example, **said))


def test_each_law_is_told_in_the_reference() -> None:
    """The laws that can be broken are those docs/mapping.md lists, and those of the planted faults."""
    source = Path(laws.__file__).read_text(encoding="utf-8")
    broken = set(re.findall(r'Finding\(\s*"([a-z ]+)"', source))
    told = re.findall(r"^- \*([a-z ]+)\*:", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    planted = (Path(__file__).parent / "test_laws.py").read_text(encoding="utf-8")
    assert broken == set(told)
    assert [law for law in sorted(broken) if law not in planted] == []
