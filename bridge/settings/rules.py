"""The rules no single key can break: names, routing, addresses that show more than they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.i18n import _
from bridge.settings.addresses import INSECURE, insecure
from bridge.settings.problems import Problem
from bridge.settings.settings import Settings, SystemSettings

__all__ = ["bridge_rules", "routing_rules", "system_rules"]

ALL = "*"


def system_rules(systems: Sequence[SystemSettings]) -> Iterator[Problem]:
    """Yield names that are taken twice."""
    first: dict[str, SystemSettings] = {}
    for system in systems:
        other = first.setdefault(system.name, system)
        if other is not system:
            text = _("{place} has this name already; each system has its own", place=_place(other))
            yield system.origin.problem(("name",), text)


def routing_rules(sectors: Sequence[SystemSettings]) -> Iterator[Problem]:
    """Yield procedures of two sector systems (contracts/systems.md, Routing).

    A system that only mirrors dossiers is none of them: it shares every procedure.
    """
    for position, system in enumerate(sectors):
        others = [one for one in sectors[:position] if not _takes_over(one, system)]
        for place, procedure in enumerate(system.procedures):
            shared = ((one, _shared(one, procedure)) for one in others)
            other, there = next((pair for pair in shared if pair[1] is not None), (system, None))
            if there is None:
                continue
            where = other.origin.problem(("procedures", there), "")
            text = _(
                "{procedure} goes to {other} already ({file}:{line}); "
                "a procedure belongs to one sector system",
                procedure=procedure,
                other=other.name,
                file=where.file,
                line=where.line,
            )
            yield system.origin.problem(("procedures", place), text)


def _takes_over(one: SystemSettings, other: SystemSettings) -> bool:
    """Tell whether one of two systems takes the procedures of the other over."""
    return one.successor == other.name or other.successor == one.name


def _shared(other: SystemSettings, procedure: str) -> int | None:
    """Return where ``other`` lists a procedure or all of them, ``None`` when it takes neither."""
    listed = other.procedures
    if ALL in (procedure, *listed):
        return 0 if listed else None
    return listed.index(procedure) if procedure in listed else None


def bridge_rules(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with ``bridge.toml`` beyond its single keys."""
    origin = settings.store.origin
    if settings.store.spells_password:
        text = _(
            'the address holds a password; give it as a reference: url = {{ env = "{name}" }}',
            name="BRIDGE_STORE_URL",
        )
        yield origin.problem(("store", "url"), text)
    if settings.console.is_insecure:
        yield origin.problem(("console", "public_url"), _(INSECURE))
    yield from _mail_rules(settings)
    for name, receiver in settings.alerts.receivers.items():
        at = ("alerts", "receivers", name)
        plain = receiver.webhook if isinstance(receiver.webhook, str) else None
        if insecure(plain) and not receiver.allow_insecure:
            yield origin.problem((*at, "webhook"), _(INSECURE))
        if receiver.mail is not None and settings.mail.host is None:
            yield origin.problem((*at, "mail"), _("mails need host and sender of [mail]"))


def _mail_rules(settings: Settings) -> Iterator[Problem]:
    mail, origin = settings.mail, settings.store.origin
    if mail.host is None:
        if mail.other or mail.agencies:
            yield origin.problem(("mail",), _("mails need host and sender of [mail]"))
        return
    if mail.sender is None:
        yield origin.problem(("mail",), _("mails need host and sender of [mail]"))
    if mail.in_the_clear:
        text = _("a mail in the clear goes only to this machine; use starttls or tls")
        yield origin.problem(("mail", "security"), text)


def _place(system: SystemSettings) -> str:
    where = system.origin.problem(("name",), "")
    return f"{where.file}:{where.line}"
