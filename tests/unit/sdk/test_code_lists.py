"""What an adapter's rows become: a code list in NFC, each code once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.sdk.capabilities import Capabilities, CapabilityFault
from bridge.sdk.code_lists import CodeList, code_list


def test_rows_are_taken_in_nfc_and_trimmed() -> None:
    """Decomposed, behind a byte order mark, with blanks, as a number: the same code and name."""
    rows: list[tuple[Any, Any]] = [
        ("\ufeff01 ", "Hoa\u0300 Bi\u0300nh\n"),
        (2, "Đồng Tháp"),
        ("01", "Hoà Bình"),
    ]
    assert code_list(rows) == CodeList({"01": "Hoà Bình", "2": "Đồng Tháp"})


def test_a_row_that_says_nothing_usable_is_left_out_and_said() -> None:
    """No code, another kind of value, or a NUL: by its place. No name, or two: by its code."""
    rows: list[tuple[Any, Any]] = [
        ("", "x"),
        ("1", None),
        (True, "x"),
        ("2", ["x"]),
        ("3", "a"),
        ("3", "b"),
        ("4", "a\0"),
        ("\0", "a"),
    ]
    found = code_list(rows)
    assert found.names == {}
    assert [str(one) for one in found.unreadable] == [
        "row 1 has no code",
        "code 1 has no name",
        "row 3 has no code",
        "code 2 has no name",
        "code 4 has no name",
        "row 8 has no code",
        "code 3 has two names",
    ]


@pytest.mark.parametrize("names", [("Ward",), ("a-b",), ("ward", "ward"), ("",)])
def test_a_declaration_names_each_list_once(names: tuple[str, ...]) -> None:
    """A name that a mapping could not say, or that stands twice, is refused."""
    sound = Capabilities(probes=True, code_lists=("ward", "street_2"))
    sound.verify("thu")
    with pytest.raises(CapabilityFault, match="thu: code_lists"):
        replace(sound, code_lists=names).verify("thu")
