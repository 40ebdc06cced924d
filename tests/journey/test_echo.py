from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bridge.engine import capture, post
from tests.journey.town import GPLX, HOTICH, YTE, Town

ROUNDS = 10
BOTH = [
    pytest.param("gplx", GPLX, id="gplx"),
    pytest.param("yte", YTE, id="yte"),
    pytest.param("hotich", HOTICH, id="hotich"),
]


def nothing_moves(town: Town) -> None:
    before = town.moved()
    updated = town.rows("SELECT code, updated_at FROM dossier ORDER BY code")
    calls = {name: dict(ministry.calls) for name, ministry in town.ministries.items()}
    for _ in range(ROUNDS):
        town.round()
        town.clock.forward(3)
        assert town.moved() == before
    assert town.rows("SELECT code, updated_at FROM dossier ORDER BY code") == updated
    for name in ("dvcqg", "yte"):
        if name in calls:
            assert dict(town.ministries[name].calls) == calls[name]


@pytest.mark.parametrize(("name", "procedure"), BOTH)
def test_our_own_submission_in_the_feed_is_no_news(
    tmp_path: Path, name: str, procedure: str
) -> None:
    """The ministry's feed shows what we sent, and the row we wrote the number into is captured."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(4)
        assert town.states(code, name) == ["confirmed"]
        assert town.states(code, "dvcqg") == ["confirmed", "confirmed"]
        nothing_moves(town)
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure"), BOTH)
def test_a_ministrys_change_we_wrote_down_is_not_sent_back_to_it(
    tmp_path: Path, name: str, procedure: str
) -> None:
    """The one-stop row a ministry's move was written into is captured: only the portal hears."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(4)
        town.ministries[name].advance()
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        assert town.states(code, name) == ["confirmed"]
        assert town.record(name, code)["updates"] == 0
        assert town.record("dvcqg", code)["updates"] == 1
        nothing_moves(town)
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure"), BOTH)
def test_an_update_of_ours_comes_home_quietly(tmp_path: Path, name: str, procedure: str) -> None:
    """A corrected phone number goes out once to each; its echo makes no further delivery."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(4)
        town.edit(code, applicant_phone="0900000001")
        town.settle(4)
        assert town.record(name, code)["updates"] == 1
        assert town.record("dvcqg", code)["updates"] == 1
        if name == "yte":
            town.ministries[name].move(town.record(name, code)["ref"], "MOI")
            town.settle(3)
        nothing_moves(town)
        town.ends_well()


def test_a_stamp_that_moves_over_equal_content_is_no_news(tmp_path: Path) -> None:
    """The clerk's software touches updated_at and nothing else: nothing is captured or sent."""
    with Town(tmp_path) as town:
        code = town.key(GPLX)
        town.settle(4)
        before = town.moved()
        for _ in range(3):
            town.edit(code)
            town.settle(2)
        assert town.moved() == before
        town.ends_well()


@pytest.mark.parametrize("names", [("gplx",), ("dvcqg", "gplx")], ids=["alone", "mirrored"])
def test_what_we_wrote_ourselves_is_not_captured_again(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """The number and the status are ours to know: the portal hears of them without a capture."""
    with Town(tmp_path, names) as town:
        code = town.key(GPLX)
        town.settle(4)
        town.move("gplx", code, "XL")
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        assert town.events(code, "onestop").count("captured") == 1
        if "dvcqg" in names:
            assert town.record("dvcqg", code)["body"]["TrangThaiHoSo"] == "4"
        nothing_moves(town)
        town.ends_well()


def test_an_edit_nobody_captured_before_our_write_is_captured(tmp_path: Path) -> None:
    """The clerk corrects a dossier just before a status is written over it: both arrive."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(4)
        town.move("gplx", code, "XL")
        town.edit(code, applicant_phone="0900000001")
        town.receive("gplx")
        assert town.dossier(code)["status"] == 4
        town.settle(4)
        assert town.events(code, "onestop").count("captured") == 2
        assert town.record("dvcqg", code)["body"]["SoDienThoai"] == "0900000001"
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        town.ends_well()


def test_an_edit_that_is_captured_and_not_posted_is_told_as_it_is_now(tmp_path: Path) -> None:
    """A status is written between capture and post: what was captured is past, and is not told."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(4)
        town.edit(code, summary="Đổi giấy phép lái xe hạng B")
        sum(capture.capture(town.house))
        town.move("gplx", code, "XL")
        town.receive("gplx")
        post.post_all(town.house)
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        assert not {"clash", "loss"} & set(town.events(code))
        town.ends_well()


def test_a_page_read_before_our_write_is_no_news_after_it(tmp_path: Path) -> None:
    """Capture reads a row, a status is written into it, capture stores the page: it is read again."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(4)
        town.move("gplx", code, "XL")
        town.edit(code, applicant_phone="0900000001")
        read = town.house.onestop.changes

        def meanwhile(*given: Any) -> Any:
            page = read(*given)
            town.receive("gplx")
            return page

        with patch.object(town.house.onestop, "changes", meanwhile):
            sum(capture.capture(town.house))
        post.post_all(town.house)
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        assert not {"clash", "loss"} & set(town.events(code))
        assert town.shown(code) == [2, 4]
        assert town.record("dvcqg", code)["body"]["SoDienThoai"] == "0900000001"
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        town.ends_well()


def test_what_is_keyed_once_our_clock_was_put_right_goes_out(tmp_path: Path) -> None:
    """It ran an hour ahead while a dossier was captured, and was right again when the clerk corrected it."""
    with Town(tmp_path, ("gplx",)) as town:
        town.clock.forward(3600)
        code = town.key(GPLX)
        town.settle(3)
        town.clock.forward(-3540)
        town.edit(code, applicant_phone="0900000001")
        town.settle(3)
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        town.ends_well()
