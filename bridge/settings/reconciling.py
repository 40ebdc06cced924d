"""When both sides are compared unasked, how far back, and what may be repaired of it."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from bridge.settings.forms import Clock, Closed

__all__ = ["WEEKDAYS", "Reconcile"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_Days = Annotated[int, Field(ge=1, le=36500)]
_Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_Action = Literal["capture", "take_in", "send_again", "send_anew"]


class Reconcile(Closed):
    """The nightly comparison of both sides."""

    nightly: bool = Field(
        default=True,
        description="Compare every night, system by system; a night that differs opens an alert. "
        "Only while a system may be called: else as soon as it may.",
        examples=[True],
    )
    at: Clock = Field(default="01:30", description="From when on, local time.", examples=["01:30"])
    days: _Days = Field(
        default=30, description="How many days of reception are compared.", examples=[30]
    )
    weekly_days: _Days = Field(
        default=365,
        description="How many days are compared once a week, in the night of weekly_on.",
        examples=[365],
    )
    weekly_on: _Weekday = Field(
        default="sunday", description="The day of the longer look.", examples=["sunday"]
    )
    apply: bool = Field(
        default=False,
        description="Have repaired unasked what differs, as far as actions allows.",
        examples=[False],
    )
    actions: tuple[_Action, ...] = Field(
        default=("capture", "take_in"),
        description="What may be done unasked: capture (post a dossier the bridge has not read), "
        "take_in (work a record the feed did not show), send_again (what the ministry lacks of a "
        "dossier), send_anew (a dossier it shows no more).",
        examples=[["capture", "take_in"]],
    )
    keep_days: _Days = Field(
        default=30,
        description="For how many days it is kept which dossiers differed, at most until the next "
        "comparison. Totals are kept for ever.",
        examples=[30],
    )

    @property
    def begins(self) -> time:
        """The local time of the nightly comparison."""
        return time.fromisoformat(self.at)
