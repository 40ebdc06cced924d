"""The pretend ministry's register of births: records by number, and the days they changed.

A ``maHoSo`` that is known is replaced, whatever state it is in; one whose papers were asked for
waits to be looked at again. A registration made there has no ``maHoSo``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import RLock
from typing import Any

from bridge.sdk.rehearsal_backup import Backup, copied, put_back
from bridge.sdk.times import VIETNAM

__all__ = ["NATIONAL", "Entry", "Register"]

NATIONAL = {1: 2, 2: 5, 3: 4, 4: 9}
RECEIVED, ASKED, SETTLED, REGISTERED = 1, 2, 3, 4
USUAL_WAY = {RECEIVED: SETTLED, SETTLED: REGISTERED}
PAGES_A_BOOK = 100
FIRST = 91
_HELD = ("_entries",)

Fields = Mapping[str, str]


@dataclass(slots=True)
class Entry:
    """One record; ``entry`` is its place in the register, empty before it has one."""

    id: int
    code: str | None
    fields: Fields
    changed: datetime
    status: int = RECEIVED
    note: str | None = None
    updates: int = 0
    gone: bool = False
    entry: Mapping[str, str] = field(default_factory=dict)
    steps: list[tuple[int, datetime]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Return the record as ``traHoSo`` shows it."""
        place = {name: self.entry.get(name) for name in ("so", "quyenSo", "trangSo", "ngayDangKy")}
        own = {"id": self.id, "maHoSo": self.code, "trangThai": self.status}
        return {**self.fields, **own, **place}


class Register:
    """All records; every method may be called from several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = RLock()
        self._entries: dict[int, Entry] = {}

    def put(self, code: str, fields: Fields) -> None:
        """File a dossier, or replace the one that is there under its code."""
        with self._lock:
            held = self.with_code(code)
            if held is None:
                self._new(code, fields)
                return
            held.fields, held.changed = fields, self._now()
            held.updates += 1
            if held.status == ASKED:
                self._set(held, RECEIVED, None, held.changed)

    def file(self, fields: Fields) -> int:
        """Register something that came without the one-stop; return its number."""
        with self._lock:
            return self._new(None, fields).id

    def move(self, number: int, status: int, note: str | None, at: datetime | None) -> None:
        """Give a record a state, as an officer does; ``note`` says what is asked for."""
        with self._lock:
            self._set(self._entries[number], status, note, at or self._now())

    def amend(self, number: int, fields: Mapping[str, str | None]) -> None:
        """Change fields of a record, as an officer does; None takes one away."""
        with self._lock:
            held = self._entries[number]
            kept = {**held.fields, **fields}
            held.fields = {name: value for name, value in kept.items() if value is not None}
            held.changed = self._now()

    def take_away(self, number: int) -> None:
        """Show a record no more; it is still listed, as one that changed."""
        with self._lock:
            self._entries[number].gone = True

    def advance(self, limit: int | None) -> int:
        """Move records one state on; one whose papers were asked for waits until they came."""
        with self._lock:
            going = [one for one in self._entries.values() if one.status in USUAL_WAY][:limit]
            for one in going:
                self._set(one, USUAL_WAY[one.status], None, self._now())
            return len(going)

    def get(self, number: int) -> Entry | None:
        """Return the record with this number."""
        with self._lock:
            held = self._entries.get(number)
            return None if held is None or held.gone else held

    def with_code(self, code: str) -> Entry | None:
        """Return the record with this dossier code."""
        with self._lock:
            return next((one for one in self._entries.values() if one.code == code), None)

    def changed_since(self, day: date) -> list[Entry]:
        """Return what was created or changed on or after a day of Hanoi."""
        with self._lock:
            return [
                one
                for one in self._entries.values()
                if one.changed.astimezone(VIETNAM).date() >= day
            ]

    def entries(self) -> list[Entry]:
        """Return all records, the oldest first."""
        with self._lock:
            return list(self._entries.values())

    def twice(self) -> list[str]:
        """Return what stands there twice: a code, or a child of one mother (by a record's code)."""
        with self._lock:
            codes = Counter(one.code for one in self._entries.values() if one.code)
            seen: dict[tuple[str | None, ...], Entry] = {}
            found = {code for code, count in codes.items() if count > 1}
            for one in self._entries.values():
                names = ("nksHoTen", "nksNgaySinh", "meHoTen", "meSoGiayTo")
                first = seen.setdefault(tuple(one.fields.get(name) for name in names), one)
                if first is not one:
                    found.add(one.code or first.code or str(one.id))
            return sorted(found)

    def backup(self) -> Backup:
        """Return what it holds now."""
        with self._lock:
            return copied(self, _HELD)

    def restore(self, backup: Backup) -> None:
        """Hold again what it held then."""
        with self._lock:
            put_back(self, backup)

    def _new(self, code: str | None, fields: Fields) -> Entry:
        now = self._now()
        made = Entry(FIRST + len(self._entries), code, fields, now)
        made.steps.append((RECEIVED, now))
        self._entries[made.id] = made
        return made

    def _set(self, entry: Entry, status: int, note: str | None, at: datetime) -> None:
        if status != entry.status:
            entry.steps.append((status, at))
        entry.status, entry.note, entry.changed = status, note, at
        if status == REGISTERED and not entry.entry:
            number = sum(bool(one.entry) for one in self._entries.values())
            entry.entry = {
                "so": str(number + 1),
                "quyenSo": f"{number // PAGES_A_BOOK + 1:02d}/{at.astimezone(VIETNAM):%Y}",
                "trangSo": str(number % PAGES_A_BOOK + 1),
                "ngayDangKy": f"{at.astimezone(VIETNAM):%d/%m/%Y}",
            }
