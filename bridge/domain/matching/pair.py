"""Which dossiers and records may be one, and how sure that is.

A pair is *likely*, and shown to a person, when its evidence comes to 18 bits (one in 200,000 dossiers is
expected to do so by chance) and some of it is more than a name and a birth date: a number, a
telephone, or a reception within the same week. What was received more than a year apart is no pair.
A pair is *sure* when all of these hold:

* **identity**: the identity number is the same, or the tax code is (all its digits); or, equally strong, all of:
  name (every word with its marks, in any order), whole birth date, telephone and procedure are the
  same, and both were received within 3 days;
* **the dossier**: both were received within 7 days, under the same procedure (on the same day where a
  side does not know the procedure, or where the tax code decides: firms file often): a number tells a
  person, not a dossier;
* **nothing speaks against it**: no other number that differs, no other name, birth date or procedure;
* **one to one**: every rival, another likely pair of either of the two, is told apart: something speaks
  against it, and it falls behind by 8 bits or has a sure partner itself; or it was received more than a
  week away, and the pair within 3 days. So what was keyed twice on one side is never sure, nor are two
  dossiers of a person on one day.

What has a sure partner is not shown beside others. Source of the rule: rules.md §5.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from bridge.domain.matching.blocking import Index
from bridge.domain.matching.days import YEAR, BirthIs, ReceivedIs
from bridge.domain.matching.entry import Entry, Pair, Point, Sureness
from bridge.domain.matching.evidence import (
    BIRTH,
    CARD,
    NAME,
    PHONE_SAME,
    PROCEDURE_SAME,
    RECEIVED,
    TAX,
    Seen,
    births,
    cards,
    names,
    phones,
    points,
    procedures,
    receptions,
    score,
    taxes,
)
from bridge.domain.matching.known import Known, known
from bridge.domain.matching.names import NameIs
from bridge.domain.matching.numbers import NumberIs

LIKELY = 18.0
"""Bits from which a person is asked: log2 of 200,000 dossiers."""
SURE = 30.0
"""Bits without which nothing is sure: one wrong in 4,000 where each dossier meets 200,000 others."""
MARGIN = 8.0
"""Bits by which a rival must fall behind."""

_SAME_WEEK = tuple(RECEIVED[one] for one in (ReceivedIs.SAME, ReceivedIs.NEAR, ReceivedIs.WEEK))
_SAME_DOSSIER = (RECEIVED[ReceivedIs.SAME], RECEIVED[ReceivedIs.NEAR])
_ANOTHER_DOSSIER = (RECEIVED[ReceivedIs.MONTH], RECEIVED[ReceivedIs.YEAR])
_WHOLE_NAME = (NAME[NameIs.SAME], NAME[NameIs.ORDER])
_NUMBER = (CARD[NumberIs.SAME], CARD[NumberIs.NEAR])
_TAX = (TAX[NumberIs.SAME], TAX[NumberIs.NEAR], TAX[NumberIs.BRANCH])


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What was seen of two entries, and what it comes to."""

    seen: Seen
    score: float
    against: bool
    """Whether something speaks against their being one."""
    may_be_sure: bool
    """Whether they are surely one, where no rival is."""
    points: tuple[Point, ...]


class Scales(dict[Seen, Weighed]):
    """Weighs what is seen, and what looks the same once: made for one call, and forgotten with it."""

    def __missing__(self, seen: Seen) -> Weighed:
        """Weigh what was not seen before."""
        total, against = score(seen)
        sure = total >= SURE and not against and _may_be_sure(seen)
        weighed = self[seen] = Weighed(seen, total, against, sure, points(seen))
        return weighed


@dataclass(slots=True, eq=False)
class Meeting:
    """Two entries that were compared, and are likely one."""

    ours: str
    theirs: str
    weighed: Weighed

    def told_apart_from(self, rival: Meeting) -> bool:
        """Tell whether a rival is plainly not what this is."""
        mine, its = self.weighed, rival.weighed
        if mine.seen.received in _SAME_DOSSIER and its.seen.received in _ANOTHER_DOSSIER:
            return True
        return its.against and its.score <= mine.score - MARGIN

    def pair(self, sureness: Sureness) -> Pair:
        """Return the pair as a person is told it."""
        return Pair(self.ours, self.theirs, sureness, self.weighed.score, self.weighed.points)


def pairs(
    ours: Iterable[Entry],
    theirs: Iterable[Entry] | Index,
    told_apart: Collection[tuple[str, str]] = (),
) -> Iterator[Pair]:
    """Yield the pairs of two sides by their keys, the sure and the likely ones.

    Keys are unique on each side. ``theirs`` is held in memory in comparable form, ``ours`` is only
    run through. ``told_apart`` are (ours, theirs) that a person has said are not the same: they
    are not pairs, nor rivals of any.
    """
    apart = frozenset(told_apart)
    met: list[Meeting] = []
    scales = Scales()
    index = theirs if isinstance(theirs, Index) else Index(theirs)
    for entry in ours:
        met.extend(_meet(known(entry), index, scales))
    if apart:
        met = [one for one in met if (one.ours, one.theirs) not in apart]
    yield from _judged(met)


def near(
    entry: Entry,
    index: Index,
    own: Index | None = None,
    told_apart: Collection[tuple[str, str]] = (),
) -> list[Pair]:
    """Return the pairs of one new entry with what is there, the best first.

    ``entry`` stands as ``ours`` in them, what is in ``index`` as ``theirs``; so they do in ``told_apart``.
    ``own`` holds the others of the entry's side: where one of them may be the same as what was
    found, that is not sure.
    """
    apart = frozenset(told_apart)
    one, scales = known(entry), Scales()
    met = [found for found in _meet(one, index, scales) if (one.key, found.theirs) not in apart]
    beside = _beside(one, index, own, scales) if own is not None and met else ()
    rivals = [found for found in beside if (found.ours, found.theirs) not in apart]
    mine = [pair for pair in _judged([*met, *rivals]) if pair.ours == entry.key]
    return sorted(mine, key=lambda pair: (-pair.score, pair.theirs))


def _beside(one: Known, index: Index, own: Index, scales: Scales) -> Iterator[Meeting]:
    for other in index.candidates(one):
        for rival in own.candidates(other):
            if rival.key != one.key and (met := _weigh(rival, other, scales)) is not None:
                yield met


def _meet(one: Known, index: Index, scales: Scales) -> list[Meeting]:
    weighed = [_weigh(one, other, scales) for other in index.candidates(one)]
    return [met for met in weighed if met is not None]


def _weigh(one: Known, other: Known, scales: Scales) -> Meeting | None:
    here, there = one.received, other.received
    apart = None if here is None or there is None else abs(here - there)
    if apart is not None and apart > YEAR:
        return None
    received, phone = receptions(apart), phones(one, other)
    card, tax = cards(one, other), taxes(one, other)
    more_than_a_name = (
        received in _SAME_WEEK or phone is PHONE_SAME or card in _NUMBER or tax in _TAX
    )
    if not more_than_a_name:  # before names are compared: that takes longest
        return None
    name, birth, procedure = names(one, other), births(one, other), procedures(one, other)
    weighed = scales[Seen(card, tax, name, birth, phone, procedure, received)]
    return Meeting(one.key, other.key, weighed) if weighed.score >= LIKELY else None


def _judged(met: Sequence[Meeting]) -> list[Pair]:
    ours, theirs = _grouped(met)
    sure = _sure(met, ours, theirs)
    found = [one.pair(Sureness.SURE) for one in sure.values()]
    taken = {one.theirs for one in sure.values()}
    found.extend(
        one.pair(Sureness.LIKELY)
        for one in met
        if one.ours not in sure and one.theirs not in taken and _not_behind(one, ours, theirs)
    )
    return sorted(found, key=attrgetter("ours", "theirs"))


Groups = dict[str, list[Meeting]]


def _grouped(met: Sequence[Meeting]) -> tuple[Groups, Groups]:
    ours: Groups = defaultdict(list)
    theirs: Groups = defaultdict(list)
    for one in met:
        ours[one.ours].append(one)
        theirs[one.theirs].append(one)
    return ours, theirs


def _sure(met: Sequence[Meeting], ours: Groups, theirs: Groups) -> dict[str, Meeting]:
    """Return the sure pairs by ours: found round by round, as each takes two from among the rivals."""
    sure: dict[str, Meeting] = {}
    taken: set[str] = set()
    open_ = [one for one in met if one.weighed.may_be_sure]
    while open_:
        found = {
            one.ours: one
            for one in open_
            if all(
                one.told_apart_from(rival)
                or (rival.weighed.against and (rival.ours in sure or rival.theirs in taken))
                for rival in _rivals(one, ours, theirs)
            )
        }
        sure |= found
        taken |= {one.theirs for one in found.values()}
        open_ = [one for one in open_ if one.ours not in found] if found else []
    return sure


def _rivals(one: Meeting, ours: Groups, theirs: Groups) -> Sequence[Meeting]:
    here, there = ours[one.ours], theirs[one.theirs]
    if len(here) == len(there) == 1:
        return ()
    return [rival for rival in (*here, *there) if rival is not one]


def _not_behind(one: Meeting, ours: Groups, theirs: Groups) -> bool:
    """Tell whether no rival makes this pair plainly wrong."""
    return not any(rival.told_apart_from(one) for rival in _rivals(one, ours, theirs))


def _may_be_sure(seen: Seen) -> bool:
    if seen.received not in _SAME_WEEK:
        return False
    same_day = seen.received is RECEIVED[ReceivedIs.SAME]
    if seen.procedure is not PROCEDURE_SAME and not same_day:
        return False
    firm = seen.tax is TAX[NumberIs.SAME] and same_day
    return firm or seen.card is CARD[NumberIs.SAME] or _equally_strong(seen)


def _equally_strong(seen: Seen) -> bool:
    return (
        seen.name in _WHOLE_NAME
        and seen.birth is BIRTH[BirthIs.SAME]
        and seen.phone is PHONE_SAME
        and seen.procedure is PROCEDURE_SAME
        and seen.received in _SAME_DOSSIER
    )
