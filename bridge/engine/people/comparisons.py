"""What a person decides about a comparison: that it is applied, that its values are read."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.domain.comparison import Placed
from bridge.domain.dossier import is_open
from bridge.domain.reconcile import Different, FieldDifference
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision

MATTER = "reconcile"
_ENTRIES_AT_ONCE = 1_000


def applied(house: House, ministry: Ministry, decision: Decision, repairs: int) -> None:
    """Journal that a person had these repairs done; each repair has an entry of its own beside."""
    with house.store.write("reconcile") as unit:
        decision.journal(unit, MATTER, system=ministry.name, repairs=repairs)


def values_read(
    house: House, ministry: Ministry, decision: Decision, found: Iterable[Placed]
) -> None:
    """Journal of whom a person read values that are else masked."""
    codes: list[str] = []
    for one in found:
        if isinstance(one.finding, Different) and not all(map(_is_open, one.finding.fields)):
            codes.append(one.finding.code)
        if len(codes) == _ENTRIES_AT_ONCE:
            _note(house, ministry, decision, codes)
            codes = []
    if codes:
        _note(house, ministry, decision, codes)


def _is_open(field: FieldDifference) -> bool:
    return is_open(field.path, field.onestop, field.ministry)


def _note(house: House, ministry: Ministry, decision: Decision, codes: list[str]) -> None:
    with house.store.write("values read") as unit:
        for code in codes:
            decision.journal(unit, "values read", code=code, system=ministry.name)
