"""What a dossier and a record are known by when they are paired: the same canonical words.

Marks are what unlinked records are found by without going through them all: what ``matching`` finds
candidates by, as hashes, so that no person can be read out of an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from bridge.domain.dossier import Fields, Json
from bridge.domain.matching.blocking import asked, keys
from bridge.domain.matching.entry import Entry, Pair
from bridge.domain.matching.known import known
from bridge.engine.house import Ministry
from bridge.engine.seen import Seen
from bridge.sdk.times import VIETNAM

TAX_CODE = "tax_code"
"""The kind of paper under which an enterprise's tax code is keyed as the applicant's number."""

TAX_CODES = ("details.tax_code", "details.enterprise_code")
"""Where a tax code stands otherwise, in the order of trust."""


def entry(key: str, fields: Fields, procedure: str | None = None) -> Entry:
    """Return what a canonical dossier is paired by; ``procedure`` where it names none itself.

    ``key`` is the dossier's code, or the record's number. What was not received yet counts as of
    the day it was handed in.
    """
    number, taxed = _text(fields.get("applicant.id_number")), None
    if fields.get("applicant.id_type") == TAX_CODE:
        number, taxed = None, number
    others = (_text(fields.get(path)) for path in TAX_CODES)
    return Entry(
        key,
        id_number=number,
        tax_code=taxed or next((one for one in others if one), None),
        name=_text(fields.get("applicant.name")),
        birth_date=_text(fields.get("applicant.birth_date")),
        phone=_text(fields.get("applicant.phone")),
        procedure=_text(fields.get("procedure.code")) or procedure,
        received=_day(fields.get("received_at")) or _day(fields.get("submitted_at")),
    )


def entry_of(ministry: Ministry, seen: Seen, procedure: str | None = None) -> Entry:
    """Return what a record is paired by; of a system of one procedure it is of that.

    ``procedure`` is what it is taken to be of, where it names none.
    """
    listed = [one for one in ministry.procedures if one != "*"]
    only = listed[0] if len(listed) == 1 else None
    return entry(seen.ref, seen.fields, procedure or only)


def marks(one: Entry) -> frozenset[str]:
    """Return what an entry is kept under, to be found by ``sought``."""
    return _hashed(keys(known(one)))


def sought(one: Entry) -> frozenset[str]:
    """Return the marks under which all lie that may be the same as an entry."""
    return _hashed(key for key, _ in asked(known(one)))


def _hashed(told: Iterable[str]) -> frozenset[str]:
    return frozenset(blake2b(text.encode(), digest_size=16).hexdigest() for text in told)


def evidence(pair: Pair) -> list[Json]:
    """Return what speaks for a pair and against it, without a value: kept in the journal."""
    return [f"{one.what}: {one.how}" for one in pair.points]


def as_json(one: Entry) -> dict[str, Json]:
    """Return an entry as JSON that ``from_json`` reads back."""
    day = None if one.received is None else one.received.isoformat()
    return {**asdict(one), "received": day}


def from_json(told: Mapping[str, Any]) -> Entry:
    """Return the entry that ``as_json`` wrote."""
    day = told["received"]
    return Entry(**{**told, "received": None if day is None else date.fromisoformat(day)})


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _day(value: Json) -> date | None:
    """Return the day of an instant, as Vietnam counts days."""
    text = _text(value)
    return None if text is None else datetime.fromisoformat(text).astimezone(VIETNAM).date()
