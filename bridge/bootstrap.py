"""The composition root: the only place that knows concrete classes.

Reads nothing but what the settings name, and hands the engine everything it works with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from bridge.address_key import KeyFault, key_at, key_file, known_key
from bridge.alerting import open_watch
from bridge.domain.delivery import Ceilings, Policy
from bridge.domain.file_addresses import FileAddresses
from bridge.domain.reconcile import Action
from bridge.domain.sealing import Seal
from bridge.engine import mark_key
from bridge.engine.house import House, Ministry
from bridge.engine.marks import Marks
from bridge.engine.pace import Pace
from bridge.engine.payloads import Safe
from bridge.engine.reconcile import Nights
from bridge.engine.watch import Watch
from bridge.i18n import spoken
from bridge.identity import alive, this_process
from bridge.mapping import MappingErrors, compile_mapping, load_file, undeclared
from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.onestop import OneStop, OneStopContext
from bridge.sdk.registry import Registry
from bridge.settings import ConfigurationFault, Settings, SystemSettings
from bridge.settings.reconciling import WEEKDAYS
from bridge.settings.verify import routing
from bridge.store import CommitHook, Listener, Store, upgrade

SPARE_SECONDS = 30.0
"""How much longer a lease lasts than the longest call it covers."""


def clock() -> datetime:
    """Return the present moment, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Opened:
    """An opened house; close it when done."""

    settings: Settings
    registry: Registry
    house: House
    paces: dict[str, Pace]
    watch: Watch
    nights: Nights | None
    upgraded: tuple[str, ...]

    def close(self) -> None:
        """Close every adapter, the one-stop database and the store."""
        for ministry in self.house.ministries.values():
            ministry.adapter.close()
        self.house.onestop.close()
        self.house.store.close()


def open_house(  # noqa: PLR0913 - what a test or the simulation hands in instead of the world
    settings: Settings,
    *,
    registry: Registry | None = None,
    now: Callable[[], datetime] = clock,
    sleep: Callable[[float], None] = time.sleep,
    chance: Random | None = None,
    owner: str | None = None,
    on_commit: CommitHook | None = None,
    on_journal: Listener | None = None,
    accept_key: bool = False,
) -> Opened:
    """Bring the store up to date and put the house together.

    ``accept_key``: with whatever key there is, for a person says so (``mark_key.accept``); else with the
    one that the store was used with, and with the first there is where it was used with none.

    Raises:
        ConfigurationFault: an option, a mapping or a plug-in is wrong: all that is, with place; or the
            key of this office.
        StoreFault: the store can't be reached.
        MappingErrors: a mapping does not compile.
    """
    registry = registry or Registry.load()
    if problems := routing(settings, registry):
        raise ConfigurationFault(problems)
    watch = open_watch(settings, registry, now)
    url = settings.store.url
    upgraded = tuple(upgrade(url))
    fingerprint = fingerprint_in(url)
    key = office_key(settings, None if accept_key else fingerprint)
    store = Store(url, now, on_commit=on_commit, on_journal=on_journal)
    ministries = {one.name: open_ministry(settings, one, registry, now) for one in settings.enabled}
    house = House(
        store=store,
        onestop=open_onestop(settings, registry, now),
        ministries=ministries,
        now=now,
        sleep=sleep,
        chance=chance or Random(),  # noqa: S311 - spreads backoff, guards no secret
        owner=owner or this_process(),
        zone=ZoneInfo(settings.timezone),
        marks=Marks.under(key),
        alive=alive,
        addresses=file_addresses(settings, key),
        safe=payload_safe(settings),
    )
    paces = {name: Pace() for name in ministries}
    opened = Opened(settings, registry, house, paces, watch, nights(settings), upgraded)
    with ExitStack() as stack:
        stack.callback(opened.close)
        if fingerprint is None:
            mark_key.accept(house)
        stack.pop_all()
    return opened


def nights(settings: Settings) -> Nights | None:
    """Return when both sides are compared unasked, ``None`` where they are not."""
    table = settings.reconcile
    if not table.nightly:
        return None
    return Nights(
        at=table.begins,
        days=table.days,
        weekly_days=max(table.weekly_days, table.days),
        weekly_on=WEEKDAYS.index(table.weekly_on),
        actions=frozenset(map(Action, table.actions if table.apply else ())),
        keep=timedelta(days=table.keep_days),
    )


def open_onestop(settings: Settings, registry: Registry, now: Callable[[], datetime]) -> OneStop:
    """Build the one-stop adapter; no connection is made yet."""
    plugin = registry.onestop(settings.onestop.adapter)
    options = settings.onestop.options_for(plugin)
    return plugin.build(options, OneStopContext(settings.folder, now))


def open_ministry(
    settings: Settings, one: SystemSettings, registry: Registry, now: Callable[[], datetime]
) -> Ministry:
    """Build one system: its adapter (no connection is made yet) and its compiled mappings."""
    found = registry.ministry(one.adapter)
    options = one.options_for(found)
    plugin = found.of(options)
    context = AdapterContext(
        name=one.name,
        folder=settings.folder,
        timeout_seconds=one.timeout_seconds,
        max_in_flight=one.max_in_flight,
        now=now,
        allow_insecure=one.allow_insecure,
    )
    adapter = plugin.build(options, context)
    today = now().astimezone(ZoneInfo(settings.timezone)).date()
    lenses = {
        kind: compile_mapping(load_file(path), addresses=settings.console.public_url is not None)
        for kind, path in mapping_files(settings, one, plugin, registry, today).items()
    }
    declared = plugin.capabilities.code_lists
    if problems := [each for lens in lenses.values() for each in undeclared(lens, declared)]:
        adapter.close()
        raise MappingErrors(problems)
    return Ministry(
        name=one.name,
        title=plugin.title,
        adapter=adapter,
        lenses=lenses,
        procedures=one.procedures,
        policy=policy(one, plugin),
        poll_seconds=one.poll_seconds,
        max_in_flight=one.max_in_flight,
        rate_per_second=one.rate_per_second,
        lease_seconds=one.timeout_seconds * 2 + SPARE_SECONDS,
        open_hours=one.open_hours,
        import_procedure=getattr(options, "import_procedure", None),
        max_document_mb=one.max_document_mb or plugin.max_document_mb,
        max_result_mb=one.max_result_mb,
        onboard=one.onboard,
        successor=one.successor,
        options=sha256(repr(sorted(one.options.items())).encode()).hexdigest(),
    )


def fingerprint_in(url: str) -> str | None:
    """Return the fingerprint of the key that a store was used with, if it was used with any.

    No connection stays open: whoever forks a process hands none on.

    Raises:
        StoreFault: the store can't be reached.
    """
    with closing(Store(url, clock)) as store, store.read() as unit:
        return unit.unpaired.key()


def office_key(settings: Settings, fingerprint: str | None) -> bytes:
    """Return the key of this office, by the fingerprint that the store knows it by.

    Raises:
        ConfigurationFault: it can't be had, others may read it, or it is another one.
    """
    file = key_file(settings.folder, settings.store.url)
    try:
        return key_at(file) if fingerprint is None else known_key(file, fingerprint)
    except KeyFault as fault:
        words = spoken(fault.reason)
        raise ConfigurationFault([settings.store.origin.problem(("store", "url"), words)]) from None


def file_addresses(settings: Settings, key: bytes) -> FileAddresses | None:
    """Return what makes addresses of files, ``None`` while ministries can't fetch any."""
    console = settings.console
    if console.public_url is None:
        return None
    return FileAddresses(console.public_url, key, console.address_days)


def payload_safe(settings: Settings) -> Safe:
    """Return where payloads are kept.

    Raises:
        ConfigurationFault: the key's reference leads to nothing, or the secret is too short.
    """
    secret = settings.payload_secret()
    keep = timedelta(days=settings.payloads.keep_days)
    return Safe(None if secret is None else Seal.of(secret), keep)


def policy(one: SystemSettings, plugin: Plugin) -> Policy:
    """Return how patient the engine is with a system."""
    return Policy(
        ceilings=Ceilings(**one.ceilings.model_dump()),
        grace_seconds=one.doubt_grace_seconds,
        deadline_hours=one.answer_deadline_hours,
        repeat_safe=plugin.capabilities.submit == "idempotent",
    )


def mapping_files(
    settings: Settings, one: SystemSettings, plugin: Plugin, registry: Registry, on: date
) -> dict[str, Path]:
    """Return the mapping file of each record type: the configured one, else the adapter's own."""
    names = {**plugin.mappings, **one.mapping}
    return {kind: _file(settings, registry, name, on) for kind, name in names.items()}


def _file(settings: Settings, registry: Registry, name: str, on: date) -> Path:
    if name.endswith((".yaml", ".yml")):
        return settings.folder / name
    return registry.mapping_file(name, on=on)
