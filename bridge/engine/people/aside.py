"""Records that were set aside: why, and how they are taken in after all once the cause is mended."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bridge.engine.house import ONESTOP, House
from bridge.engine.people.decision import Decision
from bridge.store import SetAside


def all_of(house: House) -> list[SetAside]:
    """Return every record that is set aside, the one-stop's among them, the oldest first."""
    with house.store.read() as unit:
        return unit.inbox.all_set_aside()


def chosen(
    records: Sequence[SetAside], sources: Collection[str], ids: Collection[int]
) -> list[SetAside]:
    """Return those of these sources and with these numbers."""
    return [one for one in records if one.source in sources or one.id in ids]


def release(house: House, records: Sequence[SetAside], decision: Decision) -> list[SetAside]:
    """Let records be worked again, as if they had just come; returns those that were.

    What was taken in or released since it was shown stays as it is, and so does what could not
    even be read. One that fails again is set aside again.
    """
    with house.store.write("release") as unit:
        ids = unit.inbox.release([one.id for one in records if one.kept])
        released = [one for one in records if one.id in ids]
        for one in released:
            code = one.ref if one.source == ONESTOP else None
            decision.journal(unit, "release", code=code, system=one.source, ref=one.ref)
    for source in {one.source for one in released}:
        house.wake(source)
    return released
