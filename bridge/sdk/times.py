"""Instants as ministries write them: with an offset, or by the clock on the wall in Hanoi."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

__all__ = ["VIETNAM", "instant"]

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Every wall-clock time of a ministry is of this zone (contracts/systems.md)."""


def instant(text: str | None) -> datetime | None:
    """Return an ``xs:dateTime`` as an aware time; without an offset it is Hanoi's.

    None when there is none, or none that Python can hold.
    """
    try:
        read = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)
