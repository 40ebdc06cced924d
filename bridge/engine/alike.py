"""What a dossier and a record are known by when they are paired: the same canonical words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from bridge.domain.dossier import Fields, Json
from bridge.domain.matching.entry import Entry, Pair
from bridge.engine.house import Ministry
from bridge.engine.seen import Seen
from bridge.sdk.times import VIETNAM

TAX_CODE = "tax_code"
"""The kind of paper under which an enterprise's tax code is keyed as the applicant's number."""

MATTER = "details."
"""Begins the paths of what a dossier is about, and not of whom it is."""

TAX_CODES = ("details.tax_code", "details.enterprise_code")
"""Where a tax code stands otherwise, in the order of trust."""


def entry(key: str, fields: Fields, procedure: str | None = None) -> Entry:
    """Return what a canonical dossier is paired by; ``procedure`` where it names none itself.

    ``key`` is the dossier's code, or the record's number. What was not received yet counts as of
    the day it was handed in.
    """
    number, taxed = text(fields.get("applicant.id_number")), None
    if fields.get("applicant.id_type") == TAX_CODE:
        number, taxed = None, number
    others = (text(fields.get(path)) for path in TAX_CODES)
    return Entry(
        key,
        id_number=number,
        tax_code=taxed or next((one for one in others if one), None),
        name=text(fields.get("applicant.name")),
        birth_date=text(fields.get("applicant.birth_date")),
        phone=text(fields.get("applicant.phone")),
        procedure=text(fields.get("procedure.code")) or procedure,
        received=_day(fields.get("received_at")) or _day(fields.get("submitted_at")),
    )


def entry_of(ministry: Ministry, seen: Seen, procedure: str | None = None) -> Entry:
    """Return what a record is paired by; of a system of one procedure it is of that.

    ``procedure`` is what it is taken to be of, where it names none.
    """
    listed = [one for one in ministry.procedures if one != "*"]
    only = listed[0] if len(listed) == 1 else None
    return entry(seen.ref, seen.fields, procedure or only)


def unlike_matters(compared: Iterable[tuple[str, Json, Json]]) -> Iterator[str]:
    """Yield the fields of the matter itself that both sides know and that are not the same.

    The same person may have handed in two dossiers of which each side keyed another one: linked, one
    would be written over the other.
    """
    for path, ours, theirs in compared:
        if path.startswith(MATTER) and None not in (ours, theirs) and ours != theirs:
            yield path


def evidence(pair: Pair) -> list[Json]:
    """Return what speaks for a pair and against it, without a value: kept in the journal."""
    return [f"{one.what}: {one.how}" for one in pair.points]


def text(value: Json) -> str | None:
    """Return a value that is a text, and not empty."""
    return value if isinstance(value, str) and value else None


def _day(value: Json) -> date | None:
    """Return the day of an instant, as Vietnam counts days."""
    at = text(value)
    return None if at is None else datetime.fromisoformat(at).astimezone(VIETNAM).date()
