"""The pretend ministry's register: records by number, and the account of every change to them.

Nothing here refuses a second dossier with the same code: that is the ministry's way, and why a
lost answer must be asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import RLock
from typing import Any

from bridge.sdk.rehearsal_backup import Backup, copied, put_back
from bridge.sdk.times import VIETNAM, instant

from .rehearsal_papers import licence, with_paper

__all__ = ["NATIONAL", "Entry", "Register", "Row"]

NATIONAL = {"TN": 2, "XL": 4, "BS": 5, "TC": 8, "CP": 9, "TR": 10, "HUY": 7}
FIRST_VERSION = 2**40
"""The version before the first change: past 32 bits, so that nobody takes it for an ``int``."""

USUAL_WAY = {"TN": "XL", "XL": "CP"}
_HELD = ("_entries", "_by_code", "_log")

Body = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One record. ``body`` is replaced at every change, never changed in place."""

    ref: str
    body: Body
    version: int = 0
    updates: int = 0
    brought: bool = False
    steps: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The TrangThai it holds."""
        return str(self.body["TrangThai"])

    @property
    def received(self) -> date:
        """The day of NgayTiepNhan in Hanoi."""
        at = instant(self.body["NgayTiepNhan"])
        return at.astimezone(VIETNAM).date() if at else date.min


@dataclass(frozen=True, slots=True)
class Row:
    """One change: the record as it was right after it."""

    version: int
    at: datetime
    body: Body


class Register:
    """All records; every method may be called from several threads."""

    def __init__(self, now: Callable[[], datetime], *, uppercase_names: bool) -> None:
        self._now = now
        self._uppercase_names = uppercase_names
        self._lock = RLock()
        self._entries: dict[str, Entry] = {}
        self._by_code: defaultdict[str, list[Entry]] = defaultdict(list)
        self._log: list[Row] = []

    def file(self, dossier: Mapping[str, Any]) -> str:
        """Make a new record, also where one with this code is there; return its SoTiepNhan."""
        with self._lock:
            now = self._now()
            ref = f"GPLX-{now:%y}-{len(self._entries) + 1:07d}"
            entry = Entry(ref, {})
            self._entries[ref] = entry
            self._put(entry, {**dossier, "SoTiepNhan": ref, "TrangThai": "TN"}, now)
            return ref

    def replace(self, ref: str, dossier: Mapping[str, Any]) -> int:
        """Replace a record as a whole: what is absent is cleared, but for number and status."""
        with self._lock:
            entry = self._entries[ref]
            entry.updates += 1
            entry.brought = True
            status = dossier.get("TrangThai") or entry.status
            self._put(entry, {**dossier, "SoTiepNhan": ref, "TrangThai": status}, self._now())
            return entry.version

    def move(self, ref: str, status: str, note: str | None, at: datetime | None) -> None:
        """Give a record a status, as the ministry's officer does; ``note`` is GhiChu."""
        with self._lock:
            entry, when = self._entries[ref], at or self._now()
            body = {**entry.body, "TrangThai": status}
            if note is not None:
                body["GhiChu"] = note
            if status == "CP":
                body["SoGPLXMoi"] = f"{36 * 10**10 + int(ref[-7:]):012d}"
                body["NgayHoanThanh"] = when.isoformat(timespec="seconds")
                body = with_paper(body, licence(ref, body["SoGPLXMoi"]))
            entry.brought = False
            self._put(entry, body, when)

    def issue(self, ref: str, paper: Body) -> None:
        """Add a file to a record; one of its TenTep makes way."""
        with self._lock:
            entry = self._entries[ref]
            self._put(entry, with_paper(entry.body, paper), self._now())

    def advance(self, limit: int | None) -> int:
        """Move records one status on; one whose papers were asked for waits until they came."""
        with self._lock:
            going = [(e.ref, _next(e)) for e in self._entries.values()]
            on_their_way = [(ref, status) for ref, status in going if status][:limit]
            for ref, status in on_their_way:
                self.move(ref, status, None, None)
            return len(on_their_way)

    def entry(self, ref: str) -> Entry | None:
        """Return a record as it is now."""
        with self._lock:
            return self._entries.get(ref)

    def with_code(self, code: str) -> list[Entry]:
        """Return every record with this MaHoSoMotCua, the oldest first."""
        with self._lock:
            return list(self._by_code.get(code, ()))

    def changes(self, after: int, count: int) -> tuple[list[Row], bool]:
        """Return up to ``count`` changes after a version, and whether there are more."""
        with self._lock:
            start = max(0, after - FIRST_VERSION)
            rows = self._log[start : start + count]
            return rows, len(self._log) > start + len(rows)

    def received(self, since: date, until: date, page: int, size: int) -> tuple[list[Body], bool]:
        """Return a page (from 1) of what was received on these days, by number."""
        with self._lock:
            found = [e.body for e in self._entries.values() if since <= e.received <= until]
        start = (page - 1) * size
        return found[start : start + size], len(found) > start + size

    def entries(self) -> Iterable[Entry]:
        """Return all records, the oldest first."""
        with self._lock:
            return list(self._entries.values())

    def backup(self) -> Backup:
        """Return what it holds now."""
        with self._lock:
            return copied(self, _HELD)

    def restore(self, backup: Backup) -> None:
        """Hold again what it held then."""
        with self._lock:
            put_back(self, backup)

    def _put(self, entry: Entry, body: Body, at: datetime) -> None:
        if self._uppercase_names:
            person = body["NguoiNop"]
            body["NguoiNop"] = {**person, "HoTen": person["HoTen"].upper()}
        before, code = entry.body.get("MaHoSoMotCua"), body.get("MaHoSoMotCua")
        if before != code:
            if before:
                self._by_code[before].remove(entry)
            if code:
                self._by_code[code].append(entry)
        if entry.body.get("TrangThai") != body["TrangThai"]:
            entry.steps.append((body["TrangThai"], at))
        entry.body, entry.version = body, FIRST_VERSION + len(self._log) + 1
        self._log.append(Row(entry.version, at, body))


def _next(entry: Entry) -> str | None:
    if entry.status == "BS":
        return "XL" if entry.brought else None
    return USUAL_WAY.get(entry.status)
