"""Links pairs that are sure, a page at a time, through the room of those who pair by hand.

Each record is read once more right before. A page is one transaction: a crash leaves its pairs
linked, or as they were, and the next run goes on with those that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bridge.domain.matching.entry import Pair
from bridge.domain.said import Said
from bridge.engine import receive
from bridge.engine.alike import evidence
from bridge.engine.house import House, Ministry
from bridge.engine.people import pairing, pairs
from bridge.engine.people.decision import Decision
from bridge.engine.people.pairs import Proposal
from bridge.engine.people.refusal import Refusal
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


MATTER = "details."
"""Begins the paths of what a dossier is about, and not of whom it is."""

Outcome = Linked | NotLinked


def link(
    house: House,
    ministry: Ministry,
    found: Iterable[Pair],
    decision: Decision,
    *,
    looked_at: bool = False,
) -> Iterator[Outcome]:
    """Link pairs; yields what became of each. One that is linked already stays so.

    ``looked_at``: a person has seen both sides, and may link what says two things of one matter.

    Raises:
        AdapterError: a record can't be read now; the pages before are linked.
        OneStopFault: the one-stop database can't be used now.
    """
    for page in chunks(found, PAGE):
        proposed: list[tuple[Pair, Proposal]] = []
        for one in page:
            try:
                proposal = pairs.propose(house, ministry, one.ours, one.theirs)
            except Refusal as refusal:
                yield NotLinked(one, refusal.said)
                continue
            if not looked_at and (field := _unlike(proposal)) is not None:
                said = Said("they differ in {field}: compare the two with link", field=field)
                yield NotLinked(one, said)
            else:
                proposed.append((one, proposal))
        yield from _page(house, ministry, proposed, decision)


def _unlike(proposal: Proposal) -> str | None:
    """Return a field of the matter itself that both sides know and that is not the same.

    The same person may have handed in two dossiers of which each side keyed another one: linked, one
    would be written over the other.
    """
    told = (one for one in proposal.fields if one.path.startswith(MATTER))
    known = (one for one in told if None not in (one.ours, one.theirs))
    return next((one.path for one in known if one.ours != one.theirs), None)


def _page(
    house: House,
    ministry: Ministry,
    proposed: Sequence[tuple[Pair, Proposal]],
    decision: Decision,
) -> Iterator[Outcome]:
    refused: dict[Pair, str] = {}
    fresh = [(one, proposal) for one, proposal in proposed if not proposal.there]
    held = {one: pairing.held_for(house, ministry, one.ours, one.theirs) for one, _ in fresh}
    try:
        with pairs.at_records(house, ministry), house.store.write("match") as unit:
            for one, proposal in fresh:
                try:
                    pairing.make(unit, ministry, one.ours, one.theirs, proposal.record, held[one])
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
    except Refusal as refusal:
        refused = dict.fromkeys((one for one, _ in fresh), str(refusal.said))
    except StoreClash:
        said = Said("another process has taken the record meanwhile: look again")
        refused = dict.fromkeys((one for one, _ in fresh), said)
    receive.work(house, ministry, {one.theirs for one, _ in proposed if one not in refused})
    house.wake(ministry.name)
    with house.store.read() as unit:
        links = unit.links.of_codes([one.ours for one, _ in proposed])
    for one, _ in proposed:
        if one in refused:
            yield NotLinked(one, refused[one])
        else:
            now = links.get((one.ours, ministry.name))
            yield Linked(one, compared=now is not None and now.state != PAIRING)
