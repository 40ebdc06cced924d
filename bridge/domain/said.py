"""Sentences that can be said again in another language.

What is said of a system is said far from its reader: by an adapter, in another process, hours
before. So the text stays English, and remembers the pattern and the values it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from bridge.domain.dossier import Json

Value = str | int
"""What may stand in a pattern; a ``Said`` among them is itself said in the reader's language."""


class Said(str):
    """An English text made of ``pattern`` and ``values``.

    It *is* the text: logs, comparisons and databases take it as any other. The pattern is the
    message id of the catalogue; written out in the code, it is found there by itself.
    """

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, Value]

    def __new__(cls, pattern: str, /, **values: Value) -> Self:
        """Fill ``values`` into the ``{names}`` of ``pattern``."""
        text = super().__new__(cls, pattern.format(**values) if values else pattern)
        text.pattern, text.values = pattern, values
        return text


class Both(str):
    """An English text that was made in Vietnamese too, ``vi``: no catalogue knows what it says."""

    __slots__ = ("vi",)
    vi: str

    def __new__(cls, english: str, vi: str) -> Self:
        """Keep the two beside each other."""
        text = super().__new__(cls, english)
        text.vi = vi
        return text

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """Return what a copy is made of."""
        return str(self), self.vi


def joined(parts: Iterable[str], separator: str = "; ") -> Said:
    """Return several sentences as one."""
    values = {f"part{n}": part for n, part in enumerate(parts)}
    return Said(separator.join(f"{{{name}}}" for name in values), **values)


def each(text: str, change: Callable[[str], str]) -> str:
    """Return ``text`` with ``change`` made to what it was filled with, our own words untouched."""
    if not isinstance(text, Said):
        return change(text)
    values = {
        name: each(value, change) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return Said(text.pattern, **values)


def say(text: str, translate: Callable[[str], str], language: str = "en") -> str:
    """Return ``text`` in the language of ``translate``; a plain text has only its own words."""
    if isinstance(text, Both):
        return text.vi if language == "vi" else str(text)
    if not isinstance(text, Said):
        return text
    values = {
        name: say(value, translate, language) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    spoken = translate(text.pattern)
    return spoken.format(**values) if values else spoken


def as_json(text: str | None) -> Json:
    """Return a text as JSON that ``from_json`` reads back, pattern and values with it."""
    if isinstance(text, Both):
        return {"en": str(text), "vi": text.vi}
    if not isinstance(text, Said):
        return text
    values = {
        name: as_json(value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return {"said": text.pattern, "values": values}


def from_json(value: Any) -> str | None:
    """Return the text that ``as_json`` wrote."""
    if not isinstance(value, dict):
        return None if value is None else str(value)
    if "vi" in value:
        return Both(value["en"], value["vi"])
    return Said(
        value["said"],
        **{name: _value(held) for name, held in value["values"].items()},
    )


def _value(held: Any) -> Value:
    return held if isinstance(held, int) else from_json(held) or ""
