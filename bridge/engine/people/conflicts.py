"""Conflicts of fields, decided: whose value stands, or another that a person keys.

No second way of writing: what a person decides is kept with the link as a ``Ruling`` on the two
values it was decided about, and the rooms that send and take in follow it. Only another value is
written here, into the one-stop first and under its row's stamp; from there it goes out like any
change. What a decision comes to is ``verdicts``; a ministry's records are ``record_conflicts``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bridge.domain.decide import TAKEN_BACK, Ruling, Take, shown_of
from bridge.domain.dossier import Json, Snapshot, is_open
from bridge.domain.said import Said
from bridge.domain.status import reopening
from bridge.domain.supplements import ready
from bridge.engine import capture, clerk
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.people import record_conflicts
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.engine.people.verdicts import STATUS, Table, Verdict, verdict
from bridge.engine.weighing import agreed, flying_state, look_again
from bridge.sdk.onestop import Amendment, Moved, OneStopChange, OneStopFault
from bridge.store import Conflict, Unit
from bridge.store.links import OPEN

TRIES = 5
"""How often a decision is made anew because a side moved meanwhile."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a conflict: ``does`` says it to whoever decided, ``id`` is what they called it."""

    id: int
    code: str
    system: str
    field: str
    does: Said


def conflicts(house: House, systems: Collection[str]) -> list[Conflict]:
    """Return the open conflicts of these systems, oldest first."""
    with house.store.read() as unit:
        return [one for one in unit.conflicts.all_open() if one.system in systems]


def values_read(house: House, decision: Decision, found: Sequence[Conflict]) -> None:
    """Journal that a person read the values of these conflicts that are else masked."""
    personal = [one for one in found if not is_open(one.field, one.onestop, one.ministry)]
    if not personal:
        return
    with house.store.write("values read") as unit:
        for one in personal:
            decision.journal(unit, "values read", code=one.code, system=one.system, field=one.field)


def resolve(
    house: House, decision: Decision, conflict_id: int, take: str, ref: str | None = None
) -> Resolved:
    """Decide a conflict: ``onestop``, ``ministry``, or the value to write on both sides.

    ``ref`` says which record is meant, where it asks about several that look like one dossier.

    Raises:
        Refusal: it can't be decided so; what to do instead is said.
        OneStopFault: the one-stop database can't be used.
    """
    for _ in range(TRIES):
        with house.store.read() as unit:
            conflict = record_conflicts.meant(unit, _open(unit, conflict_id), take, ref)
        ministry = _ministry(house, conflict)
        if conflict.why in record_conflicts.WHYS:
            does = record_conflicts.resolve(house, decision, ministry, conflict, take)
            return _resolved(conflict_id, conflict, does)
        table = _table(house, ministry, conflict)
        found = verdict(table, take)
        row = _key(house, table, found)
        if row is not None and _commit(house, decision, table, found, row):
            return _resolved(conflict_id, conflict, found.does)
    said = Said("the dossier {code} keeps moving; try again in a moment", code=conflict.code)
    raise Refusal(said, moved=True)


def _resolved(number: int, conflict: Conflict, does: Said) -> Resolved:
    return Resolved(number, conflict.code, conflict.system, conflict.field, does)


def _open(unit: Unit, conflict_id: int) -> Conflict:
    conflict = unit.conflicts.by_id(conflict_id)
    if conflict is None:
        raise Refusal(Said("there is no conflict {id}", id=conflict_id))
    if conflict.resolved_at is not None:
        how = Said(conflict.resolution or "-")
        raise Refusal(Said("conflict {id} is over: {how}", id=conflict_id, how=how), moved=True)
    return conflict


def _ministry(house: House, conflict: Conflict) -> Ministry:
    found = house.ministries.get(conflict.system)
    if found is None:
        raise Refusal(Said("the system {system} is not switched on", system=conflict.system))
    return found


def _table(house: House, ministry: Ministry, conflict: Conflict) -> Table:
    row = house.onestop.fetch([conflict.code]).get(conflict.code)
    with house.store.read() as unit:
        link = unit.links.of_codes([conflict.code]).get((conflict.code, conflict.system))
        line = unit.outbox.open_of_links([link.id] if link else [])
    if link is None or link.state != OPEN or not isinstance(row, Snapshot):
        said = Said(
            "{code} can't be compared with {system} now: its row is gone or can't be read, or it is "
            "linked no more; look with: dossier-bridge dossier {code}",
            code=conflict.code,
            system=conflict.system,
        )
        raise Refusal(said)
    flying = flying_state(line.get(link.id, []))
    base, theirs = agreed(ministry, link.base, link.theirs, flying)
    mine = ministry.lens.project(ready(row.fields, base))
    path, incoming = conflict.field, ministry.lens.incoming
    shown = shown_of(path, base, theirs, incoming)
    if conflict.why == TAKEN_BACK:  # its record may be worked only in a moment
        shown = conflict.ministry
    return Table(ministry, conflict, link, row, base, theirs, mine.get(path), shown)


def _key(house: House, table: Table, found: Verdict) -> Snapshot | None:
    """Write a keyed value into the one-stop; ``None`` when the row moved meanwhile."""
    if not found.keyed or found.value == table.here:
        return table.row
    change = OneStopChange({table.path: found.value})
    [became] = house.onestop.apply([Amendment(table.row.code, change, table.row.stamp)])
    match became:
        case Moved():
            return None
        case OneStopFault():
            raise became
        case Snapshot():
            return became


def _commit(house: House, decision: Decision, table: Table, found: Verdict, row: Snapshot) -> bool:
    """Keep the decision, in one transaction; False when the link moved meanwhile."""
    conflict, link = table.conflict, table.link
    with house.store.write("conflict resolved") as unit:
        now = unit.links.by_ids([link.id], lock=True)[link.id]
        _open(unit, conflict.id)
        if (now.base, now.theirs) != (link.base, link.theirs):
            return False
        kept = {**(now.rulings or {}), **_as_kept(table.path, found.ruling)}
        stubborn = {path: n for path, n in now.stubborn.items() if path != table.path}
        unit.links.change(link.id, rulings=kept or None, stubborn=stubborn)
        unit.conflicts.close(conflict.code, conflict.system, table.path, found.how)
        decision.journal(
            unit,
            f"conflict: {found.how}",
            code=conflict.code,
            system=conflict.system,
            conflict=conflict.id,
            field=table.path,
        )
        kind = f"{clerk.CONFLICT}:{table.path}"
        clerk.resolved(unit, conflict.code, conflict.system, kind)
        if found.ruling is not None and found.ruling.take is Take.MINISTRY:
            unit.inbox.add([look_again(now, f"ruled:{conflict.id}")])
            _reopened(unit, house, table)
        else:
            _compare_again(unit, table.row, row)
    house.wake(ONESTOP)
    house.wake(conflict.system)
    return True


def _as_kept(path: str, ruling: Ruling | None) -> Mapping[str, Mapping[str, Json]]:
    if ruling is None:
        return {}
    return {path: {"ours": ruling.ours, "theirs": ruling.theirs, "take": ruling.take.value}}


def _compare_again(unit: Unit, before: Snapshot, row: Snapshot) -> None:
    """Have a dossier compared with every system anew.

    A newer state of it that waits, or that capture is to read, does that by itself.
    """
    known = unit.dossiers.known([row.code]).get(row.code)
    read = known is not None and known.content_hash in {before.content_hash, row.content_hash}
    if read and row.code not in unit.inbox.refs(ONESTOP, [row.code]):
        unit.inbox.add([capture.as_arrival(row)])
        capture.remember(unit, [row])


def _reopened(unit: Unit, house: House, table: Table) -> None:
    """Have a reopening that a person confirms shown by the mirrors too, without asking again."""
    if table.path != STATUS or not reopening(_int(table.here), _int(table.there) or 0):
        return
    links = unit.links.of_codes([table.link.code], lock=True)
    for ministry in house.ministries.values():
        link = links.get((table.link.code, ministry.name))
        if link is None or not ministry.mirror or link.base is None:
            continue
        ruling = Ruling(table.there, table.here, Take.ONESTOP)
        kept = {**(link.rulings or {}), **_as_kept(STATUS, ruling)}
        unit.links.change(link.id, rulings=kept)


def _int(status: Json) -> int | None:
    return status if isinstance(status, int) else None
