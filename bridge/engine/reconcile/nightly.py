"""The comparison of every night: begun at its time, a longer look once a week, taken up till done.

It comes after opening hours, a pause and the brake: while a system may not be called nothing is
asked, and the next look of the timetable goes on, with the repairs too where they were cut off. The first night of a system is the first that
begins while the daemon runs, so that switching it on at noon asks nobody for a month of dossiers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bridge.domain.comparison import Comparison
from bridge.domain.finding_record import action_of
from bridge.domain.reconcile import Action
from bridge.engine import brake
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.counted import comparison_of
from bridge.engine.reconcile.course import Stage, course
from bridge.engine.reconcile.hold import (
    ComparedElsewhereError,
    ComparisonGoneError,
    Hold,
    taken,
)
from bridge.engine.reconcile.repair import Mended, apply
from bridge.engine.reconcile.terms import Terms
from bridge.sdk.errors import AdapterError
from bridge.store import KeptComparison

ONE_DAY = timedelta(days=1)

IMPRINTS_KEPT = timedelta(days=30)
"""How long an imprint is kept that did not hold meanwhile: the longer look comes once a week."""


@dataclass(frozen=True, slots=True)
class Nights:
    """When both sides are compared unasked, and how far back.

    ``at`` is local. ``days`` of reception are looked at, today included, and ``weekly_days`` in the
    night that begins on ``weekly_on`` (0: Monday). ``actions`` are done unasked. What differed is
    kept for ``keep``, at most until the next comparison.
    """

    at: time = time(1, 30)
    days: int = 30
    weekly_days: int = 365
    weekly_on: int = 6
    actions: frozenset[Action] = frozenset()
    keep: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Night:
    """What came of a night: the comparison, and how many repairs were put in line unasked."""

    comparison: Comparison
    mended: int


def due(
    last: KeptComparison | None, started: datetime, local: datetime, nights: Nights
) -> tuple[date, date] | None:
    """Return the days that are to be compared now, both included; ``None`` while nothing is due.

    ``last`` is the newest comparison that was made unasked, ``started`` when the daemon began,
    ``local`` the present moment on the office's clock. Pure.
    """
    begins = datetime.combine(local.date(), nights.at, local.tzinfo)
    if begins > local:
        begins -= ONE_DAY
    if last is None:
        if started > begins:
            return None
    elif last.begun_at >= begins:
        return None if last.made_at is not None else (last.since, last.until)
    days = nights.weekly_days if begins.weekday() == nights.weekly_on else nights.days
    until = begins.date()
    return until - timedelta(days=days - 1), until


def compare(
    house: House,
    ministry: Ministry,
    nights: Nights,
    started: datetime,
    heard: Callable[[Stage], None] = lambda _stage: None,
) -> Night | None:
    """Make the comparison that is due, or go on with it; ``None`` where none is, or none can be now.

    Raises:
        AdapterError: the ministry can't be asked, though it may be called; what was done is kept.
        OneStopFault: the one-stop database can't be read; as above.
    """
    with house.store.read() as unit:
        last = unit.comparisons.last_unasked(ministry.name)
    days = due(last, started, house.now().astimezone(house.zone), nights)
    owes = last is not None and last.made_at is not None and last.settled_at is None
    if not (days or owes) or not brake.look(house, ministry).open:
        return None
    try:
        if days is None and last is not None:
            return _gone_on_with(house, ministry, nights, last)
        return None if days is None else _made(house, ministry, nights, Terms(*days), heard)
    except (ComparedElsewhereError, ComparisonGoneError):
        return None
    except AdapterError:
        if brake.look(house, ministry).open:
            raise
        return None


def _made(
    house: House, ministry: Ministry, nights: Nights, terms: Terms, heard: Callable[[Stage], None]
) -> Night:
    with course(house, ministry, terms, unasked=True) as under_way:
        comparison = under_way.run(heard)
        return Night(comparison, _repaired(ministry, terms, nights, under_way.hold))


def _gone_on_with(house: House, ministry: Ministry, nights: Nights, last: KeptComparison) -> Night:
    """Do what is left of the repairs of a night: what was done is refused the second time."""
    with house.store.write("comparison begun") as unit:
        hold = taken(house, unit, last)
    terms = Terms(last.since, last.until)
    return Night(comparison_of(last), _repaired(ministry, terms, nights, hold))


def _repaired(ministry: Ministry, terms: Terms, nights: Nights, hold: Hold) -> int:
    """Have done what may be unasked; returns how many repairs were put in line."""
    wanted = (one.finding for one in hold.found() if action_of(one.finding) in nights.actions)
    repairs = apply(hold.house, ministry, terms, wanted) if nights.actions else ()
    mended = sum(isinstance(one, Mended) for one in repairs)
    with hold.house.store.write("night settled") as unit:
        unit.comparisons.settle(hold.comparison)
    return mended


def tidy(house: House, nights: Nights) -> None:
    """Let go of what differed in comparisons of long ago; their totals stay."""
    with house.store.write("comparisons tidied") as unit:
        unit.comparisons.purge(unit.now - nights.keep)
        unit.imprints.purge(unit.now - IMPRINTS_KEPT)
