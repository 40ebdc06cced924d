"""The ``[options]`` of a dvcqg system's file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from bridge.sdk.http import HttpOptions

__all__ = ["DvcqgOptions"]

Filled = Annotated[str, Field(min_length=1)]


class DvcqgOptions(HttpOptions):
    """Where the portal is and as whom we call it."""

    base_url: Filled = Field(description="The address both paths stand under.")
    username: Filled = Field(description="The account of the province.")
    password: SecretStr = Field(description="Its password, as a reference.")
    agency: Filled = Field(description="The province's identifier (madonvi).")
    login_path: str = Field(default="/login", description="The path of the login.")
    service_path: str = Field(default="/service", description="The path of every other call.")
    dstcode: str | None = Field(
        default=None, description="The route some gateways want, e.g. VN:GOV:000.00.00.G22:vpcp."
    )
    dstcode_in: Literal["header", "query"] = Field(
        default="header", description="Where the gateway looks for dstcode."
    )
    batch_size: Annotated[int, Field(ge=1, le=50)] = Field(
        default=50, description="The most dossiers in one call."
    )
