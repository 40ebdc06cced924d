"""All dossiers received in a period, for comparing both sides: spans of days, page by page.

``danhSachHoSo`` shows a dossier on the day it was received and on the day it was last processed;
here it counts only on the day of its reception.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from bridge.sdk import Json, Said
from bridge.sdk.paging import Window, turn
from bridge.sdk.records import Page, Record, Unreadable

from .client import LIMIT, DkkdClient
from .feed import named
from .reading import DAYS
from .rows import moment, record

__all__ = ["page_of"]

ONE_DAY = timedelta(days=1)


class Place(BaseModel):
    """The cursor: the first day of the span that is read, and how far its list was read."""

    model_config = ConfigDict(frozen=True)

    first: date
    window: Window = Window()


def page_of(
    client: DkkdClient, statuses: Mapping[str, int], since: date, until: date, cursor: Json
) -> Page:
    """Return a page of the dossiers received from ``since`` to ``until``, both included.

    Raises:
        AdapterError: the page could not be had.
    """
    place = Place(first=since) if cursor is None else Place.model_validate(cursor)
    last = min(place.first + (DAYS - 1) * ONE_DAY, until)
    listing = client.days(place.first, last, place.window.offset)
    names = named(listing)
    rows = dict(zip(names, listing.rows, strict=True))
    page = turn(place.window, names, listing.count, limit=LIMIT)
    here = [rows[name] for name in page.fresh if _received(rows[name], place.first, last)]
    records: tuple[Record | Unreadable, ...] = tuple(record(row, statuses) for row in here)
    following = Place(first=last + ONE_DAY)
    if page.window is not None:
        following = Place(first=place.first, window=page.window)
    return Page(
        records,
        following.model_dump(mode="json"),
        more=following.first <= until,
        warnings=_lacking(place.first, last, page.lacking),
    )


def _received(row: Any, first: date, last: date) -> bool:
    """Tell whether a row was received on these days; one that does not say so is kept."""
    try:
        received = moment(row["RECEIPT_DATE"])
    except (ValueError, LookupError, TypeError):
        return True
    return received is None or first <= received.date() <= last


def _lacking(first: date, last: date, lacking: int) -> tuple[str, ...]:
    if not lacking:
        return ()
    days = f"{first:%d/%m/%Y}-{last:%d/%m/%Y}"
    return (Said("{days}: {lacking} announced rows were not found", days=days, lacking=lacking),)
