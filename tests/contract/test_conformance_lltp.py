"""lltp before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from adapters.lltp import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.gateway_answers import GATEWAY, says
from tests.contract.lltp_bench import body

WORDS = {
    "100": "Token không hợp lệ",
    "101": "Địa chỉ không được phép",
    "106": "Sai mã đơn vị",
    "201": "Không tìm thấy",
    "500": "fullName không hợp lệ",
}
ANSWERS = GATEWAY | {
    code: says(STATUS="0", ERROR_CODE=code, DESCRIPTION=text) for code, text in WORDS.items()
}


class IssuedThere(RehearsalRig):
    """Dossiers filed there whose certificate is issued.

    Of any other that has no code of ours the adapter leaves the status in the list on purpose, so
    it would be shown again to a feed that begins anew (tests/contract/test_lltp_feed.py).
    """

    def seed(self, count: int = 1) -> Sequence[str]:
        """See ``Rig``."""
        refs = super().seed(count)
        for ref in refs:
            self.ministry.move(ref, "5")
        return refs


class TestLltp(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"fullName": "Phạm Thị Hỏng", "decStatusId": "không phải số"}
        with IssuedThere(
            plugin, body(), broken=broken, answers=ANSWERS, more_than_a_page=101
        ) as rig:
            yield rig
