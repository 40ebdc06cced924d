"""docs/capabilities.md: what an adapter may declare, and what each of ours does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

from bridge.sdk import capabilities
from bridge.sdk.capabilities import Capabilities, CapabilityFault
from bridge.sdk.registry import Registry
from tools.reference.tables import first_sentence, named_parts, table

_ALIASES = {
    "Feed": capabilities.Feed,
    "Submit": capabilities.Submit,
    "Confirms": capabilities.Confirms,
    "Deletes": capabilities.Deletes,
}
_OURS = "dossier-bridge"


def page() -> str:
    """Return the whole page."""
    return f"""# What an adapter can do

{first_sentence(capabilities)} Made from the code by `python -m tools.reference`; the guide for those who write one is
[adapter-guide.md](adapter-guide.md), what is proved of a declaration [conformance.md](conformance.md).

## The declaration

{table(["field", "may be", "unless said", "what it says"], _declared())}

A system with `feed` none shows the one-stop's dossiers and owns nothing: it is read only to confirm.

## What is refused when an adapter is registered

{_refused()}

## What ours declare

What an adapter leaves as it is unless said stands in small letters; what it says itself is bold.

{_ours()}
"""


def _declared() -> Iterator[list[str]]:
    told = named_parts(Capabilities)
    for one in fields(Capabilities):
        yield [f"`{one.name}`", _may_be(str(one.type)), _shown(one.default), told[one.name]]


def _may_be(annotation: str) -> str:
    words = {"bool": "yes, no", "int": "a whole number from 1"}
    if annotation in words:
        return words[annotation]
    return ", ".join(f"`{word}`" for word in get_args(_ALIASES[annotation]))


def _shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _refused() -> str:
    """Return every fault that ``verify`` raises, as the code words it."""
    source = inspect.getsource(Capabilities.verify)
    found = re.findall(rf'{CapabilityFault.__name__}\(f"\{{name\}}: (.*?)"\)', source)
    return "\n".join(f"- {text}" for text in found)


def _ours() -> str:
    registry = Registry.load()
    ours = sorted(
        name for name in registry.ministries if registry.sources[name].distribution == _OURS
    )
    plugins = [registry.ministries[name] for name in ours]
    rows = [["*protocol*", *(one.protocol for one in plugins)]]
    for one in fields(Capabilities):
        said = [getattr(plugin.capabilities, one.name) for plugin in plugins]
        rows.append(
            [f"`{one.name}`"]
            + [_shown(v) if v == one.default else f"**{_shown(v)}**" for v in said]
        )
    heads = ["capability", *(f"`{name}`" for name in ours)]
    return table(heads, rows)
