"""Instants as ministries write them: with an offset, or by the clock on the wall in Hanoi."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

__all__ = ["VIETNAM", "instant", "moment"]

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Every wall-clock time of a ministry is of this zone (contracts/systems.md)."""


def instant(text: str | None) -> datetime | None:
    """Return an ``xs:dateTime`` as an aware time; without an offset it is Hanoi's.

    None when there is none, or none that Python can hold.
    """
    try:
        return moment((text or "").strip(), "iso")
    except ValueError:
        return None


def moment(text: str, form: str) -> datetime:
    """Return a time of a form (``iso``, or one of ``strptime``) as an aware one, like ``instant``.

    Raises:
        ValueError: it is not of the form.
    """
    read = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 - made aware below
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)
