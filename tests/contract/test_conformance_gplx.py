"""gplx before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from adapters.gplx import plugin
from adapters.gplx.rehearsal_service import URN
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from bridge.sdk.rehearsal import Response
from bridge.sdk.rehearsal_soap import fault_answer
from tests.contract.gplx_bench import body

XML = "text/xml; charset=utf-8"


def fault(code: str, detail: str = "", **words: str) -> Response:
    return Response(fault_answer(code, "lỗi", detail, words, urn=URN), 500, XML)


ANSWERS: Mapping[str, Response] = {
    "DuLieuSai": fault("soap:Server", "DuLieuSai", Truong="HoTen", LyDo="Không được để trống"),
    "KhongTimThay": fault("soap:Server", "KhongTimThay", Ma="X"),
    "DangBaoTri": fault("soap:Server", "DangBaoTri", DenLuc="2026-11-21T05:00:00+07:00"),
    "QuaTai": fault("soap:Server", "QuaTai", ThuLaiSauGiay="5"),
    "FailedAuthentication": fault("wsse:FailedAuthentication"),
    "InvalidSecurity": fault("wsse:InvalidSecurity"),
    "HTTP 401": Response(b"", 401, XML),
    "HTTP 429": Response(b"", 429, XML, {"Retry-After": "5"}),
    "HTTP 503": Response(b"<html>", 503, "text/html"),
}


class TestGplx(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"HoTen": "Phạm Thị Hỏng", "NgayTiepNhan": "ngày hôm qua"}
        with RehearsalRig(
            plugin, body(), broken=broken, answers=ANSWERS, more_than_a_page=201
        ) as rig:
            yield rig
