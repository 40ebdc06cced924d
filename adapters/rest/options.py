"""The ``[options]`` of a system that a REST definition describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field, SecretStr

from bridge.sdk import Said
from bridge.sdk.declared.options import DeclaredOptions
from bridge.sdk.definition import Misfit
from bridge.sdk.gateway import GatewayOptions

from .definition import RestDefinition

__all__ = ["RestOptions"]

NEEDS: Mapping[str, tuple[str, ...]] = {
    "oauth2": ("token_url", "client_id"),
    "basic": ("client_id",),
    "header": (),
}
"""The options that each login needs beside its secret."""


class RestOptions(DeclaredOptions, GatewayOptions):
    """Where the service is, as whom we call it, and the file that says how it speaks."""

    definition: RestDefinition = Field(
        description="The file that describes the interface, relative to the configuration."
    )
    token_url: str = Field(default="", description="The address that gives tokens (oauth2).")
    client_id: str = Field(default="", description="Our name there (oauth2, basic).")
    client_secret: SecretStr = Field(
        description="The secret of that name, or of the header, as a reference."
    )

    @property
    def interface(self) -> RestDefinition:
        """The definition that was read."""
        return self.definition

    def lacking(self) -> Iterator[Misfit]:
        """Yield what the definition needs and the options do not give."""
        kind = self.definition.login.kind
        for key in NEEDS[kind]:
            if not getattr(self, key):
                yield (key,), Said("the login {kind} of the definition needs it", kind=kind)
        yield from super().lacking()
