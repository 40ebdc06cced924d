from __future__ import annotations

from pathlib import Path

import mappings
from bridge.engine import feed, receive
from tests.journey.town import GPLX, Town

SYSTEMS = ("dvcqg", "gplx")
OURS, THEIRS = "0900000001", "0900000002"


def losses(town: Town, code: str) -> list[tuple[object, object]]:
    return [(row.detail["field"], row.detail["side"]) for row in town.journal("loss", code)]


def test_the_counters_field_changed_on_both_sides_stays_the_counters(tmp_path: Path) -> None:
    """The applicant is the one-stop's: its phone number wins at the ministry, the loss is told."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, applicant_phone=OURS)
        town.ministry_edits(code, DienThoai=THEIRS)
        town.settle()
        assert town.dossier(code)["applicant_phone"] == OURS
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == OURS
        assert town.record("dvcqg", code)["body"]["SoDienThoai"] == OURS
        assert losses(town, code) == [("applicant.phone", "ministry")]
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()


def test_what_the_ministry_alone_changes_in_the_counters_field_is_put_back(tmp_path: Path) -> None:
    """An officer's edit of the applicant is sent over with the counter's word, and journalled."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        phone = town.dossier(code)["applicant_phone"]
        town.ministry_edits(code, DienThoai=THEIRS)
        town.settle()
        assert town.dossier(code)["applicant_phone"] == phone
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == phone
        assert losses(town, code) == [("applicant.phone", "ministry")]
        town.ends_well()


def test_the_ministrys_field_changed_on_both_sides_stays_the_ministrys(tmp_path: Path) -> None:
    """status_note is the ministry's: its words replace the clerk's, the loss is told."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, status_note="Lời của cán bộ một cửa")
        town.move("gplx", code, "XL", "Lời của bộ")
        town.settle()
        assert town.dossier(code)["status_note"] == "Lời của bộ"
        assert town.record("dvcqg", code)["body"]["GhiChu"] == "Lời của bộ"
        assert losses(town, code) == [("status_note", "onestop")]
        town.ends_well()


def test_a_status_both_keyed_is_the_ministrys(tmp_path: Path) -> None:
    """The clerk keys 4, which only the ministry may say; the ministry says 5: 5 it is."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, status=4)
        town.move("gplx", code, "BS", "Thiếu giấy khám sức khỏe")
        town.settle()
        assert town.dossier(code)["status"] == 5
        assert losses(town, code) == [("status", "onestop")]
        assert town.record("gplx", code)["status"] == 5
        assert town.record("dvcqg", code)["status"] == 5
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()


def test_different_fields_merge(tmp_path: Path) -> None:
    """The clerk mends the address while the ministry moves the status: both stand, none is lost."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, applicant_address="Số 9, phường Mẫu")
        town.move("gplx", code, "XL", "Đang thẩm tra")
        town.settle()
        here, there = town.dossier(code), town.record("gplx", code)
        assert (here["applicant_address"], here["status"]) == ("Số 9, phường Mẫu", 4)
        assert there["body"]["NguoiNop"]["DiaChi"] == "Số 9, phường Mẫu"
        assert (there["status"], there["updates"]) == (4, 1)
        assert losses(town, code) == []
        town.ends_well()


def test_a_record_read_before_our_word_takes_nothing_of_it_back(tmp_path: Path) -> None:
    """The feed was read, then our correction was applied: the old record is no loss, no news."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        ministry = town.house.ministries["gplx"]
        town.move("gplx", code, "XL", "Đang thẩm tra")
        feed.poll_open(town.house, ministry)
        town.edit(code, applicant_phone=OURS)
        town.clock.forward(1)
        town.front()
        town.deliver("gplx")
        receive.work(town.house, ministry)
        town.settle()
        here, there = town.dossier(code), town.record("gplx", code)
        assert (here["applicant_phone"], here["status"]) == (OURS, 4)
        assert (there["body"]["NguoiNop"]["DienThoai"], there["updates"]) == (OURS, 1)
        assert losses(town, code) == []
        town.ends_well()


def test_a_field_nobody_owns_waits_for_a_person(tmp_path: Path) -> None:
    """A mapping may leave a field without an owner: then neither word moves, and a notice says so."""
    mapping = Path(mappings.__path__[0], "gplx", "licence.v1.yaml").read_text("utf-8")
    phone = "theirs: NguoiNop/DienThoai, owner: onestop"
    assert phone in mapping
    ours = mapping.replace(phone, phone.replace("onestop", "none"))
    (tmp_path / "own.yaml").write_text(ours, "utf-8")
    extra = {"gplx": '[mapping]\ndossier = "own.yaml"'}
    with Town(tmp_path, SYSTEMS, extra=extra) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, applicant_phone=OURS, applicant_address="Số 9, phường Mẫu")
        town.ministry_edits(code, DienThoai=THEIRS)
        town.receive("gplx")
        town.settle()
        there = town.record("gplx", code)["body"]["NguoiNop"]
        assert (town.dossier(code)["applicant_phone"], there["DienThoai"]) == (OURS, THEIRS)
        assert there["DiaChi"] == "Số 9, phường Mẫu"
        assert town.conflicts(code, "gplx")["applicant.phone"].why == "no_owner"
        (notice,) = town.notices(code)
        assert (notice["field"], notice["severity"]) == ("applicant_phone", "action")

        town.edit(code, applicant_phone=THEIRS)
        town.settle()
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        town.ends_well()
