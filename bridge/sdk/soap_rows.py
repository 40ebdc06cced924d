"""The rows of a list that a SOAP service answers with, each judged by the schema alone.

An answer that breaks the schema in one row is still an answer: that row is unreadable, and its
neighbours are read all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.sdk.xml import Element, Schema

__all__ = ["Row", "rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``fault`` says what the schema has against it, None when it is sound."""

    element: Element
    fault: str | None = None


def rows(schema: Schema, answer: Element, path: str) -> list[Row]:
    """Take the rows at ``path`` (``{namespace}name``, with ``/`` between) out of an answer, in order.

    The call is made with ``whole=False``, so that nobody judged the answer before. Its type must
    allow an answer without rows.

    Raises:
        ContractBroken: what is left without the rows breaks the schema, so it is no answer.
    """
    sound = not schema.violations(answer)
    found = answer.findall(path)
    firsts: dict[Any, int] = {}
    places: list[tuple[Any, int]] = []
    for element in found:
        parent: Any = element.getparent()
        places.append((parent, firsts.setdefault(parent, parent.index(element))))
        parent.remove(element)
    if sound:
        return [Row(element) for element in found]
    schema.require(answer)
    both = zip(found, places, strict=True)
    return [Row(element, _against(schema, answer, place, element)) for element, place in both]


def _against(schema: Schema, answer: Element, place: tuple[Any, int], row: Element) -> str | None:
    """Put a row back alone, and say what the schema has against it."""
    parent, first = place
    parent.insert(first, row)
    broken = schema.violations(answer)
    parent.remove(row)
    return str(broken[0]) if broken else None
