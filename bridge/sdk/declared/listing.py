"""All that was received on some days, for comparing both sides: spans of days, page by page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from bridge.domain.dossier import Json
from bridge.sdk.declared.forms import HANOI
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.pages import Pages, Place, lacking
from bridge.sdk.declared.records import received_on
from bridge.sdk.declared.rows import Rows
from bridge.sdk.declared.service import Service
from bridge.sdk.declared.tables import Operation
from bridge.sdk.http import Reply
from bridge.sdk.records import Page

__all__ = ["DeclaredList"]

ONE_DAY = timedelta(days=1)


class Reached(BaseModel):
    """The cursor: the first day of the span that is read, and how far its list was read."""

    model_config = ConfigDict(frozen=True)

    first: date
    place: Place = Place()


class DeclaredList:
    """Reads the list of an interface; keeps no state."""

    def __init__(self, interface: Interface, operation: Operation, service: Service) -> None:
        self._interface = interface
        self._operation = operation
        self._service = service
        self._pages = Pages(interface.listed.paging, operation)

    def page(self, since: date, until: date, cursor: Json) -> Page:
        """Return a page of what was received on these days, both included."""
        reached = Reached(first=since) if cursor is None else Reached.model_validate(cursor)
        most = self._interface.listed.most_days
        last = until if most is None else min(until, reached.first + (most - 1) * ONE_DAY)
        answered = self._service.call("list", self._values(reached.first, last, reached.place))
        table = self._interface.record
        rows = Rows(answered, self._operation, table)
        found, place = self._pages.turn(reached.place, rows.names, rows.plain)
        by_name = dict(zip(rows.names, rows.rows, strict=True))
        here = [
            name
            for name in found.fresh
            if received_on(by_name[name], self._operation, table, reached.first, last)
        ]
        following = Reached(first=last + ONE_DAY)
        if place is not None:
            following = Reached(first=reached.first, place=place)
        return Page(
            tuple(map(rows.record, here)),
            following.model_dump(mode="json"),
            more=following.first <= until,
            warnings=(lacking(found),) if found.lacking else (),
        )

    def greet(self, day: date) -> Reply:
        """Ask for the first page of a day, and return the answer as it came."""
        return self._service.call("list", self._values(day, day, Place())).reply

    def _values(self, first: date, last: date, place: Place) -> dict[str, Any]:
        form = self._interface.forms.day
        days = (datetime.combine(day, time(), HANOI).strftime(form) for day in (first, last))
        since, until = days
        return {**self._pages.values(place), "since": since, "until": until}
