"""Reads a document as its reader does: the blocks in order, and the commands in them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Typed:
    """A command after the prompt, and what the page says it prints."""

    command: str
    told: str


def blocks(page: str) -> list[tuple[str, str]]:
    """Return (language, text) of every fenced block of a page."""
    return re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def typed(block: str) -> Iterator[Typed]:
    """Yield what is typed in a console block; a line that ends with a backslash goes on."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, told = re.sub(r"\\\n\s*", "", part).partition("\n")
        yield Typed(command, told)


def reader(*places: Path) -> Mapping[str, str]:
    """Return the environment of a reader who has installed what is in ``places``, and us."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    python = os.pathsep.join([*map(str, places), str(ROOT)])
    return os.environ | {"PATH": path, "PYTHONPATH": python, "LANG": "en_US.UTF-8"}
