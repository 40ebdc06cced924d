from __future__ import annotations

from typing import Any

import pytest

from bridge.store import NoticeRow, Store
from tests.store.conftest import CODE, MINUTE, NOON, SYSTEM, Clock

Owed = list[tuple[str, str | None]]


def notice(name: str = "n1", *, after: int = 0, **other: Any) -> NoticeRow:
    values: dict[str, Any] = {
        "code": CODE,
        "system": SYSTEM,
        "kind": "dead",
        "severity": "error",
    } | {
        "field": "applicant.name",
        "text_vi": "Thiếu họ tên.",
        "at": NOON + after * MINUTE,
    }
    return NoticeRow(name, **values | other)


def add(store: Store, *notices: NoticeRow) -> list[bool]:
    with store.write("notice") as unit:
        return [unit.notices.add(one) for one in notices]


def resolve(store: Store, code: str = CODE, kinds: tuple[str, ...] | None = None) -> list[str]:
    with store.write("resolve") as unit:
        return sorted(unit.notices.resolve(code, SYSTEM, kinds))


def owed(store: Store, limit: int = 10) -> Owed:
    with store.read() as unit:
        return [(one.id, one.owed) for one in unit.notices.owed(limit)]


def tell(store: Store) -> None:
    """Tell the one-stop database of all that is owed."""
    with store.write("notices told") as unit:
        unit.notices.told(unit.notices.owed(10))


def test_an_opened_notice_is_owed_until_told(store: Store) -> None:
    """It is owed as it was given, stands, and once told it still stands and is owed no more."""
    assert add(store, notice()) == [True]
    assert owed(store) == [("n1", "write")]
    tell(store)
    assert owed(store) == []
    with store.read() as unit:
        assert unit.notices.of(CODE) == [notice()]
        assert unit.notices.standing([CODE, "other"]) == {(CODE, SYSTEM)}


def test_a_closed_notice_is_owed_once_more(store: Store, clock: Clock) -> None:
    """Closing takes the notice from what stands and owes the one-stop its resolution, once."""
    add(store, notice())
    tell(store)
    clock.pass_()
    assert resolve(store) == ["n1"]
    assert owed(store) == [("n1", "resolve")]
    assert resolve(store) == []
    tell(store)
    assert owed(store) == []
    with store.read() as unit:
        (one,) = unit.notices.of(CODE)
        assert one.resolved_at == clock.now
        assert unit.notices.standing([CODE]) == set()


def test_the_same_notice_is_no_news(store: Store) -> None:
    """While a notice stands, one that says the same of the same is not opened beside it."""
    assert add(store, notice(), notice("n2", after=1)) == [True, False]
    assert owed(store) == [("n1", "write")]
    resolve(store)
    assert add(store, notice("n3", after=2)) == [True]


@pytest.mark.parametrize("change", [{"text_vi": "Sai họ tên."}, {"field": None}])
def test_a_notice_that_says_otherwise_ends_the_one_before(
    store: Store, change: dict[str, Any]
) -> None:
    """Another text, or another field, takes its place: the clerk sees one, the newest."""
    assert add(store, notice(), notice("n2", after=1, **change)) == [True, True]
    assert owed(store) == [("n1", "resolve"), ("n2", "write")]


@pytest.mark.parametrize("change", [{"code": "other"}, {"system": "yte"}, {"kind": "conflict"}])
def test_notices_of_different_things_stand_side_by_side(
    store: Store, change: dict[str, Any]
) -> None:
    """Another dossier, system or kind is another notice, and ends none."""
    assert add(store, notice(), notice("n2", after=1, **change)) == [True, True]
    assert owed(store) == [("n1", "write"), ("n2", "write")]


def test_only_the_named_kinds_are_closed(store: Store) -> None:
    """Closing by kind leaves the other kinds; closing a dossier leaves other dossiers."""
    add(store, notice("n1"), notice("n2", kind="conflict"), notice("n3", code="other"))
    assert resolve(store, kinds=("conflict",)) == ["n2"]
    assert resolve(store, kinds=()) == []
    assert resolve(store) == ["n1"]
    with store.read() as unit:
        assert unit.notices.standing([CODE, "other"]) == {("other", SYSTEM)}


def test_what_changed_while_it_was_told_stays_owed(store: Store) -> None:
    """A notice closed between reading it and having told it is told again, as closed."""
    add(store, notice())
    with store.read() as unit:
        read = unit.notices.owed(10)
    resolve(store)
    with store.write("notices told") as unit:
        unit.notices.told(read)
    assert owed(store) == [("n1", "resolve")]


def test_the_oldest_are_told_first(store: Store) -> None:
    """What is owed comes by age, no more than asked for."""
    add(store, notice("late", after=2, kind="c"), notice("old", kind="a"), notice("mid", after=1))
    assert [name for name, _ in owed(store)] == ["old", "mid", "late"]
    assert [name for name, _ in owed(store, limit=1)] == ["old"]
    with store.read() as unit:
        assert [one.id for one in unit.notices.of(CODE)] == ["old", "mid", "late"]
