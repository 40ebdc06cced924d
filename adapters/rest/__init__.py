"""Any ministry with a plain REST interface: a definition says how it speaks, and no code does."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.declared.adapter import DeclaredAdapter
from bridge.sdk.declared.faults import BY_HTTP
from bridge.sdk.declared.plugin import MOST, described

from .options import RestOptions
from .service import RestService

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> DeclaredAdapter:
    given = RestOptions.model_validate(options)
    return DeclaredAdapter(given.definition, RestService(given, context), context)


def _by_options(options: BaseModel) -> Plugin:
    return described(plugin, RestOptions.model_validate(options).definition, BY_HTTP)


plugin = Plugin(
    name="rest",
    title="Giao diện REST theo tệp mô tả",
    protocol="rest",
    options=RestOptions,
    capabilities=MOST,
    build=_build,
    by_options=_by_options,
)
