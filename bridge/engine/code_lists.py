"""Code lists: what a system's codes stand for is read once a day, and kept with its days.

A list is believed only when it is whole: an answer that is empty, or has less than half of the
rows known, changes nothing and is said; a person may accept one that is short all the same. What is gone ends on the day it was seen to be gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.domain.said import Said, joined
from bridge.engine import ask, brake
from bridge.engine.house import House, Ministry
from bridge.mapping import NO_LISTS, Lists
from bridge.mapping.times import VIETNAM
from bridge.sdk.code_lists import CodeList
from bridge.sdk.errors import AdapterError
from bridge.store import CodeChanges, CodeListState, CodeSpan, Unit

TRY_AGAIN = timedelta(minutes=1)
"""How long a list that could not be read is left alone; who runs a round by hand asks at once."""

STALE = timedelta(days=3)
"""From then on a person is told that a list is old: twice may be a weekend."""

LEAST_SHARE = 2
"""A list that has less than one of so many rows that were known is not believed."""


def sources(house: House) -> list[Ministry]:
    """Return the systems that show code lists."""
    return [one for one in house.ministries.values() if one.capabilities.code_lists]


def refresh(house: House, ministry: Ministry, *, probing: bool = False) -> None:
    """Read each list of a system that was not read today, if the system may be called.

    Raises:
        AdapterError: one can't be read now (the first such error); the others are read.
    """
    read(house, ministry, ministry.capabilities.code_lists, probing=probing)


def read(
    house: House, ministry: Ministry, names: tuple[str, ...], *, probing: bool = False
) -> None:
    """Read those of these lists that are due; see ``refresh``."""
    with house.store.read() as unit:
        states = unit.code_lists.states(ministry.name)
    failed: AdapterError | None = None
    for name in names:
        state = states.get(name, CodeListState())
        if not _due(house, state, probing=probing):
            continue
        if not brake.may_call(house, ministry, probing=probing):
            break
        try:
            _read(house, ministry, name, state)
        except AdapterError as error:
            failed = failed or error
            if not brake.look(house, ministry).open:
                break
    if failed is not None:
        raise failed


def unread(ministry: Ministry, states: Mapping[str, CodeListState]) -> list[Said]:
    """Say which lists that are needed were tried and never read: what needs them waits."""
    return [
        Said("the code list {list} was not read yet: {trouble}", list=name, trouble=state.trouble)
        for name, state in sorted(states.items())
        if name in ministry.needed and state.read_at is None and state.trouble is not None
    ]


def stale(
    declared: Collection[str], states: Mapping[str, CodeListState], now: datetime
) -> list[Said]:
    """Say which of the lists a system shows were read, and not for days, and why not."""
    return [
        Said(
            "the code list {list} was last read on {day}: {trouble}",
            list=name,
            day=f"{state.read_at.astimezone(VIETNAM):%d/%m/%Y}",
            trouble=state.trouble or Said("not tried since"),
        )
        for name, state in sorted(states.items())
        if name in declared and state.read_at is not None and now - state.read_at > STALE
    ]


def at_hand(house: House, ministry: Ministry) -> Lists:
    """Return the code lists of a system's mappings, as they are known now.

    One that is needed and was never read is asked for first, if it may be; what still was not
    read is not among them.
    """
    if not ministry.lists:
        return NO_LISTS
    lists = _taken(house, ministry)
    if ministry.needed <= lists.tables.keys():
        return lists
    with house.shelf.reading(ministry.name), suppress(AdapterError):  # it is kept with the list
        read(house, ministry, tuple(sorted(ministry.needed - lists.tables.keys())))
    return _taken(house, ministry)


def _taken(house: House, ministry: Ministry) -> Lists:
    with house.store.glance() as unit:  # a list that is new since then is looked at with its words
        today = _day(house, unit.now)
        return house.shelf.taken(unit, ministry.name, ministry.lists, today)


def _due(house: House, state: CodeListState, *, probing: bool) -> bool:
    now = house.now()
    if state.read_at is not None and _day(house, state.read_at) == _day(house, now):
        return False
    return probing or state.tried_at is None or now - state.tried_at >= TRY_AGAIN


def _day(house: House, moment: datetime) -> date:
    return moment.astimezone(house.zone).date()


def _read(house: House, ministry: Ministry, name: str, before: CodeListState) -> None:
    try:
        with brake.heard(house, ministry):
            found = ask.code_list(house, ministry, name)
    except AdapterError as error:
        with house.store.write("code list failed") as unit:
            unit.code_lists.tried(ministry.name, name, error.reason)
        raise
    with house.store.write("code list") as unit:
        days = _days(house, before, unit.now)
        doubt = _not_whole(name, found, unit.code_lists.spans(ministry.name, name))
        said = doubt or _learn(unit, ministry, name, found, days)
        if doubt is not None:
            unit.code_lists.tried(ministry.name, name, doubt)
        news = _is_news(unit, ministry, name, said)
        if news is not None:
            unit.journal.add(Event.FEED_WARNING, system=ministry.name, reason=news)
    if news is not None:
        house.aloud(ministry.name, news)


def _is_news(unit: Unit, ministry: Ministry, name: str, said: Said | None) -> Said | None:
    """Return what is to be said of a list, unless it was said when the list was read before.

    What can't be read in a list is there the next day too: it is told once, until it changes.
    """
    source = f"code list {ministry.name} {name}"
    before, now = unit.inbox.cursor(source), None if said is None else str(said)
    if now != before:
        unit.inbox.move_cursor(source, now)
    return said if now != before else None


@dataclass(frozen=True, slots=True)
class _Days:
    """The day of a reading, and of the one before."""

    today: date
    since: date | None


def _days(house: House, before: CodeListState, now: datetime) -> _Days:
    since = None if before.read_at is None else _day(house, before.read_at)
    return _Days(_day(house, now), since)


def accept(unit: Unit, house: House, ministry: Ministry, name: str, found: CodeList) -> None:
    """Take a list as it is, however short: a person has looked at it."""
    before = unit.code_lists.states(ministry.name).get(name, CodeListState())
    _learn(unit, ministry, name, found, _days(house, before, unit.now))


def _not_whole(name: str, found: CodeList, spans: list[CodeSpan]) -> Said | None:
    """Say why a list can't be believed, if it can't."""
    known = sum(one.valid_until is None for one in spans)
    if found.names and len(found.names) * LEAST_SHARE >= known:
        return None
    return Said(
        "the code list {list} has {rows} rows, and had {known}: it is not believed",
        list=name,
        rows=len(found.names),
        known=known,
    )


def _learn(unit: Unit, ministry: Ministry, name: str, found: CodeList, days: _Days) -> Said | None:
    """Take a list that is believed; returns what is to be said of it."""
    names = _kept(found, unit.code_lists.spans(ministry.name, name))
    changes = unit.code_lists.learn(ministry.name, name, names, days.today, days.since)
    _journal(unit, ministry, name, changes)
    if not found.unreadable:
        return None
    what = joined(found.unreadable)
    return Said("of the code list {list} a part was left out: {what}", list=name, what=what)


def _kept(found: CodeList, spans: list[CodeSpan]) -> Mapping[str, str]:
    """Return what a list shows; of codes it has no name or two for, what was known stays."""
    unclear = {str(one.values["code"]) for one in found.unreadable if "code" in one.values}
    before = {
        one.code: one.name for one in spans if one.valid_until is None and one.code in unclear
    }
    return {**before, **found.names}


def _journal(unit: Unit, ministry: Ministry, name: str, changes: CodeChanges) -> None:
    """Say how many codes a list has at first, and then which of them changed."""
    if not (changes.first or changes.added or changes.renamed or changes.closed):
        return
    codes: list[Json] = [*changes.added, *changes.renamed, *changes.closed]
    unit.journal.add(
        Event.CODE_LIST,
        system=ministry.name,
        list=name,
        how="first" if changes.first else "changed",
        added=len(changes.added),
        renamed=len(changes.renamed),
        closed=len(changes.closed),
        codes=[] if changes.first else codes,
    )
