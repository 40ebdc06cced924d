"""Reads a document as its reader does: the blocks in order, and the commands in them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""A fenced block: its language and its text."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command after the prompt, and what the page says it prints."""

    command: str
    told: str


def blocks(page: str) -> list[tuple[str, str]]:
    """Return (language, text) of every fenced block of a page."""
    return BLOCK.findall(page)


def typed(block: str) -> Iterator[Typed]:
    """Yield what is typed in a console block, each with what it prints."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, told = part.partition("\n")
        yield Typed(command, told)


def reader(*places: Path) -> Mapping[str, str]:
    """Return the environment of a reader who has installed what is in ``places``, and us."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    python = os.pathsep.join([*map(str, places), str(ROOT)])
    return os.environ | {"PATH": path, "PYTHONPATH": python, "LANG": "en_US.UTF-8"}
