"""Turns ``[options]`` into the adapter's own model: secrets looked up, addresses judged.

The adapter's model says which options are secrets (``SecretStr``), which are paths and which are
described in a file of their own (``Definition``); nothing about a single adapter is known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from bridge.i18n import _
from bridge.sdk.definition import Definition
from bridge.settings.addresses import INSECURE, absolute_url, holds_password, insecure
from bridge.settings.explain import Model, explain, fields_of
from bridge.settings.origin import Origin, dotted
from bridge.settings.problems import ConfigurationFault, Problem
from bridge.settings.references import Reference, ReferenceFault, is_reference, read_reference
from bridge.settings.toml_file import read_toml
from bridge.settings.toml_lines import KeyPath

__all__ = ["definition_options", "read_options", "secret_options"]


def secret_options(model: Model) -> frozenset[str]:
    """Return the keys of ``model`` that hold a secret."""
    return frozenset(
        key for key, field in fields_of(model).items() if _mentions_secret(field.annotation)
    )


def read_options(
    given: Mapping[str, Any],
    model: Model,
    origin: Origin,
    *,
    at: KeyPath = (),
    allow_insecure: bool = False,
) -> BaseModel:
    """Return the options as ``model``, paths made absolute and secrets filled in.

    ``at`` is where the table lies in the file.

    Raises:
        ConfigurationFault: all that is wrong, never repeating a value.
    """
    problems: list[Problem] = []
    values = dict(_without_secrets(given, model, origin, at, problems))
    definitions = dict(_definitions(given, model, origin, at, problems))
    values |= definitions
    problems += _unsafe(given, origin, at, allow_insecure=allow_insecure)
    unread = definition_options(model).keys() & given.keys() - definitions.keys()
    unfilled = {problem.key for problem in problems} | {dotted((*at, key)) for key in unread}
    try:
        options = model.model_validate(values)
    except ValidationError as error:
        found = explain(error, model, origin, at)
        problems += [one for one in found if one.key not in unfilled or not problems]
        raise ConfigurationFault(problems) from None
    if problems:
        raise ConfigurationFault(problems)
    return _absolute(options, origin.folder)


def definition_options(model: Model) -> Mapping[str, type[Definition]]:
    """Return the keys of ``model`` that name a file with a definition, and what stands in it."""
    return {
        key: field.annotation
        for key, field in fields_of(model).items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Definition)
    }


def _definitions(
    given: Mapping[str, Any], model: Model, origin: Origin, at: KeyPath, problems: list[Problem]
) -> Iterator[tuple[str, Definition]]:
    """Yield each definition whose file is named; what is wrong in that file is said of that file."""
    for key, wanted in definition_options(model).items():
        name = given.get(key)
        if not isinstance(name, str):
            continue
        try:
            document = read_toml(origin.folder / name, origin.folder, origin.environment, problems)
        except FileNotFoundError:
            problems.append(origin.problem((*at, key), _("there is no such file")))
            continue
        if document is None:
            continue
        try:
            yield key, wanted.model_validate(document.values)
        except ValidationError as error:
            problems += explain(error, wanted, document.origin)


def _mentions_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_mentions_secret, get_args(annotation)))


def _without_secrets(
    given: Mapping[str, Any], model: Model, origin: Origin, at: KeyPath, problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    """Yield the options with every reference resolved; what can't be is a problem."""
    secrets = secret_options(model)
    for key, value in given.items():
        path = (*at, key)
        if isinstance(value, Reference) or (key in secrets and is_reference(value)):
            try:
                reference = value if isinstance(value, Reference) else read_reference(value)
                yield key, origin.resolve(reference)
            except ReferenceFault as fault:
                problems.append(origin.problem(path, str(fault)))
        elif key in secrets and origin.variable(path) is None:
            problems.append(origin.problem(path, _plain_secret(key, origin)))
        else:
            yield key, value


def _plain_secret(key: str, origin: Origin) -> str:
    name = f"{origin.file.stem}_{key}".upper().replace("-", "_")
    return _(
        "a secret does not stand in the file; write where it is; example: "
        '{key} = {{ env = "{name}" }}, or {{ file = "/run/secrets/{name}" }}, '
        'or {{ keyring = "{name}" }}',
        key=key,
        name=name,
    )


def _unsafe(
    given: Mapping[str, Any], origin: Origin, at: KeyPath, *, allow_insecure: bool
) -> Iterator[Problem]:
    for key, value in given.items():
        path = (*at, key)
        if isinstance(value, str) and origin.variable(path) is None and holds_password(value):
            yield origin.problem(
                path,
                _(
                    "the address holds a password; give it as a reference beside the address, "
                    'or the whole as {key} = {{ env = "NAME" }}',
                    key=key,
                ),
            )
        if allow_insecure:
            continue
        if isinstance(value, str) and insecure(value):
            yield origin.problem(path, _(INSECURE))
        if key == "verify" and value in (False, "false"):
            yield origin.problem(
                path, _("verify = false needs allow_insecure = true beside it, and check says so")
            )


def _absolute(options: BaseModel, folder: Path) -> BaseModel:
    moved: dict[str, Any] = {}
    for name in type(options).model_fields:
        value = getattr(options, name)
        if isinstance(value, Path) and not value.is_absolute():
            moved[name] = folder / value
        elif isinstance(value, str) and name == "url":
            moved[name] = absolute_url(value, folder)
    return options.model_copy(update=moved)
