"""Lays environment variables over the files.

``DOSSIER_BRIDGE__STORE__URL`` is ``[store] url``; ``DOSSIER_BRIDGE__SYSTEMS__GPLX__ENABLED`` is
``enabled`` of the system named gplx. A value that starts with ``[`` or ``{`` is read as TOML.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.i18n import _
from bridge.settings.origin import ENVIRONMENT
from bridge.settings.problems import Problem
from bridge.settings.toml_lines import KeyPath

__all__ = ["Override", "lay_over", "overrides"]

PREFIX = "DOSSIER_BRIDGE__"
SYSTEMS = "systems"


@dataclass(frozen=True, slots=True)
class Override:
    """One variable: its name, the system it concerns (``None``: bridge.toml), path and value."""

    variable: str
    system: str | None
    path: KeyPath
    value: Any

    def problem(self, text: str) -> Problem:
        """Return a problem with this variable."""
        return Problem(ENVIRONMENT, None, self.variable, text)


def overrides(environment: Mapping[str, str]) -> Iterator[Override | Problem]:
    """Yield what the environment lays over the files, in order of name."""
    for variable in sorted(environment):
        if not variable.startswith(PREFIX):
            continue
        path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        if not all(path) or (path[0] == SYSTEMS and not path[2:]):
            text = _("expected a name like {prefix}STORE__URL", prefix=PREFIX)
            yield Problem(ENVIRONMENT, None, variable, text)
            continue
        system = path[1] if path[0] == SYSTEMS else None
        try:
            value = _value(environment[variable])
        except tomllib.TOMLDecodeError:
            text = _("a value that starts with [ or { is read as TOML, and this is not valid")
            yield Problem(ENVIRONMENT, None, variable, text)
            continue
        yield Override(variable, system, path[2:] if system else path, value)


def lay_over(document: dict[str, Any], override: Override) -> Problem | None:
    """Set one value in a document; a way that leads through a plain value is a problem."""
    table = document
    for part in override.path[:-1]:
        table = table.setdefault(str(part), {})
        if not isinstance(table, dict):
            return override.problem(_("{part} is not a table", part=part))
    table[str(override.path[-1])] = override.value
    return None


def _value(text: str) -> Any:
    if text.lstrip()[:1] in {"[", "{"}:
        return tomllib.loads(f"value = {text}")["value"]
    return text
