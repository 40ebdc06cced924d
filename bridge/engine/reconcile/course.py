"""A comparison in its course: some days of reception at a time, kept as it goes, taken up again.

What is done of a period stays done. Whoever compares the same period on the same terms again goes
on behind the last portion; a ministry that goes away in the middle, or a crash, costs one portion.
One that was begun long ago, or by other rules, is not gone on with: what its days came to then is
not what they are now.

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
from bridge.domain.finding_record import key_of
from bridge.domain.reconcile import Different
from bridge.domain.said import Said
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile import counted
from bridge.engine.reconcile.again import Again
from bridge.engine.reconcile.agreed import rules_of
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.calendar import Calendar
from bridge.engine.reconcile.hold import ComparedElsewhereError, Hold, is_elsewhere, taken
from bridge.engine.reconcile.imprinting import Imprinted, Imprinting
from bridge.engine.reconcile.portion import Gathering
from bridge.engine.reconcile.spill import Spill
from bridge.engine.reconcile.strays import judge_aside
from bridge.engine.reconcile.sweep import swept, today
from bridge.engine.reconcile.terms import Terms
from bridge.engine.reconcile.values import Values
from bridge.store import KeptComparison

FIRST, MOST = 7, 56
"""Days of the first portion and of the longest: those that hold little grow, those that hold much
shrink to a day, so that a ministry is not asked often for nothing and little is done again."""

LITTLE, MUCH = 500, 5_000
"""Findings of a portion: fewer, and the next is twice as long; more, and it is half as long."""

FRESH = timedelta(hours=6)
"""How long after its begin a comparison is gone on with: from a night to its morning, but what was
found before an office's day is not passed off as what is so after it."""

ONE_DAY = timedelta(days=1)


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
    """One comparison under way; ``values`` are those of the fields that differ, as far as at hand.

    ``anew`` says why one that had stopped half way was not gone on with, if there is such a one.
    """

    desk: Desk
    terms: Terms
    kept: KeptComparison
    hold: Hold
    values: Values
    strays: Spill
    calendar: Calendar
    again: Again
    anew: Said | None

    @property
    def house(self) -> House:
        """See ``Desk``."""
        return self.desk.house

    @property
    def id(self) -> int:
        """The number of the comparison."""
        return self.kept.id

    def done_until(self) -> date | None:
        """Return the last day that is done; ``None`` while none is."""
        with self.house.store.read() as unit:
            days = unit.comparisons.days(self.id)
        return days[-1][1] if days else None

    def run(self, heard: Heard = lambda _stage: None) -> Comparison:
        """Compare what is left of the period; returns what all of it came to.

        Raises:
            AdapterError: the ministry can't be asked now; the portions that are done are kept.
            OneStopFault: the one-stop database can't be read; as above.
            ComparisonGoneError: another process has taken over from this one.
        """
        done = self.done_until()
        begin = self.terms.since if done is None else done + ONE_DAY
        length, findings = FIRST, 0
        imprinted = Imprinted(self.desk, begin, self.terms.until)
        while begin <= self.terms.until:
            portion = imprinted.portion(begin, length)
            seen = self._portion(portion, findings, heard)
            findings += seen
            length = _next_length(length, seen)
            begin = portion.until + ONE_DAY
        return self._close()

    def _portion(self, imprinting: Imprinting, before: int, heard: Heard) -> int:
        """Compare some days and keep what they come to; returns how many findings there were."""
        begin, end = imprinting.since, imprinting.until
        at = (begin - self.terms.since).days
        terms = replace(self.terms, since=begin, until=end)
        with Gathering(self.id, begin, end, self.values, self.strays) as days:
            for one in swept(self.desk, terms, self.calendar, days.set_aside, imprinting):
                days.hear(one)
                self.hold.heed()
                if days.seen % self.house.page == 0:
                    heard(Stage(at, self._days, before + days.seen, begin))
            if imprinting.stands and imprinting.before is not None:
                days.hear_agreed(imprinting.before)
            with self.house.store.write("comparison kept") as unit:
                self.hold.renew(unit)
                days.write(unit)
                imprinting.write(unit)
        done = (end - self.terms.since).days + 1
        heard(Stage(done, self._days, before + days.seen, end))
        return days.seen

    @property
    def _days(self) -> int:
        return (self.terms.until - self.terms.since).days + 1

    def _close(self) -> Comparison:
        """Judge what was set aside, and note what the whole came to."""
        end = self.terms.until + ONE_DAY
        with Gathering(self.id, end, end, self.values, self.strays) as late:
            judge_aside(self.desk, self.terms, late)
            with self.house.store.write("comparison made") as unit:
                self.hold.renew(unit)
                late.write(unit)
                counts = counted.count(unit, self.id)
                unit.comparisons.finish(self.id, counted.as_json(counts))
                kept = replace(self.kept, made_at=unit.now)
        return counted.comparison(kept, counts)

    def so_far(self) -> Comparison:
        """Return what the days that are done have come to: it is of those days alone."""
        until = self.done_until() or self.terms.until
        with self.house.store.read() as unit:
            counts = counted.count(unit, self.id)
            kept = replace(self.kept, until=until, made_at=unit.now)
        return counted.comparison(kept, counts)

    def for_a_person(self) -> int:
        """Return how many dossiers and records on their way wait for a person."""
        with self.house.store.read() as unit:
            return unit.comparisons.for_a_person(self.id)

    def plan(self) -> Iterator[Placed]:
        """Yield the same as ``rows`` without any value: a repair needs none."""
        return self.hold.found()

    def rows(self) -> Iterator[Placed]:
        """Yield what is not in step, by kind and code, with the values of what differs.

        Those that a process before this one found are asked for again, once; ``None`` where a side
        has changed since, or can't be asked.

        Raises:
            ComparisonGoneError: what was found is not all there any more.
        """
        return (self._valued(one) for one in self.hold.found())

    def _valued(self, one: Placed) -> Placed:
        finding = one.finding
        if not isinstance(finding, Different) or not finding.fields:
            return one
        key = key_of(finding)
        known = self.values.of(key)
        if known is None:
            asked = self.again.asked(finding)
            known = asked if asked is not None and asked.fields else finding
            self.values.put(key, known)
        return replace(one, finding=known)


def _next_length(length: int, seen: int) -> int:
    if seen < LITTLE:
        return min(length * 2, MOST)
    return max(length // 2, 1) if seen > MUCH else length


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
    name, days, text = ministry.name, (terms.since, terms.until), terms_text(terms)
    desk = Desk(house, ministry)
    rules = rules_of(desk).hex()
    with house.store.write("comparison begun") as unit:
        kept = None if anew else unit.comparisons.unfinished(name, *days, text)
        if kept is not None and is_elsewhere(house, kept, unit.now):
            raise ComparedElsewhereError
        why = None if kept is None else _overtaken(kept, rules, unit.now)
        if kept is None or why is not None:
            kept = unit.comparisons.begin(
                name, *days, terms=text, rules=rules, worker=house.owner, unasked=unasked
            )
        hold = taken(house, unit, kept)
    desk.heed = hold.heed
    with Values() as values, Spill() as strays, Calendar(desk, terms) as calendar:
        again = Again(desk, terms)
        yield Course(desk, terms, kept, hold, values, strays, calendar, again, why)


def _overtaken(kept: KeptComparison, rules: str, now: datetime) -> Said | None:
    """Say why a comparison that stopped half way is not gone on with; ``None``: it is."""
    if kept.rules != rules:
        return Said("it was begun by other rules: a release, a mapping, code lists or settings")
    if now - kept.begun_at > FRESH:
        hours = int(FRESH.total_seconds()) // 3600
        return Said("it was begun more than {hours} hours ago", hours=hours)
    return None
