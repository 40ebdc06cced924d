from __future__ import annotations

from typing import Any

import pytest

from bridge.domain.journal import Event, verify
from bridge.store import Store
from bridge.store.chunks import TOGETHER
from tests.store.conftest import SYSTEM


@pytest.mark.parametrize("many", [1, TOGETHER[1], TOGETHER[0], sum(TOGETHER) * 2 + 3, 700])
def test_any_number_of_rows_is_inserted_once_and_in_order(store: Store, many: int) -> None:
    """However rows are shared out over statements, each stands once, in its place."""
    with store.write("capture page") as unit:
        for n in range(many):
            unit.journal.add(Event.CAPTURED, code=f"H40.05-261120-{n:04}", system=SYSTEM)
    with store.read() as unit:
        rows = list(unit.journal.all())
    assert [row.code for row in rows] == [f"H40.05-261120-{n:04}" for n in range(many)]
    assert verify(rows) is None


def test_any_number_of_keys_is_one_condition(store: Store) -> None:
    """None, one and more than a statement has parameters; only the keys that are there count."""
    pairs = [(f"H40.05-261120-{n:04}", SYSTEM) for n in range(40)]
    with store.write("post") as unit:
        made = unit.links.open(pairs, dict.fromkeys(pairs, 0))
    ids = {one.id for one in made.values()}
    with store.read() as unit:
        assert unit.links.by_ids([]) == {}
        assert unit.links.by_ids(range(max(ids) + 1, max(ids) + 9)) == {}
        assert unit.links.by_ids(range(max(ids) + 70_000)).keys() == ids


@pytest.mark.parametrize("ref", ["", "'", '"', "\\", "Đã\u0309", "Đả", "1", "null", "a,b", "\n"])
def test_a_key_is_compared_to_the_letter(store: Store, ref: str) -> None:
    """Quotes, blanks, composed and decomposed letters, a number as text: found as they stand."""
    others = {"Đã\u0309", "Đả", "1", "01", "1.0", "x"} - {ref}
    pairs = [(f"H40.05-261120-{n:04}", SYSTEM) for n in range(1 + len(others))]
    with store.write("post") as unit:
        made = unit.links.open(pairs, dict.fromkeys(pairs, 0))
        for link, number in zip(made.values(), [ref, *sorted(others)], strict=True):
            unit.links.change(link.id, ref=number)
    with store.read() as unit:
        assert set(unit.links.of_refs(SYSTEM, [ref])) == {ref}


def test_no_key_is_no_text(store: Store) -> None:
    """``None`` among keys is nobody's, also where a text spells it."""
    pairs = [(f"H40.05-261120-{n:04}", SYSTEM) for n in range(3)]
    odd: list[Any] = [None, "x"]
    with store.write("post") as unit:
        made = unit.links.open(pairs, dict.fromkeys(pairs, 0))
        for link, number in zip(made.values(), ["None", "NULL", "x"], strict=True):
            unit.links.change(link.id, ref=number)
    with store.read() as unit:
        assert set(unit.links.of_refs(SYSTEM, odd)) == {"x"}
        assert set(unit.links.of_refs(SYSTEM, ["NULL"])) == {"NULL"}


def test_a_bare_link_leaves_what_was_agreed_unread(store: Store) -> None:
    """A step needs neither base nor what the system showed; all the rest is there."""
    pair = ("H40.05-261120-0001", SYSTEM)
    with store.write("post") as unit:
        (link,) = unit.links.open([pair], {pair: 0}).values()
        unit.links.change(link.id, base={"status": 2}, theirs={"status": 4}, known={"TT": "XL"})
    with store.read() as unit:
        bare = unit.links.by_ids([link.id], bare=True)[link.id]
    assert (bare.base, bare.theirs) == (None, None)
    assert (bare.code, bare.system, bare.known) == (*pair, {"TT": "XL"})
