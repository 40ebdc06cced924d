"""dvcqg before its rehearsal: every claim of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from adapters.dvcqg import plugin
from bridge.sdk.conformance import Conformance, RehearsalRig, Rig
from bridge.sdk.rehearsal import Response
from tests.contract.dvcqg_bench import body, step_body


def says(code: Any, message: str) -> Response:
    return Response(orjson.dumps({"error_code": code, "message": message}))


ANSWERS: Mapping[str, Response] = {
    "-1": says("-1", "Thiếu ChuHoSo"),
    "-2": says("-2", "Phiên làm việc không hợp lệ"),
    "-3, 3": says(3, "Hồ sơ đã bị từ chối"),
    "-99": says("-99", "Lỗi hệ thống"),
}


class TestDvcqg(Conformance):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with RehearsalRig(plugin, body(), step=step_body(), answers=ANSWERS) as rig:
            yield rig
