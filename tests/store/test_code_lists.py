from __future__ import annotations

from datetime import date, timedelta

from bridge.domain.said import Said
from bridge.store import CodeChanges, CodeSpan, Store
from tests.store.conftest import NOON, Clock, together

LLTP, LIST = "lltp", "ethnic_group"
DAYS = [date(2026, 11, 20) + timedelta(days=n) for n in range(4)]


def learn(store: Store, day: date, **names: str) -> CodeChanges:
    with store.write("code list") as unit:
        return unit.code_lists.learn(LLTP, LIST, names, day)


def spans(store: Store, system: str = LLTP) -> list[CodeSpan]:
    with store.read() as unit:
        return unit.code_lists.spans(system, LIST)


def test_a_code_has_one_span_after_the_other(store: Store, clock: Clock) -> None:
    """First without a beginning; gone, renamed and back again, each from the day it was seen."""
    assert learn(store, DAYS[0], a="Kinh", b="Tày").first
    clock.pass_(timedelta(days=1))
    assert learn(store, DAYS[1], a="Người Kinh") == CodeChanges(
        first=False, renamed=("a",), closed=("b",)
    )
    assert learn(store, DAYS[2], a="Người Kinh", b="Tày").added == ("b",)
    assert spans(store) == [
        CodeSpan("a", "Kinh", None, DAYS[1]),
        CodeSpan("b", "Tày", None, DAYS[1]),
        CodeSpan("a", "Người Kinh", DAYS[1], None),
        CodeSpan("b", "Tày", DAYS[2], None),
    ]
    assert spans(store, "hotich") == []


def test_the_version_moves_with_the_spans_and_only_then(store: Store, clock: Clock) -> None:
    """Reading the same again is kept as read, and is no other version; neither is a failure."""
    learn(store, DAYS[0], a="Kinh")
    clock.pass_()
    learn(store, DAYS[0], a="Kinh")
    with store.write("code list failed") as unit:
        unit.code_lists.tried(LLTP, LIST, Said("no {what}", what="answer"))
    with store.read() as unit:
        (state,) = unit.code_lists.states(LLTP).values()
        assert unit.code_lists.states("hotich") == {}
    assert (state.version, state.read_at, state.tried_at) == (1, clock.now, clock.now)
    assert isinstance(state.trouble, Said)
    assert state.trouble == "no answer"
    learn(store, DAYS[1], b="Tày")
    with store.read() as unit:
        state = unit.code_lists.states(LLTP)[LIST]
    assert (state.version, state.trouble) == (2, None)
    assert state.read_at is not None
    assert state.read_at > NOON


def test_two_that_read_a_list_at_once_keep_it_once(store: Store, rival: Store) -> None:
    """Two processes learn the same list for the first time: each code has one span."""
    changes = together(
        lambda: learn(store, DAYS[0], a="Kinh"), lambda: learn(rival, DAYS[0], a="Kinh")
    )
    assert sorted(one.first for one in changes) == [False, True]
    assert spans(store) == [CodeSpan("a", "Kinh", None, None)]


def test_what_is_new_begins_with_the_reading_before(store: Store) -> None:
    """It may have been there since; what takes another's place, by its name, begins today."""
    learn(store, DAYS[0], a="Kinh", b="Tày")
    with store.write("code list") as unit:
        names = {"a": "Kinh", "c": "Tày", "d": "Mới"}
        unit.code_lists.learn(LLTP, LIST, names, DAYS[2], DAYS[0])
    assert spans(store)[1:] == [
        CodeSpan("b", "Tày", None, DAYS[2]),
        CodeSpan("c", "Tày", DAYS[2], None),
        CodeSpan("d", "Mới", DAYS[0], None),
    ]
