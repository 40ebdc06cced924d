"""Bộ Tư pháp, hộ tịch: a JSON envelope around an XML document, behind the provincial gateway."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin

from .adapter import CAPABILITIES, HotichAdapter
from .faults import SAFE_FAULTS
from .options import HotichOptions
from .rehearsal import HotichRehearsal

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> HotichAdapter:
    return HotichAdapter(HotichOptions.model_validate(options), context)


plugin = Plugin(
    name="hotich",
    title="Bộ Tư pháp, hộ tịch",
    protocol="rest",
    options=HotichOptions,
    capabilities=CAPABILITIES,
    build=_build,
    mappings={"dossier": "hotich/birth"},
    rehearsal=HotichRehearsal,
    safe_faults=SAFE_FAULTS,
)
