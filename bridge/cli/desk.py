"""What every command is given: the configuration it works on and the place where it speaks.

Data goes to stdout, everything said to a person to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bridge.columns import columns
from bridge.lines import Lines

if TYPE_CHECKING:  # the settings import pydantic, which --help does without
    from bridge.settings import Settings

__all__ = ["Desk", "columns"]


@dataclass
class Desk:
    """One call of the command line: ``--config``, ``--lang`` and ``--json`` as they were given."""

    environment: Mapping[str, str] = field(repr=False)
    config: Path | None = None
    lang: str | None = None
    as_json: bool = False

    @classmethod
    def of(cls, context: typer.Context) -> Desk:
        """Return the desk of the running command."""
        desk = context.find_root().obj
        if not isinstance(desk, cls):
            raise TypeError("a command runs outside bridge.cli.main")
        return desk

    def settings(self) -> Settings:
        """Read the configuration; raises ``ConfigurationFault``."""
        from bridge.settings import load

        return load(self.config, self.environment)

    def say(self, text: str) -> None:
        """Say something to the person: on stderr, a line."""
        lines = Lines(sys.stderr)
        lines.write(f"{text}\n")
        lines.flush()

    def show(self, text: str) -> None:
        """Put out data for reading: on stdout, a line."""
        sys.stdout.write(f"{text}\n")

    def answer(self, document: Mapping[str, Any]) -> None:
        """Put out the one JSON document of ``--json``."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")
