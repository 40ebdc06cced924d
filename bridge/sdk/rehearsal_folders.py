"""A rehearsal ministry that exchanges files: a worker over real folders.

It takes what lies in the outgoing folder, answers with receipts, writes its changes into the
incoming one, and keeps what it took in ``luu/``, outside the exchange. What its faults mean here
(``take``: a file of ours; ``receipt`` and ``change``: a file of theirs):

========================  =======================================================================
take  CUT_BEFORE          the file is left lying this round
take  LOST_ANSWER         applied, and the receipt is lost for good
take  SLOW                applied, and the receipt comes when released
take  APPLIED_LATE        taken away now, applied and answered when released
receipt, change TRUNCATED written half under its final name, whole when released
receipt, change           WRONG_SCHEMA, HTML_200, BOM, NFD: the file is so
change DUPLICATE, REORDER every record twice; the records of the file in reverse
========================  =======================================================================
"""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event, RLock, Thread
from time import monotonic
from typing import Any, Self, TypeAlias

from lxml import etree

from bridge.sdk.folder_names import change_name
from bridge.sdk.folders import Layout, LocalFolders, temporary
from bridge.sdk.rehearsal import Armed, Fault, FaultPlan
from bridge.sdk.times import VIETNAM
from bridge.sdk.xml import Element

__all__ = ["FolderRehearsal", "lay"]

ARCHIVE = "luu"
BOM = b"\xef\xbb\xbf"
PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
_Held: TypeAlias = tuple[Armed, float | None, Callable[[], None]]
"""A fault, when its delay is over (seconds, None: only by release), and what it holds back."""


class FolderRehearsal(ABC):
    """A ministry that exchanges files; a subclass says what is in them, and keeps the register.

    ``root`` holds the folders; without it ``start`` makes one, and ``stop`` removes it.
    ``interval`` is in seconds; None: nothing moves but by ``work()``. ``MOST`` is the most records
    that a file of its changes holds. A subclass holds ``lock`` over its register. ``RENAMED`` lists what WRONG_SCHEMA writes in the place of
    what, in bytes of a file.
    """

    name: str
    MOST = 500
    RENAMED: Sequence[tuple[bytes, bytes]] = ()

    def __init__(
        self,
        layout: Layout,
        root: Path | None = None,
        *,
        interval: float | None = 0.05,
        now: Callable[[], datetime] = lambda: datetime.now(VIETNAM),
    ) -> None:
        self.faults = FaultPlan()
        self.calls: Counter[str] = Counter()
        self.layout = layout
        self._given_root = root
        self._root = root
        self._interval = interval
        self._now = now
        self.lock = RLock()
        self._stopped = Event()
        self._worker: Thread | None = None
        self._away = False
        self._written = 0
        self._held: list[_Held] = []

    @abstractmethod
    def taken(self, name: str, content: bytes) -> Element:
        """Enter what a file of ours says, and return the receipt; called under the lock."""

    @abstractmethod
    def changes(self, records: Sequence[Any]) -> Element:
        """Return the document of one file of changes, for records given to ``publish``."""

    @property
    def root(self) -> Path:
        """The folder that holds the exchange's; made by ``start``."""
        if self._root is None:
            raise RuntimeError("the rehearsal is not started")
        return self._root

    def start(self) -> None:
        """Make the folders and begin to watch them."""
        layout = self.layout
        with self.lock:
            self._root = self._root or Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
            for folder in (layout.outgoing, layout.incoming, layout.receipts, ARCHIVE):
                (self._root / folder).mkdir(parents=True, exist_ok=True)
            if self._interval is not None and self._worker is None:
                self._stopped.clear()
                name = f"rehearsal-{self.name}"
                self._worker = Thread(target=self._watch, name=name, daemon=True)
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
        with self.lock:
            if not self._away:
                self.root.rename(self._parked())
                self._away = True

    def up(self) -> None:
        """Bring the share back with all that was in it."""
        with self.lock:
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
        return {"root": str(self.root)}

    def secrets(self) -> dict[str, str]:
        """Return nothing: the exchange has no login."""
        return {}

    def work(self) -> int:
        """Take everything that lies whole in the outgoing folder; return how many were taken."""
        with self.lock:
            self._let_go()
            if self._away:
                return 0
            names = LocalFolders(self.root).names(self.layout.outgoing)
            whole = [name for name in names if name.endswith(".xml") and name[0] != "."]
            return sum(self._take(name) for name in sorted(whole, key=_by_version))

    def release(self) -> None:
        """Let happen what faults held back: late receipts, second halves of files."""
        with self.lock:
            self.faults.release()
            self._let_go()

    def plant(self, content: bytes, name: str | None = None) -> str:
        """Lay any bytes into the incoming folder and return the file's name."""
        with self.lock:
            name = name or self._next_name()
            (self._place / self.layout.incoming / name).write_bytes(content)
            return name

    def publish(self, records: Sequence[Any]) -> None:
        """Write records into files of changes, as many as are needed; called under the lock."""
        waiting = list(records)
        while waiting:
            part, waiting = waiting[: self.MOST], waiting[self.MOST :]
            armed = self.faults.take("change")
            fault = armed.fault if armed else None
            if fault is Fault.DUPLICATE:  # half as many in this file, each of them twice
                half = max(1, self.MOST // 2)
                part, waiting = part[:half], part[half:] + waiting
                part = [each for each in part for _ in range(2)]
            if fault is Fault.REORDER:
                part = part[::-1]
            self._write("change", self._next_name(), self.changes(part), armed)

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
        (self._place / self.layout.outgoing / name).replace(kept)
        content = kept.read_bytes()
        if armed and fault is Fault.APPLIED_LATE:
            self._hold(armed, lambda: self._answer(name, self.taken(name, content), None))
            return True
        receipt = self.taken(name, content)
        if armed and fault is Fault.SLOW:
            self._hold(armed, lambda: self._answer(name, receipt, None))
        elif fault is not Fault.LOST_ANSWER:
            self._answer(name, receipt, armed)
        return True

    def _answer(self, name: str, receipt: Element, armed: Armed | None) -> None:
        self._write("receipt", name, receipt, armed or self.faults.take("receipt"))

    def _write(self, operation: str, name: str, element: Element, armed: Armed | None) -> None:
        self.calls[operation] += 1
        folder = self.layout.receipts if operation == "receipt" else self.layout.incoming
        whole = etree.tostring(element, encoding="UTF-8", xml_declaration=True)
        content = self._spoiled(whole, armed.fault if armed else None)
        if armed and armed.fault is Fault.TRUNCATED:
            (self._place / folder / name).write_bytes(content[: len(content) * 2 // 3])
            self._hold(armed, lambda: lay(self._place / folder, name, content))
        else:
            lay(self._place / folder, name, content)

    def _spoiled(self, content: bytes, fault: Fault | None) -> bytes:
        match fault:
            case Fault.BOM:
                return BOM + content
            case Fault.NFD:
                return unicodedata.normalize("NFD", content.decode()).encode()
            case Fault.HTML_200:
                return PAGE
            case Fault.WRONG_SCHEMA:
                for right, wrong in self.RENAMED:
                    content = content.replace(right, wrong)
        return content

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


def lay(folder: Path, name: str, content: bytes) -> None:
    """Write ``name`` whole: under a temporary name first."""
    path = folder / temporary(name)
    path.write_bytes(content)
    path.replace(folder / name)


def _by_version(name: str) -> tuple[str, int]:
    code, _, number = name.removesuffix(".xml").rpartition(".")
    return (code, int(number)) if number.isdigit() else (name, 0)
