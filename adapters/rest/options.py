"""The ``[options]`` of a system that a REST definition describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import Field, SecretStr, model_validator

from bridge.sdk import Said
from bridge.sdk.declared.rules import values_wanted
from bridge.sdk.definition import Misfit, Misfits
from bridge.sdk.gateway import GatewayOptions

from .definition import RestDefinition

__all__ = ["RestOptions"]


class RestOptions(GatewayOptions):
    """Where the service is, as whom we call it, and the file that says how it speaks."""

    definition: RestDefinition = Field(
        description="The file that describes the interface, relative to the configuration."
    )
    token_url: str = Field(default="", description="The address that gives tokens (oauth2).")
    client_id: str = Field(default="", description="Our name there (oauth2, basic).")
    client_secret: SecretStr = Field(
        description="The secret of that name, or of the header, as a reference."
    )
    values: Mapping[str, str | int] = Field(
        default={}, description="What stands for {values.…} in the definition."
    )
    import_procedure: str | None = Field(
        default=None,
        description="The procedure of dossiers that were keyed only there; without it, the first "
        "of procedures.",
    )

    @model_validator(mode="after")
    def _enough_for_the_definition(self) -> Self:
        found = tuple(self._lacking())
        if found:
            raise Misfits(found)
        return self

    def _lacking(self) -> Iterator[Misfit]:
        kind = self.definition.login.kind
        needed = {"oauth2": ("token_url", "client_id"), "basic": ("client_id",), "header": ()}
        for key in needed[kind]:
            if not getattr(self, key):
                yield (key,), Said("the login {kind} of the definition needs it", kind=kind)
        for name in sorted(values_wanted(self.definition) - self.values.keys()):
            yield ("values",), Said("the definition needs {name}", name=name)
