from __future__ import annotations

from typing import Any

from bridge.store import ProcedureVersion, Store
from tests.store.conftest import MINUTE, NOON, Clock, together

DRIVING = "1.002835"


def content(name: str = "Cấp mới giấy phép lái xe", **columns: Any) -> dict[str, Any]:
    return {"name": name, "fee": 135000, "processing_time": "2.5", "active": True} | columns


def begin(store: Store, name: str = "Cấp mới giấy phép lái xe") -> list[str]:
    with store.write("procedures seen") as unit:
        return list(unit.procedures.begin({DRIVING: content(name)}))


def current(store: Store) -> ProcedureVersion:
    with store.read() as unit:
        return unit.procedures.current()[DRIVING]


def change(store: Store, version: ProcedureVersion, name: str) -> bool:
    with store.write("procedures page") as unit:
        return unit.procedures.change(version, content(name))


def test_the_first_version_has_no_beginning(store: Store) -> None:
    """It stands for all the time before; its content comes back to the value."""
    assert begin(store) == [DRIVING]
    version = current(store)
    assert (version.valid_from, version.valid_until) == (None, None)
    assert version.content == content()
    assert version.held_at(NOON - 10_000 * MINUTE)


def test_the_next_version_begins_where_the_one_before_ends(store: Store, clock: Clock) -> None:
    """At every moment one version holds, and only one."""
    begin(store)
    changed = clock.pass_()
    assert change(store, current(store), "Cấp giấy phép lái xe")
    with store.read() as unit:
        (old,) = unit.procedures.past([DRIVING, "9.999999"])[DRIVING]
    new = current(store)
    assert (old.valid_until, new.valid_from, new.valid_until) == (changed, changed, None)
    assert [one.held_at(changed) for one in (old, new)] == [False, True]
    assert [one.held_at(changed - MINUTE) for one in (old, new)] == [True, False]
    assert (old.content["name"], new.content["name"]) == (
        "Cấp mới giấy phép lái xe", "Cấp giấy phép lái xe",
    )  # fmt: skip


def test_a_known_procedure_is_not_begun_again(store: Store) -> None:
    """What is kept of it stays."""
    begin(store)
    assert begin(store, "Khác") == []
    assert current(store).content == content()


def test_what_is_in_force_is_no_past(store: Store) -> None:
    """A procedure that never changed has no past version, and no codes ask for none."""
    begin(store)
    with store.read() as unit:
        assert unit.procedures.past([DRIVING]) == {}
        assert unit.procedures.past([]) == {}


def test_two_that_see_one_change_end_the_version_once(store: Store, rival: Store) -> None:
    """Both decided against the same version: one of them ends it, the other is told so."""
    begin(store)
    seen = current(store)
    told = together(lambda: change(store, seen, "A"), lambda: change(rival, seen, "B"))
    assert sorted(told) == [False, True]
    with store.read() as unit:
        assert len(unit.procedures.past([DRIVING])[DRIVING]) == 1


def test_two_that_begin_at_once_begin_once(store: Store, rival: Store) -> None:
    """The second one waits, and finds it kept."""
    told = together(lambda: begin(store, "A"), lambda: begin(rival, "B"))
    assert sorted(told) == [[], [DRIVING]]
