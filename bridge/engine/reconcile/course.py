"""A comparison in its course: some days of reception at a time, kept as it goes, taken up again.

What is done of a period stays done. Whoever compares the same period on the same terms again goes
on behind the last portion; a ministry that goes away in the middle, or a crash, costs one portion.

A dossier belongs to the day the one-stop received it. Where the ministry lists its record on
another day, the record is set aside and looked at when all days are done: it may be the record
found by its number already, one more of the same dossier, or the one that was missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bridge.domain.comparison import Comparison, Placed
from bridge.domain.finding_record import from_record, key_of
from bridge.domain.reconcile import Different
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile import counted
from bridge.engine.reconcile.again import Again
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.calendar import Calendar
from bridge.engine.reconcile.portion import Gathering, as_rows
from bridge.engine.reconcile.spill import Spill
from bridge.engine.reconcile.strays import judged
from bridge.engine.reconcile.sweep import sweep, today
from bridge.engine.reconcile.terms import Terms
from bridge.engine.reconcile.values import Values
from bridge.store import ComparedPortion, KeptComparison, Unit

FIRST, MOST = 7, 56
"""Days of the first portion and of the longest: those that hold little grow, those that hold much
shrink to a day, so that a ministry is not asked often for nothing and little is done again."""

LITTLE, MUCH = 500, 5_000
"""Findings of a portion: fewer, and the next is twice as long; more, and it is half as long."""

HELD_EVERY = 20
"""Findings between two looks at the clock."""

ONE_DAY = timedelta(days=1)


LEASE = timedelta(minutes=10)
"""How long a process that is silent is taken to be at work; one that has died, at once for dead."""


class ComparedElsewhereError(Exception):
    """Another process makes this comparison now."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a comparison is: days done and all, findings so far in this run, and the day it is at."""

    done: int
    days: int
    findings: int
    at: date


Heard = Callable[[Stage], None]
"""Hears how far a comparison is, after each page of findings."""


def terms_text(terms: Terms) -> str:
    """Return a text that is the same for the same terms, whatever the period."""
    restored = "" if terms.restored_to is None else terms.restored_to.isoformat()
    flags = f"{int(terms.thorough)}{int(terms.also_decided)}"
    return f"{flags} {int(terms.age.total_seconds())} {restored}"


@dataclass(frozen=True, slots=True)
class Course:
    """One comparison under way; ``values`` are those of the fields that differ, as far as at hand."""

    house: House
    ministry: Ministry
    terms: Terms
    kept: KeptComparison
    values: Values
    strays: Spill
    calendar: Calendar
    again: Again

    @property
    def id(self) -> int:
        """The number of the comparison."""
        return self.kept.id

    def done_until(self) -> date | None:
        """Return the last day that is done; ``None`` while none is."""
        with self.house.store.read() as unit:
            portions = unit.comparisons.portions(self.id)
        return max((one.until for one in portions), default=None)

    def run(self, heard: Heard = lambda _stage: None) -> Comparison:
        """Compare what is left of the period; returns what all of it came to.

        Raises:
            AdapterError: the ministry can't be asked now; the portions that are done are kept.
            OneStopFault: the one-stop database can't be read; as above.
            ComparedElsewhereError: another process has taken over from this one.
        """
        done = self.done_until()
        begin = self.terms.since if done is None else done + ONE_DAY
        length, findings = FIRST, 0
        while begin <= self.terms.until:
            end = min(begin + timedelta(days=length - 1), self.terms.until)
            seen = self._portion(begin, end, findings, heard)
            findings += seen
            length = _next_length(length, seen)
            begin = end + ONE_DAY
        return self._close()

    def _portion(self, begin: date, end: date, before: int, heard: Heard) -> int:
        """Compare some days and keep what they come to; returns how many findings there were."""
        now = self.house.now()
        days = Gathering(self.id, begin, end, self.values, self.strays, now)
        with self.house.store.write("comparison kept") as unit:
            self._still(unit)
            unit.comparisons.forget_portion(self.id, begin)
        at = (begin - self.terms.since).days
        terms = replace(self.terms, since=begin, until=end)
        for one in sweep(self.house, self.ministry, terms, days.set_aside, self.calendar):
            days.hear(one)
            if days.seen % self.house.page == 0:
                heard(Stage(at, self._days, before + days.seen, begin))
            if days.many or self._is_long_since(days.kept_at, days.seen):
                with self.house.store.write("comparison kept") as unit:
                    self._still(unit)
                    days.write(unit)
        with self.house.store.write("comparison kept") as unit:
            self._still(unit)
            days.finish(unit)
        done = (end - self.terms.since).days + 1
        heard(Stage(done, self._days, before + days.seen, end))
        return days.seen

    def _is_long_since(self, at: datetime, seen: int) -> bool:
        """Tell, once in a while, whether the comparison must be held on to now."""
        return seen % HELD_EVERY == 0 and self.house.now() > at + LEASE / 2

    @property
    def _days(self) -> int:
        return (self.terms.until - self.terms.since).days + 1

    def _still(self, unit: Unit) -> None:
        """Make sure that nobody else works at the comparison, and go on for a while."""
        if not unit.comparisons.work(self.id, self.house.owner, unit.now + LEASE):
            raise ComparedElsewhereError

    def _close(self) -> Comparison:
        """Judge what was set aside, and note what the whole came to."""
        late = judged(self.house, self.ministry, self.terms, self.id, self.strays)
        in_step, rows = late.in_step, as_rows(late.placed, self.values)
        end = self.terms.until + ONE_DAY
        with self.house.store.write("comparison made") as unit:
            self._still(unit)
            unit.comparisons.add_portion(self.id, ComparedPortion(end, end, in_step))
            unit.comparisons.drop(self.id, late.over)
            unit.comparisons.put(self.id, end, rows)
            counts = counted.count(unit, self.id)
            unit.comparisons.finish(self.id, counted.as_json(counts))
            kept = replace(self.kept, made_at=unit.now)
        return counted.comparison(kept, counts)

    def so_far(self) -> Comparison:
        """Return what the days that are done have come to."""
        with self.house.store.read() as unit:
            counts = counted.count(unit, self.id)
            kept = replace(self.kept, made_at=unit.now)
        return counted.comparison(kept, counts)

    def plan(self) -> Iterator[Placed]:
        """Yield the same as ``rows`` without any value: a repair needs none."""
        return found(self.house, self.id)

    def rows(self) -> Iterator[Placed]:
        """Yield what is not in step, by kind and code, with the values of what differs.

        Those that a process before this one found are asked for again; ``None`` where a side has
        changed since, or can't be asked.
        """
        return (self._valued(one) for one in found(self.house, self.id))

    def _valued(self, one: Placed) -> Placed:
        finding = one.finding
        if not isinstance(finding, Different) or not finding.fields:
            return one
        key = key_of(finding)
        known = self.values.of(key)
        if known is None and (known := self.again.asked(finding)) is not None:
            self.values.put(key, known)
        return one if known is None else replace(one, finding=known)


def _next_length(length: int, seen: int) -> int:
    if seen < LITTLE:
        return min(length * 2, MOST)
    return max(length // 2, 1) if seen > MUCH else length


def found(house: House, comparison: int) -> Iterator[Placed]:
    """Yield what was not in step of a comparison, by kind and code; values of fields are ``None``."""
    after = ("", "")
    while True:
        with house.store.read() as unit:
            rows = unit.comparisons.rows(comparison, after)
        if not rows:
            return
        for row in rows:
            yield Placed(from_record(row.finding), row.place)
        after = (rows[-1].kind.value, rows[-1].key)


@contextmanager
def course(
    house: House, ministry: Ministry, terms: Terms, *, anew: bool = False, unasked: bool = False
) -> Iterator[Course]:
    """Take a comparison up where it stopped, or begin it.

    ``anew``: one that was not finished is not gone on with. ``unasked``: the timetable makes it.

    Raises:
        ComparedElsewhereError: another process makes it now.
    """
    terms = replace(terms, until=min(terms.until, today(house)))
    name, text = ministry.name, terms_text(terms)
    with house.store.write("comparison begun") as unit:
        kept = None if anew else unit.comparisons.unfinished(name, terms.since, terms.until, text)
        if kept is None:
            kept = unit.comparisons.begin(name, terms.since, terms.until, text, unasked=unasked)
        elif _is_worked(house, kept, unit.now):
            raise ComparedElsewhereError
        unit.comparisons.work(kept.id, house.owner, unit.now + LEASE, over=True)
    with Values() as values, Spill() as strays, Calendar(house, ministry, terms) as calendar:
        again = Again(Desk(house, ministry), terms)
        yield Course(house, ministry, terms, kept, values, strays, calendar, again)


def _is_worked(house: House, kept: KeptComparison, now: datetime) -> bool:
    """Tell whether another process works at a comparison, as far as is known."""
    if kept.worker in (None, house.owner) or kept.worked_until is None:
        return False
    return kept.worked_until > now and house.alive(str(kept.worker))
