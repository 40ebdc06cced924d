"""What the tests of declared adapters share: the examples of the documentation, as they stand."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bridge.sdk.adapter import Plugin

EXAMPLES = Path(__file__).parents[2] / "examples" / "declared"


def definition_of(name: str) -> dict[str, Any]:
    """Return the definition of an example, its mappings as files that can be opened from here."""
    folder = EXAMPLES / name
    given = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    given["mappings"] = {kind: str(folder / file) for kind, file in given["mappings"].items()}
    return given


def plugin_of(plugin: Plugin, options: BaseModel, rehearsal: Any) -> Plugin:
    """Return the plug-in of one system, with its pretend ministry."""
    return replace(plugin.of(options), rehearsal=rehearsal)
