"""A person's pause is obeyed before the next call, in every process: here it is looked at.

A call that is under way ends normally. While a system answers as fast as we compute, a look before
each call would cost a good part of it, so there is one at most every ``LOOK_EVERY``.
"""

from __future__ import annotations

from datetime import timedelta

from bridge.engine.house import House, Ministry
from bridge.store import Unit
from bridge.store.systems import PAUSED

LOOK_EVERY = timedelta(milliseconds=20)
"""Shorter than a call of any ministry that is not on this machine."""


def is_paused(unit: Unit, ministry: Ministry) -> bool:
    """Tell whether a person has paused the system, inside a transaction of the caller's."""
    return unit.systems.of(ministry.name).state == PAUSED


def paused(house: House, ministry: Ministry) -> bool:
    """Tell whether a person has paused the system: no call is made then, whatever it is for."""
    with house.store.glance() as unit:
        return is_paused(unit, ministry)


class Watch:
    """Watches for a pause while the calls of a turn are made; begins where it was just looked at.

    ``sending``: for the system being set back to a stage that sends nothing, as well.
    """

    def __init__(self, house: House, ministry: Ministry, *, sending: bool = False) -> None:
        self._house, self._ministry, self._sending = house, ministry, sending
        self._looked = house.now()

    def paused(self) -> bool:
        """Tell whether the system was paused meanwhile."""
        now = self._house.now()
        if now - self._looked < LOOK_EVERY:
            return False
        self._looked = now
        with self._house.store.glance() as unit:
            brake = unit.systems.of(self._ministry.name)
        halted = self._sending and brake.stage is not None and not brake.stage.sends
        return halted or brake.state == PAUSED
