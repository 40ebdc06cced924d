"""The days of reception that a command is about, as a person names them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from bridge.cli.exits import CommandFault
from bridge.cli.people import refusals_said
from bridge.engine.house import House
from bridge.engine.people.keyed import read_form
from bridge.i18n import N_, _
from bridge.sdk.times import VIETNAM

__all__ = ["Until", "moment", "period"]

Until = Annotated[
    str | None,
    typer.Option("--until", metavar="DAY", help=N_("The last day of reception (default: today).")),
]


def period(house: House, since: str | None, until: str | None, days: int) -> tuple[date, date]:
    """Return the first and the last day, both included; without a first there are ``days`` of them.

    Raises:
        CommandFault: one is no day, or the first is later than the last.
    """
    last = _day("--until", until) or house.now().astimezone(VIETNAM).date()
    first = _day("--since", since) or last - timedelta(days=days - 1)
    if first > last:
        raise CommandFault(_("--since is later than --until"))
    return first, last


def moment(name: str, text: str | None) -> datetime | None:
    """Return the moment an option names; raises ``CommandFault`` when it is none."""
    read = _read("instant", name, text)
    return None if read is None else datetime.fromisoformat(read)


def _day(name: str, text: str | None) -> date | None:
    read = _read("day", name, text)
    return None if read is None else date.fromisoformat(read)


def _read(form: str, name: str, text: str | None) -> str | None:
    with refusals_said():
        return str(read_form(form, name, text)) if text else None
