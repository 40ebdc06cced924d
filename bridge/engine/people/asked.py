"""What a person is asked: one question of a dossier and a system, however many records look like it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bridge.engine import clerk
from bridge.store import Conflict


@dataclass(frozen=True, slots=True)
class Question:
    """A conflict, and the numbers of the records it is about, where it is about records.

    Of those that look like one dossier the last conflict stands for all: by its number is decided about
    those that came before it, each by its own or all of them, and whoever does has seen nothing of what
    comes later. ``since`` the first of them waits; the numbers come in the order in which they were asked
    about.
    """

    conflict: Conflict
    since: datetime
    records: tuple[str, ...] = ()


def questions(found: Iterable[Conflict]) -> list[Question]:
    """Return what a person is asked by some open conflicts, in their order: the oldest first."""
    groups: dict[tuple[str, str, int], list[Conflict]] = {}
    for one in found:
        about = 0 if one.why == clerk.ALIKE else one.id
        groups.setdefault((one.code, one.system, about), []).append(one)
    return [
        Question(
            max(some, key=lambda one: one.id),
            min(one.since for one in some),
            tuple(ref for one in some for ref in _records(one)),
        )
        for some in groups.values()
    ]


def _records(one: Conflict) -> list[str]:
    if one.why == clerk.ALIKE:
        return [clerk.paired_ref(one.field)]
    several = one.ministry if one.why == clerk.TWICE else None
    return [str(ref) for ref in several] if isinstance(several, list) else []
