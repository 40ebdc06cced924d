"""The package an adapter author begins with: what it is called, and the files that are in it.

The templates are data beside our own adapters: ``adapters/_template/every`` is in every package,
``adapters/_template/<protocol>`` in those of one protocol. They are texts that end with ``.tmpl``.
``NAME`` in a path stands for the adapter, and in a text ``{{name}}`` does; ``{{version}}`` is that of
the bridge that wrote it, ``{{protocol}}`` and ``{{spoken}}`` are what its system speaks, in a word and
in a phrase, and ``{{files}}`` the protocol's rows of the README's table (``README.files.md``).
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
    """The protocols: there is a template for each."""

    REST = "rest"
    SOAP = "soap"
    XML = "xml"


_PHRASES = {
    Spoken.REST: "JSON over HTTP with a basic login, and a feed that counts versions",
    Spoken.SOAP: "SOAP 1.1 by a WSDL, with a UsernameToken, and a feed that counts versions",
    Spoken.XML: "XML files in folders, by a schema, each answered with a receipt",
}


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
    templates = files("adapters") / "_template"
    rows = (templates / protocol.value / "README.files.md").read_text(encoding="utf-8")
    values = {
        "{{spoken}}": _PHRASES[protocol],
        "{{protocol}}": protocol.value,
        "{{files}}": rows.rstrip(),
        "{{version}}": version("dossier-bridge"),
        "{{name}}": name,
    }
    made = {}
    for folder in ("every", protocol.value):
        for path, text in _templates(templates / folder):
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
