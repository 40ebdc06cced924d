"""Bộ Giao thông vận tải, giấy phép lái xe: a SOAP service that counts every change."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin

from .adapter import CAPABILITIES, GplxAdapter
from .faults import SAFE_FAULTS
from .options import GplxOptions
from .rehearsal import GplxRehearsal

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> GplxAdapter:
    return GplxAdapter(GplxOptions.model_validate(options), context)


plugin = Plugin(
    name="gplx",
    title="Bộ Giao thông vận tải, giấy phép lái xe",
    protocol="soap",
    options=GplxOptions,
    capabilities=CAPABILITIES,
    build=_build,
    mappings={"dossier": "gplx/licence"},
    rehearsal=GplxRehearsal,
    safe_faults=SAFE_FAULTS,
)
