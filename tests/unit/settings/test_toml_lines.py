"""The line of every key, wherever TOML lets it stand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.settings.toml_lines import KeyPath, key_lines

TEXT = '''\
# a = "not a key"
plain = 1
dotted.inner.leaf = true
"quoted key".'single quoted' = "x"   # trailing = 1
text = """
looks = "like a key"
[neither.a.table]
"""
literal = \'\'\'
also = 1 \\\'\'\'
short = "a \\" quote = 1 # no comment"
list = [
  "one",  # comment ] with bracket
  { nested = 2,
    },
  [3,
   4],
]
inline = { a = 1, b.c = [1, 2], d = "}" }

[table]
key = 07:32:00
when = 1979-05-27 07:32:00

[ table . "sub.table" ]
deep = "x"

[[rows]]
n = 1
[rows.child]
leaf = 1
[[rows]]
n = 2
[[rows.items]]
leaf = 2
'''.replace("  { nested = 2,\n    },", "  { nested = 2 },\n  0,")


def _paths(value: Any, at: KeyPath = ()) -> Iterator[KeyPath]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _paths(held, (*at, key))
    elif isinstance(value, list):
        for position, held in enumerate(value):
            yield from _paths(held, (*at, position))


def test_every_path_tomllib_reads_has_a_line() -> None:
    """No key, table or entry of an array is missed, and none is invented from a string."""
    assert set(key_lines(TEXT)) == set(_paths(tomllib.loads(TEXT)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("plain",), "plain = 1"),
        (("dotted", "inner", "leaf"), "dotted.inner.leaf"),
        (("quoted key", "single quoted"), '"quoted key"'),
        (("literal",), "literal = "),
        (("short",), "short = "),
        (("list", 0), '"one"'),
        (("list", 1, "nested"), "nested = 2"),
        (("list", 3, 1), "4],"),
        (("inline", "b", "c"), "inline = "),
        (("table", "when"), "when = "),
        (("table", "sub.table"), "[ table ."),
        (("table", "sub.table", "deep"), "deep = "),
        (("rows", 0, "child", "leaf"), "leaf = 1"),
        (("rows", 1, "n"), "n = 2"),
        (("rows", 1, "items", 0, "leaf"), "leaf = 2"),
    ],
)
def test_a_key_is_found_on_its_own_line(path: KeyPath, text: str) -> None:
    """The line told is the one the key is written on."""
    line = key_lines(TEXT)[path]
    assert text in TEXT.splitlines()[line - 1]


def test_windows_line_ends_count_once() -> None:
    """A file saved on Windows has the same line numbers."""
    assert key_lines(TEXT.replace("\n", "\r\n")) == key_lines(TEXT)


@pytest.mark.parametrize("quotes", ['"""a""""', '"""a"""""', "'''a''''", "'''a'''''", '""', "''"])
def test_quotes_before_the_closing_ones_belong_to_the_text(quotes: str) -> None:
    """A text that ends in quotes does not swallow the key on the next line."""
    text = f"first = {quotes}\nsecond = 2\n"
    tomllib.loads(text)
    assert key_lines(text) == {("first",): 1, ("second",): 2}
