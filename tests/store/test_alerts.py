from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bridge.domain.alerts import Closing, Matter, Observation, Opened, Opening, Severity
from bridge.domain.journal import Event
from bridge.store import NewMessage, Store, Tally
from tests.store.conftest import MINUTE, NOON, SYSTEM, Clock

OPENING = Opening(Observation(Matter.DEAD, SYSTEM, 90000.0, 2), 1, Severity.WARNING, NOON)
ROOM = "duty"


def opened(store: Store) -> Opened:
    with store.write("alert") as unit:
        alert = unit.alerts.opens(OPENING)
        assert alert is not None
        unit.alerts.owe(NewMessage(ROOM, "opening", f"{alert.id}:1", {}, unit.now, alert.id))
    return alert


def test_an_alert_opens_once_whoever_sees_it(store: Store, rival: Store) -> None:
    """Two processes see the same: one alert, and once it is over it may open anew."""
    alert = opened(store)
    with rival.write("alert") as unit:
        assert unit.alerts.opens(OPENING) is None
        assert unit.alerts.open() == [alert]
        assert unit.alerts.closes(Closing(alert, unit.now))
        assert not unit.alerts.closes(Closing(alert, unit.now))
        assert unit.alerts.opens(OPENING) is not None


def test_a_graver_stage_is_taken_once(store: Store) -> None:
    """Stage 2 of an alert is news once; stage 1 again is none."""
    alert = opened(store)
    graver = Opening(OPENING.seen, 2, Severity.CRITICAL, NOON, alert)
    with store.write("alert") as unit:
        became = unit.alerts.opens(graver)
        assert became is not None
        assert (became.id, became.stage, became.severity) == (alert.id, 2, Severity.CRITICAL)
        assert unit.alerts.opens(graver) is None


def test_a_message_is_claimed_by_one_and_done_when_taken(
    store: Store, rival: Store, clock: Clock
) -> None:
    """While one sends it nobody else does; taken, it is nobody's any more."""
    opened(store)
    with store.write("claim") as unit:
        message = unit.alerts.claim(ROOM, unit.now + MINUTE)
        assert message is not None
        assert not message.uncertain
    with rival.write("claim") as unit:
        assert unit.alerts.claim(ROOM, unit.now + MINUTE) is None
    with store.write("taken") as unit:
        unit.alerts.taken(message.id)
        assert unit.alerts.receivers() == []
    clock.pass_(2 * MINUTE)
    with rival.write("claim") as unit:
        assert unit.alerts.claim(ROOM, unit.now + MINUTE) is None


def test_what_a_dead_process_was_sending_is_sent_again(store: Store, clock: Clock) -> None:
    """Its lease over, the message is claimed again, and known to be perhaps a repetition."""
    opened(store)
    with store.write("claim") as unit:
        unit.alerts.claim(ROOM, unit.now + MINUTE)
    clock.pass_(2 * MINUTE)
    with store.write("claim") as unit:
        message = unit.alerts.claim(ROOM, unit.now + MINUTE)
        assert message is not None
        assert message.uncertain


@pytest.mark.parametrize("how", ["unsent", "uncertain", "under_way", "taken"])
def test_what_was_not_told_is_taken_back(store: Store, how: str) -> None:
    """Closed before it was told: nothing is said. What may have been told is told to be over."""
    alert = opened(store)
    with store.write("try") as unit:
        if how != "unsent":
            message = unit.alerts.claim(ROOM, unit.now + MINUTE)
            assert message is not None
            if how == "taken":
                unit.alerts.taken(message.id)
            elif how == "uncertain":
                unit.alerts.failed(message, unit.now, "lost", uncertain=True)
        assert unit.alerts.take_back(ROOM, alert.id) is (how == "unsent")
        waits = how in {"uncertain", "under_way"}
        assert [one.waiting for one in unit.alerts.receivers()] == ([1] if waits else [])


def test_a_receiver_that_fails_is_told_of(store: Store) -> None:
    """How many wait, how often it was tried, and why in vain; due again later, in line."""
    opened(store)
    with store.write("try") as unit:
        message = unit.alerts.claim(ROOM, unit.now + MINUTE)
        assert message is not None
        assert unit.alerts.due() == [ROOM]
        unit.alerts.failed(message, unit.now + MINUTE, "refused", uncertain=False)
        assert unit.alerts.due() == []
        [state] = unit.alerts.receivers()
        assert (state.name, state.waiting, state.attempts, state.trouble) == (ROOM, 1, 1, "refused")
        assert unit.alerts.claim(ROOM, unit.now + MINUTE) is None


def test_a_message_is_owed_once_an_occasion(store: Store) -> None:
    """The digest of a day is made once, whoever makes it."""
    digest = NewMessage("mail:x", "digest", "2026-11-26", {"count": 1}, NOON)
    with store.write("digest") as unit:
        assert [unit.alerts.owe(digest), unit.alerts.owe(digest)] == [True, False]


def test_what_was_over_long_ago_is_let_go(store: Store, clock: Clock) -> None:
    """Closed alerts and done messages are not kept for ever; open ones are."""
    alert = opened(store)
    with store.write("over") as unit:
        unit.alerts.closes(Closing(alert, unit.now))
        unit.alerts.take_back(ROOM, alert.id)
        other = unit.alerts.opens(OPENING)
    clock.pass_(timedelta(days=100))
    with store.write("forget") as unit:
        unit.alerts.forget(unit.now - timedelta(days=90))
        assert unit.alerts.open() == [other]


def note(store: Store, details: Sequence[dict[str, Any]]) -> None:
    with store.write("post") as unit:
        for detail in details:
            unit.journal.add(Event.POSTED, system=SYSTEM, **detail)
        unit.journal.add(Event.CONFIRMED, system=SYSTEM)


def test_the_journal_is_counted_by_and_by(store: Store) -> None:
    """Portion after portion, nothing twice; what was not counted yet is in the sum all the same."""
    note(store, [{}, {"steps": [2, 4, 5]}])
    note(store, [{}])
    whole = {(SYSTEM, "posted"): Tally(3, 5), (SYSTEM, "confirmed"): Tally(2, 0)}
    with store.read() as unit:
        assert (unit.watched.tallies(), unit.watched.uncounted()) == (whole, 5)
    for more, left in ((True, 3), (True, 1), (False, 0), (False, 0)):
        with store.write("count") as unit:
            assert unit.watched.count_on(2) is more
        with store.read() as unit:
            assert (unit.watched.tallies(), unit.watched.uncounted()) == (whole, left)


def test_certificates_keep_the_end_that_was_known(store: Store) -> None:
    """A look that fails leaves the end as it was, with the trouble; what is gone is forgotten."""
    with store.write("look") as unit:
        unit.watched.looked_at(SYSTEM, "a:443", NOON, None)
        unit.watched.looked_at(SYSTEM, "b.pem", NOON, None)
        unit.watched.looked_at(SYSTEM, "a:443", None, "refused")
        unit.watched.keep_certificates(SYSTEM, ["a:443"])
        [one] = unit.watched.certificates()
    assert (one.place, one.ends_at, one.trouble) == ("a:443", NOON, "refused")


def test_when_something_was_last_well(store: Store, clock: Clock) -> None:
    """The last time counts, each matter and subject by itself."""
    with store.write("well") as unit:
        unit.watched.seen_well("feed", SYSTEM)
    clock.pass_()
    with store.write("well") as unit:
        unit.watched.seen_well("feed", SYSTEM)
        assert unit.watched.well_at("feed", SYSTEM) == NOON + MINUTE
        assert unit.watched.well_at("onestop", SYSTEM) is None
