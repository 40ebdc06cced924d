"""The mappings of the built-in systems: ``<system>/<kind>.vN.yaml``. Data, not code."""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import Path

__all__ = ["files"]


def files() -> list[Path]:
    """Return every mapping file, by system, kind and version."""
    root = Path(str(resources(__name__)))
    return sorted(root.glob("*/*.v*.yaml"))
