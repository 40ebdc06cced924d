"""Holds a configuration against what is installed: adapters, their options, mappings."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.i18n import _
from bridge.sdk.adapter import Plugin
from bridge.sdk.registry import Registry, UnknownPlugin
from bridge.settings.problems import ConfigurationFault, Problem, suggest
from bridge.settings.rules import routing_rules
from bridge.settings.settings import Settings, SystemSettings

__all__ = ["FILE_SUFFIXES", "routing", "verify"]

FILE_SUFFIXES = (".yaml", ".yml")


def verify(settings: Settings, registry: Registry) -> list[Problem]:
    """Return what is wrong: unknown or broken adapters, options, secrets, mappings.

    Systems that are not enabled are left alone: nobody has filled them in yet.
    """
    problems = [*_onestop(settings, registry), *routing(settings, registry)]
    try:
        settings.payload_secret()
    except ConfigurationFault as fault:
        problems += fault.problems
    for system in settings.enabled:
        problems += _system(settings, registry, system)
    return problems


def routing(settings: Settings, registry: Registry) -> list[Problem]:
    """Return the procedures that two enabled sector systems take."""
    sectors = [one for one in settings.enabled if _is_sector(one, registry)]
    return list(routing_rules(sectors))


def _is_sector(system: SystemSettings, registry: Registry) -> bool:
    plugin = registry.ministries.get(system.adapter)
    if plugin is None:
        return False
    try:
        plugin = plugin.of(system.options_for(plugin)) if plugin.by_options else plugin
    except ConfigurationFault:  # said where the options are looked at
        return False
    return not plugin.capabilities.mirrors


def _onestop(settings: Settings, registry: Registry) -> Iterator[Problem]:
    onestop = settings.onestop
    try:
        onestop.options_for(registry.onestop(onestop.adapter))
    except UnknownPlugin as fault:
        yield onestop.origin.problem(("onestop", "adapter"), str(fault))
    except ConfigurationFault as fault:
        yield from fault.problems


def _system(settings: Settings, registry: Registry, system: SystemSettings) -> Iterator[Problem]:
    try:
        plugin = registry.ministry(system.adapter)
    except UnknownPlugin as fault:
        yield system.origin.problem(("adapter",), str(fault))
        return
    try:
        plugin = plugin.of(system.options_for(plugin))
    except ConfigurationFault as fault:
        yield from fault.problems
        if plugin.by_options:  # nobody knows its record types
            return
    yield from _mappings(settings, registry, system, plugin)


def _mappings(
    settings: Settings, registry: Registry, system: SystemSettings, plugin: Plugin
) -> Iterator[Problem]:
    for record, name in {**plugin.mappings, **system.mapping}.items():
        path = ("mapping", record)
        if record not in plugin.mappings:
            text = _("the adapter has no record type {record}", record=record)
            yield system.origin.problem(path, text + suggest(record, plugin.mappings))
        elif name.endswith(FILE_SUFFIXES):
            if not (settings.folder / name).is_file():
                yield system.origin.problem(path, _("there is no such file"))
        elif name not in registry.mappings:
            text = _("there is no mapping {name}", name=name)
            yield system.origin.problem(path, text + suggest(name, registry.mappings))
