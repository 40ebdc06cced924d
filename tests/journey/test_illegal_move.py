from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journey.town import GPLX, Town

SYSTEMS = ("dvcqg", "gplx")


def bring_to(town: Town, status: int) -> str:
    """Key a dossier and let it come to a status the counter ends it with, or to 9."""
    code = town.key(GPLX)
    town.settle(3)
    if status != 7:
        for word in ("XL", "CP"):
            town.move("gplx", code, word)
            town.settle(3)
    if status != 9:
        town.step(code, status)
        town.settle(4)
    assert {town.record(name, code)["status"] for name in SYSTEMS} == {status}
    return code


def the_notice(town: Town, code: str, system: str) -> dict[str, Any]:
    (notice,) = [one for one in town.notices(code) if one["system"] == system]
    return notice


@pytest.mark.parametrize(
    ("status", "why"), [(7, "illegal_move"), (10, "illegal_move"), (9, "reopening")]
)
def test_a_ministry_can_not_reopen_what_is_ended(tmp_path: Path, status: int, why: str) -> None:
    """The ministry says 4 of a dossier that is 7, 9 or 10: nothing moves, a person is asked."""
    with Town(tmp_path, SYSTEMS) as town:
        code = bring_to(town, status)
        shown, updates = town.shown(code), town.record("gplx", code)["updates"]
        town.move("gplx", code, "XL", "Mở lại")
        town.settle()
        assert town.dossier(code)["status"] == status
        assert town.record("dvcqg", code)["status"] == status
        assert town.shown(code) == shown
        assert town.record("gplx", code)["updates"] == updates
        assert town.conflicts(code, "gplx")["status"].why == why
        notice = the_notice(town, code, "gplx")
        assert (notice["field"], notice["severity"]) == ("status", "action")
        assert len(town.journal("clash", code)) == 1

        town.move("gplx", code, {7: "HUY", 9: "CP", 10: "TR"}[status])
        town.settle()
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        assert town.dossier(code)["status"] == status
        assert town.shown(code) == shown
        town.ends_well()


def test_a_clerks_illegal_move_goes_nowhere(tmp_path: Path) -> None:
    """The clerk keys 4 over 9: the portal and the ministry are not told, a person is asked."""
    with Town(tmp_path, SYSTEMS) as town:
        code = bring_to(town, 9)
        town.step(code, 4)
        town.settle()
        assert [town.record(name, code)["status"] for name in SYSTEMS] == [9, 9]
        assert town.shown(code) == [2, 4, 9]
        for name in SYSTEMS:
            assert town.conflicts(code, name)["status"].why == "illegal_move"
            assert the_notice(town, code, name)["severity"] == "action"
        town.edit(code, applicant_phone="0900000001")
        town.settle()
        portal = town.record("dvcqg", code)
        assert (portal["body"]["SoDienThoai"], portal["status"]) == ("0900000001", 9)

        town.edit(code, status=9)
        town.settle()
        assert [town.conflicts(code, name) for name in SYSTEMS] == [{}, {}]
        assert town.notices(code) == []
        town.ends_well()


def test_a_legal_move_ends_the_conflict_over_an_illegal_one(tmp_path: Path) -> None:
    """After a mistaken 4 over 9 the clerk hands the result over: 10 goes out, the conflict ends."""
    with Town(tmp_path, SYSTEMS) as town:
        code = bring_to(town, 9)
        town.edit(code, status=4)
        town.settle(3)
        assert town.conflicts(code, "gplx").keys() == {"status"}
        town.step(code, 10)
        town.settle()
        assert [town.record(name, code)["status"] for name in SYSTEMS] == [10, 10]
        assert [town.conflicts(code, name) for name in SYSTEMS] == [{}, {}]
        assert town.shown(code) == [2, 4, 9, 10]
        town.ends_well()


@pytest.mark.parametrize(("word", "end"), [("HUY", 7), ("TR", 10)])
def test_an_end_the_counter_never_keyed_is_a_conflict(tmp_path: Path, word: str, end: int) -> None:
    """HUY and TR are the counter's words: from the ministry alone they change nothing."""
    with Town(tmp_path, SYSTEMS) as town:
        code = bring_to(town, 9) if end == 10 else town.key(GPLX)
        town.settle(3)
        before, shown = town.dossier(code)["status"], town.shown(code)
        town.move("gplx", code, word)
        town.settle()
        assert town.dossier(code)["status"] == before
        assert town.record("dvcqg", code)["status"] == before
        assert town.shown(code) == shown
        assert town.conflicts(code, "gplx")["status"].why == "not_ours"
        assert the_notice(town, code, "gplx")["severity"] == "action"

        town.step(code, end)
        town.settle()
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        assert town.record("gplx", code)["updates"] == 0
        assert town.record("dvcqg", code)["status"] == end
        town.ends_well()


def test_an_end_the_ministry_takes_back_is_forgotten(tmp_path: Path) -> None:
    """HUY by mistake, then XL: the conflict ends by itself and the dossier goes on."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "HUY")
        town.settle(3)
        assert town.conflicts(code, "gplx").keys() == {"status"}
        town.move("gplx", code, "XL")
        town.settle()
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        assert town.dossier(code)["status"] == 4
        assert town.progress(code) == [(2, "onestop"), (4, "gplx")]
        assert town.shown(code) == [2, 4]
        town.ends_well()


def test_a_refusal_after_reception_is_shown_to_a_person(tmp_path: Path) -> None:
    """2 to 3 is no legal move: nothing is sent, both systems' conflicts say so; taken back, it ends."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, status=3, applicant_phone="0911111111")
        town.settle(3)
        for name in ("dvcqg", "gplx"):
            assert town.conflicts(code, name)["status"].why == "illegal_move"
            assert town.record(name, code)["updates"] == 0
        assert [one["field"] for one in town.notices(code)] == ["status", "status"]
        town.edit(code, status=2)
        town.settle(3)
        for name in ("dvcqg", "gplx"):
            assert town.conflicts(code, name) == {}
            assert town.record(name, code)["updates"] == 1
        assert town.notices(code) == []
        town.ends_well()


def test_a_dossier_refused_before_it_was_sent_is_taken_back(tmp_path: Path) -> None:
    """It stood in line when the counter refused it: the sector ministry never sees it."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.front()
        town.edit(code, status=3)
        town.settle(3)
        assert town.ministries["gplx"].records() == []
        assert town.states(code, "gplx") == ["superseded"]
        town.ends_well()
