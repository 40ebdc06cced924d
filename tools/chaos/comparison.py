"""Both sides laid beside each other, dossier by dossier: what is lost, twice, or not the same."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import create_engine, text

Record: TypeAlias = Mapping[str, Any]
Held: TypeAlias = Mapping[str, Sequence[Record]]
"""What each ministry holds, by system, as ``Rehearsal.records`` has it."""

SECTOR_OF = {
    "1.002835": "gplx",
    "1.002809": "gplx",
    "1.003709": "yte",
    "2.000488": "lltp",
    "1.001193": "hotich",
    "2.001610": "dkkd",
}
"""Who holds the dossiers of a procedure, besides the portal that mirrors them all."""

_HANDED_OVER, _FINISHED = 10, 9

_NAMES: Mapping[str, Callable[[Any], Any]] = {
    "dvcqg": lambda body: body["ChuHoSo"],
    "gplx": lambda body: body["NguoiNop"]["HoTen"],
    "yte": lambda body: body["NguoiHanhNghe"]["HoTen"],
    "hotich": lambda body: body["nycHoTen"] or body["nksHoTen"],
    "lltp": lambda body: _declaration(body)["fullName"],
    "dkkd": lambda body: body["CONTACT_FULL_NAME"] or body["NAME"],
}


@dataclass(frozen=True)
class Office:
    """What the one-stop database holds: dossiers by code, statuses of their steps in order."""

    rows: Mapping[str, Mapping[str, Any]]
    steps: Mapping[str, Sequence[int]]


@dataclass
class Comparison:
    """What was found, each in a sentence with code and field names, never a value."""

    compared: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether both sides show the same."""
        return not (self.lost or self.twice or self.unlike)

    @property
    def findings(self) -> list[str]:
        """Everything that was found."""
        return [*self.lost, *self.twice, *self.unlike]


def look_at(url: str) -> Office:
    """Read the one-stop database at ``url``."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT code, procedure_code, status, applicant_name, ministry_ref FROM dossier"
            rows = [dict(row) for row in connection.execute(text(query)).mappings()]
            steps = "SELECT dossier_code, status FROM dossier_progress ORDER BY at, id"
            found: dict[str, list[int]] = defaultdict(list)
            for code, status in connection.execute(text(steps)):
                found[code].append(status)
    finally:
        engine.dispose()
    return Office({row["code"]: row for row in rows}, found)


def compare(office: Office, held: Held) -> Comparison:
    """Compare each dossier with its record at each of its systems, and each record with its dossier.

    A hand-over goes out to ``gplx`` alone: elsewhere the record stays finished.
    """
    result = Comparison(compared=len(office.rows))
    refs = Counter(row["ministry_ref"] for row in office.rows.values() if row["ministry_ref"])
    result.twice += [
        f"one-stop: {ref} was taken over {n} times" for ref, n in refs.items() if n > 1
    ]
    ours = {row["ministry_ref"]: code for code, row in office.rows.items()}
    filed: dict[str, dict[str, list[Record]]] = {name: defaultdict(list) for name in held}
    for name, records in held.items():
        for record in records:
            code = str(record["code"] or ours.get(record["ref"]) or record["ref"])
            filed[name][code].append(record)
        strange = filed[name].keys() - office.rows.keys()
        result.lost += [f"one-stop: {name} {code} is not there" for code in sorted(strange)]
    for code, row in office.rows.items():
        for name in _systems_of(row, held):
            _one(result, name, code, row, filed[name].get(code, []))
        portal = filed.get("dvcqg", {}).get(code, [])
        if len(portal) == 1:
            _steps(result, code, portal[0], office.steps.get(code, []))
    return result


def _systems_of(row: Mapping[str, Any], held: Held) -> Iterator[str]:
    sector = SECTOR_OF.get(row["procedure_code"])
    if "dvcqg" in held:
        yield "dvcqg"
    if sector in held and (sector != "dkkd" or row["ministry_ref"] is not None):
        yield str(sector)


def _one(
    result: Comparison, name: str, code: str, row: Mapping[str, Any], records: Sequence[Record]
) -> None:
    if not records:
        result.lost.append(f"{name}: {code} is not there")
        return
    if len(records) > 1:
        result.twice.append(f"{name}: {code} is there {len(records)} times")
        return
    (record,) = records
    status = row["status"]
    if status == _HANDED_OVER and name not in ("dvcqg", "gplx"):
        status = _FINISHED
    if record["status"] != status:
        result.unlike.append(f"{name}: {code} status {record['status']}, ours {row['status']}")
    if _plain(_NAMES[name](record["body"])) != _plain(row["applicant_name"]):
        result.unlike.append(f"{name}: {code} has another applicant")


def _steps(result: Comparison, code: str, record: Record, ours: Sequence[int]) -> None:
    shown = [int(step["TrangThai"]) for step in record["steps"]]
    if shown == list(ours):
        return
    more, fewer = Counter(shown) - Counter(ours), Counter(ours) - Counter(shown)
    if more:
        result.twice.append(f"dvcqg: {code} shows {shown}, ours {list(ours)}")
    elif fewer:
        result.lost.append(f"dvcqg: {code} shows {shown}, ours {list(ours)}")
    else:
        result.unlike.append(f"dvcqg: {code} shows {shown}, ours {list(ours)}")


def _declaration(body: Mapping[str, Any]) -> Any:
    return body.get("declarationWSForm") or body["declarationTraHoSoForm"]


def _plain(text_: Any) -> str:
    return unicodedata.normalize("NFC", str(text_)).strip()
