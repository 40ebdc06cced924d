"""Puts the watch together from the settings: who is told and how, what is looked at.

A part of the composition root: it knows the mail server and the webhooks, which are only made here
and speak to nobody before a message is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from bridge.domain.alerts import Severity, rules_of
from bridge.engine.watch import DigestRound, Letter, Receiver, Watch
from bridge.i18n import speaker
from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.certificates import (
    CertificateFound,
    certificates_at,
    certificates_of,
    certificates_of_mail,
)
from bridge.sdk.http import HttpOptions
from bridge.sdk.mail import Mail, MailServer, Postman
from bridge.sdk.registry import Registry
from bridge.sdk.webhook import Webhook
from bridge.settings import Receiver as ReceiverTable
from bridge.settings import Settings, SystemSettings
from bridge.settings.references import Reference
from bridge.settings.toml_lines import KeyPath

__all__ = ["open_watch"]

PATIENCE_SECONDS = 10.0
"""How long the server of a receiver may take for one answer."""

Send = Callable[[str, Letter], None]
_Looks = dict[str, Callable[[], Iterable[CertificateFound]]]


def open_watch(settings: Settings, registry: Registry, now: Callable[[], datetime]) -> Watch:
    """Return the watch; no connection is made yet.

    Raises:
        ConfigurationFault: a secret of a receiver can't be had.
    """
    postman = _postman(settings)
    mail, tables = _mail(postman), settings.alerts.receivers
    hooks = {
        name: _hook(settings, name, table, now)
        for name, table in tables.items()
        if table.mail is None or mail is None
    }
    sends = {name: _webhook(hook) for name, hook in hooks.items()}
    if mail is not None:
        sends |= {name: partial(mail, one.mail) for name, one in tables.items() if one.mail}
    receivers = {name: _receiver(settings, name, tables[name], sends[name]) for name in tables}
    return Watch(
        rules=rules_of(settings.alerts.thresholds),
        quiet=settings.alerts.quiet,
        receivers=receivers,
        folders=_folders(settings),
        certificates=_of_systems(settings, registry, now) | _of_ours(settings, now, postman, hooks),
        digest=_digest(settings, mail),
    )


def _postman(settings: Settings) -> Postman | None:
    table = settings.mail
    if table.host is None or table.sender is None:
        return None
    password = _secret(settings, table.password, ("mail", "password"))
    return Postman(
        MailServer(
            host=table.host,
            port=table.port,
            security=table.security,
            sender=table.sender,
            username=table.username,
            password=password,
            ca_file=settings.folder / table.ca_file if table.ca_file else None,
            timeout_seconds=PATIENCE_SECONDS,
        )
    )


def _mail(postman: Postman | None) -> Send | None:
    if postman is None:
        return None
    return lambda to, letter: postman.send(Mail(to, letter.subject, letter.text, letter.key))


def _receiver(
    settings: Settings, name: str, table: ReceiverTable, send: Callable[[Letter], None]
) -> Receiver:
    language = table.language or settings.locale
    return Receiver(name, send, speaker(language), Severity(table.least))


@dataclass(frozen=True)
class _Hook:
    """Where a receiver's letters are posted; the path of the address may be as good as a password."""

    address: str = field(repr=False)
    context: AdapterContext
    options: HttpOptions
    token: str | None = field(repr=False)


def _hook(
    settings: Settings, name: str, table: ReceiverTable, now: Callable[[], datetime]
) -> _Hook:
    """Return where a receiver's letters are posted; an address in a reference is looked up now."""
    at = ("alerts", "receivers", name)
    address = _secret(settings, table.webhook, (*at, "webhook"))
    token = _secret(settings, table.token, (*at, "token"))
    context = AdapterContext(
        name, settings.folder, PATIENCE_SECONDS, 1, now, allow_insecure=table.allow_insecure
    )
    options = HttpOptions(ca_file=Path(table.ca_file) if table.ca_file else None)
    return _Hook(address or "", context, options, token)


def _webhook(hook: _Hook) -> Callable[[Letter], None]:
    """Return what posts a letter's facts."""
    webhook = Webhook(hook.address, context=hook.context, options=hook.options, token=hook.token)
    return lambda letter: webhook.post(letter.facts)


def _secret(settings: Settings, given: str | Reference | None, at: KeyPath) -> str | None:
    return settings.secret(given, at) if isinstance(given, Reference) else given


def _folders(settings: Settings) -> dict[str, Path]:
    """Return the folders that are written to: of the store, if it is a file, and of documents."""
    documents = settings.folder / str(settings.onestop.given.get("documents", "var/documents"))
    folders = {"documents": documents}
    url = settings.store.url
    if url.startswith("sqlite:///"):
        folders["store"] = Path(url.removeprefix("sqlite:///").partition("?")[0]).parent
    return folders


def _of_systems(settings: Settings, registry: Registry, now: Callable[[], datetime]) -> _Looks:
    return {
        one.name: partial(_certificates, settings, one, registry.ministry(one.adapter), now)
        for one in settings.enabled
    }


def _of_ours(
    settings: Settings,
    now: Callable[[], datetime],
    postman: Postman | None,
    hooks: Mapping[str, _Hook],
) -> _Looks:
    """Return looks at what is no system's, by the key of the setting that names it."""
    looks: _Looks = {
        f"alerts.receivers.{name}": partial(
            certificates_at, [hook.address], hook.options, hook.context
        )
        for name, hook in hooks.items()
    }
    if postman is not None:
        looks["mail.host"] = partial(certificates_of_mail, postman)
    if settings.console.public_url is not None:
        context = AdapterContext("console", settings.folder, PATIENCE_SECONDS, 1, now)
        looks["console.public_url"] = partial(
            certificates_at, [settings.console.public_url], HttpOptions(), context
        )
    return looks


def _certificates(
    settings: Settings, one: SystemSettings, plugin: Plugin, now: Callable[[], datetime]
) -> list[CertificateFound]:
    context = AdapterContext(
        one.name,
        settings.folder,
        one.timeout_seconds,
        1,
        now,
        allow_insecure=one.allow_insecure,
    )
    return list(certificates_of(one.options_for(plugin), context))


def _digest(settings: Settings, mail: Send | None) -> DigestRound | None:
    if mail is None:
        return None
    table = settings.mail
    return DigestRound(table.at, table.agencies, table.other, mail)
