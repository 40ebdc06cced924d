"""The package an adapter author begins with: what it is called, and the files that are in it.

The templates are data beside our own adapters (``adapters/_template/<protocol>``): texts that end
with ``.tmpl``, in which ``{{name}}`` and ``{{version}}`` stand for the adapter and for the bridge
that wrote it, and ``NAME`` in a path for the adapter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from keyword import iskeyword

from bridge.i18n import _
from bridge.sdk.registry import Registry

__all__ = ["Spoken", "distribution", "package_files", "unfit"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SUFFIX = ".tmpl"


class Spoken(StrEnum):
    """The protocols there is a template for."""

    REST = "rest"


def distribution(name: str) -> str:
    """Return what the package of an adapter is called; its folder too."""
    return f"dossier-bridge-{name}"


def unfit(name: str, registry: Registry) -> str:
    """Return why an adapter can't be called so and what to do, empty when it can."""
    if not _NAME.fullmatch(name) or iskeyword(name):
        return _(
            "{name}: not a name for an adapter; take small letters a-z, digits and _, a letter "
            "first, and no word of Python's: so_tu_phap",
            name=name,
        )
    taken = {fault.name: fault.source for fault in registry.faults} | dict(registry.sources)
    if name in taken:
        return _(
            "{name}: there is an adapter of that name ({source}); take another name, or uninstall it",
            name=name,
            source=str(taken[name]),
        )
    return ""


def package_files(name: str, protocol: Spoken) -> dict[str, str]:
    """Return the files of a new package: path from its folder → text."""
    values = {"{{name}}": name, "{{version}}": version("dossier-bridge")}
    made = {}
    for path, text in _templates(files("adapters") / "_template" / protocol.value):
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)  # noqa: PLW2901 - one after the other
        made[path.removesuffix(_SUFFIX).replace("NAME", name)] = text
    return made


def _templates(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _templates(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield f"{above}{entry.name}", entry.read_text(encoding="utf-8")
