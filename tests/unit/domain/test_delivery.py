"""The life of a delivery: every state, every outcome, and the time between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.delivery import (
    OPEN,
    OVERDUE,
    OVERDUE_EVERY,
    TERMINAL,
    UNANSWERED,
    WAYS,
    Ceilings,
    Closed,
    CrashedBefore,
    Denied,
    Failure,
    FoundAbsent,
    FoundApplied,
    Next,
    NotApplied,
    NotYet,
    Outcome,
    Policy,
    Refused,
    Standing,
    State,
    Taken,
    Unknown,
    after,
    diagram,
    overdue,
    reopens,
)

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
POLICY = Policy()
REPEATABLE = Policy(repeat_safe=True)
OUTCOMES: dict[str, Outcome] = {
    "proved": Taken(proves=True),
    "taken": Taken(proves=False),
    "refused": Refused("01", "HoTen", "sai"),
    "not_applied": NotApplied("503"),
    "unknown": Unknown("cut"),
    "closed": Closed("login", "401"),
    "not_yet": NotYet(),
    "found": FoundApplied(),
    "absent": FoundAbsent(NOW),
    "denied": Denied(),
    "crashed": CrashedBefore(),
}

#: What becomes of each pair that can happen; every other pair is impossible.
TABLE: dict[tuple[State, str], State] = {
    (State.SENDING, "proved"): State.CONFIRMED,
    (State.SENDING, "taken"): State.ACCEPTED,
    (State.SENDING, "refused"): State.DEAD,
    (State.SENDING, "not_applied"): State.PENDING,
    (State.SENDING, "unknown"): State.IN_DOUBT,
    (State.SENDING, "closed"): State.HELD,
    (State.SENDING, "crashed"): State.IN_DOUBT,
    (State.ACCEPTED, "proved"): State.CONFIRMED,
    (State.ACCEPTED, "taken"): State.ACCEPTED,
    (State.ACCEPTED, "refused"): State.DEAD,
    (State.ACCEPTED, "not_yet"): State.ACCEPTED,
    (State.ACCEPTED, "denied"): State.PENDING,
    (State.IN_DOUBT, "found"): State.CONFIRMED,
    (State.IN_DOUBT, "absent"): State.IN_DOUBT,
    (State.IN_DOUBT, "not_yet"): State.IN_DOUBT,
    (State.IN_DOUBT, "denied"): State.PENDING,
}


def seconds(following: Next, since: datetime = NOW) -> float:
    """Return how long after ``since`` the delivery is due."""
    assert following.due_at is not None
    return (following.due_at - since).total_seconds()


@pytest.mark.parametrize(("state", "name"), list(product(State, OUTCOMES)))
def test_every_pair_of_state_and_outcome_is_settled(state: State, name: str) -> None:
    """Each pair leads where the table says; an impossible one is an error that says so."""
    standing = Standing(state=state, call_ended_at=NOW)
    if (state, name) in TABLE:
        assert after(standing, OUTCOMES[name], NOW, POLICY, 0.5).state is TABLE[state, name]
    else:
        with pytest.raises(ValueError, match=f"a delivery that is {state} can't be "):
            after(standing, OUTCOMES[name], NOW, POLICY, 0.5)


def test_states_are_open_or_at_their_end() -> None:
    """Every state is one or the other; a dead letter is open, for a person waits over it."""
    assert set(State) == OPEN | TERMINAL
    assert not OPEN & TERMINAL
    assert State.DEAD in OPEN


def test_the_ways_drawn_are_the_ways_gone() -> None:
    """The diagram shows exactly what outcomes make of a delivery, and no delivery is stuck."""
    ended = NOW - timedelta(hours=1)
    gone: dict[State, set[State]] = {}
    for (state, name), following in TABLE.items():
        again = Standing(state, call_ended_at=ended, absences=1)
        poison = replace(again, crashes=5)
        reached = {following} | {
            after(one, OUTCOMES[name], NOW, policy, 0.5).state
            for one in (again, poison)
            for policy in (POLICY, REPEATABLE)
        }
        gone.setdefault(state, set()).update(reached)
    for state, reached in gone.items():
        assert set(WAYS[state]) == reached
    assert set(WAYS) >= OPEN
    assert TERMINAL.isdisjoint(WAYS)
    assert "    sending --> in_doubt: the answer was lost, or we died" in diagram()
    assert diagram().count(" --> [*]") == len(TERMINAL)


# -- known not applied


def test_backoff_doubles_up_to_its_most_and_jitter_takes_at_most_half() -> None:
    """The wait grows 2, 4, 8 … 45 s; jitter shortens it to no less than its half."""
    waits = []
    for tried in range(8):
        standing = Standing(attempts=tried)
        longest = seconds(after(standing, NotApplied("503"), NOW, POLICY, 0.999_999))
        shortest = seconds(after(standing, NotApplied("503"), NOW, POLICY, 0.0))
        assert shortest == pytest.approx(longest / 2, rel=0.01)
        waits.append(round(longest))
    assert waits == [2, 4, 8, 16, 32, 45, 45, 45]


def test_backoff_never_overflows() -> None:
    """The ten-thousandth attempt waits as long as the tenth."""
    following = after(Standing(attempts=10_000), NotApplied("503"), NOW, POLICY, 0.5)
    assert seconds(following) == pytest.approx(33.75)


@pytest.mark.parametrize(
    ("asked_for", "waited"), [(1.0, 1.0), (7.0, 7.0), (900.0, 900.0), (0.0, 1.0), (1e6, 3600.0)]
)
def test_the_wait_a_system_asks_for_wins(asked_for: float, waited: float) -> None:
    """Retry-After is kept to the second, longer than none and no longer than an hour."""
    assert seconds(after(Standing(), NotApplied("429", asked_for), NOW, POLICY, 0.3)) == waited


def test_a_closed_system_is_looked_at_when_it_should_open_in_a_minute_or_in_a_day() -> None:
    """Its own hour, unless that is past, unsaid, or so far off that it may be back before."""
    told = NOW + timedelta(minutes=20)
    assert reopens(told, NOW) == told
    assert reopens(None, NOW) == reopens(NOW - timedelta(days=1), NOW) == NOW + timedelta(minutes=1)
    assert reopens(NOW + timedelta(days=3650), NOW) == NOW + timedelta(days=1)


def test_a_failure_counts_an_attempt_and_remembers_the_first() -> None:
    """A run of failures is dated from its first, and every one counts."""
    first = after(Standing(), NotApplied("503"), NOW, POLICY, 0.5)
    sending = Standing(attempts=first.attempts, failing_since=first.failing_since)
    second = after(sending, NotApplied("503"), NOW + timedelta(hours=1), POLICY, 0.5)
    assert (first.attempts, second.attempts) == (1, 2)
    assert first.failing_since == second.failing_since == NOW


def test_only_after_a_day_a_transient_failure_is_a_dead_letter() -> None:
    """At 24 hours it is still sent again; a second later it is given up."""
    standing = Standing(attempts=3000, failing_since=NOW)
    at_a_day = after(standing, NotApplied("503"), NOW + timedelta(hours=24), POLICY, 0.5)
    later = after(standing, NotApplied("503"), NOW + timedelta(hours=24, seconds=1), POLICY, 0.5)
    assert at_a_day.state is State.PENDING
    assert (later.state, later.due_at) == (State.DEAD, None)


def test_a_dossier_outlives_a_system_that_is_away_for_days() -> None:
    """That nobody answers says nothing of the dossier: it waits, and starts no run of failures."""
    away = NotApplied("refused", unreachable=True)
    first = after(Standing(), away, NOW, POLICY, 0.5)
    assert (first.state, first.failing_since) == (State.PENDING, None)
    failing = Standing(attempts=3000, failing_since=NOW)
    later = after(failing, away, NOW + timedelta(days=3), POLICY, 0.5)
    assert (later.state, later.failing_since) == (State.PENDING, NOW)


@pytest.mark.parametrize("outcome", [Taken(proves=True), Taken(proves=False)])
def test_success_ends_a_run_of_failures(outcome: Outcome) -> None:
    """Failures of last week do not make today's first failure the last."""
    assert after(Standing(failing_since=NOW), outcome, NOW, POLICY, 0.5).failing_since is None


def test_an_unreachable_system_is_told_from_one_that_declines() -> None:
    """The journal says which it was."""
    away = after(Standing(), NotApplied("refused", unreachable=True), NOW, POLICY, 0.5)
    declined = after(Standing(), NotApplied("429"), NOW, POLICY, 0.5)
    assert (away.cause, declined.cause) == ("unreachable", "not applied")


# -- closed, refused


@pytest.mark.parametrize("cause", ["login", "maintenance"])
def test_a_closed_system_costs_no_attempt(cause: str) -> None:
    """A delivery is held, not failed, while the system is closed to us."""
    until = NOW + timedelta(hours=7)
    following = after(Standing(attempts=2), Closed(cause, "closed", until), NOW, POLICY, 0.5)
    assert (following.state, following.attempts, following.due_at) == (State.HELD, 2, NOW)
    assert following.cause == cause


def test_a_system_that_names_no_hour_is_tried_when_it_opens() -> None:
    """Held without an hour is due at once: the system's own brake says when."""
    assert after(Standing(), Closed("login", "401"), NOW, POLICY, 0.5).due_at == NOW


def test_a_refusal_waits_for_a_person_and_never_for_a_clock() -> None:
    """A dead letter has no due time: nothing sends it again by itself."""
    following = after(Standing(), Refused("01", "HoTen", "sai"), NOW, POLICY, 0.5)
    assert (following.state, following.due_at, following.attempts) == (State.DEAD, None, 1)


# -- doubt


def absent(standing: Standing, seconds: float) -> Next:
    """Return what becomes of it when it is asked about then, and answered at once."""
    at = NOW + timedelta(seconds=seconds)
    return after(standing, FoundAbsent(at), at, POLICY, 0.5)


def test_absent_counts_from_when_it_was_asked_not_from_when_it_was_answered() -> None:
    """A question asked within the grace and answered after it proves nothing."""
    lost = after(Standing(), Unknown("cut"), NOW, POLICY, 0.5)
    asked, told = NOW + timedelta(seconds=59), NOW + timedelta(seconds=75)
    following = after(lost, FoundAbsent(asked), told, POLICY, 0.5)
    assert (following.state, following.absences, following.due_at) == (State.IN_DOUBT, 0, told)


def test_doubt_is_asked_about_soon_and_believed_late() -> None:
    """Asked after 2 s; "absent" counts from 60 s after the call on, and only the second time."""
    lost = after(Standing(), Unknown("cut"), NOW, POLICY, 0.5)
    assert seconds(lost) == 2.0
    early = absent(lost, 2)
    assert (early.state, seconds(early), early.absences) == (State.IN_DOUBT, 60.0, 0)
    once = absent(early, 60)
    assert (once.state, seconds(once), once.absences) == (State.IN_DOUBT, 90.0, 1)
    twice = absent(once, 90)
    assert (twice.state, twice.due_at) == (State.PENDING, NOW + timedelta(seconds=90))
    assert (twice.attempts, lost.asked, twice.absences, twice.asked) == (1, 0, 0, 0)


def test_a_short_grace_is_asked_about_within_it_and_never_in_a_rush() -> None:
    """With no grace the first question comes at once, the second a second later."""
    hasty = Policy(grace_seconds=0.0)
    lost = after(Standing(), Unknown("cut"), NOW, hasty, 0.5)
    assert seconds(lost) == 0.0
    once = after(lost, FoundAbsent(NOW), NOW, hasty, 0.5)
    assert (once.state, seconds(once)) == (State.IN_DOUBT, 1.0)


@given(st.lists(st.integers(min_value=0, max_value=200), min_size=1, max_size=12))
@settings(deadline=None, derandomize=True, database=None)
def test_silence_never_sends_again(gaps: list[int]) -> None:
    """However often it is asked: sent again only after two absences later than the grace."""
    standing: Standing = after(Standing(), Unknown("cut"), NOW, POLICY, 0.5)
    at = NOW
    counted = 0
    for gap in gaps:
        at += timedelta(seconds=gap)
        counted += at >= NOW + POLICY.grace
        standing = after(standing, FoundAbsent(at), at, POLICY, 0.5)
        assert (standing.state is State.PENDING) == (counted == 2)
        if standing.state is State.PENDING:
            return


def test_a_new_doubt_starts_from_nothing() -> None:
    """Absences of an earlier call prove nothing about this one."""
    before = Standing(absences=1, asked=4, call_ended_at=NOW - timedelta(hours=1))
    following = after(before, Unknown("cut"), NOW, POLICY, 0.5)
    assert (following.absences, following.asked, following.call_ended_at) == (0, 0, NOW)


def test_found_applied_is_proof() -> None:
    """A record that is there ends the doubt."""
    doubt = Standing(State.IN_DOUBT, absences=1, failing_since=NOW, call_ended_at=NOW)
    following = after(doubt, FoundApplied(), NOW, POLICY, 0.5)
    assert (following.state, following.due_at) == (State.CONFIRMED, None)
    assert following.failing_since is None


def test_where_a_repeat_is_safe_there_is_no_doubt() -> None:
    """The same file name again harms nobody: back in line at once, with a backoff."""
    following = after(Standing(), Unknown("cut"), NOW, REPEATABLE, 0.999_999)
    assert (following.state, following.attempts) == (State.PENDING, 1)
    assert seconds(following) == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize("outcome", [Unknown("cut"), CrashedBefore()])
def test_a_safe_repeat_is_not_repeated_for_ever(outcome: Outcome) -> None:
    """A system that loses every answer for over a day leaves a dead letter too."""
    standing = Standing(failing_since=NOW - timedelta(hours=25))
    following = after(standing, outcome, NOW, REPEATABLE, 0.5)
    assert (following.state, following.due_at) == (State.DEAD, None)
    assert following.cause == "failed for too long"


# -- the process died


def test_a_dead_sender_leaves_doubt() -> None:
    """Whether the call went out is not known: it is asked about, and nothing is sent."""
    following = after(Standing(), CrashedBefore(), NOW, POLICY, 0.5)
    assert (following.state, following.crashes, following.call_ended_at) == (State.IN_DOUBT, 1, NOW)
    assert following.cause == "the sender died"


def test_a_dead_sender_of_a_safe_repeat_is_taken_over_at_once() -> None:
    """No backoff: nothing was wrong with the system."""
    following = after(Standing(), CrashedBefore(), NOW, REPEATABLE, 0.5)
    assert (following.state, following.due_at) == (State.PENDING, NOW)


def test_what_crashes_us_five_times_is_poison() -> None:
    """The fourth crash is still worked, the fifth is a dead letter."""
    fourth = after(Standing(crashes=3), CrashedBefore(), NOW, REPEATABLE, 0.5)
    fifth = after(Standing(crashes=4), CrashedBefore(), NOW, REPEATABLE, 0.5)
    assert fourth.state is not State.DEAD
    assert (fifth.state, fifth.crashes, fifth.cause) == (State.DEAD, 5, "crashed us")


@pytest.mark.parametrize(
    ("ceiling", "company"),
    [(5, [200, 25, 3, 1, 1]), (4, [200, 25, 1, 1]), (3, [200, 1, 1]), (2, [200, 1]), (1, [200])],
)
def test_what_a_process_died_in_sending_has_ever_less_company(
    ceiling: int, company: list[int]
) -> None:
    """It is tried alone twice before it is given up, wherever the ceiling leaves room for it."""
    ceilings = Ceilings(crashes=ceiling)
    assert [ceilings.company(crashes, 200) for crashes in range(ceiling)] == company


def test_poison_that_may_have_been_applied_is_asked_about_before_it_is_dead() -> None:
    """Dead only once the system says twice that it is not there; found, it is confirmed."""
    fifth = after(Standing(crashes=4), CrashedBefore(), NOW, POLICY, 0.5)
    assert (fifth.state, fifth.crashes) == (State.IN_DOUBT, 5)
    assert after(fifth, FoundApplied(), NOW, POLICY, 0.5).state is State.CONFIRMED
    once = absent(fifth, 60)
    twice = absent(once, 90)
    assert (once.state, twice.state, twice.cause) == (State.IN_DOUBT, State.DEAD, "crashed us")


# -- ceilings


def failing(outcome: Outcome, policy: Policy, most: int = 50) -> tuple[int, Next]:
    """Let a dossier fail in one way, minute by minute; returns how often until it is dead."""
    standing, now = Standing(), NOW
    for times in range(1, most + 1):
        following = after(standing, outcome, now, policy, 0.5)
        if following.state is State.IN_DOUBT:
            for _ in range(policy.absences_needed):
                now += policy.grace
                following = after(following, FoundAbsent(now), now, policy, 0.5)
        if following.state is State.DEAD:
            return times, following
        standing, now = replace(following, state=State.SENDING), now + timedelta(minutes=1)
    raise AssertionError("it is never given up")


@pytest.mark.parametrize("repeat_safe", [False, True])
@pytest.mark.parametrize(
    ("outcome", "ceilings"),
    [
        (NotApplied("503"), Ceilings(not_applied=3)),
        (NotApplied("429", 1.0), Ceilings(not_applied=3)),
        (Unknown("cut"), Ceilings(lost=3)),
        (Unknown("no JSON", Failure.CONTRACT), Ceilings(contract=3)),
        (Unknown("KeyError", Failure.UNEXPECTED), Ceilings(unexpected=3)),
    ],
)
def test_each_way_of_failing_has_a_ceiling_of_its_own(
    outcome: Outcome, ceilings: Ceilings, *, repeat_safe: bool
) -> None:
    """Three in a row and it is parked, with its kind and how often, safe to repeat or not."""
    times, dead = failing(outcome, Policy(ceilings=ceilings, repeat_safe=repeat_safe))
    assert (times, dead.attempts, dead.failed_times) == (3, 3, 3)
    assert dead.cause == "failed too often"


@pytest.mark.parametrize("failure", [Failure.LOST, Failure.CONTRACT, Failure.UNEXPECTED])
def test_a_ceiling_counts_its_own_kind_alone_and_in_a_row(failure: Failure) -> None:
    """What fails now in one way and now in another reaches no ceiling but that of the hours."""
    policy = Policy(ceilings=Ceilings(lost=2, contract=2, unexpected=2), repeat_safe=True)
    standing = Standing()
    for _ in range(4):
        for outcome in (Unknown("", failure), NotApplied("503")):
            following = after(standing, outcome, NOW, policy, 0.5)
            assert following.state is State.PENDING
            standing = replace(following, state=State.SENDING)


def test_the_hours_are_a_ceiling_for_every_way_of_failing() -> None:
    """An hour of lost answers ends it, unless it was hardly tried: then the system was away."""
    policy = Policy(ceilings=Ceilings(hours=1))
    times, dead = failing(Unknown("cut"), policy)
    assert (dead.cause, times > 3) == ("failed for too long", True)
    late = NOW + timedelta(days=3)
    doubt = Standing(
        State.IN_DOUBT,
        failing_since=NOW,
        failed_as=Failure.LOST,
        failed_times=1,
        call_ended_at=NOW,
        absences=1,
    )
    assert after(doubt, FoundAbsent(late), late, policy, 0.5).state is State.PENDING


@pytest.mark.parametrize("outcome", [NotApplied("", unreachable=True), Closed("login", "401")])
def test_a_system_that_is_away_or_closed_reaches_no_ceiling(outcome: Outcome) -> None:
    """However often: that says nothing of the dossier, and its run of failures stands as it was."""
    policy = Policy(ceilings=Ceilings(not_applied=2, lost=2))
    standing = Standing(failing_since=NOW, failed_as=Failure.NOT_APPLIED, failed_times=1)
    for _ in range(10):
        following = after(standing, outcome, NOW, policy, 0.5)
        assert following.state in {State.PENDING, State.HELD}
        assert (following.failed_as, following.failed_times) == (Failure.NOT_APPLIED, 1)
        standing = replace(following, state=State.SENDING)


def test_success_ends_the_run() -> None:
    """Taken, or found: what failed before is forgotten."""
    before = Standing(failing_since=NOW, failed_as=Failure.LOST, failed_times=4)
    taken = after(before, Taken(proves=False), NOW, POLICY, 0.5)
    assert (taken.failed_as, taken.failed_times) == (None, 0)


def test_that_the_bridge_died_is_no_failure_of_the_dossier() -> None:
    """It counts as a crash, and leaves the run as it was."""
    before = Standing(failed_as=Failure.CONTRACT, failed_times=1)
    died = after(before, CrashedBefore(), NOW, POLICY, 0.5)
    assert (died.crashes, died.failed_as, died.failed_times) == (1, Failure.CONTRACT, 1)
    few = Policy(ceilings=Ceilings(crashes=2), repeat_safe=True)
    assert after(Standing(crashes=1), CrashedBefore(), NOW, few, 0.5).state is State.DEAD


# -- accepted


def test_an_accepted_delivery_is_asked_about_ever_more_slowly() -> None:
    """After 0.5 s, 1 s, 2 s … and every 30 s for ever; asking costs no attempt."""
    standing: Standing = after(Standing(asked=9), Taken(proves=False), NOW, POLICY, 0.5)
    waits = []
    for _ in range(9):
        following = after(standing, NotYet(), NOW, POLICY, 0.5)
        waits.append(seconds(following))
        standing = following
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert standing.attempts == 0


def test_a_receipt_that_still_proves_nothing_is_no_reason_to_hurry() -> None:
    """Taken again without proof waits like "not yet": no loop without a pause."""
    standing = Standing(State.ACCEPTED, asked=3)
    again = after(standing, Taken(proves=False), NOW, POLICY, 0.5)
    assert (seconds(again), again.asked) == (4.0, 4)


# -- the deadline

DAY = timedelta(hours=24)


@pytest.mark.parametrize("state", list(State))
def test_only_what_waits_for_an_answer_is_overdue(state: State) -> None:
    """Accepted and in doubt, a moment past the deadline; no other state, and nothing before."""
    standing = Standing(state, call_ended_at=NOW)
    assert not overdue(standing, NOW + DAY, POLICY)
    late = NOW + DAY + timedelta(milliseconds=1)
    assert overdue(standing, late, POLICY) is (state in UNANSWERED)
    assert not overdue(replace(standing, call_ended_at=None), late, POLICY)


@pytest.mark.parametrize("hours", [0.25, 24.0, 72.0])
def test_the_deadline_counts_from_the_end_of_the_call(hours: float) -> None:
    """Taken or lost at the end of the call: from then on the policy's hours run."""
    policy = Policy(deadline_hours=hours)
    for outcome in (Taken(proves=False), Unknown("cut")):
        following = after(Standing(), outcome, NOW, policy, 0.5)
        assert not overdue(following, NOW + timedelta(hours=hours), policy)
        assert overdue(following, NOW + timedelta(hours=hours, seconds=1), policy)


@pytest.mark.parametrize("state", sorted(UNANSWERED))
def test_silence_past_the_deadline_leaves_it_where_it_is_and_is_asked_slowly(state: State) -> None:
    """For ever the same state, asked about every ten minutes, and no attempt is counted."""
    standing: Standing = Standing(state, attempts=1, call_ended_at=NOW)
    at = NOW + DAY
    for _ in range(1000):
        at += OVERDUE_EVERY
        following = after(standing, NotYet(), at, POLICY, 0.5)
        assert (following.state, following.cause) == (state, OVERDUE)
        assert (following.due_at, following.attempts) == (at + OVERDUE_EVERY, 1)
        standing = following


def test_a_doubt_that_could_not_be_asked_about_is_asked_again_soon() -> None:
    """Within the deadline every five seconds: the answer lost a moment ago is wanted now."""
    doubt = Standing(State.IN_DOUBT, call_ended_at=NOW, absences=1)
    following = after(doubt, NotYet(), NOW, POLICY, 0.5)
    assert (seconds(following), following.asked, following.absences) == (5.0, 1, 1)


def test_an_answer_past_the_deadline_counts_as_any_other() -> None:
    """Found is proof, absent twice is known not applied, a receipt confirms or refuses."""
    late = NOW + DAY + timedelta(hours=1)
    doubt = Standing(State.IN_DOUBT, call_ended_at=NOW)
    assert after(doubt, FoundApplied(), late, POLICY, 0.5).state is State.CONFIRMED
    once = after(doubt, FoundAbsent(late), late, POLICY, 0.5)
    assert (once.state, once.cause, once.absences) == (State.IN_DOUBT, OVERDUE, 1)
    assert seconds(once, late) == 30.0
    again = late + timedelta(seconds=30)
    twice = after(once, FoundAbsent(again), again, POLICY, 0.5)
    assert (twice.state, twice.cause) == (State.PENDING, "not applied")
    accepted = Standing(State.ACCEPTED, call_ended_at=NOW)
    assert after(accepted, Taken(), late, POLICY, 0.5).state is State.CONFIRMED
    assert after(accepted, Refused("01", None, "sai"), late, POLICY, 0.5).state is State.DEAD
    unproved = after(accepted, Taken(proves=False), late, POLICY, 0.5)
    assert (unproved.state, unproved.cause) == (State.ACCEPTED, OVERDUE)


def test_a_question_asked_within_the_grace_stays_overdue() -> None:
    """A grace longer than the deadline: absent counts for nothing yet, and a person stays told."""
    patient = Policy(grace_seconds=7200, deadline_hours=1)
    late = NOW + timedelta(minutes=90)
    doubt = Standing(State.IN_DOUBT, call_ended_at=NOW)
    following = after(doubt, FoundAbsent(late), late, patient, 0.5)
    assert (following.state, following.cause, following.absences) == (State.IN_DOUBT, OVERDUE, 0)
