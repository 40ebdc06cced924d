"""Answers in words that may be about a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from bridge.domain.said import Said

__all__ = ["Day", "Minute", "Moment", "plain_word"]

_WORD = re.compile(r"[A-Za-z0-9][\w.:-]{0,39}", re.ASCII)

_SAMPLE = datetime(2026, 11, 23, 15, 48)  # noqa: DTZ001 - compared with what has no zone
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _keeps(what: Callable[[datetime], object], example: str) -> Callable[[str], str]:
    """Return what proves that a form of ``strptime`` gives back what is written in it."""

    def proved(form: str) -> str:
        try:
            read = datetime.strptime(_SAMPLE.strftime(form), form)  # noqa: DTZ007 - as written
        except (ValueError, re.error):  # an unknown directive; one that stands twice
            read = None
        if read is None or what(read) != what(_SAMPLE):
            raise ValueError(Said("expected a form such as {example}", example=example))
        return form

    return proved


def _day(read: datetime) -> object:
    return read.date()


def _minute(read: datetime) -> object:
    return read.hour, read.minute


_proved_moment = _keeps(_day, "%d/%m/%Y %H:%M:%S")

Day = Annotated[_Words, AfterValidator(_keeps(_day, "%d/%m/%Y"))]
"""A form of days, proved to be one."""
Minute = Annotated[_Words, AfterValidator(_keeps(_minute, "%H:%M"))]
"""A form of times of day, proved to be one."""
Moment = Annotated[
    _Words, AfterValidator(lambda form: form if form == "iso" else _proved_moment(form))
]
"""A form of times, or ``iso``, proved to be one."""


def plain_word(text: str | None) -> str | None:
    """Return a text that looks like a number or a code, ``None`` for anything that may say more."""
    return text if text and _WORD.fullmatch(text) else None
