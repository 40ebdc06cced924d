"""The six operations of the WSDL as six methods: plain values in, plain values out.

A list is read row by row: a record that breaks the schema becomes Unreadable, and its neighbours
are read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bridge.sdk.errors import ContractBroken, Rejected
from bridge.sdk.http import Reply
from bridge.sdk.records import Unreadable
from bridge.sdk.soap import SoapAnswer, SoapClient, SoapFault
from bridge.sdk.soap_rows import Row, rows
from bridge.sdk.xml import Element, to_plain

from .faults import outcome

__all__ = ["OPERATIONS", "WRITES", "Change", "Found", "GplxClient", "Held", "Rows"]

NAMESPACE = "{urn:onestop:gplx:v1}"
WRITES = frozenset({"NopHoSo", "CapNhatHoSo"})
OPERATIONS = WRITES | {"TraCuuTheoMaMotCua", "LayHoSo", "DanhSachThayDoi", "DanhSachTheoNgay"}
LISTS = frozenset({"TaiLieu"})
CONTENTS = frozenset({"NoiDung"})
PLAIN_NUMBER = re.compile(r"[\w./-]{1,64}")
"""A SoTiepNhan that looks like one: anything else in its place stays out of errors."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A record as ``LayHoSo`` shows it."""

    version: int
    body: Body


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a list; ``version`` and ``at`` (as written) are there only in the feed."""

    ref: str
    body: Body
    version: int | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list, by version where it has versions.

    ``last`` is the greatest version in it, also of rows we can't read; 0 when there is none.
    """

    rows: tuple[Change | Unreadable, ...]
    more: bool
    last: int


@dataclass(frozen=True, slots=True)
class Found:
    """One record that carries our code; ``body`` is None where it breaks the schema."""

    ref: str
    body: Body | None


class GplxClient:
    """The ministry's service. Every method raises AdapterError, and only that."""

    def __init__(self, soap: SoapClient) -> None:
        self._soap = soap

    def operations(self) -> Mapping[str, str]:
        """Return the operations that the WSDL has."""
        return self._soap.operations()

    def submit(self, dossier: Mapping[str, Any]) -> str:
        """File a new dossier; return its SoTiepNhan. Sent twice, it is filed twice."""
        ref = _text(self._call("NopHoSo", {"HoSo": dossier}).body, "SoTiepNhan").strip()
        if not ref:
            raise ContractBroken("NopHoSoKetQua/SoTiepNhan: is empty")
        return ref

    def update(self, ref: str, dossier: Mapping[str, Any]) -> int:
        """Replace a record as a whole; return its new version."""
        answer = self._call("CapNhatHoSo", {"SoTiepNhan": ref, "HoSo": dossier})
        return int(_text(answer.body, "PhienBan"))

    def get(self, ref: str, *, files: bool = False) -> Held | None:
        """Return the record, None when the ministry has none; ``files`` with their contents."""
        try:
            answer = self._call("LayHoSo", {"SoTiepNhan": ref}, files=files)
        except Rejected as refused:
            if refused.code == "KhongTimThay":
                return None
            raise
        read = _plain if files else _light
        held = Held(int(_text(answer.body, "PhienBan")), read(answer.body[-1]))
        if held.body.get("SoTiepNhan", ref).strip() != ref:
            raise ContractBroken("LayHoSoKetQua/HoSo/SoTiepNhan: is not the one asked for")
        return held

    def by_code(self, code: str) -> list[Found]:
        """Return every record with this dossier code, in the ministry's order.

        A record that breaks the schema elsewhere still counts: it is there, and it has a number.
        """
        try:
            answer = self._call("TraCuuTheoMaMotCua", {"MaHoSoMotCua": code}, whole=False)
        except Rejected as refused:
            if refused.code == "KhongTimThay":
                return []
            raise
        listed = rows(self._soap.schema, answer.body, f"{NAMESPACE}HoSo")
        found = [_found(row.element, row.fault) for row in listed]
        return [one for row, one in zip(listed, found, strict=True) if _of(row.element, code)]

    def changes(self, after: int, count: int) -> Rows:
        """Return up to ``count`` changes with a version greater than ``after``."""
        parts = {"SauPhienBan": after, "SoLuong": count}
        return self._rows(self._call("DanhSachThayDoi", parts, whole=False), "ThayDoi")

    def by_day(self, since: date, until: date, page: int) -> Rows:
        """Return a page (from 1) of the records received on these days, both included."""
        parts = {"TuNgay": since.isoformat(), "DenNgay": until.isoformat(), "Trang": page}
        return self._rows(self._call("DanhSachTheoNgay", parts, whole=False), "HoSo")

    def change_again(self, version: int) -> bytes | None:
        """Return the answer that shows the change of one version, its files with their contents.

        ``None``: it is listed no more, for the record has changed since.
        """
        parts = {"SauPhienBan": version - 1, "SoLuong": 1}
        answer = self._call("DanhSachThayDoi", parts, whole=False)
        shown = answer.body.find(f"{NAMESPACE}ThayDoi")
        listed = shown is not None and _version(shown) == version
        return answer.reply.content if listed else None

    def record_again(self, ref: str) -> bytes:
        """Return the answer that shows a record, its files with their contents."""
        try:
            return self._call("LayHoSo", {"SoTiepNhan": ref}).reply.content
        except Rejected as refused:
            if refused.code == "KhongTimThay":
                raise ContractBroken(refused.reason) from refused
            raise

    def greet(self) -> Reply:
        """Ask for one change, as the cheapest call with a login; return the HTTP answer."""
        parts = {"SauPhienBan": 0, "SoLuong": 1}
        return self._call("DanhSachThayDoi", parts, whole=False).reply

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._soap.close()

    def _call(
        self, operation: str, parts: Mapping[str, Any], *, whole: bool = True, files: bool = False
    ) -> SoapAnswer:
        without = () if files else CONTENTS
        try:
            return self._soap.call(operation, parts, whole=whole, without=without)
        except SoapFault as fault:
            raise outcome(fault, write=operation in WRITES) from None

    def _rows(self, answer: SoapAnswer, name: str) -> Rows:
        listed = rows(self._soap.schema, answer.body, f"{NAMESPACE}{name}")
        read = [_row(row, f"{name}[{number}]") for number, row in enumerate(listed, start=1)]
        versions = [_version(row.element) or 0 for row in listed]
        in_order = sorted(range(len(read)), key=versions.__getitem__)
        return Rows(
            tuple(read[place] for place in in_order),
            more=_text(answer.body, "ConNua").strip() in {"true", "1"},
            last=max(versions, default=0),
        )


def _row(row: Row, place: str) -> Change | Unreadable:
    """Return one row of a list, ``place`` is where it stands."""
    element, fault = row.element, row.fault
    in_feed = element.find(f"{NAMESPACE}HoSo")
    dossier = element if in_feed is None else in_feed
    ref = _number(dossier)
    if fault is not None or ref is None:
        name = ref if ref and PLAIN_NUMBER.fullmatch(ref) else place
        return Unreadable(name, fault or f"{place}: lacks SoTiepNhan")
    return Change(ref, _light(dossier), _version(element), element.findtext(f"{NAMESPACE}ThoiDiem"))


def _found(row: Element, fault: str | None) -> Found:
    ref = _number(row)
    if ref is None:
        raise ContractBroken("TraCuuTheoMaMotCuaKetQua/HoSo: lacks SoTiepNhan")
    return Found(ref, _light(row) if fault is None else None)


def _of(row: Element, code: str) -> bool:
    said = row.findtext(f"{NAMESPACE}MaHoSoMotCua")
    return said is None or said.strip() == code


def _number(dossier: Element) -> str | None:
    return _text(dossier, "SoTiepNhan").strip() or None


def _version(element: Element) -> int | None:
    text = _text(element, "PhienBan").strip()
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,19}", text) else None


def _light(dossier: Element) -> Body:
    """Return a record without the contents of its files, which Sha256 stands for."""
    for content in dossier.findall(f"{NAMESPACE}TaiLieu/{NAMESPACE}NoiDung"):
        parent = content.getparent()
        if parent is not None:
            parent.remove(content)
    return _plain(dossier)


def _plain(dossier: Element) -> Body:
    plain: Body = to_plain(dossier, LISTS)
    return plain


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{NAMESPACE}{name}") or ""
