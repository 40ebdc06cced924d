from __future__ import annotations

import unicodedata

import pytest

from bridge.domain.notices import MASK
from bridge.reports.marks import LONGEST, Runs, marked, masked


def told(runs: Runs) -> str:
    return "".join(f"[{run.text}]" if run.differs else run.text for run in runs)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("Trần Văn Đạt", "Trần Văn Đạt", ("Trần Văn Đạt", "Trần Văn Đạt")),
        ("Trần Văn Đạt", "Tran Văn Đạt", ("Tr[ầ]n Văn Đạt", "Tr[a]n Văn Đạt")),
        ("Nguyễn Thị Hoà", "Nguyễn Thị Lan", ("Nguyễn Thị [Hoà]", "Nguyễn Thị [Lan]")),
        ("036088001234", "036088001243", ("0360880012[34]", "0360880012[43]")),
        ("03/02/1988", "02/03/1988", ("0[3]/0[2]/1988", "0[2]/0[3]/1988")),
        ("15 Lê Lợi", "15  Lê Lợi", ("15 Lê Lợi", "15 [ ]Lê Lợi")),
        ("phường Nam Định", "Nam Định", ("[phường ]Nam Định", "Nam Định")),
        ("Sở Xây dựng", "Bộ Công an", ("[Sở Xây dựng]", "[Bộ Công an]")),
        ("", "Lan", ("", "[Lan]")),
        ("", "", ("", "")),
    ],
)
def test_what_differs_is_marked_and_nothing_else(
    ours: str, theirs: str, expected: tuple[str, str]
) -> None:
    """A tone mark is one letter, a digit one digit, another word the word; spaces count."""
    left, right = marked(ours, theirs)
    assert (told(left), told(right)) == expected
    assert ("".join(run.text for run in left), "".join(run.text for run in right)) == (ours, theirs)


def test_two_forms_of_unicode_are_one_writing() -> None:
    """A text in NFD is marked where it differs from one in NFC, and no letter is torn from its mark."""
    nfd = unicodedata.normalize("NFD", "Lê Thị Hoà")
    assert told(marked("Lê Thị Hoà", nfd)[1]) == "Lê Thị Hoà"
    assert told(marked("Lê Thị Hoa", nfd)[1]) == "Lê Thị Ho[à]"
    assert told(marked("xo", "x\u0323o")[1]) == "[x\u0323]o"  # that letter has no composed form


def test_a_mask_tells_which_word_differs_and_no_letter_of_it() -> None:
    """Every word is the same mask; of a date its parts; of a long text there is one mask alone."""
    assert told(masked("Lê Thị Hoà", "Lê Thị Hòa")[0]) == f"{MASK} {MASK} [{MASK}]"
    assert told(masked("03/02/1988", "02/02/1988")[1]) == f"[{MASK}] {MASK} {MASK}"
    assert told(masked("1988-03-02", "")[0]) == f"[{MASK} {MASK} {MASK}]".replace(" ", "] [")
    long = "một hai ba bốn năm sáu bảy tám chín mười"
    assert told(masked(long, long + " hai")[0]) == MASK
    assert masked("", "") == ((), ())


def test_a_text_of_any_length_is_told_in_bounded_time() -> None:
    """A long text is cut, one of many words marked as a whole; both in a moment."""
    left, right = marked("a " * 100_000, "b " * 100_000)
    assert max(len(run.text) for run in (*left, *right)) == LONGEST + 1
    left, right = marked("x" * 1_900, "x" * 1_899 + "y")
    assert told(left).count("[") == 1
