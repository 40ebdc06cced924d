"""The configuration as the bridge uses it: frozen, with its place in the files remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from bridge.domain.sealing import SECRET_LEAST
from bridge.i18n import _
from bridge.settings.addresses import absolute_url, holds_password
from bridge.settings.explain import Model
from bridge.settings.models import CeilingsTable, Console, Payloads, Workers
from bridge.settings.options import read_options
from bridge.settings.origin import Origin
from bridge.settings.problems import ConfigurationFault
from bridge.settings.reconciling import Reconcile
from bridge.settings.references import Reference, ReferenceFault
from bridge.settings.toml_lines import KeyPath
from bridge.settings.watching import Alerts, Mail

__all__ = ["Configurable", "OneStopSettings", "Settings", "StoreSettings", "SystemSettings"]


class Configurable(Protocol):
    """What is asked of a plug-in here: the model of its options."""

    @property
    def options(self) -> Model:
        """The pydantic model of ``[options]``."""
        ...


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The bridge's own database."""

    origin: Origin = field(repr=False)
    given: str | Reference = field(repr=False)

    @property
    def url(self) -> str:
        """The url, an SQLite path made absolute, a reference looked up now.

        Raises:
            ConfigurationFault: the reference leads to nothing.
        """
        if isinstance(self.given, str):
            return absolute_url(self.given, self.origin.folder)
        try:
            return absolute_url(self.origin.resolve(self.given), self.origin.folder)
        except ReferenceFault as fault:
            raise ConfigurationFault([self.origin.problem(("store", "url"), str(fault))]) from None

    @property
    def spells_password(self) -> bool:
        """Whether the file itself holds a password in the url."""
        in_file = self.origin.variable(("store", "url")) is None
        return in_file and isinstance(self.given, str) and holds_password(self.given)


@dataclass(frozen=True, slots=True)
class OneStopSettings:
    """The one-stop database: its adapter, its rhythm, and the adapter's options as written."""

    origin: Origin = field(repr=False)
    adapter: str
    poll_seconds: float
    given: Mapping[str, Any] = field(repr=False)

    def options_for(self, plugin: Configurable) -> BaseModel:
        """Return the adapter's options; raises ``ConfigurationFault`` with all that is wrong."""
        return read_options(self.given, plugin.options, self.origin, at=("onestop",))


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """One ministry system. Seconds are seconds; hours are local, ``None`` is always open."""

    origin: Origin = field(repr=False)
    name: str
    adapter: str
    enabled: bool
    procedures: tuple[str, ...]
    poll_seconds: float
    max_result_mb: float
    max_in_flight: int
    rate_per_second: float | None
    timeout_seconds: float
    open_hours: tuple[time, time] | None
    doubt_grace_seconds: float
    answer_deadline_hours: float
    max_document_mb: float | None
    allow_insecure: bool
    onboard: bool | None
    successor: str | None
    ceilings: CeilingsTable
    mapping: Mapping[str, str]
    options: Mapping[str, Any] = field(repr=False)

    def options_for(self, plugin: Configurable) -> BaseModel:
        """Return the adapter's options; raises ``ConfigurationFault`` with all that is wrong."""
        return read_options(
            self.options,
            plugin.options,
            self.origin,
            at=("options",),
            allow_insecure=self.allow_insecure,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. ``folder`` is the folder of ``bridge.toml``, absolute."""

    folder: Path
    file: Path
    locale: str
    timezone: str
    agency: str | None
    store: StoreSettings
    onestop: OneStopSettings
    console: Console
    workers: Workers
    payloads: Payloads
    alerts: Alerts
    mail: Mail
    reconcile: Reconcile
    systems: tuple[SystemSettings, ...]

    @property
    def enabled(self) -> tuple[SystemSettings, ...]:
        """The systems that are not switched off."""
        return tuple(system for system in self.systems if system.enabled)

    def secret(self, reference: Reference, at: KeyPath) -> str:
        """Look a secret of ``bridge.toml`` up, which stands ``at`` a path.

        Raises:
            ConfigurationFault: the reference leads to nothing.
        """
        origin = self.store.origin
        try:
            return origin.resolve(reference)
        except ReferenceFault as fault:
            raise ConfigurationFault([origin.problem(at, str(fault))]) from None

    def payload_secret(self) -> str | None:
        """Return the secret payloads are encrypted with, ``None`` where none are kept.

        Raises:
            ConfigurationFault: the reference leads to nothing, or to a secret that is too short.
        """
        if self.payloads.key is None:
            return None
        at = ("payloads", "key")
        secret = self.secret(self.payloads.key, at)
        if len(secret) < SECRET_LEAST:
            words = _(
                "the secret is too short: at least {least} characters, as from: "
                "openssl rand -base64 32",
                least=SECRET_LEAST,
            )
            raise ConfigurationFault([self.store.origin.problem(at, words)])
        return secret

    def system(self, name: str) -> SystemSettings | None:
        """Return the system with this name."""
        return next((system for system in self.systems if system.name == name), None)
