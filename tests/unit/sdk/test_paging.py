"""Lists that move while they are read: nothing that stays in one is left out, or that is said."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sdk.paging import OVERLAP_ROWS, TRIES, Turn, Window, turn

LIMIT = 100

Move = Callable[[list[str]], None]


def read(
    rows: list[str], moves: list[Move], *, announced: int | None = None, cap: int = LIMIT
) -> tuple[Turn, list[str], int]:
    """Read a list to its end, a move before each further page.

    Returns how it ended, all that was handed on, and how many pages were asked for.
    """
    window: Window | None = Window()
    handed_on: list[str] = []
    pages = 0
    while window is not None:
        page = rows[window.offset : window.offset + cap]
        last = turn(window, page, len(rows) if announced is None else announced, limit=LIMIT)
        handed_on += last.fresh
        window = last.window
        pages += 1
        if moves:
            moves.pop(0)(rows)
    return last, handed_on, pages


def processed(count: int) -> Move:
    """Let the first rows be processed: they go to the end of the list."""

    def move(rows: list[str]) -> None:
        rows[:] = rows[count:] + rows[:count]

    return move


def gone(count: int) -> Move:
    """Let the first rows leave the list."""

    def move(rows: list[str]) -> None:
        del rows[:count]

    return move


def names(count: int) -> list[str]:
    return [f"DN-{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (99, 1), (100, 2), (179, 2), (180, 3), (450, 6)]
)
def test_a_list_that_stands_still_is_read_once(count: int, pages: int) -> None:
    """Every row comes once, in order; a full page is not taken for the last one."""
    rows = names(count)
    last, handed_on, asked = read(rows, [])
    assert handed_on == rows
    assert (last.lacking, asked) == (0, pages)


@pytest.mark.parametrize("move", [processed, gone], ids=["processed", "gone"])
@pytest.mark.parametrize("count", [1, OVERLAP_ROWS - 1, OVERLAP_ROWS, 60, 100, 250])
def test_rows_that_move_make_none_be_left_out(move: Callable[[int], Move], count: int) -> None:
    """However many rows move between two pages, all that stay are read, and none twice."""
    rows = names(450)
    stay = set(rows[:]) if move is processed else set(rows[count:])
    last, handed_on, _ = read(rows, [move(count)])
    assert set(handed_on) >= stay
    assert len(handed_on) == len(set(handed_on))
    assert last.lacking == 0


@given(
    count=st.integers(0, 500),
    moved=st.lists(st.integers(0, OVERLAP_ROWS - 1), max_size=12),
    leaves=st.booleans(),
    counts_page=st.booleans(),
)
def test_a_busy_list_loses_nothing(
    count: int, moved: list[int], leaves: bool, counts_page: bool
) -> None:
    """Up to 19 rows move between any two pages: all that stay are read, whatever DataCount means."""
    rows = names(count)
    stay = set(rows[sum(moved) :]) if leaves else set(rows)
    moves = [gone(n) if leaves else processed(n) for n in moved]
    announced = min(LIMIT, count) if counts_page else None
    _, handed_on, _ = read(rows, moves, announced=announced)
    assert set(handed_on) >= stay
    assert len(handed_on) == len(set(handed_on))


def test_a_ministry_that_gives_less_than_a_full_page_is_read_on() -> None:
    """Pages of 50 though 100 were asked for: the announced number says that there is more."""
    rows = names(230)
    assert set(read(rows, [], cap=50)[1]) == set(rows)
    assert set(read(rows, [processed(40), processed(40)], cap=50)[1]) == set(rows)


def test_rows_that_are_announced_and_never_shown_are_counted() -> None:
    """The list is read as often as may be, and then it is said how many lack."""
    last, handed_on, asked = read(names(5), [], announced=7)
    assert (last.lacking, len(handed_on)) == (2, 5)
    assert asked <= 2 * (TRIES + 1)


def test_rows_that_are_known_to_lack_are_not_looked_for_again() -> None:
    """Without patience the end is the end; a page that moved too far is still gone back from."""
    end = Window(offset=3, refs=tuple(names(5)))
    assert turn(end, names(5)[3:], 7, patient=False, limit=LIMIT).window is None
    assert turn(end, names(5)[3:], 7, limit=LIMIT).window == Window(refs=end.refs, tries=1)
    there = Window(offset=80, refs=tuple(names(100)))
    back = turn(there, ["DN-120", "DN-121"], 450, patient=False, limit=LIMIT)
    assert back.fresh == ()
    assert back.window is not None
    assert back.window.offset == 0


def test_a_list_that_never_stands_still_comes_to_an_end() -> None:
    """Where everything moves all the time it is read a bounded number of times."""
    rows = names(450)
    moves: list[Move] = [random.Random(n).shuffle for n in range(200)]
    last, _, asked = read(rows, moves)
    assert asked < 50
    assert last.window is None


def test_a_row_shown_twice_on_a_page_counts_once() -> None:
    """Rows doubled by the ministry do not make the next page begin too far on."""
    rows = [name for name in names(90) for _ in range(2)]
    page = turn(Window(), rows[:LIMIT], 90, limit=LIMIT)
    assert page.window is not None
    assert page.window.offset == 30
