"""A SOAP definition, the plain variant of gplx, before its rehearsal: every claim of the kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.gplx.rehearsal import GplxRehearsal
from adapters.soap import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.declared_bench import EXAMPLES, definition_of, plugin_of
from tests.contract.gplx_bench import body
from tests.contract.test_conformance_gplx import ANSWERS

GIVEN = {
    "definition": definition_of("gplx-plain"),
    "wsdl": EXAMPLES / "gplx-plain" / "gplx.wsdl",
}
LOGIN = {"address": "http://127.0.0.1:1", "username": "invented", "password": "invented"}
OPTIONS = plugin.options.model_validate({**GIVEN, **LOGIN})


class TestGplxPlain(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"HoTen": "Phạm Thị Hỏng", "NgayTiepNhan": "ngày hôm qua"}
        with RehearsalRig(
            plugin_of(plugin, OPTIONS, GplxRehearsal),
            body(),
            broken=broken,
            answers=ANSWERS,
            options=GIVEN,
            more_than_a_page=201,
        ) as rig:
            yield rig
