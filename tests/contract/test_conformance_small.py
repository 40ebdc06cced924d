"""The kit over an adapter that only reads, behind OAuth2: the least an author has to tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.small_gateway import PAGE, plugin


class TestSmall(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"SO": None, "TEN": "Phạm Thị Hỏng"}
        with RehearsalRig(plugin, broken=broken, more_than_a_page=2 * PAGE) as rig:
            yield rig
