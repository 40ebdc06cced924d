"""What must hold once all is at rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bridge.domain import journal
from bridge.domain.dossier import Snapshot
from bridge.engine import code_lists, survey
from bridge.engine.house import House, Ministry
from bridge.mapping import MappingError
from tests.simulation.calm import a_round, moved
from tests.simulation.world import Process, World

NOT_COMPARED = {
    "gplx": {"TaiLieu", "TrangThai"},
    "dvcqg": {"TaiLieuNop", "DanhSachGiayToKetQua"},
    "lltp": {"idReceivedDec", "datePromissoryDec"},
    "hotich": {"module", "ngayTiepNhan"},
}
"""What a ministry keeps otherwise than it was sent, or not at all."""


def broken(world: World, last: Process) -> list[str]:
    """Return every invariant that does not hold."""
    before = moved(world)
    a_round(last, whole=True)
    found = [] if moved(world) == before else ["what is at rest moves when it is looked at"]
    return [*found, *_ledgers(world, last.house), *_sides(world, last.house)]


def _ledgers(world: World, house: House) -> Iterator[str]:
    """The bridge's own books: chain, sums, leases, notices."""
    rows = world.watch.rows
    now = int(house.now().timestamp() * 1000)
    with house.store.read() as unit:
        if (n := journal.verify(unit.journal.all())) is not None:
            yield f"the journal's chain breaks at entry {n}"
    entries = rows("SELECT detail FROM journal WHERE event = 'posted'")
    posted = sum(len(json.loads(detail).get("steps", "1")) for (detail,) in entries)
    ((there,),) = rows("SELECT count(*) FROM delivery")
    if posted != there:
        yield f"{posted} deliveries were posted, {there} are there"
    for one in survey.standings(house):
        if one.posted != one.confirmed + one.superseded + one.dropped + one.dead:
            yield f"{one.name}: the sum is not zero: {one}"
    yield from _left_over(world, now)


def _left_over(world: World, now: int) -> Iterator[str]:
    """What nobody will ever look at again."""
    rows = world.watch.rows
    for row in rows(
        "SELECT code, system, error_code, error_text FROM delivery WHERE state = 'dead'"
    ):
        yield f"a dead letter nobody caused: {row}"
    for row in rows("SELECT system, shard, owner FROM shard WHERE owner != '' AND until > ?", now):
        yield f"a lease is left: {row}"
    for row in rows("SELECT source, ref, reason FROM inbox"):
        yield f"a record is left: {row}"
    for row in rows("SELECT code, system, field, why FROM conflict WHERE resolved_at IS NULL"):
        yield f"a conflict nobody caused: {row}"
    for row in rows(
        "SELECT code, system, kind FROM notice WHERE resolved_at IS NULL AND severity = 'action'"
    ):
        yield f"a notice whose cause is gone stands: {row}"
    for row in rows("SELECT event, detail FROM journal WHERE detail LIKE '%unexpected%'"):
        yield f"an error nobody foresaw: {row}"
    told = {
        row["id"]
        for row in world.office.rows("SELECT id FROM dossier_notice WHERE resolved_at IS NULL")
    }
    for (one,) in rows("SELECT id FROM notice WHERE resolved_at IS NOT NULL"):
        if one in told:
            yield f"notice {one} is resolved, and stands in the one-stop"


def _sides(world: World, house: House) -> Iterator[str]:
    """Both sides show the same, each dossier once at each of its targets."""
    dossiers = {row["code"]: row for row in world.office.rows("SELECT * FROM dossier")}
    missing = set(world.office.codes) - set(dossiers)
    if missing:
        yield f"gone from the one-stop: {sorted(missing)}"
    for code, phone in world.office.phones.items():
        if (shown := dossiers.get(code, {}).get("applicant_phone")) != phone:
            yield f"one-stop: {code} has {shown}, the clerk keyed {phone} last"
    numbers = {row["ministry_ref"]: code for code, row in dossiers.items() if row["ministry_ref"]}
    snapshots = house.onestop.fetch(sorted(dossiers))
    for ministry in house.ministries.values():
        held = _held(world, ministry, numbers)
        for code in sorted(held.keys() - dossiers.keys()):
            yield f"{ministry.name}: {code} is not in the one-stop"
        for code, row in sorted(dossiers.items()):
            if ministry.takes(row["procedure_code"]):
                ours = snapshots[code]
                assert isinstance(ours, Snapshot)
                yield from _same(world, house, ministry, ours, held.get(code, []))


def _held(
    world: World, ministry: Ministry, numbers: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    held: dict[str, list[dict[str, Any]]] = {}
    for record in world.ministries[ministry.name].records():
        code = record["code"] or numbers.get(record["ref"], record["ref"])
        held.setdefault(code, []).append(record)
    return held


def _same(
    world: World, house: House, ministry: Ministry, ours: Snapshot, held: list[dict[str, Any]]
) -> Iterator[str]:
    where = f"{ministry.name}: {ours.code}"
    if len(held) != 1:
        yield f"{where} is there {len(held)} times"
        return
    (record,) = held
    if record["status"] != ours.get("status"):
        yield f"{where} has status {record['status']}, ours {ours.get('status')}"
    if not ministry.mirror and ours.get("ministry_ref") != record["ref"]:
        yield f"{where} has number {record['ref']}, ours {ours.get('ministry_ref')}"
    if ministry.mirror:
        yield from _steps(world, where, ours.code, record)
    if record["code"] is None:
        return  # keyed only there: it was never sent
    try:
        said = ministry.lens.lower(ours.fields, code_lists.at_hand(house, ministry)).body
    except MappingError as error:
        yield f"{where}: {error}"
        return
    yield from _differences(where, said, record["body"], NOT_COMPARED.get(ministry.name, set()))


def _differences(where: str, ours: Any, theirs: Any, but: set[str]) -> Iterator[str]:
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name, value in ours.items():
            if name not in but:
                yield from _differences(f"{where} {name}", value, theirs.get(name), but)
    elif (ours or None) != (theirs or None) and str(ours) != str(theirs):
        yield f"{where}: ours {ours!r}, theirs {theirs!r}"


def _steps(world: World, where: str, code: str, record: Mapping[str, Any]) -> Iterator[str]:
    query = "SELECT status FROM dossier_progress WHERE dossier_code = ? ORDER BY at, id"
    ours = [row["status"] for row in world.office.rows(query, code)]
    shown = [int(one["TrangThai"]) for one in record["steps"]]
    if ours != shown:
        yield f"{where} shows the steps {shown}, ours {ours}"
