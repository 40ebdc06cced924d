"""Links pairs that are sure, a page at a time, through the room of those who pair by hand.

Both sides are read and weighed once more right before, beside all that may be either of them by
then, and looked at in the transaction that links them. A page is one transaction: a crash leaves its
pairs linked, or as they were, and the next run goes on with those that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.domain import matching
from bridge.domain.matching.entry import Pair, Sureness
from bridge.domain.said import Said
from bridge.engine import receive
from bridge.engine.alike import entry, entry_of, evidence, unlike_matters
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
from bridge.engine.match.beside import Beside
from bridge.engine.people import pairing, pairs
from bridge.engine.people.decision import Decision
from bridge.engine.people.pairs import Proposal
from bridge.engine.people.refusal import Refusal
from bridge.engine.twins import Told, like_linked
from bridge.store import StoreClash
from bridge.store.chunks import chunks
from bridge.store.links import PAIRING

PAGE = 50
"""Pairs linked in one transaction: few enough that their records were read a moment ago."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A pair that is linked. ``compared``: its record was taken in; else it will be."""

    pair: Pair
    compared: bool


@dataclass(frozen=True, slots=True)
class NotLinked:
    """A pair that could not be linked, and why."""

    pair: Pair
    reason: str


Outcome = Linked | NotLinked


def link(
    house: House, ministry: Ministry, found: Iterable[Pair], beside: Beside, decision: Decision
) -> Iterator[Outcome]:
    """Link pairs that are sure; yields what became of each. One that is linked already stays so.

    Each is read and weighed once more, ``beside`` what was looked at and what has come since: what is
    not as sure any more, what says two things of one matter and what a person has told apart is not
    linked.

    Raises:
        AdapterError: a record can't be read now; the pages before are linked.
        OneStopFault: the one-stop database can't be used now.
    """
    for page in chunks(found, PAGE):
        yield from _page(
            house, ministry, page, lambda one: _weighed(house, ministry, one), decision, beside
        )


def link_seen(
    house: House, ministry: Ministry, pair: Pair, seen: Proposal, decision: Decision
) -> Outcome:
    """Link a pair of which a person has seen both sides, if they are still as they were ``seen``.

    Raises:
        AdapterError: the record can't be read now.
        OneStopFault: the one-stop database can't be used now.
    """

    def as_seen(one: Pair) -> Proposal:
        now = pairs.propose(house, ministry, one.ours, one.theirs)
        if now.fields != seen.fields:
            raise Refusal(pairing.MOVED, moved=True)
        return now

    [outcome] = _page(house, ministry, [pair], as_seen, decision, None)
    return outcome


def _weighed(house: House, ministry: Ministry, pair: Pair) -> Proposal:
    """Return both sides of a pair as they are now, if they still are surely one."""
    now = pairs.propose(house, ministry, pair.ours, pair.theirs)
    if now.there or now.seen is None:
        return now
    theirs = entry_of(ministry, now.seen)
    found = next(matching.pairs([entry(pair.ours, now.ours.fields)], [theirs]), None)
    if found is None or found.sureness is not Sureness.SURE:
        raise Refusal(pairing.MOVED, moved=True)
    compared = ((one.path, one.ours, one.theirs) for one in now.fields)
    field = next(unlike_matters(compared), None)
    if field is not None:
        raise Refusal(Said("they differ in {field}: compare the two with link", field=field))
    return now


def _page(  # noqa: PLR0913 - the pairs, how they are looked at, and who decides
    house: House,
    ministry: Ministry,
    page: Sequence[Pair],
    look: Callable[[Pair], Proposal],
    decision: Decision,
    beside: Beside | None,
) -> Iterator[Outcome]:
    """Look at a page and link it, while nobody else works the system's records.

    ``beside`` is what it is weighed beside; ``None``: a person has, and has said that each is one.
    """
    refused: dict[Pair, str] = {}
    try:
        with pairs.at_records(house, ministry):
            seen = _looked_at(page, look, refused)
            if beside is not None:
                _leave_doubles(house, ministry, seen, refused)
                _leave_unsure(house, ministry, seen, beside, refused)
            _write(house, ministry, seen, decision, refused, by_person=beside is None)
    except StoreClash:
        said = Said("another process has taken the record meanwhile: look again")
        refused |= dict.fromkeys((one for one in page if one not in refused), said)
    except Refusal as refusal:
        refused |= dict.fromkeys((one for one in page if one not in refused), refusal.said)
    linked = [one for one in page if one not in refused]
    receive.work(house, ministry, {one.theirs for one in linked})
    house.wake(ministry.name)
    with house.store.read() as unit:
        links = unit.links.of_codes([one.ours for one in linked])
    for one in page:
        if one in refused:
            yield NotLinked(one, refused[one])
        else:
            now = links.get((one.ours, ministry.name))
            yield Linked(one, compared=now is not None and now.state != PAIRING)


def _looked_at(
    page: Sequence[Pair], look: Callable[[Pair], Proposal], refused: dict[Pair, str]
) -> dict[Pair, Proposal]:
    seen: dict[Pair, Proposal] = {}
    for one in page:
        try:
            seen[one] = look(one)
        except Refusal as refusal:
            refused[one] = refusal.said
    return seen


def _leave_doubles(
    house: House, ministry: Ministry, seen: dict[Pair, Proposal], refused: dict[Pair, str]
) -> None:
    """Leave to a person what is as like a dossier that has a record already: it was keyed there twice."""
    records = [
        Told.of(ministry, proposal.seen) for proposal in seen.values() if proposal.seen is not None
    ]
    like = like_linked(house, ministry, records)
    for one in [one for one in seen if one.theirs in like]:
        others = [code for code in like[one.theirs] if code != one.ours]
        if others:
            refused[one] = Said(
                "the record is like {code} too, which is linked: compare the two with link",
                code=others[0],
            )
            del seen[one]


def _leave_unsure(
    house: House,
    ministry: Ministry,
    seen: dict[Pair, Proposal],
    beside: Beside,
    refused: dict[Pair, str],
) -> None:
    """Leave to the next look what is not one to one any more: another of that person has come."""
    theirs = {
        one: entry_of(ministry, proposal.seen)
        for one, proposal in seen.items()
        if proposal.seen is not None
    }
    ours = {one: entry(one.ours, seen[one].ours.fields) for one in theirs}
    for one in theirs.keys() - beside.still_sure(house, ministry, ours, theirs):
        refused[one] = Said("by now another dossier or record may be meant as well: look again")
        del seen[one]


def _write(  # noqa: PLR0913 - see _page
    house: House,
    ministry: Ministry,
    seen: Mapping[Pair, Proposal],
    decision: Decision,
    refused: dict[Pair, str],
    *,
    by_person: bool,
) -> None:
    """Link what is as it was seen, in one transaction."""
    fresh = {one: proposal for one, proposal in seen.items() if not proposal.there}
    held = {one: pairing.held_for(house, ministry, one.ours, one.theirs) for one in fresh}
    with house.store.write("match") as unit:
        parted = told_apart(unit, ministry, {one.ours for one in fresh})
        for one, proposal in fresh.items():
            if not by_person and (one.ours, one.theirs) in parted:
                refused[one] = Said("a person has told the two apart")
                continue
            try:
                pairing.make(unit, ministry, one.ours, one.theirs, proposal.sight, held[one])
            except Refusal as refusal:
                refused[one] = refusal.said
                continue
            decision.journal(
                unit,
                "match",
                code=one.ours,
                system=ministry.name,
                ref=one.theirs,
                sureness=one.sureness.value,
                evidence=evidence(one),
            )
