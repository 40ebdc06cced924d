"""What the author of an honest adapter, and of one that cuts texts, would write.

Run by ``test_conformance_hostile.py`` in a pytest of its own: one claim fails.
"""

from __future__ import annotations

import pytest

from bridge.sdk.conformance import Conformance, Rig
from tests.contract.hostile_desk import DeskRig, Honest
from tests.contract.hostile_writing import CutsTexts


class TestHonest(Conformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return DeskRig(Honest)


class TestCutsTexts(Conformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return DeskRig(CutsTexts)
