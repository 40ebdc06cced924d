"""An entry in comparable form, made once, compared often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bridge.domain.matching.days import Birth, birth_of
from bridge.domain.matching.entry import Entry
from bridge.domain.matching.names import Name, name_of
from bridge.domain.matching.numbers import numbers_of
from bridge.domain.matching.phones import phone_of

_NATIONAL = 2
"""A procedure's national code has two parts, ``1.010708``; a local one goes on (rules.md §1.3)."""


@dataclass(slots=True)
class Known:
    """An entry in comparable form; ``received`` is the day's ordinal in the calendar.

    Nothing changes one. It is not frozen, nor a tuple, for half a million of them are made in a
    comparison of years, and each is read often: both take longer.
    """

    key: str
    card: str | None
    tax: str | None
    name: Name | None
    birth: Birth | None
    phone: str | None
    procedure: str | None
    received: int | None


def known(entry: Entry) -> Known:
    """Bring an entry into comparable form."""
    numbers = numbers_of(entry.id_number, entry.tax_code)
    return Known(
        entry.key,
        numbers.card,
        numbers.tax,
        name_of(entry.name),
        birth_of(entry.birth_date),
        phone_of(entry.phone),
        national(entry.procedure),
        entry.received.toordinal() if entry.received else None,
    )


@lru_cache(maxsize=1 << 12)
def national(procedure: str | None) -> str | None:
    """Return the national part of a procedure's code."""
    parts = procedure.strip().split(".") if procedure else []
    return ".".join(parts[:_NATIONAL]) or None
