from __future__ import annotations

from pathlib import Path

import pytest

from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, YTE, Town

SYSTEMS = ("dvcqg", "gplx")
GRACE = 4.0
"""Twice the timeout of two seconds."""

UNKNOWN = [
    Fault.LOST_ANSWER,
    Fault.CUT_BEFORE,
    Fault.ERROR_500,
    Fault.ERROR_502,
    Fault.HTML_200,
    Fault.TRUNCATED,
]


def released(town: Town, name: str) -> None:
    """Let what a fault held back be applied, and wait until it is."""
    ministry = town.ministries[name]
    ministry.faults.release()
    for thread in ministry._late:
        thread.join(10)


def test_a_dossier_applied_after_we_asked_is_there_once(tmp_path: Path) -> None:
    """Absent when asked early counts for nothing: it is applied, asked about again, confirmed."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.next(Fault.APPLIED_LATE, operation="NopHoSo")
        town.round()
        assert town.states(code, "gplx") == ["in_doubt"]
        town.clock.forward(2.5)
        assert ministry.calls["TraCuuTheoMaMotCua"] == 0
        town.ask("gplx")
        assert ministry.calls["TraCuuTheoMaMotCua"] == 1
        assert town.states(code, "gplx") == ["in_doubt"]
        town.deliver("gplx")
        assert ministry.calls["NopHoSo"] == 1

        released(town, "gplx")
        town.clock.forward(3)
        town.ask("gplx")
        assert town.states(code, "gplx") == ["confirmed"]
        assert ministry.calls["NopHoSo"] == 1
        assert len(ministry.records()) == 1
        town.settle(3)
        assert town.dossier(code)["ministry_ref"] == town.record("gplx", code)["ref"]
        town.ends_well()


def test_absent_counts_only_after_the_grace_and_twice(tmp_path: Path) -> None:
    """Never applied: asked until it is absent twice after the grace, and only then sent again."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.next(Fault.CUT_BEFORE, operation="NopHoSo")
        town.round()
        asked_at = 0.0
        for moment in (2.5, GRACE + 0.6):  # before the grace, and once after it
            town.clock.forward(moment - asked_at)
            asked_at = moment
            town.ask("gplx")
            town.deliver("gplx")
            assert ministry.calls["NopHoSo"] == 1
            assert town.states(code, "gplx") == ["in_doubt"]
        town.clock.forward(GRACE / 2)
        town.ask("gplx")
        town.deliver("gplx")
        assert ministry.calls["NopHoSo"] == 2
        assert town.states(code, "gplx") == ["confirmed"]
        assert len(ministry.records()) == 1
        town.ends_well()


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_lost_answer_to_a_new_dossier_is_asked_about(tmp_path: Path, fault: Fault) -> None:
    """Whatever became of the answer, one record, whether the dossier was applied or not."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.next(fault, operation="NopHoSo")
        town.round()
        assert town.states(code, "gplx") == ["in_doubt"]
        town.settle(6)
        assert town.states(code, "gplx") == ["confirmed"]
        assert len(ministry.records()) == 1
        assert town.dossier(code)["ministry_ref"] == town.record("gplx", code)["ref"]
        assert ministry.calls["NopHoSo"] == (1 if applied(fault) else 2)
        town.ends_well()


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_lost_answer_to_an_update_is_asked_about(tmp_path: Path, fault: Fault) -> None:
    """The record is compared with what was sent: applied is confirmed, not applied is sent again."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        town.settle(3)
        ministry.faults.next(fault, operation="CapNhatHoSo")
        town.edit(code, applicant_phone="0900000001")
        town.round()
        assert town.states(code, "gplx")[-1] == "in_doubt"
        town.settle(6)
        assert town.states(code, "gplx")[-1] == "confirmed"
        there = town.record("gplx", code)
        assert (there["body"]["NguoiNop"]["DienThoai"], there["updates"]) == ("0900000001", 1)
        assert ministry.calls["CapNhatHoSo"] == (1 if applied(fault) else 2)
        town.ends_well()


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_lost_answer_of_the_portal_leaves_create_and_update_told_truthfully(
    tmp_path: Path, fault: Fault
) -> None:
    """IsUpdating is what the portal holds, never a guess it has to refuse."""
    with Town(tmp_path, SYSTEMS) as town:
        portal = town.ministries["dvcqg"]
        code = town.key(GPLX)
        for number, sent in enumerate((1, 1)):
            before = portal.calls["DongBoHoSoMC"]
            portal.faults.next(fault, operation="DongBoHoSoMC")
            town.round()
            assert "in_doubt" in town.states(code, "dvcqg")
            town.settle(6)
            assert set(town.states(code, "dvcqg")) == {"confirmed"}
            calls = portal.calls["DongBoHoSoMC"] - before
            assert calls == sent if applied(fault) else calls == sent + 1
            assert town.record("dvcqg", code)["updates"] == number
            town.edit(code, applicant_phone="0900000001")
        notes = [row for row in town.journal("confirmed", code) if "note" in row.detail]
        assert notes == []
        assert town.shown(code) == [2]
        town.ends_well()


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_step_whose_answer_is_lost_is_shown_once(tmp_path: Path, fault: Fault) -> None:
    """Steps have no id over there: DanhSachTienDo is read before anything is sent again."""
    with Town(tmp_path, SYSTEMS) as town:
        portal = town.ministries["dvcqg"]
        code = town.key(GPLX)
        portal.faults.next(fault, operation="CapNhatTienDoHoSoMC")
        town.settle(8)
        assert town.shown(code) == [2]
        town.move("gplx", code, "XL")
        portal.faults.next(fault, operation="CapNhatTienDoHoSoMC")
        town.settle(8)
        assert town.shown(code) == [2, 4]
        assert set(town.states(code, "dvcqg")) == {"confirmed"}
        town.ends_well()


def test_a_step_the_portal_applies_late_is_shown_once(tmp_path: Path) -> None:
    """The step is not there when we ask, then it is: it is not sent a second time."""
    with Town(tmp_path, SYSTEMS) as town:
        portal = town.ministries["dvcqg"]
        code = town.key(GPLX)
        portal.faults.next(Fault.APPLIED_LATE, operation="CapNhatTienDoHoSoMC")
        town.round()
        town.clock.forward(2.5)
        town.ask("dvcqg")
        assert town.states(code, "dvcqg") == ["confirmed", "in_doubt"]
        released(town, "dvcqg")
        town.settle(4)
        assert town.shown(code) == [2]
        assert portal.calls["CapNhatTienDoHoSoMC"] == 1
        town.ends_well()


def test_our_record_in_the_feed_before_its_answer_is_no_import(tmp_path: Path) -> None:
    """The answer is lost and the feed shows the dossier at once: it is ours, and stays one."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
        town.front()
        town.deliver("gplx")
        town.move("gplx", code, "XL")
        town.settle(4)
        assert town.states(code, "gplx") == ["confirmed"]
        assert town.dossier(code)["status"] == 4
        assert len(town.rows("SELECT code FROM dossier")) == 1
        town.ends_well()


def test_a_lost_receipt_of_yte_is_made_up_for_by_its_feed(tmp_path: Path) -> None:
    """The receipt never comes; the ministry's own file names our dossier, and that proves it."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        code = town.key(YTE)
        town.ministries["yte"].faults.next(Fault.LOST_ANSWER, operation="take")
        town.settle(3)
        assert town.states(code, "yte") == ["accepted"]
        town.ministries["yte"].advance()
        town.settle(8)
        assert town.states(code, "yte") == ["confirmed"]
        assert town.dossier(code)["ministry_ref"] == town.record("yte", code)["ref"]
        assert town.dossier(code)["status"] == 4

        town.ministries["yte"].faults.next(Fault.LOST_ANSWER, operation="take")
        town.edit(code, applicant_phone="0900000001")
        town.settle(3)
        assert town.states(code, "yte") == ["confirmed", "accepted"]
        town.ministries["yte"].advance()
        town.ministries["yte"].advance()
        town.settle(8)
        assert town.states(code, "yte") == ["confirmed", "confirmed"]
        assert town.dossier(code)["status"] == 9
        town.ends_well()


def applied(fault: Fault) -> bool:
    return fault in {Fault.LOST_ANSWER, Fault.TRUNCATED}
