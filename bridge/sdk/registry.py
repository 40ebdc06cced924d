"""Finds adapters and mappings by entry point and proves each at registration.

Ours come in by the same door as a stranger's. A plug-in that can't be used is named with the
reason and stops nobody else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bridge.i18n import _
from bridge.sdk.adapter import Plugin
from bridge.sdk.capabilities import CapabilityFault
from bridge.sdk.imported import imported, talks
from bridge.sdk.onestop import OneStopPlugin

__all__ = [
    "ADAPTERS",
    "MAPPINGS",
    "MappingFile",
    "PluginFault",
    "Registry",
    "Source",
    "UnknownPlugin",
]

ADAPTERS = "dossier_bridge.adapters"
MAPPINGS = "dossier_bridge.mappings"

_VERSIONED = re.compile(r"(?P<kind>[a-z][a-z0-9_]*)\.v(?P<version>[1-9]\d*)\.yaml")
_VALID_FROM = re.compile(r"^valid_from:\s*[\"']?(\d{4}-\d{2}-\d{2})", re.MULTILINE)

_P = TypeVar("_P")


class UnknownPlugin(LookupError):  # noqa: N818 - a fault of the configuration
    """No plug-in, or no mapping, has this name; the message names the nearest."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plug-in comes from: its distribution, that one's version, and the object's place."""

    distribution: str
    version: str
    place: str

    def __str__(self) -> str:
        """Render as ``name version``."""
        return f"{self.distribution} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class PluginFault:
    """A plug-in that can't be used: the name it wants, where it comes from, and why."""

    name: str
    source: Source
    reason: str


@dataclass(frozen=True, slots=True)
class MappingFile:
    """One version of a mapping; ``valid_from`` is the first day it holds, ``None`` for always."""

    name: str
    version: int
    path: Path
    valid_from: date | None


@dataclass(frozen=True, slots=True)
class Registry:
    """Every usable plug-in by name, where each comes from, and the faults of the others."""

    ministries: Mapping[str, Plugin]
    onestops: Mapping[str, OneStopPlugin]
    mappings: Mapping[str, tuple[MappingFile, ...]]
    sources: Mapping[str, Source]
    faults: tuple[PluginFault, ...] = ()

    @classmethod
    def load(cls) -> Registry:
        """Import and prove all that is installed."""
        faults: list[PluginFault] = []
        plugins = dict(_singly(_adapters(faults), faults))
        mappings = _singly(_mapping_packages(faults), faults)
        versions: dict[str, list[MappingFile]] = defaultdict(list)
        for name_and_version, (one, _source) in sorted(mappings):
            versions[name_and_version.rpartition(" ")[0]].append(one)
        return cls(
            ministries={n: one for n, (one, _s) in plugins.items() if isinstance(one, Plugin)},
            onestops={n: one for n, (one, _s) in plugins.items() if isinstance(one, OneStopPlugin)},
            mappings={name: tuple(found) for name, found in versions.items()},
            sources={name: source for name, (_one, source) in plugins.items()},
            faults=tuple(faults),
        )

    def ministry(self, name: str) -> Plugin:
        """Return the ministry adapter called ``name``; raises ``UnknownPlugin``."""
        return self._find(name, self.ministries)

    def onestop(self, name: str) -> OneStopPlugin:
        """Return the one-stop adapter called ``name``; raises ``UnknownPlugin``."""
        return self._find(name, self.onestops)

    def mapping_file(self, name: str, on: date | None = None) -> Path:
        """Return the file of a mapping: the greatest version, of those that hold on day ``on``.

        Raises:
            UnknownPlugin: no mapping has this name, or none of its versions holds yet.
        """
        if name not in self.mappings:
            raise UnknownPlugin(
                _("there is no mapping {name}", name=name) + _nearest(name, self.mappings)
            )
        holding = [
            one
            for one in self.mappings[name]
            if on is None or one.valid_from is None or one.valid_from <= on
        ]
        if not holding:
            raise UnknownPlugin(_("no version of mapping {name} holds on {day}", name=name, day=on))
        return max(holding, key=lambda one: one.version).path

    def _find(self, name: str, plugins: Mapping[str, _P]) -> _P:
        if name in plugins:
            return plugins[name]
        for fault in self.faults:
            if fault.name == name:
                raise UnknownPlugin(
                    _("the adapter {name} can't be used: {reason}", name=name, reason=fault.reason)
                )
        raise UnknownPlugin(_("there is no adapter {name}", name=name) + _nearest(name, plugins))


def _adapters(faults: list[PluginFault]) -> Iterator[tuple[str, object, Source]]:
    for point in _points(ADAPTERS):
        try:
            plugin = imported(point)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module may raise anything
            reason = _("{error} while it was imported: {detail}", **_said(error))
            faults.append(PluginFault(point.name, _source(point), reason))
            continue
        reason = _unfit(plugin, point.name) or talks(point)
        if reason:
            faults.append(PluginFault(point.name, _source(point), reason))
        else:
            yield point.name, plugin, _source(point)


def _unfit(plugin: object, name: str) -> str:
    """Return why a loaded object is no plug-in of that name, empty when it is one."""
    if not isinstance(plugin, Plugin | OneStopPlugin):
        return _(
            "it is of type {found}; expected a bridge.sdk.adapter.Plugin or a "
            "bridge.sdk.onestop.OneStopPlugin",
            found=type(plugin).__name__,
        )
    if plugin.name != name:
        return _("it calls itself {found}, its entry point {name}", found=plugin.name, name=name)
    if not (isinstance(plugin.options, type) and issubclass(plugin.options, BaseModel)):
        return _("its options are no pydantic model")
    if not callable(plugin.build):
        return _("its build can't be called")
    if isinstance(plugin, Plugin):
        try:
            plugin.capabilities.verify(name)
        except CapabilityFault as fault:
            return str(fault)
    return ""


def _mapping_packages(faults: list[PluginFault]) -> Iterator[tuple[str, MappingFile, Source]]:
    for point in _points(MAPPINGS):
        try:
            root = Path(str(files(point.value.partition(":")[0])))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - importing the package may raise anything
            reason = _("{error} while it was imported: {detail}", **_said(error))
            faults.append(PluginFault(point.name, _source(point), reason))
            continue
        for path in sorted(root.glob("*/*.yaml")):
            match = _VERSIONED.fullmatch(path.name)
            if match is None:
                reason = _("{file}: expected a name like licence.v1.yaml", file=path.name)
                faults.append(PluginFault(path.parent.name, _source(point), reason))
                continue
            name, version = f"{path.parent.name}/{match['kind']}", int(match["version"])
            found = MappingFile(name, version, path, _valid_from(path))
            yield f"{name} v{version}", found, _source(point)


def _singly(
    offered: Iterable[tuple[str, _P, Source]], faults: list[PluginFault]
) -> Iterator[tuple[str, tuple[_P, Source]]]:
    """Yield what is offered once; of what is offered under one name twice, nobody is believed."""
    by_name: dict[str, list[tuple[_P, Source]]] = defaultdict(list)
    for name, plugin, source in offered:
        by_name[name].append((plugin, source))
    for name, found in sorted(by_name.items()):
        if len(found) == 1:
            yield name, found[0]
            continue
        places = ", ".join(f"{source} ({source.place})" for _plugin, source in found)
        reason = _(
            "the name is taken more than once: {places}; uninstall all but one", places=places
        )
        faults.extend(PluginFault(name, source, reason) for _plugin, source in found)


def _points(group: str) -> list[EntryPoint]:
    """Return the entry points of a group, each once however often its metadata is on the path."""
    found = {
        (one.name, one.value, _source(one).distribution): one for one in entry_points(group=group)
    }
    return [found[key] for key in sorted(found)]


def _source(point: EntryPoint) -> Source:
    if point.dist is None:
        return Source("?", "", point.value)
    return Source(point.dist.name, point.dist.version, point.value)


def _said(error: BaseException) -> dict[str, str]:
    return {"error": type(error).__name__, "detail": str(error).partition("\n")[0]}


def _valid_from(path: Path) -> date | None:
    match = _VALID_FROM.search(path.read_text(encoding="utf-8-sig"))
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return _('; did you mean "{name}"?', name=", ".join(near))
    return _("; known: {names}", names=", ".join(names)) if names else ""
