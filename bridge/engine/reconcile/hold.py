"""Holding a comparison: one process makes it, and while it reads what was found nothing of it goes.

A hold is renewed as pages and findings go by, so it outlives a long list, a long comparison and a slow
reader, and is over soon after its process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.domain.comparison import Placed
from bridge.domain.finding_record import from_record
from bridge.engine.house import House
from bridge.store import KeptComparison, Unit

LEASE = timedelta(minutes=10)
"""How long a process that is silent is taken to be at work; one that has died, at once for dead."""


class ComparedElsewhereError(Exception):
    """Another process makes this comparison now."""


class ComparisonGoneError(Exception):
    """Another process has taken the comparison over, or what was found was let go of meanwhile."""


@dataclass(slots=True)
class Hold:
    """What this process has of a comparison; ``at`` is when it was renewed last."""

    house: House
    comparison: int
    at: datetime

    def renew(self, unit: Unit) -> None:
        """Hold it for a while more, in a transaction that is under way anyhow.

        Raises:
            ComparisonGoneError: it is not this process's any more.
        """
        if not unit.comparisons.hold(self.comparison, self.house.owner, unit.now + LEASE):
            raise ComparisonGoneError
        self.at = unit.now

    def heed(self) -> None:
        """Note that a page or a finding went by; once in a while the hold is renewed.

        Raises:
            ComparisonGoneError: it is not this process's any more.
        """
        if self.house.now() > self.at + LEASE / 2:
            with self.house.store.write("comparison kept") as unit:
                self.renew(unit)

    def found(self) -> Iterator[Placed]:
        """Yield what was not in step, by kind and code; values of fields are ``None``.

        Raises:
            ComparisonGoneError: it is not all there any more.
        """
        after = ("", "")
        while True:
            with self.house.store.read() as unit:
                rows = unit.comparisons.rows(self.comparison, after)
                if not unit.comparisons.is_held(self.comparison, self.house.owner):
                    raise ComparisonGoneError
            if not rows:
                return
            for row in rows:
                yield Placed(from_record(row.finding), row.place)
                self.heed()
            after = (rows[-1].kind.value, rows[-1].key)


def taken(house: House, unit: Unit, kept: KeptComparison) -> Hold:
    """Take hold of a comparison.

    Raises:
        ComparedElsewhereError: another process has it now, as far as is known.
        ComparisonGoneError: what was found was let go of.
    """
    if is_elsewhere(house, kept, unit.now):
        raise ComparedElsewhereError
    if not unit.comparisons.hold(kept.id, house.owner, unit.now + LEASE, over=True):
        raise ComparisonGoneError
    return Hold(house, kept.id, unit.now)


def is_elsewhere(house: House, kept: KeptComparison, now: datetime) -> bool:
    """Tell whether another process holds a comparison, as far as is known."""
    if kept.worker in (None, house.owner) or kept.worked_until is None:
        return False
    return kept.worked_until > now and house.alive(str(kept.worker))
