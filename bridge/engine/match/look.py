"""Looks at both sides of a period and says which dossier is which record; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bridge.domain import matching
from bridge.domain.matching.entry import Entry, Pair, Sureness
from bridge.domain.said import Said
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
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
    are linked by it when they come in. ``unseen`` says what could not be looked at at all.
    """

    sure: tuple[Pair, ...]
    likely: tuple[Pair, ...]
    onestop_only: int
    ministry_only: int
    unread: int = 0
    named: int = 0
    unseen: str | None = None


def look(
    house: House, ministry: Ministry, period: Period, told: Told = lambda _ours, _theirs: None
) -> Found:
    """Pair the dossiers of a period with a system's records, as far as no link knows them.

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
    sides = Sides(house, ministry, period)
    count = _Count(told)
    theirs = list(count.theirs(sides.records()))  # first: they say which dossiers are named
    ours = count.ours(sides.dossiers())
    with house.store.read() as unit:
        apart = told_apart(unit, ministry)
    found = list(matching.pairs(ours, theirs, apart))
    return Found(
        tuple(one for one in found if one.sureness is Sureness.SURE),
        tuple(one for one in found if one.sureness is Sureness.LIKELY),
        count.of_ours - len({one.ours for one in found}),
        count.of_theirs - len({one.theirs for one in found}),
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
    """Counts what passes, and tells of it."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self.of_ours = 0
        self.of_theirs = 0

    def ours(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for one in entries:
            self.of_ours += 1
            self._tell(self.of_ours)
            yield one

    def theirs(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for one in entries:
            self.of_theirs += 1
            self._tell(self.of_theirs)
            yield one

    def _tell(self, count: int) -> None:
        if count % TELL_EVERY == 0:
            self._told(self.of_ours, self.of_theirs)
