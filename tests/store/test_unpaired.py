from __future__ import annotations

from bridge.store import Store
from tests.store.conftest import SYSTEM


def test_of_a_mark_that_a_crowd_bears_only_so_many_are_told(store: Store) -> None:
    """And all of the others', though they are asked for together; of another system nobody."""
    with store.write("kept") as unit:
        for n in range(5):
            unit.unpaired.keep(SYSTEM, f"r{n}", {"firm"} | ({"person"} if n else set()))
        unit.unpaired.keep("yte", "r9", {"firm"})
        assert unit.unpaired.any_of(SYSTEM)
        assert not unit.unpaired.any_of("lltp")
        found = unit.unpaired.of_marks(SYSTEM, {"firm", "person", "nobody"}, 4)
        whole = unit.unpaired.of_marks(SYSTEM, {"person"}, 4)
        crowd = unit.unpaired.of_marks(SYSTEM, {"firm", "person"}, 2)
    assert {mark: len(refs) for mark, refs in found.items()} == {"firm": 5, "person": 4}
    assert whole == {"person": {"r1", "r2", "r3", "r4"}}
    assert {mark: len(refs) for mark, refs in crowd.items()} == {"firm": 3, "person": 3}
