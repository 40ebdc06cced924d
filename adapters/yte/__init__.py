"""Bộ Y tế, chứng chỉ hành nghề: the exchange of XML files in folders."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.folder_faults import SAFE_FAULTS

from .adapter import CAPABILITIES, YteAdapter
from .options import YteOptions
from .rehearsal import YteRehearsal

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> YteAdapter:
    return YteAdapter(YteOptions.model_validate(options), context)


plugin = Plugin(
    name="yte",
    title="Bộ Y tế, chứng chỉ hành nghề",
    protocol="xml",
    options=YteOptions,
    capabilities=CAPABILITIES,
    build=_build,
    mappings={"dossier": "yte/practice"},
    rehearsal=YteRehearsal,
    safe_faults=SAFE_FAULTS,
    max_document_mb=50.0,
)
