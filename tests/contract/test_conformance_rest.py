"""REST definitions before a rehearsal, every claim of the kit: one that reads, one that writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.dkkd.rehearsal import DkkdRehearsal
from adapters.rest import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from bridge.sdk.rehearsal import Response
from tests.contract.declared_bench import definition_of, plugin_of
from tests.contract.plain_register import BODY, PAGE, definition, mapping_in, rehearsal

DEFINITION = definition_of("dkkd-plain")
OPTIONS = plugin.options.model_validate(
    {"definition": DEFINITION, "base_url": "http://127.0.0.1:1", "client_secret": "invented"}
    | {"token_url": "http://127.0.0.1:1/token", "client_id": "invented"}
)


class TestDkkdPlain(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"NAME": "Công ty Hỏng", "PROCESSED_DATE": "không rõ ngày"}
        with RehearsalRig(
            plugin_of(plugin, OPTIONS, DkkdRehearsal),
            broken=broken,
            options={"definition": DEFINITION},
            more_than_a_page=101,
        ) as rig:
            yield rig


REFUSAL = '{"MaLoi": "DU_LIEU_SAI", "Truong": "NguoiNop/HoTen", "LyDo": "không được để trống"}'
ANSWERS = {
    "HTTP 400": Response(REFUSAL.encode(), 400),
    "HTTP 401": Response(b"{}", 401),
    "HTTP 429": Response(b"{}", 429, headers={"Retry-After": "1"}),
    "HTTP 503": Response(b"<html></html>", 503, "text/html"),
}


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mapping_in(tmp_path_factory.mktemp("plain"))


class TestPlainRegister(Conformance):
    @pytest.fixture
    def rig(self, mapping: Path) -> Iterator[Rig]:
        given = {"definition": definition(mapping), "values": {"nop": "nop"}}
        login = {"base_url": "http://127.0.0.1:1", "client_id": "invented"}
        options = plugin.options.model_validate({**given, **login, "client_secret": "invented"})
        with RehearsalRig(
            plugin_of(plugin, options, rehearsal),
            BODY,
            broken={"CapNhat": "hôm qua"},
            answers=ANSWERS,
            options=given,
            more_than_a_page=PAGE + 10,
        ) as rig:
            yield rig
