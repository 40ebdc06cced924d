"""Anchors: the number and hash of an entry, kept where whoever may write the journal may not.

A chain can't show that its end was cut off, nor that all of it was written anew; an anchor does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WRITTEN = re.compile(r"(?<![0-9A-Za-z])([0-9]{1,18}):([0-9a-f]{64})(?![0-9A-Za-z])")


class BadAnchor(Exception):  # noqa: N818 - a fault of what was typed, not of the program
    """What was given is no anchor."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Entry ``n`` had this hash. Written ``N:HASH``."""

    n: int
    hash: str

    def __str__(self) -> str:
        """Return it as it is written down."""
        return f"{self.n}:{self.hash}"


def anchor_of(text: str) -> Anchor:
    """Read one anchor.

    Raises:
        BadAnchor: ``text`` is not ``N:HASH`` with 64 small hexadecimal digits.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise BadAnchor(text)
    return Anchor(int(found[1]), found[2])


def anchors_in(lines: Iterable[str]) -> Iterator[Anchor]:
    """Yield every anchor that stands in these lines, whatever is around it: the daemon's log."""
    for line in lines:
        for found in _WRITTEN.finditer(line):
            yield Anchor(int(found[1]), found[2])
