from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import text

from bridge.domain.delivery import OPEN, TERMINAL, State
from bridge.domain.said import Both, Said, as_json
from bridge.store import Delivery, Link, Store, StoreFault
from bridge.store.entries import NewDelivery
from tests.store.conftest import (
    CODE,
    MINUTE,
    NOON,
    SYSTEM,
    Clock,
    claim,
    end,
    line,
    open_link,
    state,
    step,
    together,
)


def links(store: Store, *names: str) -> list[Link]:
    with store.write("post") as unit:
        return [open_link(unit, name) for name in names]


def post(store: Store, *deliveries: NewDelivery) -> None:
    with store.write("post") as unit:
        unit.outbox.post(deliveries)


def places(deliveries: Iterable[Delivery]) -> list[tuple[str, int]]:
    return [(one.code, one.seq) for one in deliveries]


def send(store: Store, *ids: int, owner: str = "w1") -> set[int]:
    """Take the shard and mark deliveries as being sent, in one unit as a worker does."""
    with store.write("mark sending") as unit:
        assert unit.outbox.take_shard(SYSTEM, 0, owner, unit.now + MINUTE)
        return unit.outbox.mark_sending(ids, owner, unit.now + MINUTE)


def send_at_once(store: Store, link: int, delivery: int) -> None:
    """Mark a delivery as being sent; fails where it would wait (a setting of PostgreSQL)."""
    with store.write("mark sending") as unit:
        unit.connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
        unit.links.lock([link])
        unit.outbox.mark_sending([delivery], "w1", unit.now + MINUTE)


def take(store: Store, owner: str, shard: int = 0) -> bool:
    with store.write("take") as unit:
        return unit.outbox.take_shard(SYSTEM, shard, owner, unit.now + MINUTE)


def expired(store: Store) -> list[int]:
    with store.read() as unit:
        return [one.id for one in unit.outbox.expired(SYSTEM, 10)]


# -- posting


def test_a_posted_delivery_can_be_sent_at_once(store: Store) -> None:
    """What is posted is claimed as it was posted, never tried."""
    (link,) = links(store, CODE)
    post(store, state(link, 1, name="Nguyễn"))
    (one,) = claim(store)
    assert (one.link_id, one.code, one.kind, one.mapping) == (link.id, CODE, "state", "driver.v1")
    assert (one.fields, one.state) == ({"applicant.name": "Nguyễn"}, State.PENDING)
    assert (one.attempts, one.version, one.sent_at) == (0, None, None)
    assert (one.due_at, one.created_at) == (NOON, NOON)


def test_a_newer_state_takes_the_place_of_an_unsent_older_one(store: Store) -> None:
    """It stands where the older one stood, before the steps behind it; the older one is ended."""
    (link,) = links(store, CODE)
    post(store, state(link, 1, name="A"), step(link, 2, "p1"))
    with store.write("post") as unit:
        unit.outbox.supersede([claim(store)[0].id])
        unit.outbox.post([state(link, 1, name="B")])
    assert [one.fields for one in claim(store)] == [{"applicant.name": "B"}]
    old, new, row = line(store)
    assert [one.state for one in (old, new, row)] == [State.SUPERSEDED, *[State.PENDING] * 2]
    assert (old.fields, old.settled_at) == ({}, NOON)
    with store.read() as unit:
        assert unit.outbox.open_of_links([link.id]) == {link.id: [new, row]}
        assert unit.outbox.last_seq([link.id]) == {link.id: 2}


def test_a_state_that_was_posted_over_is_not_sent(store: Store) -> None:
    """A worker that claimed the older state before is told that it can't be sent any more."""
    first, second = links(store, "A", "B")
    post(store, state(first, 1), state(second, 1))
    old, other = claim(store)
    with store.write("post") as unit:
        unit.outbox.supersede([old.id])
        unit.outbox.post([state(first, 1, name="newer")])
    assert send(store, old.id, other.id) == {other.id}
    assert line(store, "A")[0].state is State.SUPERSEDED


def test_a_step_is_in_line_once(store: Store) -> None:
    """A step's id is taken for ever on its link, and on its link only."""
    first, second = links(store, "A", "B")
    post(store, step(first, 1, "p1"), step(second, 1, "p1"))
    end(store, line(store, "A")[0])
    with pytest.raises(StoreFault):
        post(store, step(first, 2, "p1"))
    with store.read() as unit:
        assert unit.outbox.steps_of_links([first.id, second.id]) == {
            first.id: {"p1"},
            second.id: {"p1"},
        }
        assert unit.outbox.last_seq([first.id]) == {first.id: 1}


def test_steps_that_say_the_same_are_never_merged(store: Store) -> None:
    """Steps with equal content and different ids are all in line, and all sent in order."""
    (link,) = links(store, CODE)
    post(store, *(step(link, seq, f"p{seq}") for seq in (1, 2, 3)))
    assert [one.step_id for one in claim(store)] == ["p1", "p2", "p3"]


# -- line order


@pytest.mark.parametrize("before", sorted(OPEN - {State.PENDING, State.HELD}))
def test_a_later_delivery_waits_until_the_earlier_ended(store: Store, before: State) -> None:
    """Behind one that is sent, accepted, in doubt or dead nothing of its link goes; others go."""
    first, second = links(store, "A", "B")
    post(store, state(first, 1), state(first, 2), step(first, 3, "p1"), state(second, 1))
    end(store, line(store, "A")[0], before)
    assert places(claim(store)) == [("B", 1)]


@pytest.mark.parametrize("how", sorted(TERMINAL))
def test_the_next_goes_when_the_earlier_ended(store: Store, how: State) -> None:
    """However the earlier one ended, the next of its line is claimed, and only the next."""
    (link,) = links(store, CODE)
    post(store, state(link, 1), state(link, 2), state(link, 3))
    assert places(claim(store)) == [(CODE, 1)]
    end(store, line(store)[0], how)
    assert places(claim(store)) == [(CODE, 2)]


def test_backoff_of_one_link_holds_no_other(store: Store, clock: Clock) -> None:
    """A head that is not due keeps its own line waiting, and no other's."""
    first, second = links(store, "A", "B")
    post(store, state(first, 1), state(first, 2), state(second, 1))
    with store.write("settle") as unit:
        unit.outbox.change(line(store, "A")[0].id, due_at=clock.now + MINUTE, attempts=1)
    assert places(claim(store)) == [("B", 1)]
    clock.pass_()
    assert places(claim(store)) == [("A", 1), ("B", 1)]


def test_a_held_delivery_goes_in_its_turn(store: Store) -> None:
    """A delivery that was held goes like a pending one, before what stands behind it."""
    (link,) = links(store, CODE)
    post(store, state(link, 1), state(link, 2))
    end(store, line(store)[0], State.HELD)
    assert places(claim(store)) == [(CODE, 1)]


def test_a_claim_holds_states_or_steps_never_both(store: Store) -> None:
    """One state of each link, or the steps of a line up to its next state, as its head is."""
    first, second, third = links(store, "A", "B", "C")
    post(store, state(first, 1), step(second, 1, "p1"), step(second, 2, "p2"))
    post(store, state(second, 3), step(second, 4, "p3"), state(third, 1))
    assert places(claim(store)) == [("A", 1), ("C", 1)]
    for one in claim(store):
        end(store, one)
    assert places(claim(store)) == [("B", 1), ("B", 2)]


def test_steps_stop_at_one_that_is_not_due(store: Store, clock: Clock) -> None:
    """No step overtakes one of its line that waits out its backoff."""
    (link,) = links(store, CODE)
    post(store, *(step(link, seq, f"p{seq}") for seq in (1, 2, 3)))
    with store.write("settle") as unit:
        unit.outbox.change(line(store)[1].id, due_at=clock.now + MINUTE)
    assert [one.step_id for one in claim(store)] == ["p1"]


def test_a_claim_is_no_larger_than_asked(store: Store) -> None:
    """States are bounded by the batch, steps by the batch of steps, lines kept in order."""
    first, second, third = links(store, "A", "B", "C")
    post(store, *(state(link, 1) for link in (first, second, third)))
    assert places(claim(store, most=2)) == [("A", 1), ("B", 1)]
    for one in claim(store):
        end(store, one)
    post(store, *(step(link, seq, f"p{seq}") for link in (first, second) for seq in (2, 3)))
    assert places(claim(store, most=3)) == [("A", 2), ("A", 3), ("B", 2)]


@pytest.mark.parametrize("kind", ["state", "step"])
def test_priority_goes_first_then_age(store: Store, kind: str) -> None:
    """The head with the highest priority is claimed first, equal ones by age."""
    first, second, third = links(store, "A", "B", "C")
    if kind == "state":
        post(store, state(first, 1), state(second, 1), state(third, 7, priority=1))
    else:
        post(store, step(first, 1, "p"), step(second, 1, "p"), step(third, 7, "p", priority=1))
    assert [one.code for one in claim(store)] == ["C", "A", "B"]
    assert [one.code for one in claim(store, most=1)][:1] == ["C"]


def test_a_shard_claims_its_own(store: Store) -> None:
    """Another shard's links are not claimed."""
    with store.write("post") as unit:
        for shard, code in enumerate(("A", "B")):
            unit.outbox.post([state(open_link(unit, code, shard=shard), 1)])
    assert places(claim(store, shard=0)) == [("A", 1)]
    assert places(claim(store, shard=1)) == [("B", 1)]


def test_backoff_is_ignored_once_when_asked_to(store: Store, clock: Clock) -> None:
    """With ``untried_since`` what failed before is taken; what was never sent has no backoff."""
    first, second, third = links(store, "A", "B", "C")
    post(store, step(first, 1, "p1"), step(second, 1, "p1"), step(third, 1, "p1"))
    send(store, line(store, "B")[0].id)
    start = clock.pass_()
    send(store, line(store, "A")[0].id)
    with store.write("settle") as unit:
        for code in ("A", "B", "C"):
            later = start + 10 * MINUTE
            unit.outbox.change(line(store, code)[0].id, state="pending", due_at=later)
    assert claim(store) == []
    with store.read() as unit:
        taken = unit.outbox.claim(SYSTEM, 0, 10, untried_since=start)
    assert places(taken) == [("B", 1)]


# -- leases


def test_two_workers_never_hold_one_shard(store: Store) -> None:
    """A held shard is refused to another, kept by its holder, and other shards are free."""
    assert take(store, "w1")
    assert not take(store, "w2")
    assert take(store, "w1")
    assert take(store, "w2", shard=1)
    with store.read() as unit:
        assert unit.outbox.owners() == {"w1", "w2"}


@pytest.mark.parametrize("history", ["never held", "expired", "given back"])
def test_of_two_that_reach_for_a_shard_at_once_one_gets_it(
    store: Store, rival: Store, clock: Clock, history: str
) -> None:
    """Whatever the shard went through, one process is told yes, the other no, neither fails."""
    shards = range(15)
    for shard in shards if history != "never held" else ():
        assert take(store, "w0", shard)
        with store.write("free shard") as unit:
            if history == "given back":
                unit.outbox.free_shard(SYSTEM, shard, "w0")
    clock.pass_()
    for shard in shards:
        calls = [
            lambda one=one, owner=owner, shard=shard: take(one, owner, shard)
            for one, owner in ((store, "w1"), (rival, "w2"))
        ]
        assert sorted(together(*calls)) == [False, True]


def test_an_expired_lease_is_taken_over(store: Store, clock: Clock) -> None:
    """At the end of its lease a shard is another's; the late one does not get it back."""
    assert take(store, "w1")
    clock.pass_()
    assert take(store, "w2")
    assert not take(store, "w1")


def test_only_its_holder_gives_a_lease_back(store: Store) -> None:
    """A lease given back is free at once; another's attempt to give it back does nothing."""
    assert take(store, "w1")
    for owner, free in (("w2", False), ("w1", True)):
        with store.write("free shard") as unit:
            unit.outbox.free_shard(SYSTEM, 0, owner)
        assert take(store, "w2") is free


# -- sending, and death while sending


def test_what_is_being_sent_is_marked_with_its_sender(store: Store, clock: Clock) -> None:
    """Before the call the row says sending, by whom, until when; nobody claims it again."""
    (link,) = links(store, CODE)
    post(store, state(link, 1))
    (one,) = claim(store)
    assert send(store, one.id) == {one.id}
    (row,) = line(store)
    assert (row.state, row.lease_owner) == (State.SENDING, "w1")
    assert (row.sent_at, row.lease_until) == (clock.now, clock.now + MINUTE)
    assert claim(store) == []
    assert expired(store) == []


def test_what_is_being_sent_is_not_sent_again(store: Store, clock: Clock) -> None:
    """A worker that takes over the shard may not send what the one before still marks as sent."""
    (link,) = links(store, CODE)
    post(store, state(link, 1))
    (one,) = claim(store)
    assert send(store, one.id, owner="w1") == {one.id}
    clock.pass_()
    assert send(store, one.id, owner="w2") == set()
    assert line(store)[0].lease_owner == "w1"


def test_of_two_that_mark_at_once_one_sends(store: Store, rival: Store) -> None:
    """Deliveries claimed by two workers are each given to one of them."""
    codes = [f"D{n}" for n in range(20)]
    post(store, *(state(link, 1) for link in links(store, *codes)))
    ids = [one.id for one in claim(store, most=20)]

    def mark(one: Store, owner: str) -> set[int]:
        with one.write("mark sending") as unit:
            return unit.outbox.mark_sending(ids, owner, unit.now + MINUTE)

    first, second = together(lambda: mark(store, "w1"), lambda: mark(rival, "w2"))
    assert sorted([*first, *second]) == sorted(ids)


def test_nothing_is_marked_while_its_line_is_being_posted(store: Store, rival: Store) -> None:
    """PostgreSQL: who posts to a link's line and who sends from it take turns by the link."""
    if store.is_sqlite:
        pytest.skip("on SQLite no two units write at once")
    (link,) = links(store, CODE)
    post(store, state(link, 1))
    (one,) = claim(store)
    with store.write("post") as unit:
        unit.links.of_codes([CODE], lock=True)
        with pytest.raises(StoreFault, match="lock"):
            send_at_once(rival, link.id, one.id)
        unit.outbox.supersede([one.id])
    assert send(rival, one.id) == set()


def test_what_a_dead_worker_was_sending_is_found(store: Store, clock: Clock) -> None:
    """When its lease ends, or its death is known, its shard is free and its sending row found."""
    first, second = links(store, "A", "B")
    post(store, state(first, 1), state(second, 1))
    mine, other = claim(store)
    send(store, mine.id, owner="w1")
    with store.write("mark sending") as unit:
        unit.outbox.mark_sending([other.id], "w2", unit.now + MINUTE)
    assert expired(store) == []
    with store.write("bury") as unit:
        assert unit.outbox.owners() == {"w1", "w2"}
        unit.outbox.expire_leases("w1")
    assert expired(store) == [mine.id]
    assert take(store, "w3")
    clock.pass_()
    assert sorted(expired(store)) == [mine.id, other.id]


# -- what stands where


def test_counts_are_by_system_and_state(store: Store) -> None:
    """Every delivery is counted once, where it stands, ended ones too."""
    with store.write("post") as unit:
        ours, theirs = open_link(unit), open_link(unit, system="yte")
        unit.outbox.post([state(ours, 1), state(ours, 2), step(ours, 3, "p1"), state(theirs, 1)])
        assert unit.outbox.confirmed_codes() == set()
    end(store, line(store)[0])
    end(store, line(store)[1], State.DEAD)
    with store.read() as unit:
        assert unit.outbox.counts() == {
            (SYSTEM, State.CONFIRMED): 1,
            (SYSTEM, State.DEAD): 1,
            (SYSTEM, State.PENDING): 1,
            ("yte", State.PENDING): 1,
        }
        assert unit.outbox.worst_by_code() == {
            CODE: {(SYSTEM, State.DEAD), (SYSTEM, State.PENDING), ("yte", State.PENDING)}
        }
        assert unit.outbox.confirmed_codes() == {CODE}


def test_the_oldest_is_told(store: Store, clock: Clock) -> None:
    """Of each state the age of the oldest: since it was posted, and since it was last sent."""
    (link,) = links(store, CODE)
    post(store, state(link, 1))
    clock.pass_()
    post(store, state(link, 2))
    with store.read() as unit:
        assert unit.outbox.oldest(SYSTEM, State.PENDING) == NOON
        assert unit.outbox.oldest("yte", State.PENDING) is None
        assert unit.outbox.longest(SYSTEM, State.DEAD) is None
    end(store, line(store)[0], State.DEAD)
    with store.read() as unit:
        assert unit.outbox.oldest(SYSTEM, State.PENDING) == clock.now
        assert unit.outbox.longest(SYSTEM, State.DEAD) == NOON
    with store.write("sent") as unit:
        unit.outbox.change(line(store)[0].id, sent_at=clock.now)
    with store.read() as unit:
        assert unit.outbox.longest(SYSTEM, State.DEAD) == clock.now


def test_questions_are_handed_out_when_due(store: Store, clock: Clock) -> None:
    """In a state, by time: what is due, what has no time, all of it when time is ignored."""
    first, second, third = links(store, "A", "B", "C")
    post(store, *(state(link, 1) for link in (first, second, third)))
    dues = {"A": clock.now + MINUTE, "B": clock.now, "C": None}
    with store.write("settle") as unit:
        for code, due in dues.items():
            unit.outbox.change(line(store, code)[0].id, state="in_doubt", due_at=due)
    with store.read() as unit:
        due_now = unit.outbox.in_state(SYSTEM, State.IN_DOUBT, 10)
        every = unit.outbox.in_state(SYSTEM, State.IN_DOUBT, 10, ignore_due=True)
    assert {one.code for one in due_now} == {"B", "C"}
    assert {one.code for one in every} == {"A", "B", "C"}


def test_the_refused_are_found_by_their_error(store: Store, clock: Clock) -> None:
    """Dead letters with an error come back to be looked at, when their time has come."""
    first, second = links(store, "A", "B")
    post(store, state(first, 1), state(second, 1))
    with store.write("settle") as unit:
        for code, error in (("A", "DOCUMENT"), ("B", "E42")):
            one = line(store, code)[0].id
            unit.outbox.change(one, state="dead", error_code=error, due_at=clock.now + MINUTE)
        assert unit.outbox.refused_for(SYSTEM, "DOCUMENT", 10) == []
    clock.pass_()
    with store.read() as unit:
        assert places(unit.outbox.refused_for(SYSTEM, "DOCUMENT", 10)) == [("A", 1)]


def test_a_word_of_ours_that_was_confirmed_is_dated(store: Store, clock: Clock) -> None:
    """The last confirmed state of a link counts; a step does not."""
    (link,) = links(store, CODE)
    post(store, state(link, 1), step(link, 2, "p1"))
    first, row = line(store)
    for one in (first, row):
        clock.pass_()
        send(store, one.id)
        end(store, one)
    with store.read() as unit:
        assert unit.outbox.last_confirmed([link.id, link.id + 1]) == {link.id: NOON + MINUTE}


def test_many_change_at_once_each_its_own_columns(store: Store) -> None:
    """Rows that set different columns in one call each keep the rest."""
    first, second = links(store, "A", "B")
    post(store, state(first, 1), state(second, 1))
    one, other = claim(store)
    with store.write("settle") as unit:
        unit.outbox.change_many(
            [{"id": one.id, "attempts": 2}, {"id": other.id, "state": "dead", "cause": "refused"}]
        )
        unit.outbox.change_many([])
        found = unit.outbox.by_ids([other.id, one.id, 999])
    said = [(found.code, found.attempts, found.state, found.cause) for found in found]
    assert said == [("B", 0, State.DEAD, "refused"), ("A", 2, State.PENDING, None)]


def test_steps_that_a_system_lost_are_struck_and_may_be_posted_anew(store: Store) -> None:
    """The sent ones stay in the table, what was not sent ends, and the ids are free again."""
    (link,) = links(store, CODE)
    post(store, step(link, 1, "s1"), step(link, 2, "s2"), step(link, 3, "s3"))
    with store.write("settle") as unit:
        first, second, third = (one.id for one in unit.outbox.of_code(CODE))
        unit.outbox.change_all([first, second], {"state": State.CONFIRMED.value})
        assert unit.outbox.sent_steps(link.id) == ["s1", "s2"]
        assert unit.outbox.forget_steps(link.id, ["s2"]) == 1
        assert unit.outbox.steps_of_links([link.id]) == {link.id: {"s1", "s3"}}
        assert unit.outbox.forget_steps(link.id) == 2
        assert unit.outbox.sent_steps(link.id) == []
    post(store, step(link, 4, "s1"), step(link, 5, "s2"), step(link, 6, "s3"))
    with store.read() as unit:
        states = {one.id: one.state for one in unit.outbox.of_code(CODE)}
    assert (states[first], states[third]) == (State.CONFIRMED, State.SUPERSEDED)
    assert list(states.values()).count(State.PENDING) == 3


# -- what waits for a person


@pytest.mark.parametrize(
    "reason",
    [
        "từ chối",
        '{"error": "x"}',
        '{"said": 1}',
        '"quoted"',
        "",
        Said("document {id}: {reason}", id="7", reason=Said("text")),
        Both("missing", "thiếu"),
    ],
)
def test_a_reason_is_read_back_as_it_was_said(store: Store, reason: str) -> None:
    """The ministry's own words as they are, whatever they look like; ours with their pattern."""
    (link,) = links(store, CODE)
    post(store, state(link, 1))
    with store.write("settle") as unit:
        unit.outbox.change(line(store)[0].id, error_text=reason)
    (one,) = line(store)
    assert (one.error_text, type(one.error_text)) == (reason, type(reason))
    assert as_json(one.error_text) == as_json(reason)


def test_dead_letters_are_found_by_dossier_and_error_and_dropped(
    store: Store, clock: Clock
) -> None:
    """Without what they carry; dropped they are at their end, and what they carried is gone."""
    one, two = links(store, CODE, "other")
    post(store, state(one, 1), state(two, 1))
    first, second = claim(store)
    with store.write("settle") as unit:
        dead = {"state": State.DEAD.value, "settled_at": unit.now}
        unit.outbox.change(first.id, **dead, error_code="01")
        unit.outbox.change(second.id, **dead, error_code="02")
    with store.read() as unit:
        assert [each.id for each in unit.outbox.dead(SYSTEM)] == [first.id, second.id]
        assert [each.fields for each in unit.outbox.dead(SYSTEM)] == [{}, {}]
        assert [each.id for each in unit.outbox.dead(SYSTEM, code=CODE)] == [first.id]
        assert [each.id for each in unit.outbox.dead(SYSTEM, error_code="02")] == [second.id]
        assert unit.outbox.dead(SYSTEM, code=CODE, error_code="02") == []
    clock.pass_()
    with store.write("dead drop") as unit:
        unit.outbox.drop([first.id])
    (gone,) = line(store)
    assert (gone.state, gone.fields, gone.settled_at) == (State.DROPPED, {}, clock())


def test_the_doubtful_are_those_in_doubt_and_the_unconfirmed_past_their_time(
    store: Store,
) -> None:
    """The longest unanswered first; what was taken just now is awaited, not doubted."""
    found = links(store, "a", "b", "c")
    post(store, *(state(link, 1) for link in found))
    ids = [one.id for one in claim(store)]
    with store.write("settle") as unit:
        for delivery, how, age in zip(
            ids, (State.IN_DOUBT, State.ACCEPTED, State.ACCEPTED), (1, 3, 1), strict=True
        ):
            ended = unit.now - age * MINUTE
            unit.outbox.change(delivery, state=how.value, call_ended_at=ended)
    with store.read() as unit:
        doubtful = unit.outbox.doubtful(SYSTEM, unit.now - 2 * MINUTE)
    assert [one.id for one in doubtful] == [ids[1], ids[0]]


def test_what_was_gone_over_is_let_go_of_after_its_time(store: Store, clock: Clock) -> None:
    """Of what is confirmed alone, and the newer stays; what waits keeps what it carries."""
    old, new, waiting = links(store, "a", "b", "c")
    post(store, *(state(link, 1) for link in (old, new, waiting)))
    first, second, _ = claim(store)
    kept = {"applicant.name": "a mark"}
    for delivery in (first, second):
        with store.write("settle") as unit:
            unit.outbox.change(delivery.id, settled_at=unit.now, state="confirmed", fields=kept)
        clock.pass_()
    with store.write("marks tidied") as unit:
        assert unit.outbox.forget_gone_over(NOON) == 1
        assert unit.outbox.forget_gone_over(NOON) == 0
    with store.read() as unit:
        found = unit.outbox.gone_over([old.id, new.id])
    assert found == {old.id: [(NOON, {})], new.id: [(NOON + MINUTE, kept)]}
    assert line(store, "c")[0].fields == {"applicant.name": "A"}
