"""Reads the configuration: files, then environment, then the rules over all of it.

Nothing stops at the first mistake: a person mends the list once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bridge.i18n import _
from bridge.settings.explain import explain
from bridge.settings.models import BridgeFile, SystemFile
from bridge.settings.origin import Origin
from bridge.settings.overrides import Override, lay_over, overrides
from bridge.settings.problems import ConfigurationFault, Problem, suggest
from bridge.settings.rules import bridge_rules, system_rules
from bridge.settings.settings import OneStopSettings, Settings, StoreSettings, SystemSettings
from bridge.settings.toml_file import Document, read_toml
from bridge.settings.toml_lines import KeyPath

__all__ = ["CONFIG_VARIABLE", "FILE_NAME", "load", "locate"]

CONFIG_VARIABLE = "DOSSIER_BRIDGE_CONFIG"
FILE_NAME = "bridge.toml"

_M = TypeVar("_M", bound=BaseModel)


def locate(path: Path | None, environment: Mapping[str, str]) -> Path:
    """Return the absolute path of ``bridge.toml``: asked for, else the variable's, else here."""
    chosen = path or Path(environment.get(CONFIG_VARIABLE) or FILE_NAME)
    return (chosen / FILE_NAME if chosen.is_dir() else chosen).absolute()


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read and check the whole configuration.

    The options of adapters are checked when they are read (``options_for``, ``verify``).

    Raises:
        ConfigurationFault: all that is wrong, with file, line and key.
    """
    file = locate(path, environment)
    problems: list[Problem] = []
    laid = _overrides(environment, problems)
    bridge = _read(file, file.parent, environment, problems)
    found = sorted((file.parent / "systems").glob("*.toml"))
    documents = [_read(one, file.parent, environment, problems) for one in found]
    systems = [one for one in documents if one is not None]
    _unclaimed(laid, systems, problems)
    table = None if bridge is None else _parse(BridgeFile, _over(bridge, None, laid, problems))
    parsed = [_parse(SystemFile, _over(one, _name(one), laid, problems)) for one in systems]
    settled = [_system(*one) for one in _sound(parsed, problems)]
    problems += system_rules(settled)
    for top in _sound([table] if table else [], problems):
        settings = _settings(*top, tuple(settled))
        problems += bridge_rules(settings)
        if not problems:
            return settings
    raise ConfigurationFault(problems)


def _overrides(environment: Mapping[str, str], problems: list[Problem]) -> list[Override]:
    read = list(overrides(environment))
    problems += [one for one in read if isinstance(one, Problem)]
    return [one for one in read if isinstance(one, Override)]


def _read(
    file: Path, folder: Path, environment: Mapping[str, str], problems: list[Problem]
) -> Document | None:
    try:
        return read_toml(file, folder, environment, problems)
    except FileNotFoundError:
        words = _("there is no such file; make one with: dossier-bridge init DIR")
        problems.append(Origin(file, folder, environment=environment).problem((), words))
    return None


def _name(document: Document) -> str | None:
    name = document.values.get("name")
    return name if isinstance(name, str) else None


def _unclaimed(laid: list[Override], systems: list[Document], problems: list[Problem]) -> None:
    names = {name for name in map(_name, systems) if name}
    problems += [
        one.problem(_("there is no system {name}", name=one.system) + suggest(one.system, names))
        for one in laid
        if one.system is not None and one.system not in names
    ]


def _over(
    document: Document, system: str | None, laid: list[Override], problems: list[Problem]
) -> Document:
    variables: dict[KeyPath, str] = {}
    is_bridge = document.origin.file.parent == document.origin.folder
    for one in laid:
        if one.system != system or (one.system is None) != is_bridge:
            continue
        problem = lay_over(document.values, one)
        if problem is None:
            variables[one.path] = one.variable
        else:
            problems.append(problem)
    origin = document.origin
    return Document(
        Origin(origin.file, origin.folder, origin.lines, variables, origin.environment),
        document.values,
    )


def _parse(model: type[_M], document: Document) -> tuple[_M | list[Problem], Origin]:
    try:
        return model.model_validate(document.values), document.origin
    except ValidationError as error:
        return list(explain(error, model, document.origin)), document.origin


def _sound(
    parsed: list[tuple[_M | list[Problem], Origin]], problems: list[Problem]
) -> Iterator[tuple[_M, Origin]]:
    for result, origin in parsed:
        if isinstance(result, list):
            problems += result
        else:
            yield result, origin


def _system(file: SystemFile, origin: Origin) -> SystemSettings:
    options = dict(file.options)
    beside = options.pop("allow_insecure", False) is True
    fields = {name: getattr(file, name) for name in SystemFile.model_fields}
    return SystemSettings(
        **fields
        | {
            "origin": origin,
            "options": options,
            "allow_insecure": file.allow_insecure or beside,
            "doubt_grace_seconds": file.doubt_grace_seconds or 2 * file.timeout_seconds,
        }
    )


def _settings(file: BridgeFile, origin: Origin, systems: tuple[SystemSettings, ...]) -> Settings:
    table = file.onestop
    given = {"url": table.url, "documents": table.documents, **(table.model_extra or {})}
    return Settings(
        folder=origin.folder,
        file=origin.file,
        locale=file.locale,
        timezone=file.timezone,
        agency=file.agency,
        store=StoreSettings(origin, file.store.url),
        onestop=OneStopSettings(origin, table.adapter, table.poll_seconds, given),
        console=file.console,
        payloads=file.payloads,
        workers=file.workers,
        alerts=file.alerts,
        mail=file.mail,
        reconcile=file.reconcile,
        systems=systems,
    )
