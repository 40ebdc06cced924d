"""A pretend ministry of health: a worker over the three folders, with a register of its own.

It takes what lies in ``den/``, answers in ``xacnhan/``, writes its changes into ``di/``, and keeps
what it took in ``luu/``, outside the three. What its faults mean here (``take``: a file of ours;
``receipt`` and ``change``: a file of theirs):

========================  =======================================================================
take  CUT_BEFORE          the file is left lying this round
take  LOST_ANSWER         applied, and the receipt is lost for good
take  SLOW                applied, and the receipt comes when released
take  APPLIED_LATE        taken away now, applied and answered when released
receipt, change TRUNCATED written half under its final name, whole when released
receipt, change           WRONG_SCHEMA, HTML_200, BOM, NFD: the file is so
change DUPLICATE, REORDER every dossier twice; the dossiers of the file in reverse
========================  =======================================================================
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Event, RLock, Thread
from time import monotonic
from typing import Any, Self, TypeAlias

from lxml import etree

from bridge.sdk.rehearsal import Armed, Fault, FaultPlan
from bridge.sdk.rehearsal_paper import InventedPaper
from bridge.sdk.xml import Element, from_plain

from .folder import DEN, DI, XACNHAN, LocalFolders
from .naming import VIETNAM, change_name
from .outgoing import SCHEMA
from .rehearsal_people import invented_dossier
from .rehearsal_register import Entry, Register, as_paper
from .rehearsal_rules import Refusal, read_file
from .rehearsal_writing import lay, spoiled

__all__ = ["YteRehearsal"]

ARCHIVE = "luu"
MOST = 500
_Held: TypeAlias = tuple[Armed, float | None, Callable[[], None]]
"""A fault, when its delay is over (seconds, None: only by release), and what it holds back."""


class YteRehearsal:
    """The pretend ministry. ``interval`` is in seconds; None: nothing moves but by ``work()``."""

    name = "yte"

    def __init__(
        self,
        root: Path | None = None,
        *,
        agency: str = "H40.09",
        interval: float | None = 0.05,
        now: Callable[[], datetime] = lambda: datetime.now(VIETNAM),
    ) -> None:
        self.faults = FaultPlan()
        self.calls: Counter[str] = Counter()
        self.register = Register()
        self._given_root = root
        self._root = root
        self._agency = agency
        self._interval = interval
        self._now = now
        self._lock = RLock()
        self._stopped = Event()
        self._worker: Thread | None = None
        self._away = False
        self._written = 0
        self._refusals: deque[tuple[str | None, Refusal]] = deque()
        self._held: list[_Held] = []

    @property
    def root(self) -> Path:
        """The folder that holds the three; made by ``start``."""
        if self._root is None:
            raise RuntimeError("the rehearsal is not started")
        return self._root

    def start(self) -> None:
        """Make the folders and begin to watch them."""
        with self._lock:
            self._root = self._root or Path(tempfile.mkdtemp(prefix="yte-"))
            for folder in (DEN, DI, XACNHAN, ARCHIVE):
                (self._root / folder).mkdir(parents=True, exist_ok=True)
            if self._interval is not None and self._worker is None:
                self._stopped.clear()
                self._worker = Thread(target=self._watch, name="rehearsal-yte", daemon=True)
                self._worker.start()

    def stop(self) -> None:
        """Stop watching; a folder that ``start`` made is removed."""
        self._stopped.set()
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        self.up()
        if self._given_root is None and self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = None

    def down(self) -> None:
        """Take the share away: none of the folders is there."""
        with self._lock:
            if not self._away:
                self.root.rename(self._parked())
                self._away = True

    def up(self) -> None:
        """Bring the share back with all that was in it."""
        with self._lock:
            if self._away:
                self._parked().rename(self.root)
                self._away = False

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def options(self) -> dict[str, object]:
        """Return ``[options]`` of the system's file."""
        return {"root": str(self.root), "agency": self._agency}

    def secrets(self) -> dict[str, str]:
        """Return nothing: the exchange has no login."""
        return {}

    def work(self) -> int:
        """Take everything that lies whole in ``den/``; return how many files were taken."""
        with self._lock:
            self._let_go()
            if self._away:
                return 0
            folders = LocalFolders(self.root)
            names = [n for n in folders.names(DEN) if n.endswith(".xml") and n[0] != "."]
            return sum(self._take(name) for name in sorted(names, key=_by_version))

    def refuse(self, code: str, reason: str, *, dossier: str | None = None) -> None:
        """Refuse the next file (of that dossier) with MaLoi ``code`` and LyDo ``reason``."""
        with self._lock:
            self._refusals.append((dossier, Refusal(code, reason)))

    def release(self) -> None:
        """Let happen what faults held back: late receipts, second halves of files."""
        with self._lock:
            self.faults.release()
            self._let_go()

    def plant(self, content: bytes, name: str | None = None) -> str:
        """Lay any bytes into ``di/`` and return the file's name."""
        with self._lock:
            name = name or self._next_name()
            (self._place / DI / name).write_bytes(content)
            return name

    def records(self) -> list[dict[str, Any]]:
        """Return one row a record: ref, code, status (national), body, updates, steps."""
        with self._lock:
            return self.register.records()

    def duplicates(self) -> list[str]:
        """Return the codes held by more than one record."""
        with self._lock:
            return self.register.duplicates()

    def advance(self, limit: int | None = None) -> int:
        """Move records one status on; return how many moved."""
        with self._lock:
            moves = list(self.register.on_their_way())[:limit]
            now = self._now()
            self._publish([self.register.move(ref, status, None, now) for ref, status in moves])
            return len(moves)

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give one record the status ``status`` (the ministry's word) and publish it."""
        with self._lock:
            self._publish([self.register.move(ref, status, note, at or self._now())])

    def issue(self, ref: str, paper: InventedPaper, **words: str) -> None:
        """Issue a file with a record; ``words`` (``sha256``) replace what is true of it."""
        with self._lock:
            told = {f"@{name}": word for name, word in words.items()}
            self._publish([self.register.issue(ref, as_paper(paper) | told)])

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """File ``count`` invented dossiers that are keyed only here; ``fields`` win."""
        with self._lock:
            rng, now = rng or Random(0), self._now()  # noqa: S311 - invented people
            received = f"{now.astimezone(VIETNAM):%Y%m%d%H%M%S}"
            entries = [
                self.register.file({**invented_dossier(rng, received), **fields}, now)
                for _ in range(count)
            ]
            self._publish(entries)
            return [entry.ref for entry in entries]

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval):
            self.work()

    def _take(self, name: str) -> bool:
        armed = self.faults.take("take")
        fault = armed.fault if armed else None
        if fault is Fault.CUT_BEFORE:
            return False
        self.calls["take"] += 1
        kept = self._place / ARCHIVE / name
        (self._place / DEN / name).replace(kept)
        content = kept.read_bytes()
        if armed and fault is Fault.APPLIED_LATE:
            self._hold(armed, lambda: self._answer(name, self._apply(name, content), None))
            return True
        answer = self._apply(name, content)
        if armed and fault is Fault.SLOW:
            self._hold(armed, lambda: self._answer(name, answer, None))
        elif fault is not Fault.LOST_ANSWER:
            self._answer(name, answer, armed)
        return True

    def _apply(self, name: str, content: bytes) -> dict[str, str]:
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

    def _answer(self, name: str, answer: Mapping[str, str], armed: Armed | None) -> None:
        element = from_plain(SCHEMA.shape("XacNhan"), dict(answer))
        self._write("receipt", XACNHAN, name, element, armed or self.faults.take("receipt"))

    def _publish(self, entries: Iterable[Entry]) -> None:
        shown = [entry.shown() for entry in entries]
        while shown:
            part, shown = shown[:MOST], shown[MOST:]
            armed = self.faults.take("change")
            fault = armed.fault if armed else None
            if fault is Fault.DUPLICATE:  # half as many in this file, each of them twice
                part, shown = part[: MOST // 2], part[MOST // 2 :] + shown
                part = [each for each in part for _ in range(2)]
            if fault is Fault.REORDER:
                part = part[::-1]
            plain = {"@maDonVi": "BYT", "HoSo": part}
            element = from_plain(SCHEMA.shape("DanhSachHoSo"), plain)
            self._write("change", DI, self._next_name(), element, armed)

    def _write(
        self, operation: str, folder: str, name: str, element: Element, armed: Armed | None
    ) -> None:
        self.calls[operation] += 1
        whole = etree.tostring(element, encoding="UTF-8", xml_declaration=True)
        content = spoiled(whole, armed.fault if armed else None)
        if armed and armed.fault is Fault.TRUNCATED:
            (self._place / folder / name).write_bytes(content[: len(content) * 2 // 3])
            self._hold(armed, lambda: lay(self._place / folder, name, content))
        else:
            lay(self._place / folder, name, content)

    def _hold(self, armed: Armed, action: Callable[[], None]) -> None:
        due = None if armed.delay is None else monotonic() + armed.delay
        self._held.append((armed, due, action))

    def _let_go(self) -> None:
        """Do what was held back and is released, or whose delay is over."""
        held, self._held = self._held, []
        for armed, due, action in held:
            if armed.released.is_set() or (due is not None and monotonic() >= due):
                action()
            else:
                self._held.append((armed, due, action))

    @property
    def _place(self) -> Path:
        """Where the folders are now: the ministry works on while its share is away."""
        return self._parked() if self._away else self.root

    def _next_name(self) -> str:
        self._written += 1
        return change_name(self._now(), self._written)

    def _parked(self) -> Path:
        return self.root.with_name(f"{self.root.name}.away")


def _by_version(name: str) -> tuple[str, int]:
    code, _, number = name.removesuffix(".xml").rpartition(".")
    return (code, int(number)) if number.isdigit() else (name, 0)
