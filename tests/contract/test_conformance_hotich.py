"""hotich before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.hotich import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from tests.contract.gateway_answers import GATEWAY, says
from tests.contract.hotich_bench import body

WORDS = {
    "100": "Token không hợp lệ",
    "101": "Địa chỉ không được phép",
    "106": "Sai mã đơn vị",
    "108": "Sai mã tỉnh",
    "200": "Chưa hoàn thành",
    "201": "Không tìm thấy",
    "302": "Không có danh mục",
    "500": "nksHoTen không hợp lệ",
}
ANSWERS = GATEWAY | {
    code: says(status=0, value=None, errorCode=code, errorMessage=text)
    for code, text in WORDS.items()
}


class TestHotich(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        broken = {"nksHoTen": "Phạm Thị Hỏng", "trangThai": 9}
        with RehearsalRig(
            plugin, body(), broken=broken, answers=ANSWERS, more_than_a_page=51
        ) as rig:
            yield rig
