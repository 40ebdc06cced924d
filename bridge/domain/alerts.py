"""When people are told that something waits too long, and when that it is over.

What waits is judged by its age, not by its number: a busy morning is no alarm, one dossier that
nobody looked at since yesterday is. An alert is told when it opens, when it gets graver, and when
it closes; while it stays as it is, nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

HOUR = 3600.0
MINUTE = 60.0

Quiet = tuple[time, time]
"""From when until when nobody is woken for a warning: local times, over midnight or not."""


class Severity(StrEnum):
    """How much it hurts: a warning waits for the morning, what is critical does not."""

    WARNING = "warning"
    CRITICAL = "critical"


class Matter(StrEnum):
    """What is watched."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    DEAD = "dead"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    CLOSED = "closed"
    PAUSED = "paused"
    FEED = "feed"
    ONESTOP = "onestop"
    DIFFERING = "differing"
    UNACCOUNTED = "unaccounted"
    DISK = "disk"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Row:
    """A rule as it is written in the table.

    ``key`` changes it in ``[alerts]``, in units of which one is ``unit`` of the amount observed
    (seconds, deliveries, megabytes). ``defaults`` are the thresholds, mildest first, each with its
    severity. ``falling``: it opens when the amount falls to the threshold, not when it reaches it.
    It closes once the amount is less than ``slack`` of the threshold (falling: more), so that what
    hovers there is told once.
    """

    matter: Matter
    key: str
    unit: float
    defaults: tuple[float, ...]
    severities: tuple[Severity, ...]
    falling: bool = False
    slack: float = 0.5


_WARNING, _CRITICAL = (Severity.WARNING,), (Severity.CRITICAL,)
TABLE: tuple[Row, ...] = (
    Row(Matter.PENDING, "pending_hours", HOUR, (4,), _WARNING),
    Row(Matter.ACCEPTED, "accepted_hours", HOUR, (24,), _WARNING),
    Row(Matter.IN_DOUBT, "in_doubt_hours", HOUR, (4,), _WARNING),
    Row(Matter.DEAD, "dead_hours", HOUR, (24,), _WARNING),
    Row(Matter.CONFLICT, "conflict_hours", HOUR, (48,), _WARNING),
    Row(Matter.QUARANTINED, "quarantined_hours", HOUR, (24,), _WARNING),
    Row(Matter.CLOSED, "closed_hours", HOUR, (1,), _CRITICAL),
    Row(Matter.PAUSED, "paused_hours", HOUR, (24,), _WARNING),
    Row(Matter.FEED, "feed_hours", HOUR, (2,), _CRITICAL),
    Row(Matter.ONESTOP, "onestop_minutes", MINUTE, (5,), _CRITICAL),
    Row(Matter.DIFFERING, "differing", 1, (1,), _WARNING),
    Row(Matter.UNACCOUNTED, "unaccounted", 1, (1,), _CRITICAL),
    Row(Matter.DISK, "disk_free_mb", 1, (1024,), _CRITICAL, falling=True, slack=1.25),
    Row(
        Matter.CERTIFICATE,
        "certificate_days",
        24 * HOUR,
        (30, 7, 1),
        (Severity.WARNING, Severity.WARNING, Severity.CRITICAL),
        falling=True,
        slack=1,
    ),
)
"""Every rule: what is watched, the key that changes it, from where on it is told."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is in force: ``thresholds`` are in the unit of what is observed."""

    matter: Matter
    thresholds: tuple[float, ...]
    severities: tuple[Severity, ...]
    falling: bool
    slack: float

    def stage(self, amount: float) -> int:
        """Return how many thresholds ``amount`` has reached; 0 when it is well."""
        if self.falling:
            return sum(amount <= threshold for threshold in self.thresholds)
        return sum(amount >= threshold for threshold in self.thresholds)

    def is_over(self, amount: float) -> bool:
        """Tell whether an alert that is open closes at ``amount``."""
        bound = self.thresholds[0] * self.slack
        return amount > bound if self.falling else amount < bound

    def severity(self, stage: int) -> Severity:
        """Return how much a stage (from 1) hurts."""
        return self.severities[stage - 1]


@dataclass(frozen=True, slots=True)
class Observation:
    """How something stands now.

    ``subject`` names a system, a folder, a server. ``amount`` is an age in seconds, a number, or
    megabytes; ``None`` when it could not be looked at: what is open of it stays open. ``count`` is
    how many there are.
    """

    matter: Matter
    subject: str
    amount: float | None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An alert that is open, at its ``stage`` (from 1)."""

    id: int
    matter: Matter
    subject: str
    stage: int
    severity: Severity
    since: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens, or ``of`` an open alert what gets graver; people are told at ``told_at``."""

    seen: Observation
    stage: int
    severity: Severity
    told_at: datetime
    of: Opened | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What is over; people are told at ``told_at``."""

    alert: Opened
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What opens, what closes, and what is open and stays silent."""

    opens: tuple[Opening, ...]
    closes: tuple[Closing, ...]
    silent: tuple[Opened, ...]


def rules_of(configured: Mapping[str, Sequence[float]]) -> tuple[Rule, ...]:
    """Return the rules in force: ``configured`` thresholds by key, the table's where it has none.

    A threshold of 0 switches it off; a rule without any is none. Where several are configured (the
    days of certificates) the last is as grave as the gravest of the table.
    """
    found = (_in_force(row, configured.get(row.key, row.defaults)) for row in TABLE)
    return tuple(rule for rule in found if rule.thresholds)


def _in_force(row: Row, given: Sequence[float]) -> Rule:
    wanted = sorted((one for one in given if one > 0), reverse=row.falling)
    mild, grave = row.severities[0], row.severities[-1]
    severities = tuple(mild for _ in wanted[:-1]) + ((grave,) if wanted else ())
    thresholds = tuple(one * row.unit for one in wanted)
    return Rule(row.matter, thresholds, severities, row.falling, row.slack)


def decide(
    alerts: Collection[Opened],
    observations: Iterable[Observation],
    now: datetime,
    rules: Collection[Rule],
    quiet: Quiet | None = None,
) -> Decision:
    """Say what opens, what closes and what stays silent.

    ``now`` is the time of the office's wall clock, aware. What is open and not observed any more
    is over.
    """
    of_matter = {rule.matter: rule for rule in rules}
    seen = {(one.matter, one.subject): one for one in observations}
    open_now = {(one.matter, one.subject): one for one in alerts}
    closes = tuple(
        Closing(one, told_at(one.severity, now, quiet))
        for key, one in open_now.items()
        if _is_over(of_matter.get(one.matter), seen.get(key))
    )
    over = {one.alert.id for one in closes}
    going_on = {key: one for key, one in open_now.items() if one.id not in over}
    opens = tuple(_openings(of_matter, seen, going_on, now, quiet))
    graver = {one.of.id for one in opens if one.of is not None}
    silent = tuple(one for one in going_on.values() if one.id not in graver)
    return Decision(opens, closes, silent)


def _is_over(rule: Rule | None, seen: Observation | None) -> bool:
    if rule is None or seen is None:
        return True
    return seen.amount is not None and rule.is_over(seen.amount)


def _openings(
    rules: Mapping[Matter, Rule],
    seen: Mapping[tuple[Matter, str], Observation],
    going_on: Mapping[tuple[Matter, str], Opened],
    now: datetime,
    quiet: Quiet | None,
) -> Iterator[Opening]:
    for key, one in seen.items():
        rule, before = rules.get(one.matter), going_on.get(key)
        if rule is None or one.amount is None:
            continue
        stage = rule.stage(one.amount)
        if stage > (before.stage if before else 0):
            severity = rule.severity(stage)
            yield Opening(one, stage, severity, told_at(severity, now, quiet), before)


def told_at(severity: Severity, now: datetime, quiet: Quiet | None) -> datetime:
    """Return when people are told: at once, or a warning at the end of the quiet time it is in."""
    if quiet is None or severity is Severity.CRITICAL:
        return now
    start, end = quiet
    clock = now.time()
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    if not inside:
        return now
    day = now.date() if clock < end else now.date() + timedelta(days=1)
    return datetime.combine(day, end, now.tzinfo)
