"""The ``[options]`` of a dkkd system's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from bridge.sdk.gateway import GatewayOptions

__all__ = ["STATUSES", "DkkdOptions"]

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
National = Annotated[int, Field(ge=1, le=10)]

STATUSES: Mapping[str, int] = {
    "TIEP_NHAN": 2,
    "DANG_XU_LY": 4,
    "BO_SUNG": 5,
    "TU_CHOI": 8,
    "CAP_GCN": 9,
}
"""What is known of the ministry's words (contracts/systems.md, "Status"); no list is published."""


class DkkdOptions(GatewayOptions):
    """Where the gateway is, as whom we call it, and what the ministry's words mean."""

    import_procedure: Word | None = Field(
        default=None,
        description="The procedure of dossiers that were keyed only there; without it, the first "
        "of procedures.",
        examples=["2.001610"],
    )
    first_days: Annotated[int, Field(ge=0, le=366)] = Field(
        default=30, description="How many days before its first start are read."
    )
    statuses: Mapping[Word, National] = Field(
        default=STATUSES,
        min_length=1,
        description="The national status of each PROCESS_STATUS; a word that is not here sets "
        "its row aside. A table given here takes the place of this one.",
    )
