"""What a SOAP service is like: the tables of its definition beside those of every interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.tables import VERBS, WRITES, Operation, Table, Text, Verb

__all__ = ["SoapDefinition", "SoapOperation", "SoapOperations"]


class SoapOperation(Operation):
    """One call; see also Operation. `request` holds the children of its element."""

    operation: Text = Field(
        description="The name of the operation in the WSDL.", examples=["NopHoSo"]
    )


class SoapOperations(Table):
    """One operation a verb; what is left out, the system can't do."""

    create: SoapOperation | None = Field(default=None, description="Sends a new dossier.")
    update: SoapOperation | None = Field(default=None, description="Sends a dossier again.")
    step: SoapOperation | None = Field(default=None, description="Sends a step of progress.")
    find: SoapOperation | None = Field(
        default=None, description="Shows every record with our code {code}."
    )
    fetch: SoapOperation | None = Field(
        default=None, description="Shows the record with the number {ref}."
    )
    changes: SoapOperation | None = Field(default=None, description="Shows what changed.")
    list: SoapOperation | None = Field(
        default=None, description="Shows what was received from {since} to {until}."
    )
    acknowledge: SoapOperation | None = Field(
        default=None, description="Says that {refs} are stored."
    )


class SoapDefinition(Interface):
    """The definition of a SOAP service; element names stand without their namespace."""

    lists: tuple[Text, ...] = Field(
        default=(),
        description="Elements that may stand several times in a record. The rows of answers need "
        "not be named.",
    )
    drops: tuple[Text, ...] = Field(
        default=(), description="Elements of answers that are not kept, as the contents of files."
    )
    operations: SoapOperations = Field(description="See SoapOperations.")

    def operation(self, verb: Verb) -> SoapOperation | None:
        """Return the operation of a verb, ``None`` when the interface has none."""
        found: SoapOperation | None = getattr(self.operations, verb)
        return found

    def templates(self, verb: Verb) -> Mapping[str, Any]:
        """Return the templates of a verb's operation by their keys; it has such an operation."""
        found = self.operation(verb)
        return {} if found is None else {"request": found.request}

    def named(self, *, writes: bool = False) -> frozenset[str]:
        """Return the WSDL's names of all operations, or of those that change something."""
        found = (self.operation(verb) for verb in (WRITES if writes else VERBS))
        return frozenset(one.operation for one in found if one is not None)
