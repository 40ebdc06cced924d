"""``check``: everything a bridge stands on, looked at one by one, nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer
from pydantic import BaseModel

from bridge.address_key import KeyFault, key_file, known_key, read_key
from bridge.bootstrap import clock, fingerprint_in, open_onestop
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode, worst
from bridge.cli.mappings import check_mappings
from bridge.cli.reach import public_url
from bridge.cli.shape import DataVerb
from bridge.domain.said import Said
from bridge.engine import code_lists
from bridge.i18n import N_, _, spoken
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.certificates import certificate_files
from bridge.sdk.findings import holds_until
from bridge.sdk.records import Check
from bridge.sdk.registry import Registry
from bridge.settings import ConfigurationFault, Settings, SystemSettings
from bridge.settings.verify import verify
from bridge.store import CodeListState, Store, StoreFault, revision_status

UNREACHABLE = frozenset({"address", "connection"})
"""The findings of an adapter that tell whether anybody answers at all."""

_CONFIGURATION, _STORE, _LISTS = Said("configuration"), Said("store"), Said("code lists")
_KEY = Said("key of the office")
_PUBLIC = Said("console: public_url")
_PARTS: dict[str, Said] = {
    part: part
    for part in (
        Said("address"),
        Said("certificate"),
        Said("clock"),
        Said("connection"),
        Said("definition"),
        Said("documents"),
        Said("login"),
        Said("results"),
        Said("service"),
        Said("space"),
        Said("write right"),
    )
}
"""What adapters look at, each by the one name it has with all of them."""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``reached`` is False when nobody answered there."""

    name: str
    ok: bool
    detail: str
    reached: bool = True

    @property
    def code(self) -> ExitCode:
        """What this finding alone would end the command with."""
        if self.ok:
            return ExitCode.DONE
        return ExitCode.ATTENTION if self.reached else ExitCode.UNREACHABLE


@app.command(
    "check",
    cls=DataVerb,
    help=N_(
        "Look at the configuration, the mappings, the databases and each enabled system: address, "
        "certificate, login, clock. Ends with 1 when something fails, 2 when the configuration is "
        "broken, 3 when something can't be reached."
    ),
    epilog="dossier-bridge check\ndossier-bridge check --offline --json",
)
def check(
    context: typer.Context,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help=N_("Leave the systems alone."))
    ] = False,
) -> None:
    """Report every finding; the worst decides how the command ends."""
    desk = Desk.of(context)
    try:
        settings, registry = _verified(desk)
    except ConfigurationFault as fault:
        _report(desk, [_broken(fault)] if desk.as_json else [])
        raise
    findings = list(_all(settings, registry, offline=offline))
    _report(desk, findings)
    raise typer.Exit(worst(*(finding.code for finding in findings)))


def _verified(desk: Desk) -> tuple[Settings, Registry]:
    settings, registry = desk.settings(), Registry.load()
    broken = verify(settings, registry)
    if broken:
        raise ConfigurationFault(broken)
    return settings, registry


def _broken(fault: ConfigurationFault) -> Finding:
    return Finding(_CONFIGURATION, ok=False, detail=str(fault))


def _all(settings: Settings, registry: Registry, *, offline: bool) -> Iterator[Finding]:
    yield _configuration(settings)
    for one in check_mappings(settings, registry):
        yield Finding(one.name, one.ok, one.detail)
    yield _store(settings)
    yield from _key(settings)
    yield from _code_lists(settings, registry)
    yield from _onestop(settings, registry)
    for found in public_url(settings, offline=offline):
        yield Finding(_PUBLIC, found.ok, found.detail, reached=found.reached)
    if offline or not settings.enabled:
        return
    with ThreadPoolExecutor(len(settings.enabled)) as pool:
        looks = [partial(_system, settings, registry, system) for system in settings.enabled]
        for seen in pool.map(_call, looks):
            yield from seen


def _call(look: Callable[[], list[Finding]]) -> list[Finding]:
    return look()


def _configuration(settings: Settings) -> Finding:
    names = ", ".join(system.name for system in settings.enabled)
    detail = names or _("no system is enabled: set enabled = true in systems/*.toml")
    return Finding(_CONFIGURATION, ok=True, detail=detail)


def _store(settings: Settings) -> Finding:
    """Look at the bridge's own tables without making them."""
    try:
        status = revision_status(settings.store.url)
    except StoreFault as fault:
        return Finding(_STORE, ok=False, detail=str(fault), reached=False)
    if status.current is None:
        return Finding(_STORE, ok=True, detail=_("not made yet; the first run makes it"))
    if status.behind:
        behind = ", ".join(status.behind)
        detail = _("behind by {revisions}; the next run applies them", revisions=behind)
        return Finding(_STORE, ok=True, detail=detail)
    return Finding(_STORE, ok=True, detail=_("revision {revision}", revision=status.head))


def _key(settings: Settings) -> Iterator[Finding]:
    """Yield what is wrong with the key; one that is not made yet is made by the first run."""
    file = key_file(settings.folder, settings.store.url)
    try:
        fingerprint = fingerprint_in(settings.store.url) if _is_of_today(settings) else None
        if fingerprint is not None:
            known_key(file, fingerprint)
        elif file.exists():
            read_key(file)
    except KeyFault as fault:
        yield Finding(_KEY, ok=False, detail=spoken(fault.reason))
    except StoreFault:
        return  # that is said of the store


def _is_of_today(settings: Settings) -> bool:
    """Tell whether the store has the tables of this release."""
    status = revision_status(settings.store.url)
    return status.current == status.head


def _code_lists(settings: Settings, registry: Registry) -> Iterator[Finding]:
    """Look at how old the code lists are that were read; a store that is not of today has none."""
    adapters = {one.name: one.adapter for one in settings.enabled}
    for system, states in _lists_read(settings).items():
        declared = registry.ministry(adapters[system]).capabilities.code_lists
        old = code_lists.stale(declared, states, clock())
        detail = "\n".join(map(spoken, old)) or _("read in the last days")
        name = Said("{system}: {part}", system=system, part=_LISTS)
        yield Finding(name, ok=not old, detail=detail)


def _lists_read(settings: Settings) -> dict[str, dict[str, CodeListState]]:
    """Return how far the lists of each enabled system were read, where any was."""
    try:
        if not _is_of_today(settings):
            return {}
        store = Store(settings.store.url, clock)
        with store.read() as unit:
            states = {one.name: unit.code_lists.states(one.name) for one in settings.enabled}
        store.close()
    except StoreFault:
        return {}  # that is said of the store
    return {name: one for name, one in states.items() if one}


def _onestop(settings: Settings, registry: Registry) -> list[Finding]:
    onestop = open_onestop(settings, registry, clock)
    try:
        return _findings("onestop", onestop.check())
    finally:
        onestop.close()


def _system(settings: Settings, registry: Registry, system: SystemSettings) -> list[Finding]:
    plugin = registry.ministry(system.adapter)
    context = AdapterContext(
        name=system.name,
        folder=settings.folder,
        timeout_seconds=system.timeout_seconds,
        max_in_flight=system.max_in_flight,
        now=clock,
        allow_insecure=system.allow_insecure,
    )
    options = system.options_for(plugin)
    adapter = plugin.build(options, context)
    try:
        found = _findings(system.name, adapter.check())
    finally:
        adapter.close()
    found += _findings(system.name, _certificate_files(options, context))
    if getattr(options, "verify", True) is False:
        detail = _("verify = false: the certificate is not looked at")
        name = Said("{system}: {part}", system=system.name, part="verify")
        found.append(Finding(name, ok=False, detail=detail))
    return found


def _certificate_files(options: BaseModel, context: AdapterContext) -> Iterator[Check]:
    """Yield how long the certificates in files hold; the option names each."""
    for one in certificate_files(options, context):
        if one.ends_at is None:
            yield Check(one.place, ok=False, detail=one.trouble or "")
        else:
            yield holds_until(one.place, one.ends_at, context.now())


def _findings(name: str, checks: Iterable[Check]) -> list[Finding]:
    return [
        Finding(_part(name, one), one.ok, one.detail, reached=one.name not in UNREACHABLE)
        for one in checks
    ]


def _part(system: str, one: Check) -> Said:
    """Return the name of a finding; names that every adapter uses are in the catalogue."""
    return Said("{system}: {part}", system=system, part=_PARTS.get(one.name, one.name))


def _report(desk: Desk, findings: list[Finding]) -> None:
    if desk.as_json:
        checks = [
            {"name": str(one.name), "ok": one.ok, "detail": spoken(one.detail)} for one in findings
        ]
        desk.answer({"checks": checks})
    elif findings:
        rows = [
            [_("ok") if one.ok else _("FAILED"), spoken(one.name), spoken(one.detail)]
            for one in findings
        ]
        for line in columns(rows):
            desk.show(line)
