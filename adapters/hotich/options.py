"""The ``[options]`` of a hotich system's file."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from bridge.sdk.gateway import GatewayOptions

__all__ = ["BEGINNING", "HotichOptions"]

BEGINNING = date(2000, 1, 1)
"""Before there was any software that could have registered something."""


class HotichOptions(GatewayOptions):
    """Where the civil status service is, and for which unit we call it."""

    agency: Annotated[int, Field(gt=0)] = Field(
        description="The unit's number at the ministry (maDonVi)."
    )
    import_procedure: str | None = Field(
        default=None,
        description="The procedure of registrations made there; else the first of procedures.",
    )
    first_day: Annotated[date, Field(ge=BEGINNING)] = Field(
        default=BEGINNING,
        description="What was changed there before this day and never since is not read in.",
    )
