"""The rows of a list that a SOAP service answers with, each judged by the schema alone.

An answer that breaks the schema in one row is still an answer: that row is unreadable, and its
neighbours are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.sdk.xml import Element, Schema

__all__ = ["Row", "rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``fault`` says what the schema has against it, None when it is sound."""

    element: Element
    fault: str | None = None


def rows(schema: Schema, answer: Element, path: str) -> list[Row]:
    """Take the rows at ``path`` (``{namespace}name/{namespace}name``) out of an answer, in order.

    The call is made with ``whole=False``, so that nobody judged the answer before. Its type must
    allow an answer without rows.

    Raises:
        ContractBroken: what is left without the rows breaks the schema, so it is no answer.
    """
    sound = not schema.violations(answer)
    places = list(_places(answer.findall(path)))
    for place in places:
        place.home.remove(place.element)
    if sound:
        return [Row(place.element) for place in places]
    schema.require(answer)
    return [Row(place.element, place.fault(schema, answer)) for place in places]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stood: in what, and where the first row of it stood there."""

    element: Element
    home: Element
    first: int

    def fault(self, schema: Schema, answer: Element) -> str | None:
        """Put the row back alone, and say what the schema has against it."""
        self.home.insert(self.first, self.element)
        broken = schema.violations(answer)
        self.home.remove(self.element)
        return str(broken[0]) if broken else None


def _places(found: list[Element]) -> Iterator[_Place]:
    first: dict[Element, int] = {}
    for element in found:
        home = element.getparent()
        if home is not None:
            yield _Place(element, home, first.setdefault(home, home.index(element)))
