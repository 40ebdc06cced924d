"""The ``[options]`` of a system that a SOAP definition describes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from bridge.sdk import Said
from bridge.sdk.declared.rules import values_wanted
from bridge.sdk.definition import Misfits
from bridge.sdk.http import HttpOptions

from .definition import SoapDefinition

__all__ = ["SoapOptions"]


class SoapOptions(HttpOptions):
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
    values: Mapping[str, str | int] = Field(
        default={}, description="What stands for {values.…} in the definition."
    )
    import_procedure: str | None = Field(
        default=None,
        description="The procedure of dossiers that were keyed only there and name none; without "
        "it, the first of procedures.",
    )

    @model_validator(mode="after")
    def _enough_for_the_definition(self) -> Self:
        lacking = sorted(values_wanted(self.definition) - self.values.keys())
        if lacking:
            raise Misfits(
                (("values",), Said("the definition needs {name}", name=name)) for name in lacking
            )
        return self
