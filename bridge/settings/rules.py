"""The rules no single key can break: names, routing, addresses that show more than they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.i18n import _
from bridge.settings.addresses import INSECURE
from bridge.settings.problems import Problem
from bridge.settings.settings import Settings, SystemSettings

__all__ = ["bridge_rules", "system_rules"]


def system_rules(systems: Sequence[SystemSettings]) -> Iterator[Problem]:
    """Yield what is wrong between systems: a name taken twice, a procedure of two sectors."""
    yield from _names(systems)
    yield from _routing([system for system in systems if system.enabled])


def _names(systems: Sequence[SystemSettings]) -> Iterator[Problem]:
    first: dict[str, SystemSettings] = {}
    for system in systems:
        other = first.setdefault(system.name, system)
        if other is not system:
            text = _("{place} has this name already; each system has its own", place=_place(other))
            yield system.origin.problem(("name",), text)


def _routing(systems: Sequence[SystemSettings]) -> Iterator[Problem]:
    """Yield procedures of two sector systems (contracts/systems.md, Routing)."""
    first: dict[str, SystemSettings] = {}
    for system in systems:
        for position, procedure in enumerate(system.procedures):
            other = first.setdefault(procedure, system)
            if procedure == "*" or other is system:
                continue
            where = other.origin.problem(("procedures", other.procedures.index(procedure)), "")
            text = _(
                "{procedure} goes to {other} already ({file}:{line}); "
                "a procedure belongs to one sector system",
                procedure=procedure,
                other=other.name,
                file=where.file,
                line=where.line,
            )
            yield system.origin.problem(("procedures", position), text)


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


def _place(system: SystemSettings) -> str:
    where = system.origin.problem(("name",), "")
    return f"{where.file}:{where.line}"
