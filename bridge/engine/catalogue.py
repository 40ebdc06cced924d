"""The catalogue: what is published of procedures enters the one-stop's list, once a day.

The one-stop's list is looked at before and after, and every difference to what the bridge knew
of a procedure ends a version and begins the next: so what the office changes by hand is kept as
well, and what a crash left between the two databases is found the next time. A page that was
written moves the reading on; what is read is asked for from a day before the reading before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.domain.stage import Stage
from bridge.engine import ask, brake
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.sdk.onestop import OneStopFault
from bridge.store import Unit

OVERLAP = timedelta(days=1)
"""Rows move between pages while they are read, and clocks differ: what changed is read twice."""

PAGES_MOST = 1000
"""A list that has no end by then has none: a system that gives one page for ever."""

SOURCE = "procedures"
RUNNING = Stage.RUNNING


@dataclass(frozen=True)
class Reading:
    """A reading of a list; ``page`` is the next one. ``found`` is the cursor it was found by."""

    began: datetime
    since: datetime | None
    page: int
    found: Json = None

    def cursor(self, following: int | None) -> Json:
        """Return what the store keeps: the page that is next, ``None`` when there is none."""
        since = None if self.since is None else self.since.isoformat()
        return {"began": self.began.isoformat(), "since": since, "page": following}


def sources(house: House) -> list[Ministry]:
    """Return the systems that publish procedures."""
    return [one for one in house.ministries.values() if one.capabilities.catalogue]


def refresh(house: House, ministry: Ministry, *, probing: bool = False) -> None:
    """Read the list of a system if it was not read today and the system may be called.

    Raises:
        AdapterError: it can't be read now; what was read stays, and is not read again.
        OneStopFault: the one-stop's list can't be read or written; the page is read again.
    """
    gate = brake.look(house, ministry, probing=probing)
    if _due(house, ministry.name) is None or not gate.open or not (gate.stage or RUNNING).takes_in:
        return
    keep(house)
    while (reading := _due(house, ministry.name)) is not None:
        if not brake.may_call(house, ministry, probing=probing):
            return
        _page(house, ministry, reading)


def keep_daily(house: House) -> None:
    """Look at the one-stop's list if no reading did today.

    Raises:
        OneStopFault: it can't be read.
    """
    if _due(house, ONESTOP) is not None:
        keep(house)


def keep(house: House) -> None:
    """Keep what the office made of its list since it was looked at; the first look is no news.

    Raises:
        OneStopFault: it can't be read.
    """
    shown = house.onestop.procedures()
    with house.store.write("procedures seen") as unit:
        _versions(unit, shown, ONESTOP, news=bool(unit.procedures.current()))
        unit.inbox.move_cursor(_cursor(ONESTOP), Reading(unit.now, None, 1).cursor(None))


def titles(house: House) -> dict[str, str]:
    """Return the names of agencies and procedures by code; none while the one-stop can't be read."""
    try:
        procedures = {code: one.get("name") for code, one in house.onestop.procedures().items()}
        named = {**house.onestop.agencies(), **procedures}
    except OneStopFault:
        return {}
    return {code: name for code, name in named.items() if isinstance(name, str) and name}


def _page(house: House, ministry: Ministry, reading: Reading) -> None:
    number = reading.page
    with brake.heard(house, ministry):
        page = ask.procedures(house, ministry, reading.since, number)
    left = [*page.unreadable, *house.onestop.publish(page.procedures)]
    shown = house.onestop.procedures()
    said = [one.reason for one in left]
    more = page.more and number < PAGES_MOST
    if page.more and not more:
        said.append(
            Said("the list of procedures has no end; {pages} pages were read", pages=number)
        )
    with house.store.write("procedures page") as unit:
        if unit.inbox.cursor(_cursor(ministry.name), lock=True) != reading.found:
            return  # another process read on meanwhile; it is read from there
        _versions(unit, shown, ministry.name, news=True)
        unit.inbox.move_cursor(_cursor(ministry.name), reading.cursor(number + 1 if more else None))
        for text in said:
            unit.journal.add(Event.FEED_WARNING, system=ministry.name, reason=text)
    for text in said:
        house.aloud(ministry.name, text)


def _due(house: House, source: str) -> Reading | None:
    """Return the reading that is to be gone on with, or begun; ``None`` when it is done today."""
    with house.store.read() as unit:
        kept: Any = unit.inbox.cursor(_cursor(source))
    now = house.now()
    if kept is None:
        return Reading(now, None, 1)
    began = datetime.fromisoformat(kept["began"])
    if kept["page"] is not None:
        since = None if kept["since"] is None else datetime.fromisoformat(kept["since"])
        return Reading(began, since, kept["page"], kept)
    if began.astimezone(house.zone).date() == now.astimezone(house.zone).date():
        return None
    return Reading(now, began - OVERLAP, 1, kept)


def _cursor(source: str) -> str:
    return f"{SOURCE}:{source}"


def _versions(
    unit: Unit, shown: Mapping[str, Mapping[str, Json]], system: str, *, news: bool
) -> None:
    """Keep what the list shows now; each change is journalled by the names of its columns."""
    known = unit.procedures.current()
    fresh = {code: content for code, content in shown.items() if code not in known}
    for code in unit.procedures.begin(fresh):
        if news:
            _journal(unit, system, code, "added", list(fresh[code]))
    for code, version in known.items():
        content = shown.get(code, version.content)
        if content == version.content or not unit.procedures.change(version, content):
            continue
        before = version.content
        columns = sorted(name for name in content if content[name] != before.get(name))
        _journal(unit, system, code, _how(before, content), columns)


def _how(before: Mapping[str, Json], now: Mapping[str, Json]) -> str:
    if before.get("active") == now.get("active"):
        return "changed"
    return "withdrawn" if now.get("active") is False else "restored"


def _journal(unit: Unit, system: str, code: str, how: str, columns: list[str]) -> None:
    names: list[Json] = [*columns]
    unit.journal.add(Event.PROCEDURE, system=system, procedure=code, how=how, columns=names)
