"""The rows of a list that a SOAP service answers with, each judged by the schema alone.

An answer that breaks the schema in one row is still an answer: that row is unreadable, and its
neighbours are read all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.sdk.xml import Element, Schema

__all__ = ["Row", "rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``fault`` says what the schema has against it, None when it is sound."""

    element: Element
    fault: str | None = None


def rows(schema: Schema, answer: Element, tag: str) -> list[Row]:
    """Take the rows called ``tag`` (``{namespace}name``) out of an answer's element, in order.

    The call is made with ``whole=False``, so that nobody judged the answer before. Its type must
    allow an answer without rows.

    Raises:
        ContractBroken: what is left without the rows breaks the schema, so it is no answer.
    """
    sound = not schema.violations(answer)
    found = answer.findall(tag)
    place = answer.index(found[0]) if found else 0
    for element in found:
        answer.remove(element)
    if sound:
        return [Row(element) for element in found]
    schema.require(answer)
    return [Row(element, _against(schema, answer, place, element)) for element in found]


def _against(schema: Schema, answer: Element, place: int, element: Element) -> str | None:
    """Put a row back alone, and say what the schema has against it."""
    answer.insert(place, element)
    broken = schema.violations(answer)
    answer.remove(element)
    return str(broken[0]) if broken else None
