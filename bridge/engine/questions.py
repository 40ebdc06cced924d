"""Open questions whether a record is a dossier of ours: they end by themselves once nothing is left to ask.

A record that has changed may be like the dossier no more, or be another's by now. And a ministry deletes
records, of which no feed tells: what waits for an answer is asked for by its number now and then, and
what is absent twice is gone. Then the dossier that had to wait goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.engine import ask, brake, capture, clerk, twins, unpaired
from bridge.engine.alike import entry
from bridge.engine.already_there import is_its_own
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.twins import Told, may_be_double
from bridge.sdk.errors import AdapterError
from bridge.store import Conflict, SetAside
from bridge.store.chunks import chunks
from bridge.store.links import PARTED

LOOKED_FOR_EVERY = timedelta(hours=6)
"""How often a ministry is asked for a record that waits for an answer; between two looks it may come back."""

LOOKED_FOR_MOST = 20
"""Of how many records a ministry is asked in a turn: some seconds' worth of calls."""

NOT_SHOWN = Said("the ministry shows it no more; it is looked for once more")
GONE = "the ministry shows the record no more"
OVER = "nothing is left to decide"


def look(house: House, ministry: Ministry) -> int:
    """End the questions of a system of which nothing is left to ask; returns how many that were.

    Raises:
        AdapterError: the system can't be asked now.
        OneStopFault: the one-stop database can't be read now.
    """
    with house.store.read() as unit:
        asked = unit.conflicts.open_of_kind(ministry.name, clerk.ALIKE)
    over = [one for some in chunks(asked, house.page) for one in _answered(house, ministry, some)]
    if over:
        _end(house, ministry, over, OVER)
    ended = {one.id for one in over}
    left = [one for one in asked if one.id not in ended]
    return len(over) + sum(
        _end(house, ministry, some, GONE) for some in _gone(house, ministry, left)
    )


def _answered(house: House, ministry: Ministry, asked: Sequence[Conflict]) -> Iterator[Conflict]:
    """Yield the questions that nobody would ask now, as far as both sides can be read."""
    refs = {_ref(one) for one in asked}
    with house.store.read() as unit:
        told = unpaired.told(house, unit, ministry.name, refs)
        links = unit.links.of_refs(ministry.name, refs)
        has = unit.links.refs_of_codes(ministry.name, {one.code for one in asked})
    rows = house.onestop.fetch([one.code for one in asked])
    for one in asked:
        row, theirs = rows.get(one.code), told.get(_ref(one))
        if isinstance(row, Snapshot) and theirs is not None:
            ours = Told(entry(row.code, row.fields), row.fields)
            link = links.get(_ref(one))
            holder = None if link is None or link.state == PARTED else link.code
            linked = holder is not None or one.code in has
            if holder == one.code or not _would_be_asked(ours, theirs, linked=linked):
                yield one


def _would_be_asked(ours: Told, theirs: Told, *, linked: bool) -> bool:
    """Tell whether a person would be asked about two now, of which one is ``linked`` or none is."""
    alike = twins.may_be_one(ours.entry, theirs.entry)
    return alike and (not linked or may_be_double(ours, theirs))


def _gone(
    house: House, ministry: Ministry, asked: Sequence[Conflict]
) -> Iterator[Sequence[Conflict]]:
    """Yield the questions about each record that the ministry shows no more, at the second look."""
    if not ministry.capabilities.fetches:
        return
    about: dict[str, list[Conflict]] = defaultdict(list)
    for one in asked:
        about[_ref(one)].append(one)
    with house.store.read() as unit:
        before = unit.now - LOOKED_FOR_EVERY
        due = unit.inbox.aside_since(ministry.name, about, before, LOOKED_FOR_MOST)
    for record in due:
        if not brake.may_call(house, ministry):
            return
        if _is_gone(house, ministry, record):
            yield about[record.ref]


def _is_gone(house: House, ministry: Ministry, record: SetAside) -> bool:
    """Tell whether a record is absent for the second time; else note when it was looked for."""
    there, absent_before = _is_there(house, ministry, record.ref), record.reason == NOT_SHOWN
    if not there and absent_before:
        return True
    with house.store.write("question looked at") as unit:
        unit.inbox.wait(record.id, unit.now, record.reason if there else NOT_SHOWN)
        if there and absent_before:  # worked once more, it says what it is
            unit.inbox.release_ref(ministry.name, record.ref)
    return False


def _is_there(house: House, ministry: Ministry, ref: str) -> bool:
    """Ask a ministry whether it has a record; one of which it gives no answer counts as there."""
    try:
        with brake.heard(house, ministry):
            return ask.fetch(house, ministry, ref) is not None
    except AdapterError as error:
        if is_its_own(error):
            return True
        raise


def _end(house: House, ministry: Ministry, over: Sequence[Conflict], how: str) -> int:
    """End questions; what had to wait for an answer goes, a record that is there is worked anew."""
    rows = house.onestop.fetch([one.code for one in over])
    held = [row for row in rows.values() if isinstance(row, Snapshot)]
    refs = {_ref(one) for one in over}
    with house.store.write("question over") as unit:
        for one in over:
            clerk.alike_over(unit, one.code, ministry.name, _ref(one), how)
        if how == GONE:
            unit.inbox.taken_back(ministry.name, refs)
        for ref in refs:
            unit.inbox.release_ref(ministry.name, ref)
        unit.unpaired.wait_no_more(ministry.name, refs)
        unit.inbox.add([capture.as_arrival(one) for one in held])
        capture.remember(unit, held)
    house.wake(ministry.name)
    house.wake(ONESTOP)
    return len(over)


def _ref(question: Conflict) -> str:
    return clerk.paired_ref(question.field)
