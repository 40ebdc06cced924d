"""Adapters that each break one claim of the conformance kit, and keep all others.

They are the mistakes one makes: a cursor kept in memory, silence taken for no, a name in the text
of an error.
"""

from __future__ import annotations

from tests.contract import hostile_reading, hostile_writing
from tests.contract.hostile_desk import Honest

__all__ = ["HOSTILE"]

HOSTILE: tuple[type[Honest], ...] = tuple(
    one
    for room in (hostile_reading, hostile_writing)
    for one in vars(room).values()
    if isinstance(one, type) and issubclass(one, Honest) and one.breaks
)
