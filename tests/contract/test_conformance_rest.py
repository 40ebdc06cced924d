"""A REST definition, the plain variant of dkkd, before its rehearsal: every claim of the kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.dkkd.rehearsal import DkkdRehearsal
from adapters.rest import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.declared_bench import definition_of, plugin_of

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
