"""A pretend ministry of transport: the WSDL's service over a register of its own, strict and forgetful.

It takes the same dossier twice, clears what an update leaves out, and counts every change. Beside
the faults of every HTTP ministry, its lists know these: DUPLICATE (rows twice), REORDER (rows in
reverse), WRONG_SCHEMA (the first row, or the answer, is not as the WSDL says). EXPIRED_SESSION
refuses the login once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from lxml import etree

from bridge.sdk.rehearsal import Fault, HttpRehearsal, Request, Response
from bridge.sdk.rehearsal_paper import InventedPaper
from bridge.sdk.xml import Element, local_name

from .faults import HANOI
from .rehearsal_papers import as_paper
from .rehearsal_people import invented_dossier
from .rehearsal_register import NATIONAL, Entry, Register
from .rehearsal_service import NAMESPACE, Rows, Service
from .rehearsal_soap import FaultAnswer, fault_answer, opened, wrapped

__all__ = ["GplxRehearsal"]

USERNAME, PASSWORD = "motcua", "rehearsal"
SERVER_ERROR = 500
STRANGE = f"{NAMESPACE}KhongCoTrongWsdl"
TEXT_XML = "text/xml; charset=utf-8"


class GplxRehearsal(HttpRehearsal):
    """The pretend ministry. ``uppercase_names``: it keeps HoTen in capitals, whatever was sent."""

    name = "gplx"

    def __init__(
        self,
        *,
        uppercase_names: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(HANOI),
    ) -> None:
        super().__init__()
        self._now = now
        self._register = Register(now, uppercase_names=uppercase_names)
        self._service = Service(self._register)
        self._shut: bytes | None = None
        self._chance = Random(1)  # noqa: S311 - invents people

    def options(self) -> dict[str, Any]:
        """Return ``[options]`` of the system's file, without the secrets."""
        return {"address": f"{self.address}/soap", "username": USERNAME}

    def secrets(self) -> dict[str, str]:
        """Return the secrets by the name of their option."""
        return {"password": PASSWORD}

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

    def shut(self, detail: str, **words: object) -> None:
        """Answer every call with this fault (``DangBaoTri``, ``DenLuc=…``), until ``reopen``.

        A name that the WSDL does not declare makes a fault that proves nothing.
        """
        self._shut = fault_answer("soap:Server", detail, detail, words)

    def reopen(self) -> None:
        """Serve again."""
        self._shut = None

    def operation(self, request: Request) -> str:
        """Return the operation that a request asks for."""
        return request.headers.get("soapaction", "").strip('"').rpartition("#")[2]

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Answer one call; ``fault`` is what a list's rows, the login or the schema suffer."""
        try:
            login = "" if fault is Fault.EXPIRED_SESSION else PASSWORD
            result = self._result(request, login, fault)
        except FaultAnswer as refused:
            return Response(refused.content, SERVER_ERROR, TEXT_XML)
        if fault is Fault.WRONG_SCHEMA:
            _spoil(result)
        return Response(wrapped(result), content_type=TEXT_XML)

    def spoiled(self, response: Response) -> Response:
        """Return the answer as it is: ``answer`` has spoiled one row of it, or its first name."""
        return response

    def _result(self, request: Request, login: str, fault: Fault | None) -> Element:
        asked = opened(request.body, USERNAME, login)
        if self._shut is not None:
            raise FaultAnswer(self._shut)
        if local_name(str(asked.tag)) != self.operation(request):
            raise FaultAnswer(fault_answer("soap:Client", "SOAPAction and Body differ"))
        return self._service.answer(asked, _disturbance(fault))


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "ref": entry.ref,
        "code": entry.body.get("MaHoSoMotCua"),
        "status": NATIONAL[entry.status],
        "body": entry.body,
        "updates": entry.updates,
        "steps": [{"status": NATIONAL[status], "at": at.isoformat()} for status, at in entry.steps],
    }


def _disturbance(fault: Fault | None) -> Rows:
    match fault:
        case Fault.DUPLICATE:
            return lambda rows: [row for row in rows for _ in range(2)]
        case Fault.REORDER:
            return lambda rows: rows[::-1]
        case _:
            return list


def _spoil(result: Element) -> None:
    """Break the first date of an answer; without one its first element, or add a strange one."""
    date = next(result.iter(f"{NAMESPACE}NgayTiepNhan"), None)
    if date is not None:
        date.text = "hôm qua"
    elif len(result):
        result[0].tag = STRANGE
    else:
        etree.SubElement(result, STRANGE)
