"""Texts with named values in them: ``/hoSo/{code}``. Names are replaced, and that is all.

A text that is one name and nothing else becomes the value itself: a number stays a number, ``body``
the whole record. Inside a longer text a value is written as text. There is no expression here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["VALUES", "alone", "filled", "filled_text", "names_in"]

VALUES = "values."
"""What the names of values from the system's own file begin with."""

_NAME = re.compile(r"\{([^{}]*)\}")


def names_in(template: Any) -> Iterator[str]:
    """Yield every name in a template, however deep it stands."""
    if isinstance(template, str):
        yield from _NAME.findall(template)
    elif isinstance(template, Mapping):
        for one in template.values():
            yield from names_in(one)
    elif isinstance(template, (list, tuple)):
        for one in template:
            yield from names_in(one)


def alone(template: Any, name: str) -> bool:
    """Tell whether every text of a template that holds a name holds nothing else."""
    if isinstance(template, str):
        return f"{{{name}}}" not in template or template == f"{{{name}}}"
    if isinstance(template, Mapping):
        return all(alone(one, name) for one in template.values())
    if isinstance(template, (list, tuple)):
        return all(alone(one, name) for one in template)
    return True


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a template with its names replaced, at any depth."""
    if isinstance(template, str):
        name = _NAME.fullmatch(template)
        return values[name[1]] if name else filled_text(template, values)
    if isinstance(template, Mapping):
        return {key: filled(one, values) for key, one in template.items()}
    if isinstance(template, (list, tuple)):
        return [filled(one, values) for one in template]
    return template


def filled_text(
    template: str, values: Mapping[str, Any], written: Callable[[str], str] = str
) -> str:
    """Return a text with its names replaced; ``written`` says how a value is written in it."""
    return _NAME.sub(lambda found: written(str(values[found[1]])), template)
