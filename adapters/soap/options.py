"""The ``[options]`` of a system that a SOAP definition describes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from bridge.sdk.declared.options import DeclaredOptions

from .definition import SoapDefinition

__all__ = ["SoapOptions"]


class SoapOptions(DeclaredOptions):
    """Where the service is, as whom we call it, and the files that say how it speaks."""

    definition: SoapDefinition = Field(
        description="The file that describes the interface, relative to the configuration."
    )
    wsdl: Path = Field(
        description="The pinned WSDL, relative to the configuration; the address inside it is not "
        "used."
    )
    address: str = Field(description="The address of the service.")
    username: Annotated[str, Field(min_length=1)] = Field(description="The user name.")
    password: SecretStr = Field(description="The password, as a reference.")

    @property
    def interface(self) -> SoapDefinition:
        """The definition that was read."""
        return self.definition
