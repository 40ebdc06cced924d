"""Which days of a comparison are compared together."""

from __future__ import annotations

from datetime import date, timedelta

from bridge.engine.reconcile.imprinting import portion_end

BEGIN = date(2026, 10, 1)


def days(begin: int, end: int) -> tuple[date, date]:
    return BEGIN + timedelta(days=begin), BEGIN + timedelta(days=end)


def end(length: int, *imprinted: tuple[date, date]) -> int:
    return (portion_end(BEGIN, length, imprinted) - BEGIN).days


def test_a_portion_is_as_long_as_it_is_said_to_be_where_there_is_no_imprint() -> None:
    assert end(7) == 6
    assert end(1) == 0
    assert end(7, days(-3, -1)) == 6


def test_a_portion_keeps_to_the_days_of_an_imprint() -> None:
    """It is as long as one that begins with it, and leaves whole the next that begins behind it."""
    assert end(7, days(0, 2), days(3, 3)) == 2
    assert end(1, days(0, 20)) == 20
    assert end(7, days(3, 9)) == 2
    assert end(2, days(3, 9)) == 1


def test_what_is_left_of_an_imprint_whose_first_days_are_not_compared_ends_with_it() -> None:
    """A period that has moved on by a day: the rest of the first imprint, and then the next one."""
    assert end(7, days(-1, 5), days(6, 8)) == 5
