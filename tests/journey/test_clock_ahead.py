from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.journey.town import GPLX, Town

SYSTEMS = ("dvcqg", "gplx")
HOUR = timedelta(hours=1)


def phone_there(town: Town, code: str) -> object:
    return town.record("dvcqg", code)["body"]["SoDienThoai"]


def test_a_clerks_clock_an_hour_ahead_hides_nothing(tmp_path: Path) -> None:
    """The stamp from the future is captured, and so is all that right clocks stamp after it."""
    with Town(tmp_path, SYSTEMS) as town:
        ahead, right = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        town.edit(ahead, at=town.clock() + HOUR, applicant_phone="0900000001")
        town.settle(3)
        assert phone_there(town, ahead) == "0900000001"

        for number in range(2, 7):
            town.clock.forward(11 * 60)
            phone = f"090000000{number}"
            town.edit(right, applicant_phone=phone)
            new = town.key(GPLX)
            town.settle(3)
            assert phone_there(town, right) == phone
            assert town.record("gplx", right)["body"]["NguoiNop"]["DienThoai"] == phone
            assert town.states(new, "gplx") == ["confirmed"]
        town.ends_well()


def test_the_dossier_stamped_ahead_is_captured_again_with_a_right_stamp(tmp_path: Path) -> None:
    """A right clock stamps the same row earlier than before: that change counts too."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, at=town.clock() + HOUR, applicant_phone="0900000001")
        town.settle(3)
        town.edit(code, applicant_phone="0900000002")
        town.settle(3)
        assert phone_there(town, code) == "0900000002"
        town.ends_well()


def test_a_ministrys_answer_can_be_written_over_a_stamp_from_the_future(tmp_path: Path) -> None:
    """The bridge's own stamp goes behind the one it finds, so that its write is seen as later."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, at=town.clock() + HOUR, applicant_phone="0900000001")
        stamp = town.dossier(code)["updated_at"]
        town.move("gplx", code, "XL")
        town.settle(4)
        here = town.dossier(code)
        assert here["status"] == 4
        assert here["updated_at"] > stamp
        assert town.shown(code) == [2, 4]
        town.ends_well()
