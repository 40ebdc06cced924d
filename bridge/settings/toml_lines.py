"""Finds the line of every key of a TOML text, which ``tomllib`` does not tell.

It walks a text that ``tomllib`` has accepted, so it need not judge, only follow: tables, arrays
of tables, dotted and quoted keys, arrays and inline tables over several lines, and strings that
hold what looks like a key.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["KeyPath", "key_lines"]

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of tables and keys, positions in arrays."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?'
    r"|'''.*?'''(?:'{1,2}(?!'))?"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Return the line (from 1) of every key and table of a valid TOML text."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [place for place, letter in enumerate(text) if letter == "\n"]
        self._arrays: dict[KeyPath, int] = {}
        self.lines: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._blank()

    def _header(self) -> KeyPath:
        line = self._line()
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        names = self._names()
        self._at += 2 if many else 1
        table: KeyPath = ()
        for name in names[:-1]:
            self.lines.setdefault((*table, name), line)
            table = self._entered((*table, name))
        table = (*table, names[-1])
        if many:
            self.lines.setdefault(table, line)
            self._arrays[table] = self._arrays.get(table, -1) + 1
            table = self._entered(table)
        self.lines[table] = line
        return table

    def _entered(self, table: KeyPath) -> KeyPath:
        last = self._arrays.get(table)
        return table if last is None else (*table, last)

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for name in self._names():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._at += 1
        self._blank()
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        letter = self._text[self._at]
        if letter == "[":
            self._array(path)
        elif letter == "{":
            self._inline_table(path)
        else:
            match = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            self._at = match.end() if match else len(self._text)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        position = 0
        while self._more("]"):
            self.lines[(*path, position)] = self._line()
            self._value((*path, position))
            position += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._more("}"):
            self._pair(path)

    def _more(self, end: str) -> bool:
        """Step over blanks and one comma; False after stepping over the closing bracket."""
        self._blank()
        if self._text[self._at] == ",":
            self._at += 1
            self._blank()
        if self._text[self._at] != end:
            return True
        self._at += 1
        return False

    def _names(self) -> list[str]:
        names = []
        while True:
            self._blank()
            names.append(self._name())
            self._blank()
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _name(self) -> str:
        quoted = _STRING.match(self._text, self._at)
        match = quoted or _BARE.match(self._text, self._at)
        word = match.group() if match else ""
        self._at += len(word)
        return str(tomllib.loads(f"name = {word}")["name"]) if quoted else word

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _line(self) -> int:
        return bisect_right(self._breaks, self._at - 1) + 1
