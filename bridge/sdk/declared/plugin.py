"""The plug-in of one system, worked out of its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.sdk.adapter import Plugin
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.declared.faults import safe_faults
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.rules import capabilities

__all__ = ["MOST", "described"]

MOST = Capabilities(feed="cursor", probes=True, lists=True, steps=True, supplements=True)
"""The most that a definition can say; what a system can do, its own says."""


def described(plugin: Plugin, interface: Interface, also_safe: Mapping[str, str]) -> Plugin:
    """Return ``plugin`` as it is for a system with this interface.

    ``also_safe`` are answers that prove a write was not applied whatever the definition says.
    """
    return replace(
        plugin,
        title=interface.title,
        capabilities=capabilities(interface),
        mappings=interface.mappings,
        safe_faults={**also_safe, **safe_faults(interface)} if interface.writes else {},
    )
