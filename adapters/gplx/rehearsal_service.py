"""The pretend ministry's six operations: a request element in, the answer's element out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from lxml import etree

from bridge.sdk.rehearsal_soap import FaultAnswer, Rows, fault_answer
from bridge.sdk.xml import Element, Schema, from_plain, local_name, to_plain

from .rehearsal_register import Register, Row
from .rehearsal_rules import Refusal, refusal

__all__ = ["NAMESPACE", "URN", "Service"]

URN = "urn:onestop:gplx:v1"
NAMESPACE = f"{{{URN}}}"
MOST_CHANGES, DAY_PAGE = 200, 100


class Service:
    """The operations over one register. ``rows`` in ``answer`` may disturb the rows of a list."""

    def __init__(self, register: Register, schema: Schema) -> None:
        self._register = register
        self._schema = schema
        self._operations: Mapping[str, Callable[[Element, Rows], Element]] = {
            "NopHoSo": self._submit,
            "CapNhatHoSo": self._update,
            "TraCuuTheoMaMotCua": self._by_code,
            "LayHoSo": self._get,
            "DanhSachThayDoi": self._changes,
            "DanhSachTheoNgay": self._by_day,
        }

    def answer(self, request: Element, rows: Rows = list) -> Element:
        """Return the answer.

        Raises:
            FaultAnswer: the ministry refuses, with one of the faults of its WSDL.
        """
        operation = self._operations.get(local_name(str(request.tag)))
        if operation is None:
            raise FaultAnswer(fault_answer("soap:Client", "no such operation"))
        broken = self._schema.violations(request)
        if broken:
            raise _wrong(Refusal(broken[0].name, "Không đúng lược đồ"))
        return operation(request, rows)

    def _submit(self, request: Element, _: Rows) -> Element:
        dossier = _dossier(request[0])
        refused = refusal(dossier, None)
        if refused:
            raise _wrong(refused)
        return _result("NopHoSoKetQua", SoTiepNhan=self._register.file(dossier))

    def _update(self, request: Element, _: Rows) -> Element:
        ref, dossier = request[0].text or "", _dossier(request[1])
        held = self._register.entry(ref)
        if held is None:
            raise _unknown(ref)
        refused = refusal(dossier, held.status)
        if refused:
            raise _wrong(refused)
        return _result("CapNhatHoSoKetQua", PhienBan=self._register.replace(ref, dossier))

    def _by_code(self, request: Element, rows: Rows) -> Element:
        found = self._register.with_code(request[0].text or "")
        return self._filled("TraCuuTheoMaMotCuaKetQua", HoSo=rows([entry.body for entry in found]))

    def _get(self, request: Element, _: Rows) -> Element:
        ref = request[0].text or ""
        held = self._register.entry(ref)
        if held is None:
            raise _unknown(ref)
        return self._filled("LayHoSoKetQua", PhienBan=str(held.version), HoSo=held.body)

    def _changes(self, request: Element, rows: Rows) -> Element:
        count = min(int(request[1].text or 0), MOST_CHANGES)
        found, more = self._register.changes(int(request[0].text or 0), count)
        return self._filled(
            "DanhSachThayDoiKetQua", ThayDoi=rows([_change(row) for row in found]), ConNua=more
        )

    def _by_day(self, request: Element, rows: Rows) -> Element:
        since, until = (
            date.fromisoformat((day.text or "").strip()) for day in (request[0], request[1])
        )
        found, more = self._register.received(since, until, int(request[2].text or 1), DAY_PAGE)
        return self._filled("DanhSachTheoNgayKetQua", HoSo=rows(found), ConNua=more)

    def _filled(self, name: str, /, **parts: object) -> Element:
        return from_plain(self._schema.shape(name), parts)


def _result(name: str, **leaves: object) -> Element:
    """Return an answer of leaves only, without a look at the schema: it is the busiest path."""
    result = etree.Element(f"{NAMESPACE}{name}", nsmap={"gplx": URN})
    for leaf, value in leaves.items():
        etree.SubElement(result, f"{NAMESPACE}{leaf}").text = str(value)
    return result


def _dossier(element: Element) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(element, {"TaiLieu"})
    return plain


def _change(row: Row) -> dict[str, Any]:
    at = row.at.isoformat(timespec="milliseconds")
    return {"PhienBan": str(row.version), "ThoiDiem": at, "HoSo": row.body}


def _wrong(refused: Refusal) -> FaultAnswer:
    words = {"Truong": refused.field, "LyDo": refused.reason}
    return FaultAnswer(fault_answer("soap:Server", "dữ liệu sai", "DuLieuSai", words, urn=URN))


def _unknown(ref: str) -> FaultAnswer:
    words = {"Ma": ref}
    return FaultAnswer(
        fault_answer("soap:Server", "không tìm thấy", "KhongTimThay", words, urn=URN)
    )
