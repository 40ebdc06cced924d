"""Any ministry with a plain SOAP service: a WSDL and a definition say how it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.declared.adapter import DeclaredAdapter
from bridge.sdk.declared.faults import safe_faults
from bridge.sdk.declared.rules import capabilities
from bridge.sdk.soap import LOGIN_REFUSED

from .options import SoapOptions
from .service import SoapService

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> DeclaredAdapter:
    given = SoapOptions.model_validate(options)
    return DeclaredAdapter(given.definition, SoapService(given, context), context)


def _by_options(options: BaseModel) -> Plugin:
    definition = SoapOptions.model_validate(options).definition
    safe: Mapping[str, str] = safe_faults(definition)
    if safe:
        safe = {**safe, **dict.fromkeys(sorted(LOGIN_REFUSED), "AuthFailed")}
    return replace(
        plugin,
        title=definition.title,
        capabilities=capabilities(definition),
        mappings=definition.mappings,
        safe_faults=safe,
    )


plugin = Plugin(
    name="soap",
    title="Dịch vụ SOAP theo WSDL và tệp mô tả",
    protocol="soap",
    options=SoapOptions,
    capabilities=Capabilities(feed="cursor", probes=True, lists=True, steps=True, supplements=True),
    build=_build,
    by_options=_by_options,
)
"""What a definition may at most say; ``Plugin.of`` is the plug-in of one system."""
