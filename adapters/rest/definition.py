"""What a REST interface is like: the tables of its definition beside those of every interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.paths import Path
from bridge.sdk.declared.tables import Operation, Operations, Table, Text, Verb

__all__ = ["Answers", "Login", "RestDefinition", "RestOperation"]


class Login(Table):
    """How a call shows who makes it."""

    kind: Literal["oauth2", "basic", "header"] = Field(
        default="oauth2",
        description="`oauth2`: a token for `client_id` and `client_secret`, got at `token_url`. "
        "`basic`: the same two with every call. `header`: `client_secret` in a header.",
    )
    header: Text = Field(default="Authorization", description="Of `header`: its name.")
    prefix: str = Field(
        default="", description="Of `header`: what stands before the secret, as `Bearer `."
    )


class Answers(Table):
    """How an answer says whether it is good; without it, HTTP's status does."""

    good: Path | None = Field(default=None, description="Where an answer says whether it is good.")
    values: tuple[Text, ...] = Field(default=("1",), description="What it says when it is.")
    code: Path | None = Field(
        default=None, description="Where it says its error code; without it, at `good`."
    )


class RestOperation(Operation):
    """One call; see also Operation."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(description="HTTP's method.")
    path: str = Field(
        pattern=r"^/",
        description="The path under `base_url`: a template, its values URL-encoded.",
        examples=["/hoSo/{ref}"],
    )
    parameters: Mapping[Text, str] = Field(
        default={}, description="The query: a table whose texts are templates."
    )
    json_in: Path | None = Field(
        default=None, description="Where the answer holds JSON as a text; it is read in its place."
    )


class RestDefinition(Interface):
    """The definition of a REST interface."""

    login: Login = Field(default=Login(), description="See Login.")
    answers: Answers = Field(default=Answers(), description="See Answers.")
    operations: Operations[RestOperation] = Field(description="See Operations.")

    def operation(self, verb: Verb) -> RestOperation | None:
        """Return the operation of a verb, ``None`` when the interface has none."""
        return self.operations.of(verb)

    def templates(self, verb: Verb) -> Mapping[str, Any]:
        """Return the templates of a verb's operation by their keys; it has such an operation."""
        found = self.operation(verb)
        if found is None:
            return {}
        return {"request": found.request, "path": found.path, "parameters": found.parameters}
