from __future__ import annotations

from typing import Any

import pytest

from bridge.domain.dossier import Json
from bridge.engine.people import record_conflicts
from bridge.store import Conflict, Store
from bridge.store.conflicts import BY_PERSON, OF_RECORDS
from tests.store.conftest import CODE, MINUTE, NOON, SYSTEM, Clock


def open_(  # the columns of a conflict, each with something to say
    store: Store,
    *,
    code: str = CODE,
    system: str = SYSTEM,
    field: str = "status",
    why: str = "no_owner",
    onestop: Json = 3,
    ministry: Json = 4,
) -> bool:
    with store.write("clash") as unit:
        return unit.conflicts.raise_(code, system, field, why, onestop, ministry)


def close(store: Store, *, field: str = "status", resolution: str = "equal again") -> bool:
    with store.write("over") as unit:
        return unit.conflicts.close(CODE, SYSTEM, field, resolution)


def decided(store: Store, *, ministry: Json) -> bool:
    """Raise a conflict of which a person is asked once."""
    with store.write("clash") as unit:
        return unit.conflicts.raise_(CODE, SYSTEM, "record", "twice", "R-1", ministry, once=True)


def every(store: Store) -> list[Conflict]:
    with store.read() as unit:
        return unit.conflicts.all_open()


def test_an_opened_conflict_says_both_sides(store: Store) -> None:
    """What each side says, why and since when, open."""
    assert open_(store, onestop={"a": [1, "ệ"]}, ministry=None)
    one = Conflict(1, CODE, SYSTEM, "status", "no_owner", {"a": [1, "ệ"]}, None, NOON, None, None)
    assert every(store) == [one]
    with store.read() as unit:
        assert unit.conflicts.open_of([CODE, "other"]) == {(CODE, SYSTEM): [one]}


def test_a_conflict_that_stands_is_brought_up_to_date(store: Store, clock: Clock) -> None:
    """Raised again it is one conflict, no news, with the newest values and its first date."""
    open_(store)
    clock.pass_()
    assert not open_(store, why="never_equal", onestop=5, ministry=9)
    (one,) = every(store)
    assert (one.why, one.onestop, one.ministry, one.since) == ("never_equal", 5, 9, NOON)


def test_a_closed_conflict_is_over(store: Store, clock: Clock) -> None:
    """It is closed once and no longer among the open; raised again it is a new one."""
    open_(store)
    clock.pass_()
    assert close(store)
    assert not close(store)
    assert every(store) == []
    with store.read() as unit:
        assert unit.conflicts.open_of([CODE]) == {}
        assert unit.conflicts.counts() == {}
    assert open_(store)
    (one,) = every(store)
    assert (one.id, one.since) == (2, clock.now)


@pytest.mark.parametrize("change", [{"code": "other"}, {"system": "yte"}, {"field": "note"}])
def test_closing_ends_the_one_that_is_named(store: Store, change: dict[str, Any]) -> None:
    """Another dossier's, system's or field's conflict is another, and stays open."""
    assert open_(store)
    assert open_(store, **change)
    assert close(store)
    (left,) = every(store)
    assert {name: getattr(left, name) for name in change} == change


def test_open_conflicts_are_counted_and_listed(store: Store, clock: Clock) -> None:
    """By system, and oldest first."""
    open_(store, code="B")
    clock.now -= MINUTE
    open_(store, code="A")
    open_(store, code="A", system="yte")
    open_(store, code="A", field="note")
    assert [(one.code, one.system, one.field) for one in every(store)] == [
        ("A", SYSTEM, "status"),
        ("A", "yte", "status"),
        ("A", SYSTEM, "note"),
        ("B", SYSTEM, "status"),
    ]
    with store.read() as unit:
        assert unit.conflicts.counts() == {SYSTEM: 3, "yte": 1}
        of_a = unit.conflicts.open_of(["A"])
    assert {pair: len(found) for pair, found in of_a.items()} == {("A", SYSTEM): 2, ("A", "yte"): 1}


def test_what_a_person_decided_of_the_same_facts_is_not_asked_again(store: Store) -> None:
    """Other facts are; so is what ended by itself and not by a person."""
    assert decided(store, ministry=2)
    (one,) = every(store)
    assert close(store, field="record", resolution="both sides agree")
    assert decided(store, ministry=2)
    assert close(store, field="record", resolution=BY_PERSON[0])
    assert not decided(store, ministry=2)
    assert every(store) == []
    assert decided(store, ministry=3)
    with store.read() as unit:
        assert unit.conflicts.decided(CODE, SYSTEM, "record")
        assert not unit.conflicts.decided(CODE, SYSTEM, "status")
        assert unit.conflicts.by_id(one.id) is not None
        assert unit.conflicts.by_id(99) is None


def test_what_is_over_keeps_no_value(store: Store) -> None:
    """Both sides of a field are let go of; of a record its number stays, for a person is asked once."""
    assert open_(store, field="applicant.name", why="no_owner", onestop="An", ministry="Anh")
    assert decided(store, ministry=2)
    (name, record) = every(store)
    for one in (name, record):
        assert close(store, field=one.field, resolution=BY_PERSON[0])
    with store.read() as unit:
        over = [unit.conflicts.by_id(one.id) for one in (name, record)]
    assert [(one.onestop, one.ministry) for one in over if one] == [(None, None), ("R-1", 2)]
    assert set(OF_RECORDS) == record_conflicts.WHYS
