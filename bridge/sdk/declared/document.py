"""The tables of ``docs/declared-adapters.md``, made from the models that read a definition."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.sdk.definition import Definition

__all__ = ["key_table"]

HEAD = "| key | takes | default | |\n|---|---|---|---|\n"


def key_table(model: type[BaseModel], *, without: Collection[str] = ()) -> str:
    """Return every key of a table of a definition, or of the options, but for ``without``."""
    fields = {name: one for name, one in model.model_fields.items() if name not in without}
    return HEAD + "".join(_row(name, one) for name, one in fields.items())


def _row(name: str, field: FieldInfo) -> str:
    cells = (f"`{name}`", _takes(field.annotation), _default(field), field.description or "")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _takes(annotation: Any) -> str:
    """Return in words what a key takes."""
    found = list(dict.fromkeys(_words(annotation)))
    return ", ".join(found)


def _words(annotation: Any) -> Iterator[str]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        yield from (f"`{one}`" for one in inner)
    elif origin in {tuple, list, Sequence}:
        yield f"a list: {_takes(inner[0])}"
    elif origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        yield "a table"
    elif inner and hasattr(annotation, "__metadata__"):
        yield from _words(inner[0])
    elif inner:
        for one in inner:
            yield from _words(one)
    elif annotation is not NoneType:
        yield _plain(annotation)


def _plain(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        name = kind.__name__.partition("[")[0]
        table = f"[{name}](#{name.lower()})"
        return f"a path: {table}" if issubclass(kind, Definition) else table
    words = {str: "a text", int: "a whole number", bool: "true, false", SecretStr: "a reference"}
    return words.get(kind, "a path")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    default = field.get_default(call_default_factory=False)
    if default is None or default is PydanticUndefined or isinstance(default, BaseModel):
        return ""
    if default in ((), {}):
        return ""
    shown = list(default) if isinstance(default, tuple) else default
    return f"`{json.dumps(shown, ensure_ascii=False)}`"
