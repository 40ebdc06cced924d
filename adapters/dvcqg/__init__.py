"""Cổng Dịch vụ công quốc gia: JSON over REST, a session of its own, batches all or nothing."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin

from .adapter import CAPABILITIES, DvcqgAdapter
from .faults import SAFE_FAULTS
from .options import DvcqgOptions
from .rehearsal import DvcqgRehearsal

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> DvcqgAdapter:
    return DvcqgAdapter(DvcqgOptions.model_validate(options), context)


plugin = Plugin(
    name="dvcqg",
    title="Cổng Dịch vụ công quốc gia",
    protocol="rest",
    options=DvcqgOptions,
    capabilities=CAPABILITIES,
    build=_build,
    mappings={"dossier": "dvcqg/dossier", "step": "dvcqg/step"},
    rehearsal=DvcqgRehearsal,
    safe_faults=SAFE_FAULTS,
    max_document_mb=50.0,
)
