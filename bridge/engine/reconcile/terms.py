"""On what terms both sides are compared: which days, how still they must be, what a person said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

YOUNG = timedelta(minutes=10)
"""What changed less long ago is not judged: the other side may not have heard of it yet."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a comparison is made.

    ``since`` and ``until`` are days of reception, both included, as Vietnam counts them. ``age`` is
    how long both sides must have been still. ``restored_to``: a person says that the ministry was
    set back to what it was at this moment; it counts where the ministry can't be asked.
    ``thorough``: where the fields are the same, the ministry is asked as well what its list does not
    show: whether it holds what was sent, files too, which version it has, and whether it shows
    every step and not only the last. Some calls a dossier, well spent on a ministry set back.
    ``also_decided``: a person has said that lost dossiers which it had decided go anew as well.
    """

    since: date
    until: date
    age: timedelta = YOUNG
    restored_to: datetime | None = None
    thorough: bool = False
    also_decided: bool = False
