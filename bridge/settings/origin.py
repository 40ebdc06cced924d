"""Remembers where each value of a configuration came from: file and line, or a variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.settings.problems import Problem
from bridge.settings.references import Reference
from bridge.settings.toml_lines import KeyPath

__all__ = ["ENVIRONMENT", "Origin", "dotted"]

ENVIRONMENT = "environment"
"""What a problem names instead of a file when a variable is at fault."""


def dotted(path: Iterable[str | int]) -> str:
    """Render a path as people write it: ``options.wsdl``, ``procedures[1]``."""
    key = ""
    for part in path:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key


@dataclass(frozen=True, slots=True)
class Origin:
    """One file of the configuration and what the environment laid over it.

    ``folder`` is the folder of ``bridge.toml`` (relative paths start there). ``variables`` maps
    the path of an overridden value to the variable's name. ``environment`` may hold secrets, so
    it is in no ``repr``.
    """

    file: Path
    folder: Path
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)
    variables: Mapping[KeyPath, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The file as the user knows it: relative where it lies below the current folder."""
        try:
            return str(self.file.relative_to(Path.cwd()))
        except ValueError:
            return str(self.file)

    def line(self, path: KeyPath) -> int | None:
        """Return the line of a value, else of the nearest table around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def variable(self, path: KeyPath) -> str | None:
        """Return the variable a value came from, ``None`` when it came from the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.variables:
                return self.variables[path[:end]]
        if path in self.lines:
            return None
        below = (name for at, name in self.variables.items() if at[: len(path)] == path)
        return next(below, None) if path else None

    def problem(self, path: KeyPath, text: str) -> Problem:
        """Return a problem with the value at ``path``, placed where a person can mend it."""
        variable = self.variable(path)
        if variable is not None:
            return Problem(ENVIRONMENT, None, variable, text)
        return Problem(self.name, self.line(path), dotted(path), text)

    def resolve(self, reference: Reference) -> str:
        """Return the secret behind a reference; raises ``ReferenceFault``."""
        return reference.resolve(self.environment, self.folder)
