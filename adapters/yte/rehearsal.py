"""A pretend ministry of health: a worker over the three folders, with a register of its own.

How it works over them, and what its faults mean, is said in ``bridge.sdk.rehearsal_folders``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from bridge.sdk.rehearsal_backup import Backup
from bridge.sdk.rehearsal_folders import FolderRehearsal
from bridge.sdk.rehearsal_paper import InventedPaper
from bridge.sdk.times import VIETNAM
from bridge.sdk.xml import Element, from_plain

from .layout import LAYOUT
from .outgoing import SCHEMA
from .rehearsal_people import invented_dossier
from .rehearsal_register import Register, as_paper
from .rehearsal_rules import Refusal, read_file

__all__ = ["YteRehearsal"]


class YteRehearsal(FolderRehearsal):
    """The pretend ministry. ``interval`` is in seconds; None: nothing moves but by ``work()``."""

    name = "yte"
    RENAMED = ((b"TrangThai>", b"TinhTrang>"), (b"KetQua>", b"KetLuan>"))

    def __init__(
        self,
        root: Path | None = None,
        *,
        agency: str = "H40.09",
        interval: float | None = 0.05,
        now: Callable[[], datetime] = lambda: datetime.now(VIETNAM),
    ) -> None:
        super().__init__(LAYOUT, root, interval=interval, now=now)
        self.register = Register()
        self._agency = agency
        self._refusals: deque[tuple[str | None, Refusal]] = deque()

    def options(self) -> dict[str, object]:
        """Return ``[options]`` of the system's file."""
        return {**super().options(), "agency": self._agency}

    def refuse(self, code: str, reason: str, *, dossier: str | None = None) -> None:
        """Refuse the next file (of that dossier) with MaLoi ``code`` and LyDo ``reason``."""
        with self.lock:
            self._refusals.append((dossier, Refusal(code, reason)))

    def records(self) -> list[dict[str, Any]]:
        """Return one row a record: ref, code, status (national), body, updates, steps."""
        with self.lock:
            return self.register.records()

    def duplicates(self) -> list[str]:
        """Return the codes held by more than one record."""
        with self.lock:
            return self.register.duplicates()

    def advance(self, limit: int | None = None) -> int:
        """Move records one status on; return how many moved."""
        with self.lock:
            moves = list(self.register.on_their_way())[:limit]
            now = self._now()
            moved = [self.register.move(ref, status, None, now) for ref, status in moves]
            self.publish([entry.shown() for entry in moved])
            return len(moves)

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give one record the status ``status`` (the ministry's word) and publish it."""
        with self.lock:
            self.publish([self.register.move(ref, status, note, at or self._now()).shown()])

    def issue(self, ref: str, paper: InventedPaper, **words: str) -> None:
        """Issue a file with a record; ``words`` (``sha256``) replace what is true of it."""
        with self.lock:
            told = {f"@{name}": word for name, word in words.items()}
            self.publish([self.register.issue(ref, as_paper(paper) | told).shown()])

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """File ``count`` invented dossiers that are keyed only here; ``fields`` win."""
        with self.lock:
            rng, now = rng or Random(0), self._now()  # noqa: S311 - invented people
            received = f"{now.astimezone(VIETNAM):%Y%m%d%H%M%S}"
            entries = [
                self.register.file({**invented_dossier(rng, received), **fields}, now)
                for _ in range(count)
            ]
            self.publish([entry.shown() for entry in entries])
            return [entry.ref for entry in entries]

    def snapshot(self) -> Backup:
        """Return what the register holds now; the folders are no part of it."""
        with self.lock:
            return self.register.backup()

    def restore(self, backup: Backup) -> None:
        """Hold what it held then; what lies in the folders, receipts too, stays."""
        with self.lock:
            self.register.restore(backup)

    def taken(self, name: str, content: bytes) -> Element:
        """Enter what a file of ours says, and return the receipt."""
        return from_plain(SCHEMA.shape("XacNhan"), self._entered(name, content))

    def changes(self, records: Sequence[Any]) -> Element:
        """Return the document of one file of changes."""
        plain = {"@maDonVi": "BYT", "HoSo": list(records)}
        return from_plain(SCHEMA.shape("DanhSachHoSo"), plain)

    def _entered(self, name: str, content: bytes) -> dict[str, str]:
        try:
            reading = read_file(name, content, self._agency)
            for waiting in self._refusals:
                if waiting[0] in {None, reading[0]}:
                    self._refusals.remove(waiting)
                    raise waiting[1]
            entry = self.register.receive(reading, self._now())
        except Refusal as refusal:
            return {"Tep": name, "KetQua": "0", "MaLoi": refusal.code, "LyDo": refusal.reason}
        return {"Tep": name, "KetQua": "1", "SoTiepNhan": entry.ref}
