"""The transforms of times and days, each in a form the file names.

A value that is no time of the form is refused by the form, never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from bridge.mapping.errors import Reason, Unfit
from bridge.mapping.times import (
    VIETNAM,
    canonical_day,
    canonical_instant,
    canonical_partial,
    cut_instant,
    full_form,
    instant,
    local_instant,
    partial_forms,
)
from bridge.mapping.transforms import Codes, Kind, Transform

Words = Callable[[str], str]


def _ways(wrong: Reason, read: Words, write: Words) -> tuple[Words, Words]:
    """Return ``lower`` and ``lift``: what a way can't take is ``wrong``."""

    def guard(way: Words) -> Callable[[Any], str]:
        def guarded(value: Any) -> str:
            try:
                return way(str(value))
            except ValueError:
                raise Unfit(wrong) from None

        return guarded

    return guard(write), guard(read)


def _datetime(argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    name = f"datetime {argument}"
    if argument == "iso":
        wrong = Reason("not a time of the form yyyy-MM-ddTHH:mm:ss", "không đúng dạng thời gian")
        return Transform(name, *_ways(wrong, canonical_instant, canonical_instant), _an_instant)
    form = full_form(str(argument))
    wrong = Reason(f"not a time of the form {form.shown}", f"không đúng dạng {form.shown}")

    def read(text: str) -> str:
        return local_instant(form.read(text))

    def write(text: str) -> str:
        return form.write(canonical_instant(text))

    def keeps(value: Any) -> Any:
        return cut_instant(value, form.fields) if isinstance(value, str) else value

    return Transform(name, *_ways(wrong, read, write), _an_instant, keeps=keeps)


def _date(argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    form = full_form(str(argument))
    wrong = Reason(f"not a date of the form {form.shown}", f"không đúng dạng ngày {form.shown}")

    def read(text: str) -> str:
        return canonical_day(form.read(text)[:10])

    def write(text: str) -> str:
        return form.write(canonical_day(text))

    return Transform(f"date {argument}", *_ways(wrong, read, write), _a_day)


def _partial_date(argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    forms = partial_forms(str(argument))
    whole, month, _ = (one.shown for one in forms)
    wrong = Reason(
        f"not a date of the form {whole}, {month} or yyyy",
        f"không đúng dạng ngày {whole}, {month} hoặc yyyy",
    )
    of_length = {10: forms[0], 7: forms[1], 4: forms[2]}
    written = {len(one.shown): one for one in forms}

    def read(text: str) -> str:
        if len(text) not in written:
            raise ValueError
        return canonical_partial(written[len(text)].read(text))

    def write(text: str) -> str:
        return of_length[len(canonical_partial(text))].write(text)

    def sample(random: Random) -> str:
        return _a_day(random)[: random.choice((4, 7, 10))]

    return Transform(f"partial_date {argument}", *_ways(wrong, read, write), sample)


def _a_day(random: Random) -> str:
    return (date(1940, 1, 1) + timedelta(days=random.randrange(30000))).isoformat()


def _an_instant(random: Random) -> str:
    start = datetime(2020, 1, 1, tzinfo=VIETNAM)
    return instant(start + timedelta(milliseconds=random.randrange(200_000_000_000)))


DATED: Mapping[str, Kind] = {
    "partial_date": Kind(_partial_date, "form", "a day, a month or a year: as much as is known"),
    "date": Kind(_date, "form", "a whole day"),
    "datetime": Kind(
        _datetime,
        "form, or iso",
        "a time; without an offset it is Vietnam's; `iso` keeps milliseconds",
    ),
}
