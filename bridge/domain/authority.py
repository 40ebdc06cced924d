"""Who owns a field: the side whose word stands when both have changed it.

Owner of the values of ``status``: contracts/systems.md, "Field authority".
"""

from __future__ import annotations

from enum import StrEnum


class Owner(StrEnum):
    """The side whose value of a field wins."""

    ONESTOP = "onestop"
    MINISTRY = "ministry"
    BY_STATUS = "by_status"
    """The field is the status: the owner depends on the value."""
    NOBODY = "none"
    """When both changed it, a person decides."""


#: The statuses that only the sector ministry may set; the counter sets the others.
MINISTRY_STATUSES = frozenset({4, 5, 6, 8, 9})


def status_owner(status: int) -> Owner:
    """Return who may set ``status``: the ministry works, the counter receives and hands over."""
    return Owner.MINISTRY if status in MINISTRY_STATUSES else Owner.ONESTOP
