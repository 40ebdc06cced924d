"""YAML is read as version 1.2 has it, each part with its line; what is not said so is refused."""

from __future__ import annotations

import math
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.mapping import yaml_lines
from bridge.mapping.yaml_lines import DEEPEST, LinedList, LinedTable, NotYaml, read_yaml

from .samples import TEXT

ROOT = Path(__file__).parents[3]
FILES = [
    path
    for folder in ("mappings", "examples", "adapters", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
]


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["c", "python"])
@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *((word, word) for word in ("yes", "No", "on", "OFF", "y", "n", "=", "text, and more")),
        *(
            (word, word)
            for word in ("12:30", "1:2:3.5", "2025-7-1", "1.2.3", "0x", "0o8", "--", "+")
        ),
        *(
            (word, word)
            for word in ("2025-07-01T10:00:00Z", "2025-07-01 10:00:00", "e5", "_1", ".")
        ),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, 7) for word in ("7", "+7", "007", "0b111", "0o7", "0x7", "0x07", "7_")),
        *((word, -1234) for word in ("-1234", "-1_234", "-0x4d2")),
        ("010", 10),
        ("0", 0),
        *((word, 0.5) for word in ("0.5", ".5", "+.5", "5e-1", "5E-1", "0.5_0", ".5e0")),
        ("1.", 1.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("2025-07-01", date(2025, 7, 1)),
        *((f'"{word}"', word) for word in ("7", "true", "null", "", "2025-07-01", "<<")),
        ("'7'", "7"),
        ("!!str 7", "7"),
        ("!!int '7'", 7),
        ("!!float 7", 7.0),
    ],
)
def test_a_word_means_what_yaml_1_2_says(
    monkeypatch: pytest.MonkeyPatch, loader: Any, word: str, meant: object
) -> None:
    """Only true and false are flags, no number is octal or sexagesimal unasked, days are days."""
    monkeypatch.setattr(yaml_lines, "_LOADER", loader)
    [read] = read_yaml(f"- {word}\n")
    assert (read, type(read)) == (meant, type(meant))


def test_no_number_is_a_number_too() -> None:
    """``.nan`` is the one value that is not equal to itself."""
    assert math.isnan(read_yaml(".nan"))


LINED = """\
# a page
first: 1
second:
  - a
  -
    - b
  - {c: 1,
     d: 2}
"""


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["c", "python"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_each_part_knows_its_line(
    monkeypatch: pytest.MonkeyPatch, loader: Any, ending: str
) -> None:
    """A key's line is its own, an item's is where what stands there begins."""
    monkeypatch.setattr(yaml_lines, "_LOADER", loader)
    page = read_yaml(LINED.replace("\n", ending))
    assert (page.line, page.lines) == (2, {"first": 2, "second": 3})
    items = page["second"]
    assert (items.line, items.lines) == (4, [4, 6, 7])
    assert items[1].lines == [6]
    assert items[2].lines == {"c": 7, "d": 8}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_parsers_read_the_same(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Where the extension in C is missing, nothing is read otherwise, and no line is another."""
    text = path.read_text(encoding="utf-8")
    found = []
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        monkeypatch.setattr(yaml_lines, "_LOADER", loader)
        found.append(_with_lines(read_yaml(text)))
    assert found[0] == found[1]


def _with_lines(value: object) -> object:
    if isinstance(value, LinedTable):
        parts = [(key, value.lines[key], _with_lines(one)) for key, one in value.items()]
        return (value.line, parts)
    if isinstance(value, LinedList):
        return (value.line, [*zip(value.lines, map(_with_lines, value), strict=True)])
    return (type(value), value)


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["c", "python"])
@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 'found duplicate key "a" (first on line 1)'),
        ("a: {b: 1,\n  b: 1}\n", 2, 'found duplicate key "b" (first on line 1)'),
        ("1: a\n0x1: b\n", 2, 'found duplicate key "1" (first on line 1)'),
        ("a: 1\n[b]: 2\n", 2, "a key is one value"),
        ("a: 1\n? {b: c}\n: 2\n", 2, "a key is one value"),
        ("a:\n  - *b\n", 2, "nothing complete above is called &b"),
        ("a: &b\n  - *b\n", 2, "nothing complete above is called &b"),
        ("a: 1\nb: !c 2\n", 2, 'unknown tag "!c"'),
        ("a: 1\nb: !!python/name:os.system 2\n", 2, 'unknown tag "tag:yaml.org,2002:python'),
        ("a:\n  !!set {b: null}\n", 2, 'unknown tag "tag:yaml.org,2002:set"'),
        ("a: !!map [b]\n", 1, 'unknown tag "tag:yaml.org,2002:map"'),
        ("a: 1\nb: 2025-02-30\n", 2, "there is no such day"),
        ("a: 1\nb: !!int c\n", 2, "there is no such number"),
        ("a: 1\nb: !!bool yes\n", 2, "there is no such flag"),
        ("a: 1\nb: 0x_\n", 2, "there is no such number"),
        ("a: 1\n<<: 2\n", 2, "<<: expected a table, or a list of tables"),
        ("a: 1\n<<: [{b: 1}, 2]\n", 2, "<<: expected a table, or a list of tables"),
        ("<<: {a: 1}\n<<: {b: 1}\n", 2, 'found duplicate key "<<" (first on line 1)'),
        ("a: 1\n---\nb: 1\n", 2, "found another document"),
        ("a: 1\n\tb: 2\n", 2, ""),
        ("a: 1\nb: 2: 3\n", 2, "mapping values are not allowed"),
        ('a: "b\nc: d\n', 3, "found unexpected end of stream"),
        ("a: 1\n b: 2\n", 2, ""),
        ("a: 1\nb: @c\n", 2, "found character"),
        ("a: 1\nb: \x07\n", 2, "a character that is not allowed"),
        ("a: 1\nb: \ud800\n", 2, "a character that is not allowed"),
        *(
            (f"a: 1\nb: {one}c\n", 2, "a character that is not allowed")
            for one in ("\ufeff", "\x85", "\u2028", "\u2029", "\x7f", "\uffff")
        ),
        (
            f"a:\n  {'[' * DEEPEST}{']' * DEEPEST}",
            2,
            "more than 100 lists and tables within each other",
        ),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(
    monkeypatch: pytest.MonkeyPatch, loader: Any, text: str, line: int, told: str
) -> None:
    """Whatever is wrong with a text, its reader is led to the line."""
    monkeypatch.setattr(yaml_lines, "_LOADER", loader)
    with pytest.raises(NotYaml) as caught:
        read_yaml(text)
    assert str(caught.value).startswith(told)
    assert caught.value.line == line


def test_what_was_said_once_can_be_pointed_at() -> None:
    """An alias is what its anchor stands before, lines and all."""
    page = read_yaml("a: &x\n  b: 1\nc: *x\nd: &y 7\ne: [*y]\n")
    assert page == {"a": {"b": 1}, "c": {"b": 1}, "d": 7, "e": [7]}
    assert page["c"].lines == {"b": 2}


def test_a_table_takes_over_what_it_does_not_say_itself() -> None:
    """What a table says goes before what it takes over, and of several tables the first."""
    page = read_yaml("a: {b: 1,\n  c: 1}\nd:\n  <<: [{c: 2}, {c: 3, e: 3}]\n  b: 2\nf: {<<: {}}\n")
    assert page["d"] == {"b": 2, "c": 2, "e": 3}
    assert page["d"].lines == {"b": 5, "c": 4, "e": 4}
    assert page["f"] == {}


def test_a_byte_order_mark_and_both_forms_of_a_letter_are_text() -> None:
    """A mark before the text changes nothing; composed and decomposed letters stay as they are."""
    for form in ("NFC", "NFD"):
        word = unicodedata.normalize(form, "Nguyễn Văn Mẫu \U0001d504 \u00a0")
        assert read_yaml(f'\ufeffa: "{word}"\n') == {"a": word}


@pytest.mark.parametrize("text", ["", "\ufeff", "# nothing\n", "---\n", "---\n...\n"])
def test_a_text_that_says_nothing_is_nothing(text: str) -> None:
    """Comments and marks of a document are no value."""
    assert read_yaml(text) is None


def test_the_same_text_in_json_says_the_same() -> None:
    """JSON is YAML 1.2, also where no space follows a colon."""
    assert read_yaml('{"a":1,"b":["c",null,true,-0.5],"d":{}}') == {
        "a": 1,
        "b": ["c", None, True, -0.5],
        "d": {},
    }


def test_a_document_may_be_marked() -> None:
    """Marks of a document before and after it change nothing but its lines."""
    assert read_yaml(f"%YAML 1.2\n---\n{TEXT}...\n") == read_yaml(TEXT)
