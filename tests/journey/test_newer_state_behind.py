"""A newer state in line behind one that comes back unsent: the newest is what stands there last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.sdk.errors import AdapterError, Rejected, Retryable
from tests.journey.town import GPLX, Town

COMES_BACK = [
    pytest.param(Retryable("503"), id="not_applied"),
    pytest.param(Rejected("01", "LyDo", "không hợp lệ"), id="refused"),
]


@pytest.mark.parametrize("answer", COMES_BACK)
def test_the_newest_takes_the_place_of_what_came_back(tmp_path: Path, answer: AdapterError) -> None:
    """Edited while being sent, and again after it came back: one update, with the last value."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(3)
        adapter: Any = town.house.ministries["gplx"].adapter
        submit = adapter.submit

        def edited_meanwhile(commands: Any) -> Any:
            adapter.submit = submit
            town.edit(code, applicant_phone="0922222222")
            town.front()
            assert town.states(code, "gplx")[-2:] == ["sending", "pending"]
            return [answer for _ in commands]

        adapter.submit = edited_meanwhile
        town.edit(code, applicant_phone="0911111111")
        town.front()
        town.deliver("gplx")
        assert "superseded" in town.states(code, "gplx")
        town.edit(code, applicant_phone="0933333333")
        town.clock.forward(60)
        town.settle(4)
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0933333333"
        assert set(town.states(code, "gplx")) == {"confirmed", "superseded"}
        assert town.notices(code) == []
        town.ends_well()


def test_steps_between_do_not_go_before_the_dossier_is_there(tmp_path: Path) -> None:
    """The first state comes back, a newer one waits behind a step: it takes the first place."""
    with Town(tmp_path, ("dvcqg",)) as town:
        adapter: Any = town.house.ministries["dvcqg"].adapter
        submit = adapter.submit

        def edited_meanwhile(commands: Any) -> Any:
            adapter.submit = submit
            town.edit(code, applicant_phone="0922222222")
            town.front()
            return [Retryable("503") for _ in commands]

        adapter.submit = edited_meanwhile
        code = town.key(GPLX)
        town.front()
        town.deliver("dvcqg")
        town.settle(4)
        assert town.record("dvcqg", code)["body"]["SoDienThoai"] == "0922222222"
        assert town.shown(code) == [2]
        assert set(town.states(code, "dvcqg")) == {"confirmed", "superseded"}
        town.ends_well()
