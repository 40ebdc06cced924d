"""Reads YAML 1.2 into tables and lists that know their lines.

PyYAML cuts the text into events, in C where its extension is there. What a plain word means is said
here, for PyYAML keeps to YAML 1.1, to which ``no`` is false and ``12:30`` is 750.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import yaml

DEEPEST = 100
"""So many lists and tables may stand within each other."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"

_NO_TEXT = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What no YAML text holds (YAML 1.2, 5.1), nor a byte order mark after its beginning, nor what PyYAML takes
for the end of a line and no editor does (U+0085, U+2028, U+2029)."""

_PLAIN = re.compile(
    r"(?P<null>|~|null|Null|NULL)"
    r"|(?P<bool>true|True|TRUE|false|False|FALSE)"
    r"|(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"|(?P<int>[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*))"
    r"|(?P<float>[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
"""What a word without quotes is, if it is no text (YAML 1.2, 10.3.2): beyond that schema days,
digits in groups (``1_000``) and binary numbers are read."""


class NotYaml(Exception):  # noqa: N818 - what the text is
    """A text is no YAML; ``line`` says where, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class LinedTable(dict[Any, Any]):
    """A table, with the line it begins on and the line of each key, from 1."""

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}


class LinedList(list[Any]):
    """A list, with the line it begins on and the line of each item, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def read_yaml(text: str) -> Any:
    """Return the one document of a text: tables, lists, texts, numbers, flags, days, None.

    Raises:
        NotYaml: it is none, a table says a key twice, a tag is unknown, or a day is none.
    """
    text = text.removeprefix("\ufeff")
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise NotYaml(line, "a character that is not allowed")
    try:
        return _Reading(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise NotYaml(mark.line + 1 if mark else 0, str(error.problem)) from None


class _Reading:
    """One text on its way from events to what they say."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._named: dict[str, Any] = {}
        """What an anchor was put before, once it is complete."""

    def document(self) -> Any:
        next(self._events)  # the text begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        document = self._part(next(self._events), 1)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise NotYaml(_line(after), "found another document")
        return document

    def _part(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._named:
                raise NotYaml(_line(event), f"nothing complete above is called &{event.anchor}")
            return self._named[event.anchor]
        part = _scalar(event) if isinstance(event, yaml.ScalarEvent) else self._parts(event, depth)
        if event.anchor is not None:
            self._named[event.anchor] = part
        return part

    def _parts(self, start: Any, depth: int) -> LinedTable | LinedList:
        if depth > DEEPEST:
            raise NotYaml(_line(start), f"more than {DEEPEST} lists and tables within each other")
        is_table = isinstance(start, yaml.MappingStartEvent)
        if not start.implicit and start.tag != _CORE + ("map" if is_table else "seq"):
            raise _unknown_tag(start)
        return self._table(start, depth) if is_table else self._items(start, depth)

    def _items(self, start: Any, depth: int) -> LinedList:
        items = LinedList(_line(start))
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.lines.append(_line(event))
            items.append(self._part(event, depth + 1))
        return items

    def _table(self, start: Any, depth: int) -> LinedTable:
        table, merged = LinedTable(_line(start)), LinedTable()
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._part(event, depth + 1)
            if isinstance(key, (LinedTable, LinedList)):
                raise NotYaml(line, "a key is one value")
            into = merged if _merges(event) else table
            if key in into:
                raise NotYaml(
                    line, f'found duplicate key "{key}" (first on line {into.lines[key]})'
                )
            into.lines[key] = line
            into[key] = self._part(next(self._events), depth + 1)
        for key, value in merged.items():
            _merge(value, table, merged.lines[key])
        return table


def _merges(event: Any) -> bool:
    """Tell whether a key is YAML's ``<<``: what stands in another table stands here too."""
    return isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<"


def _merge(given: Any, table: LinedTable, line: int) -> None:
    """Add what a table, or each of a list of them, says beyond what was said before."""
    for one in given if isinstance(given, LinedList) else [given]:
        if not isinstance(one, LinedTable):
            raise NotYaml(line, "<<: expected a table, or a list of tables")
        for key, value in one.items():
            if key not in table:
                table[key] = value
                table.lines[key] = one.lines[key]


def _scalar(event: Any) -> Any:
    plain, quoted = event.implicit
    if plain:
        found = _PLAIN.fullmatch(event.value)
        kind = (found and found.lastgroup) or "str"
    else:
        kind = "str" if quoted else event.tag.removeprefix(_CORE)
    if kind not in _MEANT:
        raise _unknown_tag(event)
    try:
        return _MEANT[kind](event.value)
    except (ValueError, LookupError):
        raise NotYaml(_line(event), f"there is no such {_CALLED[kind]}") from None


def _whole(word: str) -> int:
    digits = word.replace("_", "").lower()
    is_decimal = digits.lstrip("+-").isdecimal()
    return int(digits, 10 if is_decimal else 0)


def _decimal(word: str) -> float:
    digits = word.replace("_", "").lower()
    return float(digits.replace(".inf", "inf").replace(".nan", "nan"))


_MEANT: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _word: None,
    "bool": lambda word: {"true": True, "false": False}[word.lower()],
    "int": _whole,
    "float": _decimal,
    "timestamp": date.fromisoformat,
}
_CALLED = {"bool": "flag", "int": "number", "float": "number", "timestamp": "day"}


def _unknown_tag(event: Any) -> NotYaml:
    return NotYaml(_line(event), f'unknown tag "{event.tag}"')


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
