"""What can be said of an interface in a file, whatever its protocol is.

The descriptions here are the tables of docs/declared-adapters.md. A validator's words are told with
the file, the line and the key they are about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, Self, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bridge.domain.said import Said
from bridge.sdk.declared.forms import Day, Minute, Moment
from bridge.sdk.declared.paths import Path

__all__ = [
    "NAMES",
    "VERBS",
    "WRITES",
    "Becomes",
    "Fault",
    "Feed",
    "Forms",
    "Listed",
    "Operation",
    "Operations",
    "Paging",
    "Recorded",
    "Table",
    "Text",
    "Verb",
]

Verb: TypeAlias = Literal[
    "create", "update", "step", "find", "fetch", "changes", "list", "acknowledge"
]
"""What is done at a ministry, each by one operation of its interface."""

VERBS: tuple[Verb, ...] = get_args(Verb)
WRITES: frozenset[Verb] = frozenset({"create", "update", "step"})

_BODY = frozenset({"body", "body_json"})
_PAGE = frozenset({"limit", "offset", "page", "cursor"})
NAMES: Mapping[Verb, frozenset[str]] = {
    "create": frozenset({"code", "key", "version"}) | _BODY,
    "update": frozenset({"code", "key", "version", "ref"}) | _BODY,
    "step": frozenset({"code", "key", "version", "ref"}) | _BODY,
    "find": frozenset({"code"}),
    "fetch": frozenset({"ref"}),
    "changes": frozenset({"after", "since", "until"}) | _PAGE,
    "list": frozenset({"since", "until"}) | _PAGE,
    "acknowledge": frozenset({"refs", "refs_joined"}),
}
"""The names that the templates of each operation may hold, beside ``values.``."""

Becomes: TypeAlias = Literal[
    "rejected",
    "already_there",
    "not_found",
    "retryable",
    "maintenance",
    "auth_failed",
    "in_doubt",
]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Most = Annotated[int, Field(ge=1, le=10_000)]


class Table(BaseModel):
    """A table of a definition; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Forms(Table):
    """How days and times are written when something is asked, with ``%d %m %Y %H %M %S``."""

    day: Day = Field(default="%Y-%m-%d", description="A day, as {since} and {until} of days.")
    minute: Minute = Field(
        default="%H:%M", description="A time of day, as {since} and {until} of minutes."
    )


class Recorded(Table):
    """Where a record says what it is. Paths start at the record."""

    ref: Path = Field(description="The ministry's number for it.", examples=["SoTiepNhan"])
    code: Path | None = Field(
        default=None,
        description="Our dossier code. With it, what `find` shows of other codes is left out.",
        examples=["MaHoSoMotCua"],
    )
    received: Path | None = Field(
        default=None,
        description="When it was received. With it, `list` leaves out what was received on other "
        "days.",
    )
    form: Moment = Field(
        default="iso",
        description="How times are written in answers: `iso`, or a form such as "
        "`%d/%m/%Y %H:%M:%S`. Without an offset they are Vietnam's.",
    )
    theirs: tuple[Text, ...] = Field(
        default=(),
        description="Fields that the ministry fills in itself: where we say nothing, they may hold "
        "anything when a lost update is asked about. Those of `repeats` need not be named.",
    )


class Paging(Table):
    """How a list is read page by page."""

    kind: Literal["none", "page", "offset", "cursor"] = Field(
        default="none",
        description="`none`: one answer holds all. `page`: {page} counts. `offset`: {offset} counts "
        "rows; pages overlap, so that no row is lost while rows move. `cursor`: {cursor} is what "
        "`next` of the answer before said.",
    )
    limit: Most = Field(default=100, description="The most rows of an answer, as {limit}.")
    first: Annotated[int, Field(ge=0, le=1)] = Field(
        default=1, description="The number of the first page."
    )


class Listed(Table):
    """How `list` is read: what was received on some days."""

    most_days: Most | None = Field(
        default=None, description="The most days that may be asked for at once."
    )
    paging: Paging = Field(default=Paging(), description="See Paging.")


class Feed(Table):
    """How changes are read."""

    kind: Literal["version", "cursor", "window", "acknowledge"] = Field(
        description="`version`: what has a greater `version` than {after}. `cursor`: what follows "
        "{cursor}, which `next` of the answer before said. `window`: what changed from {since} to "
        "{until}, both included. `acknowledge`: what was not acknowledged."
    )
    paging: Paging = Field(
        default=Paging(),
        description="See Paging. Of the kinds `version`, `cursor` and `acknowledge`, only `limit`.",
    )
    first: str = Field(default="", description="Of `cursor`: the first {cursor}.")
    unit: Literal["day", "minute"] = Field(
        default="day",
        description="Of `window`: whether days are asked for, or times of today. Of times, what is "
        "missed on a day can't be read later.",
    )
    overlap: Annotated[int, Field(ge=0, le=1440)] = Field(
        default=1,
        description="Of `window`: how many days, or minutes, are read again each time.",
    )
    most_days: Most | None = Field(
        default=None, description="Of `window`: the most days that may be asked for at once."
    )
    first_days: Annotated[int, Field(ge=0, le=366)] = Field(
        default=30,
        description="Of `window` by days: how many days before the first start are read.",
    )
    joined_by: str = Field(
        default=";",
        description="Of `acknowledge`: what stands between the numbers of {refs_joined}.",
    )


class Operation(Table):
    """One operation. Paths start at the answer, but `body`, `version`, `at`: at a row of it."""

    request: Mapping[str, Any] | str | None = Field(
        default=None,
        description="What is sent: a table whose texts are templates, or the template `{body}`.",
    )
    rows: Path = Field(default="", description="The records: a list, or one.")
    body: Path = Field(default="", description="The record within its row.")
    version: Path | None = Field(default=None, description="The version, a whole number.")
    at: Path | None = Field(default=None, description="The ministry's time of the change.")
    kind: Text = Field(default="dossier", description="Which of `mappings` lifts the records.")
    ref: Path | None = Field(
        default=None, description="Of create: the number that the ministry gives."
    )
    count: Path | None = Field(default=None, description="How many rows the whole list has.")
    more: Path | None = Field(
        default=None, description="Whether more follows (true, 1). Without it, a full page says so."
    )
    next: Path | None = Field(default=None, description="The next {cursor}.")
    repeats: tuple[Text, ...] = Field(
        default=(),
        description="Of update: fields that are read with `fetch` just before, and sent as they are "
        "where we have nothing to say: the ministry would clear what is absent.",
    )
    steps: Path | None = Field(
        default=None, description="Of find: the steps of progress within a record."
    )


One = TypeVar("One", bound=Operation)


class Operations(Table, Generic[One]):
    """One operation a verb; what is left out, the system can't do."""

    create: One | None = Field(default=None, description="Sends a new dossier.")
    update: One | None = Field(default=None, description="Sends a dossier again.")
    step: One | None = Field(default=None, description="Sends a step of progress.")
    find: One | None = Field(default=None, description="Shows every record with our code {code}.")
    fetch: One | None = Field(default=None, description="Shows the record with the number {ref}.")
    changes: One | None = Field(default=None, description="Shows what changed.")
    list: One | None = Field(
        default=None, description="Shows what was received from {since} to {until}."
    )
    acknowledge: One | None = Field(default=None, description="Says that {refs} are stored.")

    def of(self, verb: Verb) -> One | None:
        """Return the operation of a verb, ``None`` when there is none."""
        found: One | None = getattr(self, verb)
        return found


class Fault(Table):
    """What one answer means."""

    status: Annotated[int, Field(ge=300, le=599)] | None = Field(
        default=None, description="The HTTP status."
    )
    code: Text | None = Field(
        default=None, description="The error code in the answer; of SOAP, the name of the fault."
    )
    becomes: Becomes = Field(
        description="`rejected`: refused, a person must mend something. `already_there`: it was "
        "applied before. `not_found`: there is no such record. `retryable`: not applied, again "
        "later. `maintenance`: closed. `auth_failed`: our login is refused. `in_doubt`: it may have "
        "been applied."
    )
    field: Path | None = Field(default=None, description="The name of the field at fault.")
    reason: Path | None = Field(default=None, description="The ministry's words, for the clerk.")
    wait: Path | None = Field(default=None, description="The seconds to wait.")
    until: Path | None = Field(default=None, description="When the system opens again.")
    only: tuple[Verb, ...] = Field(
        default=(), description="The operations it is said of; without it, all."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.status is None) == (self.code is None):
            raise ValueError(Said("a fault is told by its status or by its code, one of them"))
        return self

    @property
    def name(self) -> str:
        """What documents call the answer."""
        return f"HTTP {self.status}" if self.code is None else self.code

    def concerns(self, verb: Verb) -> bool:
        """Tell whether it is said of a verb."""
        return not self.only or verb in self.only
