"""Any ministry with a plain REST interface: a definition says how it speaks, and no code does."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.declared.adapter import DeclaredAdapter
from bridge.sdk.declared.faults import safe_faults
from bridge.sdk.declared.rules import capabilities

from .options import RestOptions
from .service import RestService

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> DeclaredAdapter:
    given = RestOptions.model_validate(options)
    return DeclaredAdapter(given.definition, RestService(given, context), context)


def _by_options(options: BaseModel) -> Plugin:
    definition = RestOptions.model_validate(options).definition
    return replace(
        plugin,
        title=definition.title,
        capabilities=capabilities(definition),
        mappings=definition.mappings,
        safe_faults=safe_faults(definition),
    )


plugin = Plugin(
    name="rest",
    title="Giao diện REST theo tệp mô tả",
    protocol="rest",
    options=RestOptions,
    capabilities=Capabilities(feed="cursor", probes=True, lists=True, steps=True, supplements=True),
    build=_build,
    by_options=_by_options,
)
"""What a definition may at most say; ``Plugin.of`` is the plug-in of one system."""
