"""The configuration: ``bridge.toml``, ``systems/*.toml`` and the environment (contracts/cli.md)."""

from bridge.settings.load import CONFIG_VARIABLE, FILE_NAME, load, locate
from bridge.settings.models import Console, Workers
from bridge.settings.origin import Origin
from bridge.settings.problems import ConfigurationFault, Problem, suggest
from bridge.settings.settings import OneStopSettings, Settings, StoreSettings, SystemSettings
from bridge.settings.watching import Receiver

__all__ = [
    "CONFIG_VARIABLE",
    "FILE_NAME",
    "ConfigurationFault",
    "Console",
    "OneStopSettings",
    "Origin",
    "Problem",
    "Receiver",
    "Settings",
    "StoreSettings",
    "SystemSettings",
    "Workers",
    "load",
    "locate",
    "suggest",
]
