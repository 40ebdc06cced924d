from __future__ import annotations

from bridge.store import Store
from bridge.store.unpaired import BEGINNING
from tests.store.conftest import MINUTE, NOON, SYSTEM


def test_of_a_mark_that_a_crowd_bears_only_so_many_are_told(store: Store) -> None:
    """And all of the others', though they are asked for together; of another system nobody."""
    with store.write("kept") as unit:
        for n in range(5):
            unit.unpaired.keep(SYSTEM, {f"r{n}": {"firm"} | ({"person"} if n else set())})
        unit.unpaired.keep("yte", {"r9": {"firm"}})
        assert unit.unpaired.any_of(SYSTEM)
        assert not unit.unpaired.any_of("lltp")
        found = unit.unpaired.of_marks(SYSTEM, {"firm", "person", "nobody"}, 4)
        whole = unit.unpaired.of_marks(SYSTEM, {"person"}, 4)
        crowd = unit.unpaired.of_marks(SYSTEM, {"firm", "person"}, 2)
    assert {mark: len(refs) for mark, refs in found.items()} == {"firm": 5, "person": 4}
    assert whole == {"person": {"r1", "r2", "r3", "r4"}}
    assert {mark: len(refs) for mark, refs in crowd.items()} == {"firm": 3, "person": 3}


def test_what_is_kept_is_gone_through_a_portion_at_a_time(store: Store) -> None:
    """By system and number, each once however many marks it has; and how far that came is known."""
    until = NOON + MINUTE
    with store.write("kept") as unit:
        for n in range(3):
            unit.unpaired.keep(SYSTEM, {f"{n}/đ": {"a", "b"}}, until if n else None)
        unit.unpaired.keep("yte", {"": {"a"}})
        assert unit.unpaired.systems() == {SYSTEM, "yte"}
        assert unit.unpaired.anew() is None
        unit.unpaired.mark_anew(BEGINNING)
    with store.write("anew") as unit:
        after = unit.unpaired.anew(lock=True)
        assert after == BEGINNING
        first = unit.unpaired.kept(after, 2)
        assert first == [((SYSTEM, "0/đ"), None), ((SYSTEM, "1/đ"), until)]
        unit.unpaired.mark_anew(first[-1][0])
    with store.write("anew") as unit:
        after = unit.unpaired.anew()
        assert after == (SYSTEM, "1/đ")
        assert unit.unpaired.kept(after, 9) == [((SYSTEM, "2/đ"), until), (("yte", ""), None)]
        assert unit.unpaired.kept(("yte", ""), 9) == []
        unit.unpaired.mark_anew(None)
        assert unit.unpaired.anew() is None
