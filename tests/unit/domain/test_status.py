"""The national status: which moves are legal, which statuses end a dossier."""

from __future__ import annotations

import pytest

from bridge.domain.status import FINAL, MOVES, NAMES, legal, reopening, state_diagram

#: One row an old status, one column a new one, 1 to 10: contracts/systems.md, "Status".
GRID = """
    x x x x x x x x x .
    . x . x x x x x x x
    . . x . . . . . . .
    . . . x x x x x x x
    x x . x x x x x x x
    . x . x x x x x x x
    . . . . . . x . . .
    . . . x . . . x x x
    . . . . . . . . x x
    . . . . . . . . . x
"""
GOLDEN = {
    (old, new): mark == "x"
    for old, row in enumerate(GRID.strip().splitlines(), 1)
    for new, mark in enumerate(row.split(), 1)
}


@pytest.mark.parametrize(("old", "new"), GOLDEN)
def test_every_pair_is_as_the_contract_says(old: int, new: int) -> None:
    """A move is legal exactly where the table of all hundred pairs says so."""
    assert legal(old, new) is GOLDEN[old, new]


def test_the_table_is_whole() -> None:
    """All hundred pairs are in the table, and every status has a name and its moves."""
    assert len(GOLDEN) == 100
    assert set(NAMES) == set(MOVES) == set(range(1, 11))


def test_a_dossier_never_seen_may_be_anywhere() -> None:
    """From an unknown status every status is a legal first one."""
    assert all(legal(None, new) for new in NAMES)


def test_an_unknown_code_leads_nowhere() -> None:
    """A status that is not in the list may not be left for one that is."""
    assert not any(legal(11, new) for new in NAMES)


def test_refused_withdrawn_and_handed_over_are_final() -> None:
    """3, 7 and 10 are the ends, and nothing else is."""
    assert {3, 7, 10} == FINAL


def test_only_a_finished_dossier_taken_up_again_is_a_reopening() -> None:
    """Of all pairs, 9 to 4 alone is a reopening, and it is not a legal move by itself."""
    assert [pair for pair in GOLDEN if reopening(*pair)] == [(9, 4)]
    assert not legal(9, 4)


def test_the_diagram_draws_every_move_and_no_other() -> None:
    """The diagram in the documents shows the moves that are legal, and where they end."""
    lines = [line.strip() for line in state_diagram().splitlines()]
    drawn = {line for line in lines if "-->" in line and "[*]" not in line}
    moves = {pair for pair, allowed in GOLDEN.items() if allowed and pair[0] != pair[1]}
    assert drawn == {f"s{old} --> s{new}" for old, new in moves}
    assert {line for line in lines if "[*]" in line} == {f"s{end} --> [*]" for end in FINAL}
    assert "s9: 9 Đã xử lý xong" in lines
