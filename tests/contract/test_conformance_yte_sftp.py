"""yte over SFTP before its rehearsal: every claim of the conformance kit, over a real server."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from adapters.yte import plugin
from adapters.yte.sftp import SftpFolders
from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.sftp_ministry import SftpMinistry
from tests.contract.yte_bench import body


class SftpRig(RehearsalRig):
    """The ministry works when it is told to, and the server refuses when it is told to."""

    def settle(self) -> None:
        assert isinstance(self.ministry, SftpMinistry)
        self.ministry.work()

    @contextmanager
    def answering(self, code: str) -> Iterator[Adapter]:
        number = getattr(errno, code)
        with patch.object(SftpFolders, "reveal", side_effect=OSError(number, "no")):
            yield self.adapter()


class TestYteOverSftp(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with SftpRig(
            plugin,
            body(),
            broken={"NgayTiepNhan": "ngày hôm qua", "PhamViChuyenMon": "Phạm Thị Hỏng"},
            rehearsal=lambda: SftpMinistry(interval=None),
            options={"page_size": 2},
        ) as rig:
            yield rig
