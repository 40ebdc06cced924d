"""yte before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.yte import plugin
from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.conformance import Conformance, FolderRig, Rig
from tests.contract.yte_bench import body


class TestYte(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with FolderRig(
            plugin,
            body(),
            broken={"NgayTiepNhan": "ngày hôm qua", "PhamViChuyenMon": "Phạm Thị Hỏng"},
            rehearsal=lambda: YteRehearsal(interval=None),
            options={"page_size": 2},
        ) as rig:
            yield rig
