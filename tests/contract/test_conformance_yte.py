"""yte before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from adapters.yte import plugin
from adapters.yte.folder import LocalFolders
from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.yte_bench import body


class YteRig(RehearsalRig):
    """The ministry works when it is told to, and the file system fails when it is told to."""

    def settle(self) -> None:
        assert isinstance(self.ministry, YteRehearsal)
        self.ministry.work()

    @contextmanager
    def answering(self, code: str) -> Iterator[Adapter]:
        number = getattr(errno, code)
        with patch.object(LocalFolders, "reveal", side_effect=OSError(number, "no")):
            yield self.adapter()


class TestYte(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with YteRig(
            plugin,
            body(),
            broken={"NgayTiepNhan": "ngày hôm qua", "PhamViChuyenMon": "Phạm Thị Hỏng"},
            rehearsal=lambda: YteRehearsal(interval=None),
            options={"page_size": 2},
        ) as rig:
            yield rig
