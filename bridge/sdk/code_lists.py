"""Code lists: what a system's codes stand for (nationalities, ethnic groups, units, agencies).

Source: contracts/systems.md, lltp ``traDanhMuc`` and hotich ``danhMuc``. A system shows a list as
it is today; the bridge keeps from when until when each row stood in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bridge.domain.said import Said

__all__ = ["CodeList", "CodeListSource", "code_list"]


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list as it is now, whole: the name of each code, both in NFC and trimmed.

    ``unreadable`` says of each row that is left out what is wrong with it; where the row has a
    code, it is among the values as ``code``: what was known of it stays.
    """

    names: Mapping[str, str]
    unreadable: tuple[Said, ...] = ()


@runtime_checkable
class CodeListSource(Protocol):
    """What an adapter also offers that declares ``code_lists``."""

    def code_list(self, name: str) -> CodeList:
        """Return a list that it declares, whole.

        Raises:
            AdapterError: it could not be had; it is asked for again.
        """
        ...


def code_list(rows: Iterable[tuple[object, object]]) -> CodeList:
    """Return a list made of (code, name) as they came; a code with two names has none.

    A row that comes twice is one row.
    """
    names: dict[str, str] = {}
    twice: set[str] = set()
    unreadable: list[Said] = []
    for n, (given, told) in enumerate(rows, 1):
        code, name = _text(given), _text(told)
        if not code:
            unreadable.append(Said("row {n} has no code", n=n))
        elif not name:
            unreadable.append(Said("code {code} has no name", code=code))
        elif names.setdefault(code, name) != name:
            twice.add(code)
    unreadable += [Said("code {code} has two names", code=code) for code in sorted(twice)]
    kept = {code: name for code, name in names.items() if code not in twice}
    return CodeList(kept, tuple(unreadable))


def _text(value: object) -> str:
    """Return a code or name; one with a NUL in it is none: PostgreSQL can't keep it."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or "\0" in str(value):
        return ""
    return unicodedata.normalize("NFC", str(value)).strip(" \t\r\n\ufeff\u200b")
