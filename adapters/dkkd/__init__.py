"""Bộ Kế hoạch và Đầu tư, đăng ký doanh nghiệp: REST behind OAuth2, read only."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin

from .adapter import CAPABILITIES, DkkdAdapter
from .options import DkkdOptions
from .rehearsal import DkkdRehearsal
from .rows import TODAY

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> DkkdAdapter:
    return DkkdAdapter(DkkdOptions.model_validate(options), context)


plugin = Plugin(
    name="dkkd",
    title="Bộ Kế hoạch và Đầu tư, đăng ký doanh nghiệp",
    protocol="rest",
    options=DkkdOptions,
    capabilities=CAPABILITIES,
    build=_build,
    mappings={"dossier": "dkkd/registration", TODAY: "dkkd/today"},
    rehearsal=DkkdRehearsal,
)
