"""What the ``[options]`` of every system hold that a definition describes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import Field, model_validator

from bridge.domain.said import Said
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.rules import values_wanted
from bridge.sdk.definition import Misfit, Misfits
from bridge.sdk.http import HttpOptions

__all__ = ["DeclaredOptions"]


class DeclaredOptions(HttpOptions):
    """Values for the templates of the definition, and what is asked of every system."""

    values: Mapping[str, str | int] = Field(
        default={}, description="What stands for {values.…} in the definition."
    )
    import_procedure: str | None = Field(
        default=None,
        description="The procedure of dossiers that were keyed only there; without it, the first "
        "of procedures.",
    )

    @property
    @abstractmethod
    def interface(self) -> Interface:
        """The definition that was read."""

    def lacking(self) -> Iterator[Misfit]:
        """Yield what the definition needs and the options do not give."""
        for name in sorted(values_wanted(self.interface) - self.values.keys()):
            yield ("values",), Said("the definition needs {name}", name=name)

    @model_validator(mode="after")
    def _enough_for_the_definition(self) -> Self:
        found = tuple(self.lacking())
        if found:
            raise Misfits(found)
        return self
