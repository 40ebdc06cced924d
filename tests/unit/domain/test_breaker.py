"""The breaker: when a system is left alone, who may try it, and when everything goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.breaker import (
    FEWEST,
    HELD,
    LOGIN_RETRY,
    MAINTENANCE,
    MOST_WAIT,
    PAUSED,
    RUNNING,
    UNREACHABLE,
    WINDOW,
    Answered,
    Calls,
    Failed,
    Nothing,
    Shut,
    Stance,
    Told,
    Wait,
    after,
    counted,
    is_news,
    told_by,
)
from bridge.domain.delivery import (
    Closed,
    CrashedBefore,
    FoundAbsent,
    FoundApplied,
    NotApplied,
    NotYet,
    Outcome,
    Refused,
    Taken,
    Unknown,
)

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
FAILED, ANSWERED = Failed("HTTP 500"), Answered()
ME, OTHER = "here/1", "there/2"


def lived(stance: Stance, *words: Told, now: datetime = NOW, by: str = ME) -> Stance:
    """Let calls come to ``words`` one after the other."""
    for word in words:
        counting = replace(stance, calls=stance.calls.then(counted(word)))
        stance = after(counting, word, now, by)
    return stance


def tried(stance: Stance, by: str = ME) -> Stance:
    """Let ``by`` make the one call."""
    return replace(stance, probed_by=by, probed_until=NOW + timedelta(hours=9))


OPEN = lived(Stance(), *[FAILED] * FEWEST)


# -- what opens it


def test_the_first_failures_open_nothing_and_the_fifth_in_a_row_does() -> None:
    """Four may be chance; with the fifth the system is left alone for five seconds."""
    four = lived(Stance(), *[FAILED] * (FEWEST - 1))
    assert (four.state, four.until) == (RUNNING, None)
    assert (OPEN.state, OPEN.reason) == (UNREACHABLE, "HTTP 500")
    assert OPEN.until == NOW + timedelta(seconds=5)


def test_after_a_million_successes_as_few_failures_open_it_as_after_ten() -> None:
    """It is the latest calls that count: a good year does not make a bad minute longer."""

    def needed(good: float) -> int:
        stance = Stance(calls=Calls().then(Calls(good=good)))
        n = 0
        while stance.state == RUNNING:
            stance, n = lived(stance, FAILED), n + 1
        return n

    assert needed(1_000_000.0) == needed(float(WINDOW)) <= WINDOW


def test_a_failure_among_three_calls_opens_nothing_and_every_second_does() -> None:
    """It is the rate that counts, not how many failed in all."""
    seldom: list[Told] = [FAILED, ANSWERED, ANSWERED]
    often: list[Told] = [ANSWERED, FAILED]
    assert lived(Stance(), *seldom * 200).state == RUNNING
    assert lived(Stance(), *often * 20).state == UNREACHABLE


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Taken(), Answered()),
        (Taken(proves=False), Answered()),
        (Refused("01", "HoTen", "sai"), Answered()),
        (Refused("json", None, "", ours=True), Nothing()),
        (NotApplied("-99"), Failed("-99")),
        (NotApplied("refused", unreachable=True), Failed("refused", unreachable=True)),
        (NotApplied("429", 30.0), Wait("429", NOW + timedelta(seconds=30))),
        (NotApplied("429", 0.0), Wait("429", NOW + timedelta(seconds=1))),
        (NotApplied("429", 90.0), Shut(MAINTENANCE, "429", NOW + timedelta(seconds=90))),
        (NotApplied("429", 1e9), Shut(MAINTENANCE, "429", NOW + timedelta(hours=1))),
        (Unknown("HTTP 500"), Failed("HTTP 500")),
        (Closed("login", "401"), Shut(HELD, "401", NOW + LOGIN_RETRY)),
        (Closed("maintenance", "503"), Shut(MAINTENANCE, "503", NOW + timedelta(minutes=1))),
        (NotYet(), Nothing()),
        (FoundApplied(), Answered()),
        (FoundAbsent(NOW), Answered()),
        (CrashedBefore(), Nothing()),
    ],
)
def test_what_each_outcome_tells_of_its_system(outcome: Outcome, told: Told) -> None:
    """A refusal is an answer; a lost answer is a failure; a system that says wait is believed."""
    assert told_by([outcome], NOW) == told


def test_one_answer_among_the_failures_of_a_call_shows_that_the_system_works() -> None:
    """And one word that it is closed outweighs both; a call that carried nothing tells nothing."""
    shut = Closed("login", "401")
    assert told_by([Unknown("cut"), Taken()], NOW) == Answered()
    assert told_by([Taken(), Unknown("cut"), shut], NOW) == Shut(HELD, "401", NOW + LOGIN_RETRY)
    assert told_by([], NOW) == Nothing()


# -- what happens while it is open


def test_the_wait_grows_with_each_call_in_vain_and_never_past_its_most() -> None:
    """5 s three times, 10, 20, then 25 s for ever: a healed system is in use again within a minute."""
    stance, at, waits = OPEN, NOW, []
    for _ in range(7):
        assert stance.until is not None
        waits.append((stance.until - at).total_seconds())
        at = stance.until
        stance = lived(tried(stance), FAILED, now=at)
    assert waits == [5, 5, 5, 10, 20, 25, 25]
    assert timedelta(seconds=waits[-1]) == MOST_WAIT


def test_the_one_call_that_is_answered_ends_it_whatever_was_answered() -> None:
    """Running, nothing remembered of the bad time, and the next wait is short again."""
    healed = lived(tried(OPEN), ANSWERED)
    assert (healed.state, healed.reason, healed.until, healed.tries) == (RUNNING, None, None, 0)
    assert healed.probed_by is None
    again = lived(healed, *[FAILED] * FEWEST)
    assert again.until == NOW + timedelta(seconds=5)


@pytest.mark.parametrize("told", [FAILED, ANSWERED, Nothing()])
def test_what_was_under_way_before_moves_nothing(told: Told) -> None:
    """A straggler neither ends the wait, nor makes it longer, nor ends another's call."""
    for stance in (OPEN, tried(OPEN, OTHER)):
        assert lived(stance, told) == replace(stance, calls=lived(stance, told).calls)


def test_an_answer_after_the_wait_ends_it_whoever_heard_it() -> None:
    """When the time is over, any answer is as good as the one that was asked for."""
    assert OPEN.until is not None
    assert lived(OPEN, ANSWERED, now=OPEN.until).state == RUNNING


def test_a_success_that_overlaps_does_not_shorten_the_wait_a_system_asked_for() -> None:
    """429 with a minute, then the answer to an earlier call: the minute is kept."""
    shut = lived(Stance(), Shut(MAINTENANCE, "429", NOW + timedelta(minutes=1)))
    assert lived(shut, ANSWERED) == replace(shut, calls=Calls(good=1.0))
    over = NOW + timedelta(minutes=1)
    assert lived(shut, ANSWERED, now=over).state == RUNNING


def test_a_moment_s_patience_is_kept_and_is_no_weather() -> None:
    """Running still, and no call before; what overlaps shortens nothing, a shorter wait neither."""
    later = NOW + timedelta(seconds=30)
    asked = lived(Stance(), Wait("429", later))
    assert (asked.state, asked.until) == (RUNNING, later)
    assert lived(asked, ANSWERED, Wait("429", NOW + timedelta(seconds=1))).until == later
    assert lived(tried(OPEN), Wait("429", later)) == replace(OPEN, until=later)


def test_who_tries_before_the_hour_that_was_said_does_not_bring_it_nearer() -> None:
    """A person's `sync` that fails leaves the wait the system asked for as it was."""
    hour = NOW + timedelta(hours=1)
    shut = lived(Stance(), Shut(MAINTENANCE, "closed", hour))
    assert lived(tried(shut), FAILED).until == hour


def test_a_call_that_was_not_made_is_free_for_the_next() -> None:
    """Whoever was let in and had nothing to send after all gives its turn back."""
    back = lived(tried(OPEN), Nothing())
    assert (back.probed_by, back.until, back.state) == (None, OPEN.until, UNREACHABLE)


def test_a_system_that_answers_questions_and_takes_nothing_is_on_trial() -> None:
    """One more failure is enough then, and it counts as the next in vain: few dossiers suffer."""
    trial = lived(tried(OPEN), Answered(proof=False))
    assert (trial.state, trial.tries) == (RUNNING, 1)
    again = lived(trial, FAILED)
    assert (again.state, again.tries) == (UNREACHABLE, 2)
    assert trial.troubled
    assert not is_news(OPEN, trial)
    assert not is_news(trial, again), "it fails as it did before"
    assert is_news(trial, lived(trial, Shut(HELD, "401", NOW))), "in another way"
    trusted = lived(trial, ANSWERED)
    assert is_news(trial, trusted)
    assert not trusted.troubled
    assert lived(trusted, *[FAILED] * (FEWEST - 2)).state == RUNNING


def test_a_system_that_refuses_the_login_of_writes_alone_has_one_bad_time() -> None:
    """Its questions are answered, and what it is sent refused: held again is no news, healed is."""
    refused = Shut(HELD, "401", NOW + LOGIN_RETRY)
    held = lived(Stance(), refused)
    trial = lived(tried(held), Answered(proof=False), now=NOW + LOGIN_RETRY)
    assert (trial.state, trial.reason, trial.troubled) == (RUNNING, "401", True)
    again = lived(trial, refused)
    assert again.state == HELD
    assert not is_news(held, trial)
    assert not is_news(trial, again)
    assert is_news(trial, lived(trial, ANSWERED))
    assert is_news(Stance(), held)


@given(st.lists(st.sampled_from([FAILED, ANSWERED, Shut(HELD, "401", NOW), Nothing()]), max_size=9))
@settings(max_examples=40)
def test_nothing_but_a_person_ends_a_person_s_pause(words: list[Told]) -> None:
    """Whatever calls come to, paused stays paused."""
    paused = Stance(state=PAUSED, reason="by hand")
    assert lived(paused, *words) == replace(paused, calls=lived(paused, *words).calls)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
@settings(max_examples=60)
def test_it_is_never_open_without_an_end(story: list[tuple[bool, bool]]) -> None:
    """Whatever happens, a system that is left alone is left alone until a time that comes soon."""
    stance = Stance()
    for good, mine in story:
        stance = tried(stance) if mine and stance.state != RUNNING else stance
        stance = lived(stance, ANSWERED if good else FAILED)
        if stance.state != RUNNING:
            assert stance.until is not None
            assert NOW < stance.until <= NOW + MOST_WAIT
