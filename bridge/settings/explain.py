"""Says in words a person can act on what pydantic dislikes: wrong, expected, example.

The value itself is never repeated: a secret may stand where it does not belong.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bridge.i18n import N_, _, spoken
from bridge.sdk.definition import Misfits
from bridge.settings.origin import Origin
from bridge.settings.problems import Problem, suggest
from bridge.settings.toml_lines import KeyPath

__all__ = ["Model", "example", "expected", "explain", "fields_of", "said", "toml_value"]

Model: TypeAlias = type[BaseModel]

EXPECTED: Mapping[str, str] = {
    "string": N_("expected a text in quotes"),
    "int": N_("expected a whole number"),
    "float": N_("expected a number"),
    "bool": N_("expected true or false"),
    "list": N_("expected a list"),
    "tuple": N_("expected a list"),
    "dict": N_("expected a table"),
    "mapping": N_("expected a table"),
    "model": N_("expected a table"),
    "path": N_("expected a path in quotes"),
    "url": N_("expected an address"),
}
BOUNDS: Mapping[str, str] = {
    "greater_than": N_("expected more than {gt}"),
    "greater_than_equal": N_("expected at least {ge}"),
    "less_than": N_("expected less than {lt}"),
    "less_than_equal": N_("expected at most {le}"),
    "string_too_short": N_("expected a text that is not empty"),
    "string_too_long": N_("expected at most {max_length} characters"),
    "string_pattern_mismatch": N_("expected the form {pattern}"),
    "too_short": N_("expected at least {min_length} entries"),
    "too_long": N_("expected at most {max_length} entries"),
}


def explain(
    error: ValidationError, model: Model, origin: Origin, at: KeyPath = ()
) -> Iterator[Problem]:
    """Yield a problem for every finding; ``at`` is where the validated table lies in the file."""
    for found in error.errors(include_url=False, include_input=True):
        path = _location(found["loc"], model)
        cause = found.get("ctx", {}).get("error")
        if isinstance(cause, Misfits):
            for place, words in cause.found:
                yield origin.problem((*at, *path, *place), spoken(words))
        else:
            yield origin.problem((*at, *path), _words(found, model, path))


def fields_of(model: Model) -> dict[str, FieldInfo]:
    """Return the fields of a model by the key a person writes."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def toml_value(value: object) -> str:
    """Render a plain value as TOML; a table is written inline."""
    if isinstance(value, Mapping):
        pairs = (f"{key} = {toml_value(held)}" for key, held in value.items())
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)


def example(model: Model, path: KeyPath) -> str:
    """Return ``; example: key = value`` for the field at ``path``, empty when it has none."""
    field = _field(model, path)
    if field is None or not field.examples:
        return ""
    return _("; example: {line}", line=f"{path[-1]} = {toml_value(field.examples[0])}")


def _words(found: ErrorDetails, model: Model, path: KeyPath) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "extra_forbidden":
        return _("unknown key") + suggest(str(path[-1]), _siblings(model, path))
    if kind == "missing":
        return _("this key is required") + example(model, path)
    if kind == "value_error":
        return said(found) + example(model, path)
    if kind == "literal_error":
        words = _("expected one of {expected}", expected=context["expected"])
        return words + example(model, path)
    return expected(found) + example(model, path)


def expected(found: ErrorDetails) -> str:
    """Return what a single value should have been, without its place or an example."""
    kind = found["type"]
    if kind in BOUNDS:
        return _(BOUNDS[kind], **found.get("ctx", {}))
    stem = kind.partition("_")[0]
    return _(EXPECTED[stem]) if stem in EXPECTED else found["msg"]


def said(found: ErrorDetails) -> str:
    """Return what a validator said, in the reader's language if it can be said in it."""
    error = found.get("ctx", {}).get("error")
    return spoken(error.args[0]) if isinstance(error, ValueError) and error.args else found["msg"]


def _location(place: Sequence[str | int], model: Model) -> KeyPath:
    """Drop the marks pydantic adds for branches of a union: they are no keys."""
    path: KeyPath = ()
    for part in place:
        if part == "[key]" or (path and _names_branch(part, model, path)):
            continue
        path = (*path, part)
    return path


def _names_branch(part: str | int, model: Model, path: KeyPath) -> bool:
    field = _field(model, path)
    if not isinstance(part, str) or field is None or nested(field) is not None:
        return False
    return get_origin(field.annotation) in {Union, types.UnionType} and not part.isidentifier()


def _siblings(model: Model, path: KeyPath) -> list[str]:
    parent = _model_at(model, path[:-1])
    return [] if parent is None else list(fields_of(parent))


def _model_at(model: Model, path: KeyPath) -> Model | None:
    found: Model | None = model
    for part in path:
        if isinstance(part, int):  # a row of a list of tables
            continue
        field = None if found is None else fields_of(found).get(part)
        found = None if field is None else nested(field)
    return found


def _field(model: Model, path: KeyPath) -> FieldInfo | None:
    if not path:
        return None
    parent = _model_at(model, path[:-1])
    return None if parent is None else fields_of(parent).get(str(path[-1]))


def nested(field: FieldInfo) -> Model | None:
    """Return the model a field holds, ``None`` when it holds something else."""
    candidates: tuple[Any, ...] = (field.annotation, *get_args(field.annotation))
    return next(
        (one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None
    )
