"""What people have said of pairs: remembered for ever, and never asked again."""

from __future__ import annotations

from bridge.engine.house import House, Ministry
from bridge.engine.twins import decided_apart
from bridge.store.links import PARTED


def told_apart(house: House, ministry: Ministry) -> set[tuple[str, str]]:
    """Return the pairs (code, number) that a person has said are two.

    By a decision that a record is no dossier of ours, or by parting the two.
    """
    with house.store.read() as unit:
        parted = unit.links.of_state(ministry.name, PARTED)
        decided = decided_apart(unit, ministry)
    return decided | {(one.code, one.ref) for one in parted if one.ref is not None}
