"""Why what is for a system stands still, though it may be called and nothing failed: ``status`` says it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, tzinfo

from bridge.domain.said import Both, Said
from bridge.domain.stage import Stage
from bridge.engine.admission import LONGEST, LOOKED_AT
from bridge.engine.house import House, Ministry
from bridge.engine.unpaired import asks_first
from bridge.store import Unit


def reasons(unit: Unit, house: House, ministry: Ministry, stage: Stage | None) -> Iterator[Said]:
    """Yield what keeps dossiers from a system in this stage."""
    yield from _another_file(unit, ministry)
    if stage is None or stage.goes_through:
        yield from _unlooked(unit, house, ministry)


def _another_file(unit: Unit, ministry: Ministry) -> Iterator[Said]:
    """Say that a process was started since with another configuration: only that one lets in (``backlog``)."""
    noted, own = unit.onboardings.of(ministry.name).procedures, frozenset(ministry.procedures)
    if noted is not None and noted != own:
        yield Said(
            "its backlog stands still for whoever has this configuration: the process that started last "
            "has other procedures for it (only here: {here}; only there: {there}); start all of them "
            "anew with the same files",
            here=_named(own - noted),
            there=_named(noted - own),
        )


def _unlooked(unit: Unit, house: House, ministry: Ministry) -> Iterator[Said]:
    """Say that records lie unlooked at for longer than where all is well, and others behind them.

    The one-stop database can't be written, or more comes than is worked.
    """
    since = unit.inbox.fresh(ministry.name) if asks_first(ministry) else None
    if since is not None and since <= unit.now - LOOKED_AT:
        yield Said(
            "{count} of its records wait to be looked at since {since}; what is new to it waits behind "
            "them, each dossier about {minutes} minutes at most",
            count=unit.inbox.unlooked(ministry.name),
            since=_moment(since, house.zone),
            minutes=int(LONGEST.total_seconds() // 60),
        )


def _named(procedures: Collection[str]) -> str:
    return ", ".join(sorted(procedures)) or "-"


def _moment(at: datetime, zone: tzinfo) -> Both:
    there = at.astimezone(zone)
    return Both(f"{there:%Y-%m-%d %H:%M}", f"{there:%H:%M} ngày {there:%d/%m/%Y}")
