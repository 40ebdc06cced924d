"""What is looked at when two dossiers are paired, and what a pair comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Entry:
    """A dossier or a record, as far as pairs are made by it.

    ``key`` is the dossier code at the one-stop, the number at a ministry. Values are canonical
    texts as a mapping lifts them (any of them ``None``); ``birth_date`` may be partial (``YYYY``,
    ``YYYY-MM``). ``received`` is the day of reception, ``procedure`` the national code.
    """

    key: str
    id_number: str | None = None
    tax_code: str | None = None
    name: str | None = None
    birth_date: str | None = None
    phone: str | None = None
    procedure: str | None = None
    received: date | None = None


class Sureness(StrEnum):
    """How sure a pair is: ``sure`` is linked, ``likely`` shown to a person."""

    SURE = "sure"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True)
class Point:
    """A piece of evidence: what was compared, how it came out, what it counts (in bits, signed)."""

    what: str
    how: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A dossier of the one-stop and a record of a ministry that may be the same, and why."""

    ours: str
    theirs: str
    sureness: Sureness
    score: float
    points: tuple[Point, ...]
