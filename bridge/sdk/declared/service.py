"""A call made as a definition says it, whatever the protocol; and what its answer shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.domain.said import Said
from bridge.sdk.declared.paths import value_at
from bridge.sdk.declared.tables import Operation, Verb
from bridge.sdk.errors import ContractBroken
from bridge.sdk.http import Reply
from bridge.sdk.records import Check

__all__ = ["Answered", "Service", "rows_of", "says_yes"]

YES = frozenset({"true", "1"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A good answer: as it came, and as plain values.

    ``rows`` are its rows, where the service found them itself; ``broken`` says of rows, by their
    position, why the schema refuses them.
    """

    reply: Reply
    plain: Any
    rows: list[Any] | None = None
    broken: Mapping[int, str] = field(default_factory=dict)


class Service(Protocol):
    """The ministry's operations by verb. Shared by threads; does no I/O until called."""

    def call(self, verb: Verb, values: Mapping[str, Any], *, contents: bool = False) -> Answered:
        """Make the call of a verb, which the interface has; ``contents``: with those of files.

        Raises:
            AdapterError: by the table of faults, else by the rules of the protocol.
        """
        ...

    def written(self, content: bytes) -> Any:
        """Return the bytes of a file as they stand in a request."""
        ...

    def findings(self, greet: Callable[[], Reply] | None) -> Iterator[Check]:
        """Yield what ``check`` finds; ``greet`` is a call that changes nothing. Never raises."""
        ...

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        ...


def rows_of(answered: Answered, operation: Operation) -> list[Any]:
    """Return the rows of an answer: of one that stands alone, a list of one.

    Raises:
        ContractBroken: something else stands where they should.
    """
    if answered.rows is not None:
        return answered.rows
    match value_at(answered.plain, operation.rows):
        case None:
            return []
        case list(rows):
            return rows
        case Mapping() as row:
            return [row]
        case _:
            raise ContractBroken(Said("{path}: is no list", path=operation.rows))


def says_yes(plain: Any, path: str) -> bool:
    """Tell whether a flag is set: true or 1, as a word or as text."""
    return str(value_at(plain, path)).strip().lower() in YES
