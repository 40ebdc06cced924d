"""Open questions whether a record is a dossier of ours: they end by themselves once nothing is left to ask.

A record that has changed may be like the dossier no more, or be another's by now. And a ministry deletes
records, of which no feed tells: what waits for an answer is asked for by its number now and then, and
what is absent twice is gone, where others are shown. Then the dossier that had to wait goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.engine import ask, brake, capture, clerk, twins, unpaired
from bridge.engine.alike import entry
from bridge.engine.already_there import is_its_own
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.twins import Told, may_be_double
from bridge.engine.weighing import procedure_of
from bridge.sdk.errors import AdapterError
from bridge.store import Conflict, SetAside, Unit
from bridge.store.inbox import QUARANTINED
from bridge.store.links import PARTED

LOOKED_FOR_EVERY = timedelta(hours=6)
"""How often a ministry is asked for a record that waits for an answer; between two looks it may come back."""

LOOKED_FOR_MOST = 20
"""Of how many records a ministry is asked in a turn: some seconds' worth of calls."""

COMPARED_WITH = 3
"""So many records that are there are asked for before one is gone: where none is shown, nothing is."""

NOT_SHOWN = Said("the ministry shows it no more; it is looked for once more")
GONE = "the ministry shows the record no more"
OVER = "nothing is left to decide"


def look(house: House, ministry: Ministry) -> int:
    """End the questions of a system of which nothing is left to ask; returns how many that were.

    A page of them is looked at, and the next time those behind it.

    Raises:
        AdapterError: the system can't be asked now.
        OneStopFault: the one-stop database can't be read now.
    """
    asked = _next(house, ministry)
    over = _answered(house, ministry, asked)
    ended = _end(house, ministry, over, OVER)
    known = {one.id for one in over}
    refs = {_ref(one) for one in asked if one.id not in known}
    return ended + sum(_forget(house, ministry, ref) for ref in _gone(house, ministry, refs))


def _next(house: House, ministry: Ministry) -> list[Conflict]:
    """Return the questions that are looked at now, and note up to where: behind the last come the first."""
    system, source = ministry.name, f"questions {ministry.name}"
    with house.store.glance() as unit:
        after = unit.inbox.cursor(source)
        seen_to = after if isinstance(after, int) else 0
        asked = unit.conflicts.open_of_kind(system, clerk.ALIKE, house.page, seen_to)
        asked = asked or unit.conflicts.open_of_kind(system, clerk.ALIKE, house.page)
    following = asked[-1].id if len(asked) == house.page else None
    if following != after:
        with house.store.write("question looked at") as unit:
            unit.inbox.move_cursor(source, following)
    return asked


def _answered(house: House, ministry: Ministry, asked: Sequence[Conflict]) -> list[Conflict]:
    """Return the questions that nobody would ask now, as far as both sides can be read."""
    refs = {_ref(one) for one in asked}
    with house.store.read() as unit:
        told = unpaired.told(house, unit, ministry.name, refs)
        links = unit.links.of_refs(ministry.name, refs)
        own = unit.links.of_codes({one.code for one in asked})
    has = {
        code
        for (code, system), one in own.items()
        if system == ministry.name and one.state != PARTED and None not in (one.base, one.ref)
    }
    holders = {ref: one.code for ref, one in links.items() if one.state != PARTED}
    rows = house.onestop.fetch([one.code for one in asked])
    over = []
    for one in asked:
        row, ref = rows.get(one.code), _ref(one)
        if row is None:  # it was deleted: there is nothing left to be the same as
            over.append(one)
            continue
        if not isinstance(row, Snapshot):
            continue
        linked = ref in holders or one.code in has
        worked = one.code in has and ref not in told  # it was told as what it is: there twice
        if holders.get(ref) == one.code or not ministry.takes(procedure_of(row.fields)) or worked:
            over.append(one)
        elif (theirs := told.get(ref)) is not None:
            ours = Told(entry(row.code, row.fields), row.fields)
            if not _would_be_asked(ours, theirs, linked=linked):
                over.append(one)
    return over


def _would_be_asked(ours: Told, theirs: Told, *, linked: bool) -> bool:
    """Tell whether a person would be asked about two now, of which one is ``linked`` or none is.

    A record that names the dossier is asked about, whoever else it may be; and so is one that can't be
    read whole: how like it is nobody knows.
    """
    if theirs.glimpsed or theirs.names == ours.entry.key:
        return True
    alike = twins.may_be_one(ours.entry, theirs.entry)
    return alike and (not linked or may_be_double(ours, theirs))


def _gone(house: House, ministry: Ministry, refs: Collection[str]) -> Iterator[str]:
    """Yield those of these records that the ministry shows no more, at the second look."""
    if not (refs and ministry.capabilities.fetches):
        return
    with house.store.glance() as unit:
        before = unit.now - LOOKED_FOR_EVERY
        due = unit.inbox.aside_since(ministry.name, refs, before, LOOKED_FOR_MOST)
    for record in due:
        if not brake.may_call(house, ministry):
            return
        if _is_gone(house, ministry, record):
            yield record.ref


def _is_gone(house: House, ministry: Ministry, record: SetAside) -> bool:
    """Tell whether a record is absent for the second time, and others are not; else note the look.

    That is noted also where it can't be asked: what fails each time keeps none of the others.
    """
    absent_before = record.reason.endswith(NOT_SHOWN)
    try:
        with brake.heard(house, ministry):
            there = ask.fetch(house, ministry, record.ref) is not None
        if not there and absent_before and _shows_others(house, ministry):
            return True
    except AdapterError as error:
        own = is_its_own(error)
        _looked_for(house, record, record.reason, again=own and absent_before)
        if own:
            return False
        raise
    reason = record.reason if there or absent_before else _not_shown(record)
    _looked_for(house, record, reason, again=there and absent_before)
    return False


def _shows_others(house: House, ministry: Ministry) -> bool:
    """Tell whether a ministry shows a record that it has; with none to ask for, nobody can tell.

    One that answers "not there" for everything (an address has changed) has deleted nothing.
    """
    with house.store.glance() as unit:
        refs = unit.links.last_agreed(ministry.name, COMPARED_WITH)
    return any(_is_shown(house, ministry, ref) for ref in refs)


def _is_shown(house: House, ministry: Ministry, ref: str) -> bool:
    """Tell whether a ministry shows a record, as far as it can be asked for it."""
    if not brake.may_call(house, ministry):
        return False
    try:
        with brake.heard(house, ministry):
            return ask.fetch(house, ministry, ref) is not None
    except AdapterError as error:
        if is_its_own(error):
            return False
        raise


def _not_shown(record: SetAside) -> str:
    """Return why a record waits that is absent; what can't be read in it stays said."""
    return NOT_SHOWN if record.rule is None else f"{record.reason}; {NOT_SHOWN}"


def _looked_for(house: House, record: SetAside, reason: str, *, again: bool) -> None:
    """Note when a record was looked for; ``again``: it is there after all, and says what it is."""
    with house.store.write("question looked at") as unit:
        unit.inbox.looked_for(record.id, reason)
        if again:
            unit.inbox.release_ref(record.source, record.ref)


def _forget(house: House, ministry: Ministry, ref: str) -> int:
    """End all questions about a record that is gone."""
    with house.store.glance() as unit:
        asked = unit.conflicts.about(ministry.name, clerk.pair(ref))
    return _end(house, ministry, asked, GONE)


def _end(house: House, ministry: Ministry, over: Sequence[Conflict], how: str) -> int:
    """End questions; what had to wait for an answer goes, a record that is there is worked anew.

    Its marks stay until then, so that it is found meanwhile. Nothing is done where a record that is
    ``GONE`` has come again, or somebody is asked about it who was not before.
    """
    if not over:
        return 0
    rows = house.onestop.fetch([one.code for one in over])
    held = [row for row in rows.values() if isinstance(row, Snapshot)]
    refs = {_ref(one) for one in over}
    with house.store.write("question over") as unit:
        unit.unpaired.turn([ministry.name])
        if how == GONE and not _is_left(unit, ministry, over):
            return 0
        for one in over:
            clerk.alike_over(unit, one.code, ministry.name, _ref(one), how)
        if how == GONE:
            unit.inbox.taken_back(ministry.name, refs)
            unit.unpaired.forget(ministry.name, refs)
        for ref in refs:
            unit.inbox.release_ref(ministry.name, ref)
        unit.inbox.add([capture.as_arrival(one) for one in held])
        capture.remember(unit, held)
    house.wake(ministry.name)
    house.wake(ONESTOP)
    return len(over)


def _is_left(unit: Unit, ministry: Ministry, over: Sequence[Conflict]) -> bool:
    """Tell whether the questions about a record, and what is kept of it, are as they were looked at."""
    codes = {one.code for one in over}
    for ref in {_ref(one) for one in over}:
        asked = {one.code for one in unit.conflicts.about(ministry.name, clerk.pair(ref))}
        state, reason = unit.inbox.states(ministry.name, [ref]).get(ref, ("", None))
        if asked != codes or state != QUARANTINED or not (reason or "").endswith(NOT_SHOWN):
            return False
    return True


def _ref(question: Conflict) -> str:
    return clerk.paired_ref(question.field)
