"""Puts the watch together from the settings: who is told and how, what is looked at.

A part of the composition root: it knows the mail server and the webhooks, which are only made here
and speak to nobody before a message is due.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from bridge.domain.alerts import Severity, rules_of
from bridge.engine.watch import DigestRound, Letter, Receiver, Watch
from bridge.i18n import speaker
from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.certificates import CertificateFound, certificates_of
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


def open_watch(settings: Settings, registry: Registry, now: Callable[[], datetime]) -> Watch:
    """Return the watch; no connection is made yet.

    Raises:
        ConfigurationFault: a secret of a receiver can't be had.
    """
    mail = _mail(settings)
    receivers = {
        name: _receiver(settings, name, table, now, mail)
        for name, table in settings.alerts.receivers.items()
    }
    return Watch(
        rules=rules_of(settings.alerts.thresholds),
        quiet=settings.alerts.quiet,
        receivers=receivers,
        folders=_folders(settings),
        certificates={
            one.name: partial(_certificates, settings, one, registry.ministry(one.adapter), now)
            for one in settings.enabled
        },
        digest=_digest(settings, mail),
    )


def _mail(settings: Settings) -> Send | None:
    table = settings.mail
    if table.host is None or table.sender is None:
        return None
    password = _secret(settings, table.password, ("mail", "password"))
    server = MailServer(
        host=table.host,
        port=table.port,
        security=table.security,
        sender=table.sender,
        username=table.username,
        password=password,
        ca_file=settings.folder / table.ca_file if table.ca_file else None,
        timeout_seconds=PATIENCE_SECONDS,
    )
    postman = Postman(server)
    return lambda to, letter: postman.send(Mail(to, letter.subject, letter.text, letter.key))


def _receiver(
    settings: Settings,
    name: str,
    table: ReceiverTable,
    now: Callable[[], datetime],
    mail: Send | None,
) -> Receiver:
    if table.mail is not None and mail is not None:
        send: Callable[[Letter], None] = partial(mail, table.mail)
    else:
        send = _webhook(settings, name, table, now)
    language = table.language or settings.locale
    return Receiver(name, send, speaker(language), Severity(table.least))


def _webhook(
    settings: Settings, name: str, table: ReceiverTable, now: Callable[[], datetime]
) -> Callable[[Letter], None]:
    """Return what posts a letter's facts; an address in a reference is looked up now."""
    at = ("alerts", "receivers", name)
    address = _secret(settings, table.webhook, (*at, "webhook"))
    token = _secret(settings, table.token, (*at, "token"))
    context = AdapterContext(
        name, settings.folder, PATIENCE_SECONDS, 1, now, allow_insecure=table.allow_insecure
    )
    options = HttpOptions(ca_file=Path(table.ca_file) if table.ca_file else None)
    webhook = Webhook(address or "", context=context, options=options, token=token)
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
