"""Looks at both sides of a period and says which dossier is which record; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bridge.domain import matching
from bridge.domain.matching.entry import Entry, Pair, Sureness
from bridge.domain.said import Said
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
from bridge.engine.match.beside import Beside
from bridge.engine.match.sides import Period, Sides
from bridge.engine.people.refusal import Refusal

__all__ = ["Found", "Period", "look"]

Told = Callable[[int, int], None]
"""Called now and then with how many dossiers and how many records were read."""

TELL_EVERY = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What a look came to.

    ``onestop_only`` and ``ministry_only`` count what has no partner, ``unread`` what could not be
    read on either side, ``named`` the records that bear the code of one of our dossiers: those
    are linked by it when they come in. ``unseen`` says what could not be looked at at all. ``beside``
    are the records that were looked at: the pairs are weighed beside them once more.
    """

    sure: tuple[Pair, ...]
    likely: tuple[Pair, ...]
    onestop_only: int
    ministry_only: int
    beside: Beside
    unread: int = 0
    named: int = 0
    unseen: str | None = None


def look(
    house: House, ministry: Ministry, period: Period, told: Told = lambda _ours, _theirs: None
) -> Found:
    """Pair the dossiers of a period with a system's records, as far as no link knows them.

    Whether a pair is one to one is asked a month beyond it, so that it does not hang on where a
    period ends.

    Raises:
        Refusal: the system shows our own dossiers, so there is nothing to pair.
        AdapterError: its list can't be had now.
        OneStopFault: the one-stop database can't be read.
    """
    if ministry.mirror:
        raise Refusal(
            Said(
                "{system} shows our dossiers under our codes: there is nothing to pair",
                system=ministry.name,
            )
        )
    sides = Sides(house, ministry, period.wide)
    count = _Count(told, period)
    theirs = count.theirs(sides.records())
    beside = Beside(sides.period, theirs)  # first: they say which dossiers are named
    beside.seen_to, beside.named = sides.seen_to, sides.named
    ours = count.ours(sides.dossiers())
    with house.store.read() as unit:
        apart = told_apart(unit, ministry)
    found = [one for one in matching.pairs(ours, beside.index, apart) if count.asked(one)]
    return Found(
        tuple(one for one in found if one.sureness is Sureness.SURE),
        tuple(one for one in found if one.sureness is Sureness.LIKELY),
        count.of_ours - len({one.ours for one in found}),
        count.of_theirs - len({one.theirs for one in found}),
        beside,
        sides.unread,
        len(sides.named),
        None if ministry.capabilities.lists else _unseen(ministry),
    )


def _unseen(ministry: Ministry) -> Said:
    return Said(
        "{system} gives no list: only records that have come from it and belong to no dossier are "
        "looked at",
        system=ministry.name,
    )


class _Count:
    """Counts what passes of the period, and tells of it; what is only of its margin is set apart."""

    def __init__(self, told: Told, period: Period) -> None:
        self._told = told
        self._period = period
        self._beyond_ours: set[str] = set()
        self._beyond_theirs: set[str] = set()
        self.of_ours = 0
        self.of_theirs = 0

    def asked(self, pair: Pair) -> bool:
        """Tell whether both of a pair are of the period."""
        return pair.ours not in self._beyond_ours and pair.theirs not in self._beyond_theirs

    def ours(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for one in entries:
            if self._period.has(one.received):
                self.of_ours += 1
                self._tell(self.of_ours)
            else:
                self._beyond_ours.add(one.key)
            yield one

    def theirs(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for one in entries:
            if self._period.has(one.received):
                self.of_theirs += 1
                self._tell(self.of_theirs)
            else:
                self._beyond_theirs.add(one.key)
            yield one

    def _tell(self, count: int) -> None:
        if count % TELL_EVERY == 0:
            self._told(self.of_ours, self.of_theirs)
