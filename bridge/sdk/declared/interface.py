"""A definition as a whole: what both protocols say of an interface."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from bridge.sdk.declared.rules import misfits
from bridge.sdk.declared.tables import (
    WRITES,
    Fault,
    Feed,
    Forms,
    Listed,
    Operation,
    Recorded,
    Text,
    Verb,
)
from bridge.sdk.definition import Definition, Misfits

__all__ = ["Interface"]


class Interface(Definition):
    """What both protocols say of an interface."""

    title: Text = Field(description="What people call the system.")
    mappings: Mapping[Text, Text] = Field(
        description="The mapping of each kind of record, `dossier` among them: a mapping's name, or "
        "a file, relative to the configuration.",
        examples=[{"dossier": "dkkd-plain.yaml"}],
    )
    submit: Literal["idempotent", "duplicate_refused", "not_idempotent"] | None = Field(
        default=None,
        description="What a `create` that is sent twice does: replaces, is refused, or makes a "
        "second record. The last two need `find`.",
    )
    supplements: bool = Field(
        default=False, description="Whether papers brought later go out as a new version."
    )
    forms: Forms = Field(default=Forms(), description="See Forms.")
    record: Recorded = Field(description="See Recorded.")
    faults: tuple[Fault, ...] = Field(default=(), description="See Fault. The first that fits.")
    feed: Feed | None = Field(default=None, description="See Feed. Without it, none is read.")
    listed: Listed = Field(default=Listed(), description="See Listed.")

    @abstractmethod
    def operation(self, verb: Verb) -> Operation | None:
        """Return the operation of a verb, ``None`` when the interface has none."""

    @abstractmethod
    def templates(self, verb: Verb) -> Mapping[str, Any]:
        """Return the templates of a verb's operation by their keys; it has such an operation."""

    def has(self, verb: Verb) -> bool:
        """Tell whether the interface has an operation for a verb."""
        return self.operation(verb) is not None

    @property
    def writes(self) -> bool:
        """Whether anything is sent."""
        return any(map(self.has, WRITES))

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        found = tuple(misfits(self))
        if found:
            raise Misfits(found)
        return self
