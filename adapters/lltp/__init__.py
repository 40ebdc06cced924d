"""Bộ Tư pháp, lý lịch tư pháp: REST behind a gateway, and a list that is acknowledged."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin

from .adapter import CAPABILITIES, LltpAdapter
from .faults import SAFE_FAULTS
from .options import LltpOptions
from .rehearsal import LltpRehearsal
from .rows import STATUS

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> LltpAdapter:
    return LltpAdapter(LltpOptions.model_validate(options), context)


plugin = Plugin(
    name="lltp",
    title="Bộ Tư pháp, lý lịch tư pháp",
    protocol="rest",
    options=LltpOptions,
    capabilities=CAPABILITIES,
    build=_build,
    mappings={"dossier": "lltp/declaration", STATUS: "lltp/status"},
    rehearsal=LltpRehearsal,
    safe_faults=SAFE_FAULTS,
)
