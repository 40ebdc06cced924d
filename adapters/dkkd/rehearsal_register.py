"""The pretend ministry's register: dossiers by number, and what became of them when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from threading import RLock
from typing import Any

from bridge.sdk.rehearsal_backup import Backup, copied, put_back
from bridge.sdk.times import VIETNAM

__all__ = ["NATIONAL", "TODAY_FIELDS", "WHOLE_FIELDS", "Entry", "Register"]

NATIONAL = {"TIEP_NHAN": 2, "DANG_XU_LY": 4, "BO_SUNG": 5, "TU_CHOI": 8, "CAP_GCN": 9}
USUAL_WAY = {"TIEP_NHAN": "DANG_XU_LY", "DANG_XU_LY": "CAP_GCN"}
_HELD = ("_entries",)

TODAY_FIELDS = (
    "IN_JOURNAL_NO", "DOCUMENT_TYPE", "ENTERPRISE_GDT_CODE", "NAME", "SITE_ID", "PROCESS_STATUS",
    "PROCESSED_DATE", "DOSSIER_NO",
)  # fmt: skip
WHOLE_FIELDS = (
    *TODAY_FIELDS, "RECEIPT_DATE", "PLAN_DATE", "SUPPLEMENT_DATE", "REGISTRATION_DATE",
    "CONTACT_FULL_NAME", "CONTACT_ID_NO", "CONTACT_PHONE", "CONTACT_EMAIL", "CONTACT_ADDRESS",
)  # fmt: skip

Row = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One dossier; ``row`` is replaced at every change, never changed in place."""

    ref: str
    row: Row
    received: datetime
    processed: datetime
    steps: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Its PROCESS_STATUS."""
        return str(self.row["PROCESS_STATUS"])


class Register:
    """All dossiers; every method may be called from several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = RLock()
        self._entries: dict[str, Entry] = {}

    def today(self) -> date:
        """Return the day it is at the ministry."""
        return self._now().astimezone(VIETNAM).date()

    def file(self, given: Mapping[str, Any]) -> str:
        """Take a dossier; return its IN_JOURNAL_NO.

        Raises:
            ValueError: ``given`` has a field the contract does not know.
        """
        strange = sorted(given.keys() - set(WHOLE_FIELDS))
        if strange:
            raise ValueError(f"no such field: {', '.join(strange)}")
        with self._lock:
            now = self._now().astimezone(VIETNAM)
            ref = f"DN-{now:%y}-{len(self._entries) + 1:07d}"
            row = dict.fromkeys(WHOLE_FIELDS) | {"IN_JOURNAL_NO": ref}
            row |= {"RECEIPT_DATE": _text(now), "PLAN_DATE": _text(now + timedelta(days=3))}
            self._entries[ref] = Entry(ref, row, now, now)
            self.move(ref, "TIEP_NHAN", now)
            self._entries[ref].row |= given
            return ref

    def move(self, ref: str, status: str, at: datetime | None) -> None:
        """Give a dossier a status; a certificate has a number and a day."""
        with self._lock:
            entry, when = self._entries[ref], (at or self._now()).astimezone(VIETNAM)
            row = {**entry.row, "PROCESS_STATUS": status, "PROCESSED_DATE": _text(when)}
            if status == "BO_SUNG":
                row["SUPPLEMENT_DATE"] = _text(when)
            if status == "CAP_GCN":
                row["ENTERPRISE_GDT_CODE"] = f"{36 * 10**8 + int(ref[-7:]):010d}"
                row["REGISTRATION_DATE"] = _text(when)
            entry.row, entry.processed = row, when
            entry.steps.append((status, when))

    def advance(self, limit: int | None) -> int:
        """Move dossiers one status on; one whose papers were asked for waits for them."""
        with self._lock:
            going = [one for one in self._entries.values() if one.status in USUAL_WAY][:limit]
            for one in going:
                self.move(one.ref, USUAL_WAY[one.status], None)
            return len(going)

    def entries(self) -> list[Entry]:
        """Return all dossiers, the oldest first."""
        with self._lock:
            return list(self._entries.values())

    def processed_today(self, since: time, until: time) -> list[Row]:
        """Return today's part of what was processed today between two minutes, both included."""
        with self._lock:
            today = self.today()
            found = [
                one
                for one in self._in_order()
                if one.processed.date() == today
                and since <= one.processed.time().replace(second=0, microsecond=0) <= until
            ]
        return [{name: one.row[name] for name in TODAY_FIELDS} for one in found]

    def of_days(self, first: date, last: date) -> list[Row]:
        """Return what was received or processed on these days, both included."""
        with self._lock:
            return [
                dict(one.row)
                for one in self._in_order()
                if first <= one.received.date() <= last or first <= one.processed.date() <= last
            ]

    def one(self, ref: str) -> list[Row]:
        """Return today's part of one dossier, in a list of one; empty when there is none."""
        with self._lock:
            found = self._entries.get(ref)
        return [] if found is None else [{name: found.row[name] for name in TODAY_FIELDS}]

    def enterprise(self, code: str) -> Row | None:
        """Return what is registered of an enterprise, ``None`` when there is none."""
        for one in self.entries():
            if one.row["ENTERPRISE_GDT_CODE"] == code:
                return {
                    "MainInformation": {"ENTERPRISE_GDT_CODE": code, "NAME": one.row["NAME"]},
                    "HOAdress": {"ADDRESS": one.row["CONTACT_ADDRESS"]},
                    "BusinessActivity": [],
                    "Member": [],
                }
        return None

    def backup(self) -> Backup:
        """Return what it holds now."""
        with self._lock:
            return copied(self, _HELD)

    def restore(self, backup: Backup) -> None:
        """Hold again what it held then."""
        with self._lock:
            put_back(self, backup)

    def _in_order(self) -> list[Entry]:
        return sorted(self._entries.values(), key=lambda one: (one.processed, one.ref))


def _text(at: datetime) -> str:
    return f"{at:%d/%m/%Y %H:%M:%S}"
