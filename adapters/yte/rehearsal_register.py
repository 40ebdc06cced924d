"""The pretend ministry's register: its records, their versions and statuses, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.sdk.rehearsal_backup import Backup, copied, put_back
from bridge.sdk.rehearsal_paper import InventedPaper, invented_paper
from bridge.sdk.times import VIETNAM

from .rehearsal_rules import Reading, Refusal

__all__ = ["Entry", "Register", "as_paper"]

NATIONAL = {"MOI": 2, "THAMDINH": 4, "DUYET": 4, "BOSUNG": 5, "TUCHOI": 8, "DACAP": 9}
USUAL_WAY = {"MOI": "THAMDINH", "THAMDINH": "DUYET", "DUYET": "DACAP"}
CLOSED = frozenset({"DACAP", "TUCHOI"})
_HELD = ("entries", "_codes")


@dataclass(slots=True)
class Entry:
    """One record: what the dossier says, and the ministry's own count of its versions."""

    ref: str
    dossier: dict[str, Any]
    code: str | None = None
    sent: int = 0
    version: int = 1
    updates: int = 0
    supplemented: bool = False
    steps: list[dict[str, Any]] = field(default_factory=list)
    issued: list[dict[str, str]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The ministry's word for where the record stands."""
        return str(self.dossier["TrangThai"])

    def shown(self) -> dict[str, Any]:
        """Return the HoSo as the ministry writes it into ``di/``."""
        return {
            **self.dossier,
            "@phienBan": self.version,
            "MaHoSo": self.code,
            "SoTiepNhan": self.ref,
            "TepDinhKem": self.issued or None,
        }


class Register:
    """All records. Not thread-safe: the rehearsal holds one lock over it."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._codes: dict[str, Entry] = {}

    def receive(self, reading: Reading, at: datetime) -> Entry:
        """Enter what a file of ours says: a new record, or a new version of a known one.

        The same version again replaces; an older one than is known is refused.
        """
        code, number, dossier = reading
        entry = self._codes.get(code) or self._by_ref(dossier)
        if entry is None:
            entry = self._new(dossier, at)
        else:
            if number < entry.sent:
                raise Refusal("PHIEN_BAN_CU", "phienBan cũ hơn phiên bản đã nhận")
            entry.supplemented = entry.status == "BOSUNG" or entry.supplemented
            entry.dossier = self._kept(entry, dossier)
            entry.updates += 1
        entry.code, entry.sent = code, number
        self._codes[code] = entry
        return entry

    def file(self, dossier: dict[str, Any], at: datetime) -> Entry:
        """Enter a dossier that is keyed only here."""
        return self._new(dossier, at)

    def move(self, ref: str, status: str, note: str | None, at: datetime) -> Entry:
        """Give a record another status; DACAP brings the certificate's number."""
        if status not in NATIONAL:
            raise ValueError(f"{status} is not a status of the ministry")
        entry = self.entries[ref]
        entry.dossier = {**entry.dossier, "TrangThai": status, "LyDo": note}
        if status in CLOSED:
            entry.dossier["NgayKetThuc"] = f"{at.astimezone(VIETNAM):%Y%m%d%H%M%S}"
        if status == "DACAP":
            number = f"{int(ref.rpartition('-')[2]):06d}/BYT-CCHN"
            entry.dossier["SoChungChi"] = number
            lines = ("CHỨNG CHỈ HÀNH NGHỀ (MẪU)", f"Số {number}", f"Số tiếp nhận {ref}")
            _issue(entry, as_paper(invented_paper(f"{ref}.pdf", *lines)))
        entry.version += 1
        entry.supplemented = False
        _step(entry, at, note)
        return entry

    def issue(self, ref: str, paper: dict[str, str]) -> Entry:
        """Issue a file with a record, in a new version; one of its name makes way."""
        entry = self.entries[ref]
        _issue(entry, paper)
        entry.version += 1
        return entry

    def on_their_way(self) -> Iterator[tuple[str, str]]:
        """Yield ``(ref, next status)`` of every record that can move on by itself."""
        for ref, entry in self.entries.items():
            if entry.status in USUAL_WAY:
                yield ref, USUAL_WAY[entry.status]
            elif entry.status == "BOSUNG" and entry.supplemented:
                yield ref, "THAMDINH"

    def records(self) -> list[dict[str, Any]]:
        """Return one row a record; ``status`` is the national code."""
        return [
            {
                "ref": entry.ref,
                "code": entry.code,
                "status": NATIONAL[entry.status],
                "body": {name: v for name, v in entry.shown().items() if v is not None},
                "updates": entry.updates,
                "steps": list(entry.steps),
            }
            for entry in self.entries.values()
        ]

    def duplicates(self) -> list[str]:
        """Return the codes that more than one record has."""
        held = Counter(entry.code for entry in self.entries.values() if entry.code)
        return sorted(code for code, count in held.items() if count > 1)

    def backup(self) -> Backup:
        """Return what it holds now."""
        return copied(self, _HELD)

    def restore(self, backup: Backup) -> None:
        """Hold again what it held then."""
        put_back(self, backup)

    def _by_ref(self, dossier: Mapping[str, Any]) -> Entry | None:
        """Find a dossier that was keyed here first and comes back under the one-stop's code."""
        ref = dossier.get("SoTiepNhan")
        if not ref:
            return None
        if ref not in self.entries:
            raise Refusal("SAI_SoTiepNhan", "SoTiepNhan không có trong sổ")
        return self.entries[ref]

    def _new(self, dossier: dict[str, Any], at: datetime) -> Entry:
        ref = f"BYT-{at.astimezone(VIETNAM):%y}-{len(self.entries) + 1:06d}"
        entry = self.entries[ref] = Entry(ref, dict(dossier))
        _step(entry, at, None)
        return entry

    @staticmethod
    def _kept(entry: Entry, dossier: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the ministry's own words: what it decided is not the sender's to change."""
        own = ("TrangThai", "LyDo", "NgayKetThuc", "SoChungChi")
        kept = {name: entry.dossier[name] for name in own if name in entry.dossier}
        return {**{k: v for k, v in dossier.items() if k not in own}, **kept}


def as_paper(paper: InventedPaper) -> dict[str, str]:
    """Return a file as the contract shows it."""
    return {
        "@ten": paper.file_name,
        "@loai": paper.media_type,
        "@sha256": paper.sha256,
        "#text": paper.base64,
    }


def _issue(entry: Entry, paper: dict[str, str]) -> None:
    others = [one for one in entry.issued if one["@ten"] != paper["@ten"]]
    entry.issued = [*others, paper]


def _step(entry: Entry, at: datetime, note: str | None) -> None:
    entry.steps.append({"at": at.isoformat(), "status": entry.status, "note": note})
