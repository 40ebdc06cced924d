"""What the fields of a body mean, read in the adapter's mapping; a path leads with ``/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bridge.mapping import compile_mapping, load_file
from bridge.mapping.spec import OUTWARD
from bridge.sdk.registry import Registry

__all__ = ["Fields", "fields_of", "leaves", "lookup", "put"]

NAME = "applicant.name"


@dataclass(frozen=True, slots=True)
class Fields:
    """The paths of a body: its dossier code, its free text, and all that is personal."""

    key: str
    text: str
    personal: tuple[str, ...]

    def named(self, text: str) -> Fields:
        """Return the same with another free text."""
        return replace(self, text=text, personal=(*self.personal, text))


@cache
def fields_of(mapping: str) -> Fields:
    """Return the paths of the mapping with this name (``gplx/licence``, or a file's), the newest.

    Raises:
        UnknownPlugin: no such mapping is installed.
    """
    is_file = mapping.endswith((".yaml", ".yml"))
    file = Path(mapping) if is_file else Registry.load().mapping_file(mapping)
    spec = compile_mapping(load_file(file)).spec
    outward = [rule for rule in spec.rules if rule.way in OUTWARD and rule.theirs]
    names = [rule.theirs for rule in outward if rule.ours == NAME]
    personal = tuple(rule.theirs for rule in outward if rule.says_personal)
    return Fields(spec.key, names[0] if names else "", personal)


def lookup(body: Any, path: str) -> Any:
    """Return what stands at a path, None when nothing does."""
    for name in path.split("/"):
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def put(body: dict[str, Any], path: str, value: object) -> None:
    """Set what stands at a path; groups on the way are made."""
    *groups, name = path.split("/")
    for group in groups:
        body = body.setdefault(group, {})
    body[name] = value


def leaves(value: Any) -> Iterator[str]:
    """Yield every text in a value."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str):
        yield value
