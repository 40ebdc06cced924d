"""dkkd before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.dkkd import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from bridge.sdk.conformance.scouting import Operations
from tests.contract.dkkd_bench import DAYS, TODAY


class DkkdRig(RehearsalRig):
    """The feed reads two lists: days that fail while today is read are put off, and no error."""

    @property
    def operations(self) -> Operations:
        """A healthy first call of the feed asks for ended days alone; one that fails, for both."""
        return {**super().operations, "changes": (DAYS, TODAY)}


class TestDkkd(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"NAME": "Công ty Hỏng", "PROCESSED_DATE": "không rõ ngày"}
        with DkkdRig(plugin, broken=broken, more_than_a_page=101) as rig:
            yield rig
