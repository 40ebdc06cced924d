"""What a SOAP service is like: the tables of its definition beside those of every interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.tables import VERBS, WRITES, Operation, Operations, Text, Verb

__all__ = ["SoapDefinition", "SoapOperation"]


class SoapOperation(Operation):
    """One call; see also Operation. `request` holds the children of its element."""

    operation: Text = Field(
        description="The name of the operation in the WSDL.", examples=["NopHoSo"]
    )


class SoapDefinition(Interface):
    """The definition of a SOAP service; element names stand without their namespace."""

    lists: tuple[Text, ...] = Field(
        default=(),
        description="Elements that may stand several times in a record. The rows of answers need "
        "not be named.",
    )
    contents: tuple[Text, ...] = Field(
        default=(),
        description="Elements that hold the contents of files, in base64: of answers they are not "
        "kept, but given back as they are where `repeats` names them or what they stand in.",
    )
    operations: Operations[SoapOperation] = Field(description="See Operations.")

    def operation(self, verb: Verb) -> SoapOperation | None:
        """Return the operation of a verb, ``None`` when the interface has none."""
        return self.operations.of(verb)

    def templates(self, verb: Verb) -> Mapping[str, Any]:
        """Return the templates of a verb's operation by their keys; it has such an operation."""
        found = self.operation(verb)
        return {} if found is None else {"request": found.request}

    def named(self, *, writes: bool = False) -> frozenset[str]:
        """Return the WSDL's names of all operations, or of those that change something."""
        found = (self.operation(verb) for verb in (WRITES if writes else VERBS))
        return frozenset(one.operation for one in found if one is not None)
