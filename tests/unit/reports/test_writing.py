from __future__ import annotations

from bridge.reports.writing import UNREADABLE, writing


def test_only_what_is_no_writing_is_replaced() -> None:
    """Letters, marks, lines and tabs stay; controls, turns of direction and half characters go."""
    assert (
        writing("Nguyễn Thị Hoà\n\tđường 3/2 😀 e\u0301")
        == "Nguyễn Thị Hoà\n\tđường 3/2 😀 e\u0301"
    )
    told = writing("a\r\nb\rc\x1b[0m\u202ed\ud800\x00")
    assert told.replace(UNREADABLE, "?") == "a\nb?c?[0m?d??"


def test_no_character_that_is_printable_would_have_been_replaced() -> None:
    """The short way, by what Python says is printable, lets nothing through."""
    steering = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    halves = range(0xD800, 0xE000)
    assert not any(chr(one).isprintable() for one in (*steering, *halves))
