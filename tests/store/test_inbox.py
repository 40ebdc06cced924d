from __future__ import annotations

import pytest
from sqlalchemy import text

from bridge.store import Store, StoreFault, Waiting
from bridge.store.inbox import FRESH_AMONG
from tests.store.conftest import MINUTE, NOON, SYSTEM, Clock, arrival, cut, open_link


def waiting(store: Store, limit: int = 10, source: str = SYSTEM) -> list[Waiting]:
    with store.read() as unit:
        return unit.inbox.waiting(source, limit)


def refs(store: Store, limit: int = 10) -> list[str]:
    return [one.ref for one in waiting(store, limit)]


def add(store: Store, *records: str) -> list[str]:
    """Add records written ``ref=content``; returns the refs that entered."""
    arrivals = [arrival(*one.split("=")) for one in records]
    with store.write("receive page") as unit:
        return [one.ref for one in unit.inbox.add(arrivals)]


def counts(store: Store) -> dict[tuple[str, str], int]:
    with store.read() as unit:
        return unit.inbox.counts()


def test_page_and_cursor_enter_together(store: Store) -> None:
    """A page and the cursor behind it are both there after one unit, as they were given."""
    with store.write("receive page") as unit:
        unit.inbox.add([arrival()])
        unit.inbox.move_cursor(SYSTEM, {"after": "2026-11-20", "page": 3})
    with store.read() as unit:
        assert unit.inbox.cursor(SYSTEM) == {"after": "2026-11-20", "page": 3}
        assert unit.inbox.cursor("yte") is None
    assert waiting(store) == [Waiting(1, SYSTEM, "r1", {"content": "h1"}, 0, NOON, "h1")]


@pytest.mark.parametrize("cut_after", ["page", "cursor"])
def test_neither_page_nor_cursor_enters_alone(store: Store, cut_after: str) -> None:
    """A unit cut after the page, or after the cursor, leaves the old page and the old cursor."""
    with store.write("receive page") as unit:
        unit.inbox.move_cursor(SYSTEM, 1)
    if cut_after == "page":
        cut(store, lambda unit: unit.inbox.add([arrival()]))
    else:
        cut(store, lambda unit: unit.inbox.move_cursor(SYSTEM, 2))
    assert waiting(store) == []
    with store.read() as unit:
        assert unit.inbox.cursor(SYSTEM) == 1


def test_the_same_page_twice_adds_nothing(store: Store) -> None:
    """A page that is read again, whole or with news in it, enters only its news."""
    assert add(store, "r1=h1", "r2=h1") == ["r1", "r2"]
    assert add(store, "r1=h1", "r2=h1") == []
    assert add(store, "r1=h1", "r2=h2", "r3=h1") == ["r2", "r3"]
    assert refs(store) == ["r1", "r2", "r2", "r3"]


def test_a_record_that_went_back_to_what_it_was_is_news(store: Store) -> None:
    """Content is compared with the newest record of a ref: A, B, A are three."""
    assert add(store, "r1=A", "r1=B", "r1=B", "r1=A") == ["r1", "r1", "r1"]
    assert [one.content_hash for one in waiting(store)] == ["A", "B", "A"]


def test_equal_refs_of_two_sources_are_two_records(store: Store) -> None:
    """A source is not mistaken for another."""
    with store.write("receive page") as unit:
        unit.inbox.add([arrival()])
        unit.inbox.move_cursor("onestop", 9)
    assert waiting(store, source="onestop") == []
    assert refs(store) == ["r1"]


def test_records_come_in_the_order_they_arrived(store: Store, clock: Clock) -> None:
    """The oldest come first, page after page, no more than asked for."""
    add(store, "r3=h", "r1=h")
    clock.pass_(-MINUTE)
    add(store, "r2=h")
    clock.pass_(MINUTE)
    assert refs(store) == ["r3", "r1", "r2"]
    assert refs(store, limit=2) == ["r3", "r1"]


def test_a_record_left_for_later_keeps_its_place(store: Store, clock: Clock) -> None:
    """Until it is due others pass it; then it is first again, with its attempts counted."""
    add(store, "r1=h", "r2=h")
    for _ in range(2):
        with store.write("later") as unit:
            unit.inbox.wait(waiting(store)[0].id, clock.now + MINUTE, "not settled")
        assert refs(store) == ["r2"]
        clock.pass_()
    assert [(one.ref, one.attempts) for one in waiting(store)] == [("r1", 2), ("r2", 0)]


def test_a_worked_record_is_gone(store: Store) -> None:
    """What is done is not found again, and what came after it is."""
    add(store, "r1=h", "r2=h")
    with store.write("received") as unit:
        unit.inbox.done([waiting(store)[0].id])
    assert refs(store) == ["r2"]


def test_a_record_is_overtaken_by_a_newer_one_of_its_ref(store: Store) -> None:
    """Only a newer waiting record of the same ref overtakes."""
    add(store, "r1=A", "r2=A", "r1=B")
    with store.read() as unit:
        waiting = unit.inbox.waiting(SYSTEM, 10)
        assert unit.inbox.overtaken(waiting) == {waiting[0].id}


def test_a_quarantined_record_is_set_aside_until_released(store: Store, clock: Clock) -> None:
    """It is counted and not worked; released, it waits in its old place, due at once."""
    add(store, "r1=h", "r2=h")
    with store.write("later") as unit:
        unit.inbox.wait(waiting(store)[0].id, clock.now + MINUTE, "not settled")
        unit.inbox.quarantine(1, "status: no word for 77", "status")
    assert refs(store) == ["r2"]
    assert counts(store) == {(SYSTEM, "quarantined"): 1, (SYSTEM, "waiting"): 1}
    with store.write("release") as unit:
        [aside] = unit.inbox.all_set_aside()
        assert unit.inbox.release([aside.id + 1]) == set()
        assert unit.inbox.release([aside.id]) == {aside.id}
    assert refs(store) == ["r1", "r2"]


def test_an_unreadable_record_enters_quarantined(store: Store) -> None:
    """It is never handed out, and no release can make its bytes readable."""
    with store.write("receive page") as unit:
        unit.inbox.add([arrival("r1", "bad", reason="not UTF-8")])
        [aside] = unit.inbox.all_set_aside()
        assert unit.inbox.release([aside.id]) == set()
    assert refs(store) == []
    assert counts(store) == {(SYSTEM, "quarantined"): 1}


@pytest.mark.parametrize("pages", [1, 2])
def test_a_mended_record_takes_the_place_of_the_quarantined_one(store: Store, pages: int) -> None:
    """The readable version of a record ends its quarantine, in the same page or a later one."""
    bad, good = arrival("r1", "bad", reason="not UTF-8"), arrival("r1", "good")
    other = arrival("r2", "bad", reason="not UTF-8")
    for page in [[other, bad, good]] if pages == 1 else [[other, bad], [good]]:
        with store.write("receive page") as unit:
            unit.inbox.add(page)
    assert [one.content_hash for one in waiting(store)] == ["good"]
    assert counts(store) == {(SYSTEM, "quarantined"): 1, (SYSTEM, "waiting"): 1}


def test_what_was_set_aside_is_taken_back_by_name(store: Store) -> None:
    """Only what is quarantined, and only of that source."""
    add(store, "r1=h1")
    with store.write("received") as unit:
        unit.inbox.add([arrival(ref, "h", reason="broken") for ref in ("r2#a", "r2#b")])
        unit.inbox.taken_back("yte", ["r2#a"])
        unit.inbox.taken_back(SYSTEM, ["r1", "r2#a"])
        assert unit.inbox.set_aside(SYSTEM) == ["r2#b"]
    assert refs(store) == ["r1"]


def test_a_page_of_any_size_enters(store: Store) -> None:
    """More records than a statement takes parameters enter, and are known when read again."""
    page = [f"r{n}=h" for n in range(1200)]
    assert len(add(store, *page)) == 1200
    assert add(store, *page) == []


def test_what_waits_is_told(store: Store, clock: Clock) -> None:
    """The refs that wait and since when; a quarantined record does not wait."""
    add(store, "r1=h")
    clock.pass_()
    add(store, "r2=h")
    with store.write("quarantine") as unit:
        assert unit.inbox.oldest(SYSTEM) == NOON
        unit.inbox.quarantine(1, "no word")
        assert unit.inbox.oldest(SYSTEM) == NOON + MINUTE
        assert unit.inbox.oldest("yte") is None
        assert unit.inbox.refs(SYSTEM) == {"r2"}


def test_what_one_works_another_waits_for(store: Store, rival: Store) -> None:
    """Two post at once: the second can't take a record the first has, and so can't overtake it."""
    if store.is_sqlite:
        pytest.skip("one writer at a time there anyway")
    add(store, "r1=h1")
    with store.write("post") as unit:
        assert [one.ref for one in unit.inbox.waiting(SYSTEM, 10)] == ["r1"]
        with pytest.raises(StoreFault, match="lock"):
            _post_at_once(rival)


def _post_at_once(store: Store) -> None:
    """Take what waits to be posted; fails where it would wait."""
    with store.write("post") as unit:
        unit.connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
        unit.inbox.waiting(SYSTEM, 10)


def test_what_was_set_aside_under_one_name_is_tried_again(store: Store) -> None:
    """Only that name, and what could be read of it; its state and reason are told by name."""
    add(store, "r1=h1", "r2=h2")
    with store.write("set aside") as unit:
        for one in unit.inbox.waiting(SYSTEM, 10):
            unit.inbox.quarantine(one.id, "its number is another's")
    with store.write("release") as unit:
        assert unit.inbox.states(SYSTEM, ["r1", "r3"]) == {
            "r1": ("quarantined", "its number is another's")
        }
        unit.inbox.release_ref(SYSTEM, "r1")
    assert refs(store) == ["r1"]


def test_what_waits_in_turn_fills_no_inbox_and_keeps_its_order(store: Store) -> None:
    """The feed is read on beside it, versions stay behind each other, and the oldest goes first."""
    with store.write("receive page") as unit:
        unit.inbox.add([arrival("r1", "a"), arrival("r2", "a"), arrival("r2", "b")])
        unit.inbox.wait_in_turn(SYSTEM, ["r1", "r2"], "later")
        assert not unit.inbox.fresh(SYSTEM)
        unit.inbox.add([arrival("r1", "b"), arrival("r3", "a")])
        assert [one.ref for one in unit.inbox.oldest_due(SYSTEM, 10)] == ["r3"]
        assert not unit.inbox.is_full(SYSTEM, 2)
        assert unit.inbox.any_in_turn(SYSTEM)
        assert unit.inbox.call_in(SYSTEM, 1) == 2
        due = unit.inbox.oldest_due(SYSTEM, 10)
        assert [(one.ref, one.content_hash) for one in due] == [("r1", "a"), ("r3", "a")]
        unit.inbox.hurry(SYSTEM, ["r2"])
        assert not unit.inbox.any_in_turn(SYSTEM)


def fresh(store: Store) -> object:
    with store.read() as unit:
        return unit.inbox.fresh(SYSTEM)


def test_what_nobody_has_looked_at_is_told_by_when_it_came(store: Store, clock: Clock) -> None:
    """Not what waits after a look, nor what stands behind that, nor what a link knows."""
    assert fresh(store) is None
    add(store, "r1=h1")
    clock.pass_()
    add(store, "r2=h1")
    assert fresh(store) == NOON
    with store.write("later") as unit:
        unit.inbox.wait(waiting(store)[0].id, clock.now + MINUTE, "not settled")
    add(store, "r1=h2")
    assert fresh(store) == NOON + MINUTE
    with store.write("link") as unit:
        unit.links.change(open_link(unit).id, ref="r2")
    assert fresh(store) is None


def test_among_many_that_links_know_one_is_taken_to_be_fresh(store: Store, clock: Clock) -> None:
    """So that a look at the inbox stays short."""
    refs = [f"r{n}" for n in range(FRESH_AMONG)]
    with store.write("link") as unit:
        pairs = {(ref, SYSTEM): 0 for ref in refs}
        links = unit.links.open(pairs, pairs)
        unit.links.change_many([{"id": one.id, "ref": one.code} for one in links.values()])
    add(store, *(f"{ref}=h" for ref in refs[1:]))
    assert fresh(store) is None
    clock.pass_()
    add(store, f"{refs[0]}=h")
    assert fresh(store) == NOON + MINUTE
