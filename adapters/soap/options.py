"""The ``[options]`` of a system that a SOAP definition describes."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from bridge.sdk.declared.options import DeclaredOptions
from bridge.sdk.soap_options import SoapOptions

from .definition import SoapDefinition

__all__ = ["DeclaredSoapOptions"]


class DeclaredSoapOptions(DeclaredOptions, SoapOptions):
    """Where the service is, as whom we call it, and the files that say how it speaks."""

    definition: SoapDefinition = Field(
        description="The file that describes the interface, relative to the configuration."
    )
    wsdl: Path = Field(
        description="The pinned WSDL, relative to the configuration; the address inside it is not "
        "used."
    )

    @property
    def interface(self) -> SoapDefinition:
        """The definition that was read."""
        return self.definition
