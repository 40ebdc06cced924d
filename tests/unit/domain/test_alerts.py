from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from bridge.domain.alerts import (
    HOUR,
    TABLE,
    Decision,
    Matter,
    Observation,
    Opened,
    Quiet,
    Severity,
    decide,
    rules_of,
    told_at,
)
from bridge.sdk.times import VIETNAM

NOON = datetime(2026, 11, 26, 12, tzinfo=VIETNAM)
NIGHT: Quiet = (time(22), time(6))
RULES = rules_of({})
DAY = 24 * HOUR


def seen(matter: Matter, amount: float | None, subject: str = "gplx") -> Observation:
    return Observation(matter, subject, amount, 3)


def alert(matter: Matter, stage: int = 1, subject: str = "gplx") -> Opened:
    return Opened(7, matter, subject, stage, Severity.WARNING, NOON - timedelta(hours=1))


def judged(alerts: list[Opened], *observations: Observation) -> Decision:
    return decide(alerts, observations, NOON, RULES)


def test_age_opens_and_number_does_not() -> None:
    """A thousand that wait for an hour are no alert; one that waits for four hours is."""
    busy = Observation(Matter.PENDING, "gplx", HOUR, 1000)
    assert judged([], busy) == Decision((), (), ())
    [opening] = judged([], Observation(Matter.PENDING, "yte", 4 * HOUR, 1)).opens
    assert (opening.seen.subject, opening.stage, opening.severity) == ("yte", 1, Severity.WARNING)
    assert opening.told_at == NOON


def test_what_is_open_stays_silent_and_closes_well_below_its_threshold() -> None:
    """At three hours it is still open, without a word; at less than two it is over."""
    one = alert(Matter.PENDING)
    assert judged([one], seen(Matter.PENDING, 3 * HOUR)).silent == (one,)
    assert judged([one], seen(Matter.PENDING, 9 * HOUR)).silent == (one,)
    [closing] = judged([one], seen(Matter.PENDING, HOUR)).closes
    assert closing.alert == one


def test_what_is_not_there_any_more_is_over_and_what_can_t_be_seen_is_not() -> None:
    """No dead letter left: over. A certificate that could not be looked at: as before."""
    one, other = alert(Matter.DEAD), alert(Matter.CERTIFICATE)
    assert [closing.alert for closing in judged([one]).closes] == [one]
    unseen = judged([other], seen(Matter.CERTIFICATE, None))
    assert (unseen.silent, unseen.opens, unseen.closes) == ((other,), (), ())


@pytest.mark.parametrize(
    ("days", "stage", "severity"),
    [
        (31, 0, None),
        (30, 1, Severity.WARNING),
        (7, 2, Severity.WARNING),
        (1, 3, Severity.CRITICAL),
        (-2, 3, Severity.CRITICAL),
    ],
)
def test_a_certificate_is_told_30_7_and_1_days_ahead(
    days: float, stage: int, severity: Severity | None
) -> None:
    """Three stages, the last one critical; whoever begins late is told the gravest alone."""
    opens = judged([], seen(Matter.CERTIFICATE, days * DAY)).opens
    assert [(one.stage, one.severity) for one in opens] == ([(stage, severity)] if stage else [])


def test_a_graver_stage_is_told_and_a_milder_one_is_not() -> None:
    """From 30 to 7 days: told once more, of the same alert; renewed: over, once."""
    one = alert(Matter.CERTIFICATE)
    [graver] = judged([one], seen(Matter.CERTIFICATE, 6 * DAY)).opens
    assert (graver.of, graver.stage) == (one, 2)
    two = alert(Matter.CERTIFICATE, 2)
    assert judged([two], seen(Matter.CERTIFICATE, 20 * DAY)).silent == (two,)
    assert len(judged([two], seen(Matter.CERTIFICATE, 90 * DAY)).closes) == 1


def test_one_lost_delivery_is_enough() -> None:
    """The conservation sum opens at one, either way it is off, and closes at none."""
    assert len(judged([], seen(Matter.UNACCOUNTED, 1)).opens) == 1
    assert judged([], seen(Matter.UNACCOUNTED, 0)).opens == ()
    assert len(judged([alert(Matter.UNACCOUNTED)], seen(Matter.UNACCOUNTED, 0)).closes) == 1


def test_a_disk_that_fills_is_critical_and_needs_room_to_be_well() -> None:
    """At a gigabyte free it opens; at a little more it is not over yet."""
    [opening] = judged([], seen(Matter.DISK, 1000)).opens
    assert opening.severity is Severity.CRITICAL
    assert judged([alert(Matter.DISK)], seen(Matter.DISK, 1100)).closes == ()
    assert len(judged([alert(Matter.DISK)], seen(Matter.DISK, 2000)).closes) == 1


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        (NOON.replace(hour=23), NOON.replace(day=27, hour=6)),
        (NOON.replace(hour=3), NOON.replace(hour=6)),
        (NOON.replace(hour=22), NOON.replace(day=27, hour=6)),
        (NOON.replace(hour=6), NOON.replace(hour=6)),
        (NOON, NOON),
    ],
)
def test_a_warning_waits_for_the_morning(at: datetime, morning: datetime) -> None:
    """In the quiet time a warning is told at its end; what is critical is told at once."""
    assert told_at(Severity.WARNING, at, NIGHT) == morning
    assert told_at(Severity.CRITICAL, at, NIGHT) == at
    assert told_at(Severity.WARNING, at, None) == at


def test_a_quiet_time_within_a_day() -> None:
    """Over noon: told when the break is over."""
    assert told_at(Severity.WARNING, NOON, (time(11, 30), time(13, 30))) == NOON.replace(
        hour=13, minute=30
    )


def test_every_rule_can_be_changed_and_switched_off() -> None:
    """Each key of the table changes its own rule; 0 switches it off, and what was open is over."""
    for row in TABLE:
        changed = rules_of({row.key: (2.0,)})
        [rule] = [one for one in changed if one.matter is row.matter]
        assert rule.thresholds == (2 * row.unit,)
        off = rules_of({row.key: (0,)})
        assert row.matter not in {one.matter for one in off}
        assert len(decide([alert(row.matter)], [seen(row.matter, 1e9)], NOON, off).closes) == 1
    assert len({row.key for row in TABLE}) == len({row.matter for row in TABLE}) == len(TABLE)
