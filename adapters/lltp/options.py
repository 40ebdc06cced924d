"""The ``[options]`` of an lltp system's file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.sdk.gateway import GatewayOptions

__all__ = ["LltpOptions"]


class LltpOptions(GatewayOptions):
    """Where the gateway is, as whom we call it, and which unit we are."""

    agency: Annotated[str, Field(min_length=1)] = Field(
        description="The code of the department of justice (idMinistryJustice)."
    )
    import_procedure: str | None = Field(
        default=None, description="The procedure of imported dossiers; the ministry names none."
    )
