"""dossier-bridge: keeps dossiers of a one-stop centre and of ministry systems in step."""

from __future__ import annotations

__all__ = ["version"]


def version() -> str:
    """Return the installed version of the distribution."""
    from importlib.metadata import version as installed  # costs 20 ms at start

    return installed("dossier-bridge")
