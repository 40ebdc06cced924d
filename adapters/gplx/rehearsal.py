"""A pretend ministry of transport: the WSDL's service over a register of its own, strict and forgetful.

It takes the same dossier twice, clears what an update leaves out, and counts every change. Its
faults are those of ``SoapRehearsal``; WRONG_SCHEMA spoils one row of a list, if there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from bridge.sdk.rehearsal_backup import Backup
from bridge.sdk.rehearsal_paper import InventedPaper
from bridge.sdk.rehearsal_soap import FaultAnswer, Rows, SoapRehearsal
from bridge.sdk.times import VIETNAM
from bridge.sdk.xml import Element

from .options import PACKAGED
from .rehearsal_papers import as_paper
from .rehearsal_people import invented_dossier
from .rehearsal_register import NATIONAL, Entry, Register
from .rehearsal_service import NAMESPACE, Service

__all__ = ["GplxRehearsal"]


class GplxRehearsal(SoapRehearsal):
    """The pretend ministry. ``uppercase_names``: it keeps HoTen in capitals, whatever was sent."""

    name = "gplx"

    def __init__(
        self,
        *,
        uppercase_names: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(VIETNAM),
    ) -> None:
        super().__init__(PACKAGED, username="motcua", password="rehearsal")  # noqa: S106 - invented
        self._now = now
        self._register = Register(now, uppercase_names=uppercase_names)
        self._service = Service(self._register, self.schema)
        self._shut: bytes | None = None
        self._chance = Random(1)  # noqa: S311 - invents people

    def records(self) -> list[dict[str, Any]]:
        """Return one plain dict a record, the oldest first."""
        return [_shown(entry) for entry in self._register.entries()]

    def duplicates(self) -> list[str]:
        """Return the codes that more than one record carries."""
        codes = Counter(entry.body.get("MaHoSoMotCua") for entry in self._register.entries())
        return sorted(code for code, count in codes.items() if code and count > 1)

    def advance(self, limit: int | None = None) -> int:
        """Move records one status on their usual way (TN, XL, CP); return how many moved."""
        return self._register.advance(limit)

    def move(
        self, ref: str, status: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a record a status of the ministry's; ``note`` becomes GhiChu."""
        self._register.move(ref, status, note, at)

    def issue(self, ref: str, paper: InventedPaper, **words: str) -> None:
        """Issue a file with a record; ``words`` (``Sha256``, ``NoiDung``) replace what is true."""
        self._register.issue(ref, as_paper(paper, "Kết quả") | words)

    def file_own(self, count: int = 1, rng: Random | None = None, **fields: Any) -> list[str]:
        """File invented dossiers that only the ministry knows; return their numbers."""
        rng = rng or self._chance
        made = (invented_dossier(rng, self._now(), fields) for _ in range(count))
        return [self._register.file(dossier) for dossier in made]

    def snapshot(self) -> Backup:
        """Return what the register holds now."""
        return self._register.backup()

    def restore(self, backup: Backup) -> None:
        """Hold what it held then, and count on from there."""
        self._register.restore(backup)

    def shut(self, detail: str, **words: object) -> None:
        """Answer every call with this fault (``DangBaoTri``, ``DenLuc=…``), until ``reopen``.

        A name that the WSDL does not declare makes a fault that proves nothing.
        """
        self._shut = self.fault("soap:Server", detail, detail, **words).content

    def reopen(self) -> None:
        """Serve again."""
        self._shut = None

    def serve(self, request: Element, rows: Rows) -> Element:
        """Do as a call asks, or answer with the fault that shuts the ministry."""
        if self._shut is not None:
            raise FaultAnswer(self._shut)
        return self._service.answer(request, rows)

    def spoil(self, result: Element) -> None:
        """Break the first date of an answer, so that one row is bad; without one its first name."""
        date = next(result.iter(f"{NAMESPACE}NgayTiepNhan"), None)
        if date is None:
            super().spoil(result)
        else:
            date.text = "hôm qua"


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "ref": entry.ref,
        "code": entry.body.get("MaHoSoMotCua"),
        "status": NATIONAL[entry.status],
        "body": entry.body,
        "updates": entry.updates,
        "steps": [{"status": NATIONAL[status], "at": at.isoformat()} for status, at in entry.steps],
    }
