"""The pretend ministry's register: dossiers by number, and what of them is not acknowledged."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

from bridge.sdk.rehearsal_backup import Backup, copied, put_back
from bridge.sdk.times import VIETNAM

__all__ = ["NATIONAL", "Entry", "Register"]

RECEIVED, ISSUED = "3", "5"
NATIONAL = {RECEIVED: 2, "4": 4, ISSUED: 9}
NAMES = {RECEIVED: "Đã tiếp nhận", "4": "Đang xử lý", ISSUED: "Đã cấp phiếu"}
USUAL_WAY = {RECEIVED: "4", "4": ISSUED}
_HELD = ("_entries", "_by_code")

Row = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One dossier. ``code`` is the one-stop's, ``None`` where it was filed at the department."""

    ref: str
    code: str | None
    forms: Mapping[str, Any]
    status: str = RECEIVED
    approved: str = ""
    issued: str = ""
    filed_listed: bool = False
    unacknowledged: list[Row] = field(default_factory=list)
    steps: list[tuple[str, datetime]] = field(default_factory=list)

    def shown(self) -> Row:
        """Return its status as the ministry tells it."""
        return {
            "DEC_STATUS_ID": int(self.status),
            "DEC_STATUS_NAME": NAMES[self.status],
            "APPROVE_DATE": self.approved,
            "ISSUE_DATE": self.issued,
        }


class Register:
    """All dossiers; every method may be called from several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = RLock()
        self._entries: dict[str, Entry] = {}
        self._by_code: dict[str, Entry] = {}

    def file(self, code: str, forms: Mapping[str, Any]) -> tuple[Entry, bool]:
        """File a dossier of the one-stop's, once; the entry, and whether it was there before."""
        with self._lock:
            if code in self._by_code:
                return self._by_code[code], True
            entry = self._by_code[code] = self._enter(code, forms)
            return entry, False

    def file_there(self, forms: Mapping[str, Any]) -> Entry:
        """File a dossier that only the ministry knows."""
        with self._lock:
            entry = self._enter(None, forms)
            entry.filed_listed = True
            return entry

    def move(self, ref: str, status: str, at: datetime | None = None) -> None:
        """Give a dossier a status; an issued certificate was approved the same day."""
        with self._lock:
            entry, when = self._entries[ref], at or self._now()
            entry.status = status
            if status == ISSUED:
                entry.approved = entry.issued = f"{when.astimezone(VIETNAM):%d/%m/%Y}"
            self._note(entry, when)

    def advance(self, limit: int | None) -> int:
        """Move dossiers one status on; return how many moved."""
        with self._lock:
            going = [one.ref for one in self._entries.values() if one.status in USUAL_WAY][:limit]
            for ref in going:
                self.move(ref, USUAL_WAY[self._entries[ref].status])
            return len(going)

    def of_code(self, code: Any) -> Entry | None:
        """Return the dossier with this idReceivedDec."""
        with self._lock:
            return self._by_code.get(str(code))

    def changes(self, most: int) -> list[Row]:
        """Return the status changes that are not acknowledged, the oldest dossiers first."""
        with self._lock:
            return [row for one in self._entries.values() for row in one.unacknowledged][:most]

    def filed_there(self, most: int) -> list[Entry]:
        """Return the dossiers filed there that are not acknowledged."""
        with self._lock:
            return [one for one in self._entries.values() if one.filed_listed][:most]

    def acknowledge(self, refs: Sequence[str], *, filed: bool) -> bool:
        """Stop listing dossiers, whatever has become of them; False when one is not known."""
        with self._lock:
            if any(ref not in self._entries for ref in refs):
                return False
            for ref in refs:
                entry = self._entries[ref]
                if filed:
                    entry.filed_listed = False
                else:
                    entry.unacknowledged.clear()
            return True

    def entries(self) -> list[Entry]:
        """Return all dossiers, the oldest first."""
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

    def _enter(self, code: str | None, forms: Mapping[str, Any]) -> Entry:
        ref = b64encode(f"MOJ-{len(self._entries) + 1:06d}".encode()).decode()
        entry = self._entries[ref] = Entry(ref, code, forms)
        self._note(entry, self._now())
        return entry

    def _note(self, entry: Entry, at: datetime) -> None:
        entry.steps.append((entry.status, at))
        row = {"DECLARATION_ID": entry.ref, "RECEIVE_NO": entry.code, **entry.shown()}
        entry.unacknowledged.append(row)
