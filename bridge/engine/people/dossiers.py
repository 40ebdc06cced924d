"""What a person reads of a dossier that is else masked is in the journal before it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.engine.house import House
from bridge.engine.people.decision import Decision


def values_read(house: House, decision: Decision, code: str, fields: Sequence[str]) -> None:
    """Journal that a person read the values of these fields of a dossier."""
    if not fields:
        return
    with house.store.write("values read") as unit:
        decision.journal(unit, "values read", code=code, fields=list(fields))
