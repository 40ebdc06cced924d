"""Likely pairs before a person: what is asked, what is shown, and what is remembered of it."""

from __future__ import annotations

from bridge.domain import matching
from bridge.domain.dossier import Snapshot
from bridge.domain.matching.entry import Pair, Sureness
from bridge.engine import clerk, code_lists
from bridge.engine.alike import entry, entry_of, evidence
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.match.look import Found
from bridge.engine.people import pairs, record_conflicts
from bridge.engine.people.decision import Decision
from bridge.engine.people.pairs import Proposal
from bridge.engine.seen import lift
from bridge.mapping import LiftError, ListUnread
from bridge.store import Conflict, Waiting
from bridge.store.conflicts import BY_PERSON

_OURS, _OWN_DOSSIER, _KEYED = BY_PERSON


def questions(house: House, ministry: Ministry, found: Found) -> list[Pair]:
    """Return the pairs a person is to decide: the likely ones, and records that wait for an answer.

    Such a record was set aside when it came in, whatever day it is of. Best first.
    """
    asked = {(one.ours, one.theirs): one for one in found.likely}
    sure = {(one.ours, one.theirs) for one in found.sure}
    with house.store.read() as unit:
        waiting = [one for one in unit.conflicts.all_open() if _asks(one, ministry)]
    for one in waiting:
        key = (one.code, str(one.ministry))
        if key not in asked and key not in sure:
            asked[key] = _weighed(house, ministry, *key)
    return sorted(asked.values(), key=lambda one: (-one.score, one.ours, one.theirs))


def shown(house: House, ministry: Ministry, pair: Pair, decision: Decision) -> Proposal:
    """Return both sides of a pair, values and all; that they were read is journalled.

    Raises:
        Refusal: they can't be paired any more, and why.
        AdapterError: the record can't be read now.
        OneStopFault: the dossier can't be read now.
    """
    proposal = pairs.propose(house, ministry, pair.ours, pair.theirs)
    with house.store.write("values read") as unit:
        decision.journal(unit, "values read", code=pair.ours, system=ministry.name, ref=pair.theirs)
    return proposal


def apart(house: House, ministry: Ministry, pair: Pair, decision: Decision) -> None:
    """Keep for ever that the two are not one: the record is a dossier of its own.

    It is the same decision as ``conflicts resolve --take ministry`` on a record that looks like
    one of ours, and kept in the same place. What was set aside for it is worked again.

    Raises:
        OneStopFault: the one-stop database can't be read now.
    """
    code, system, about = pair.ours, ministry.name, clerk.pair(pair.theirs)
    row = house.onestop.fetch([code]).get(code)
    with house.store.write("told apart") as unit:
        unit.conflicts.raise_(code, system, about, clerk.ALIKE, code, pair.theirs, once=True)
        if not unit.conflicts.close(code, system, about, _OWN_DOSSIER):
            return
        decision.journal(
            unit,
            "told apart",
            code=code,
            system=system,
            ref=pair.theirs,
            evidence=evidence(pair),
        )
        record_conflicts.let_go(unit, ministry, code, pair.theirs, row)
    house.wake(system)
    house.wake(ONESTOP)


def _asks(conflict: Conflict, ministry: Ministry) -> bool:
    return conflict.system == ministry.name and conflict.why == clerk.ALIKE


def _weighed(house: House, ministry: Ministry, code: str, ref: str) -> Pair:
    """Return a pair that waits for an answer, with its evidence as far as both can be read."""
    bare = Pair(code, ref, Sureness.LIKELY, 0.0, ())
    row = house.onestop.fetch([code]).get(code)
    with house.store.read() as unit:
        arrival = unit.inbox.last_of(ministry.name, ref)
    if arrival is None or not isinstance(row, Snapshot):
        return bare
    waiting = Waiting(0, ministry.name, ref, arrival.payload, 0, house.now(), "")
    try:
        seen = lift(ministry, waiting, code_lists.at_hand(house, ministry))
    except (LiftError, ListUnread):
        return bare
    found = matching.pairs([entry(code, row.fields)], [entry_of(ministry, seen)])
    return next(found, bare)
