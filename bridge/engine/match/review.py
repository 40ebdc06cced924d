"""Likely pairs before a person: what is asked, what is shown, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable

from bridge.domain import matching
from bridge.domain.dossier import Snapshot
from bridge.domain.matching.entry import Pair, Sureness
from bridge.domain.said import Said
from bridge.engine import clerk, unpaired
from bridge.engine.alike import entry, evidence
from bridge.engine.apart import TWO
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.match.linking import Linked, NotLinked, Outcome, link_seen
from bridge.engine.match.look import Found
from bridge.engine.people import pairs, record_conflicts
from bridge.engine.people.decision import Decision
from bridge.engine.people.pairs import Proposal
from bridge.engine.people.refusal import Refusal
from bridge.engine.twins import Told
from bridge.sdk.records import Unreadable
from bridge.store.chunks import chunks
from bridge.store.links import PARTED


def questions(
    house: House, ministry: Ministry, look: Callable[[], Found], limit: int | None = None
) -> list[Pair]:
    """Return the pairs a person is to decide, at most ``limit``.

    First come those that wait for an answer, the longest first: a record was set aside for each when
    it came in, whatever day it is of. Only where these are not enough is looked at both sides, for
    what else is likely, best first. What waits and is sure comes last: it is linked unasked, unless
    the two say two things of one matter, and then only a person can say so.
    """
    asked = _waiting(house, ministry, limit)
    if limit is not None and len(asked) >= limit:
        return asked
    found = look()
    sure = {(one.ours, one.theirs) for one in found.sure}
    known = {(one.ours, one.theirs) for one in asked}
    likely = [one for one in found.likely if (one.ours, one.theirs) not in known]
    likely.sort(key=lambda one: (-one.score, one.ours, one.theirs))
    first = [one for one in asked if (one.ours, one.theirs) not in sure]
    last = [one for one in asked if (one.ours, one.theirs) in sure]
    return [*first, *likely, *last][:limit]


def shown(house: House, ministry: Ministry, pair: Pair, decision: Decision) -> Proposal:
    """Return both sides of a pair, values and all; that they were read is journalled.

    Its ``bar`` says why they can't be linked, if they can't: told apart they may be all the same.

    Raises:
        Refusal: one of them can't be shown any more, and why.
        AdapterError: the record can't be read now.
        OneStopFault: the dossier can't be read now.
    """
    proposal = pairs.propose(house, ministry, pair.ours, pair.theirs, barred=True)
    with house.store.write("values read") as unit:
        decision.journal(unit, "values read", code=pair.ours, system=ministry.name, ref=pair.theirs)
    return proposal


def same(
    house: House, ministry: Ministry, pair: Pair, seen: Proposal, decision: Decision
) -> Outcome:
    """Do what a person has said: the two, as they were ``seen``, are one.

    They are linked; a record of a dossier that has another one is left to the ministry.

    Raises:
        AdapterError: the record can't be read now.
        OneStopFault: the one-stop database can't be used now.
    """
    if seen.bar is None:
        return link_seen(house, ministry, pair, seen, decision)
    try:
        record_conflicts.keyed_again(house, decision, ministry, pair.ours, pair.theirs)
    except Refusal:
        return NotLinked(pair, seen.bar)
    return Linked(pair, compared=True)


def apart(house: House, ministry: Ministry, pair: Pair, decision: Decision) -> None:
    """Keep for ever that the two are not one: the record is a dossier of its own.

    It is the same decision as ``conflicts resolve --take ministry`` on a record that looks like
    one of ours, and kept in the same place. What was set aside for it is worked again.

    Raises:
        Refusal: they are linked meanwhile: whoever did that has said otherwise.
        OneStopFault: the one-stop database can't be read now.
    """
    code, system, about = pair.ours, ministry.name, clerk.pair(pair.theirs)
    row = house.onestop.fetch([code]).get(code)
    with house.store.write("told apart") as unit:
        holder = unit.links.of_refs(system, [pair.theirs]).get(pair.theirs)
        if holder is not None and holder.code == code and holder.state != PARTED:
            raise Refusal(
                Said(
                    "the record {ref} is paired with {code}: part those first, with unlink",
                    ref=pair.theirs,
                    code=code,
                ),
                moved=True,
            )
        unit.conflicts.raise_(code, system, about, clerk.ALIKE, code, pair.theirs, once=True)
        if not unit.conflicts.close(code, system, about, TWO):
            return
        decision.journal(
            unit,
            "told apart",
            code=code,
            system=system,
            ref=pair.theirs,
            evidence=evidence(pair),
        )
        record_conflicts.let_go(unit, ministry, code, [pair.theirs], row)
    house.wake(system)
    house.wake(ONESTOP)


def _waiting(house: House, ministry: Ministry, limit: int | None) -> list[Pair]:
    """Return the pairs that wait for an answer, each with its evidence as far as both can be read."""
    with house.store.read() as unit:
        asked = unit.conflicts.open_of_kind(ministry.name, clerk.ALIKE, limit)
        refs = {str(one.ministry) for one in asked}
        records = {
            ref: told
            for some in chunks(sorted(refs), house.page)
            for ref, told in unpaired.told(house, unit, ministry.name, some).items()
        }
    codes = list(dict.fromkeys(one.code for one in asked))
    rows: dict[str, Snapshot | Unreadable] = {}
    for some in chunks(codes, house.page):
        rows |= house.onestop.fetch(some)
    return [
        _weighed(one.code, rows.get(one.code), str(one.ministry), records.get(str(one.ministry)))
        for one in asked
    ]


def _weighed(code: str, row: Snapshot | Unreadable | None, ref: str, record: Told | None) -> Pair:
    bare = Pair(code, ref, Sureness.LIKELY, 0.0, ())
    if record is None or not isinstance(row, Snapshot):
        return bare
    found = matching.pairs([entry(code, row.fields)], [record.entry])
    return next(found, bare)
