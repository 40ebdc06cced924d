"""A YAML page under the reader's pencil: what may stand in a table, and on which line it is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from bridge.mapping.errors import MappingErrors, Problem
from bridge.mapping.yaml_lines import LinedList, LinedTable, NotYaml, read_yaml


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "any": (lambda value: value is not None, "a value"),
    "text": (lambda value: isinstance(value, str) and value != "", "text"),
    "number": (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
        "a number from 1",
    ),
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "day": (lambda value: type(value) is date, "a day like 2025-07-01"),
    "texts": (_texts, "a list of texts"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "table": (lambda value: isinstance(value, Mapping), "a table of keys"),
}


class Page:
    """Collects all that is wrong with one file."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def load(self, text: str) -> LinedTable:
        """Return the document; raises ``MappingErrors`` when the text is not YAML."""
        try:
            document = read_yaml(text)
        except NotYaml as fault:
            problem = Problem(self.source, fault.line, "", f"not YAML: {fault}")
            raise MappingErrors([problem]) from None
        if not isinstance(document, LinedTable):
            said = "expected keys such as mapping: and rules:"
            raise MappingErrors([Problem(self.source, 1, "", said)])
        return document

    def say(self, part: Any, key: Any, where: str, text: str) -> None:
        """Note what is wrong at a key of a table (or an item of a list)."""
        self.problems.append(Problem(self.source, line_of(part, key), where, text))

    def table(
        self, part: LinedTable, kinds: Mapping[str, str], where: str, *required: str
    ) -> dict[str, Any]:
        """Return what is well said in a table; note unknown keys, wrong kinds, what is missing."""
        good: dict[str, Any] = {}
        for key, value in part.items():
            if key not in kinds:
                self.say(part, key, where, f'unknown key "{key}"{nearest(str(key), kinds)}')
                continue
            fits, expected = _KINDS[kinds[key]]
            if fits(value):
                good[key] = value
            else:
                self.say(part, key, where, f"{key}: expected {expected}")
        for key in required:
            if key not in part:
                self.say(part, None, where, f'"{key}" is missing')
        return good


def line_of(part: Any, key: Any) -> int:
    """Return the line, from 1, of a table's key, of a list's item, or of the part itself."""
    if isinstance(part, LinedTable):
        return part.lines.get(key, part.line)
    if isinstance(part, LinedList):
        return part.line if key is None else part.lines[key]
    return 0


def nearest(word: str, words: Iterable[str]) -> str:
    """Return `, did you mean "…"?` for the nearest of the words, if one is near."""
    near = difflib.get_close_matches(word, list(words), 1)
    return f', did you mean "{near[0]}"?' if near else ""


def plain(value: Any) -> Any:
    """Return what a page says without its lines."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value
