from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bridge.engine import survey
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, YTE, Town

SYSTEMS = ("dvcqg", "gplx")


def state(town: Town, name: str) -> str:
    (standing,) = survey.standings(town.house, [name])
    return standing.state


def attempts(town: Town, code: str) -> int:
    (delivery,) = [one for one in survey.story(town.house, code).deliveries if one.system == "gplx"]
    return delivery.attempts


@pytest.mark.parametrize("sick", ["dvcqg", "gplx", "yte"])
def test_one_ministry_down_hurts_nobody_else(tmp_path: Path, sick: str) -> None:
    """The others go on while it is down; a minute after it is back it has everything, unaided."""
    with Town(tmp_path) as town:
        licence, practice = town.key(GPLX), town.key(YTE)
        own = {"gplx": licence, "yte": practice}
        town.ministries[sick].down()
        town.settle(5)
        for name, code in own.items():
            if name != sick:
                assert town.states(code, name) == ["confirmed"]
        if sick != "dvcqg":
            assert len(town.ministries["dvcqg"].records()) == 2
            assert "confirmed" not in town.states(own[sick], sick)
        for _ in range(12):
            town.clock.forward(600)
            town.round()
        town.ministries[sick].up()
        town.clock.forward(60)
        town.settle(4)
        assert len(town.ministries["dvcqg"].records()) == 2
        for name, code in own.items():
            assert town.states(code, name) == ["confirmed"]
            assert town.dossier(code)["ministry_ref"] is not None
        assert state(town, sick) == "running"
        town.ends_well()


def test_too_many_calls_waits_as_long_as_it_was_asked_to(tmp_path: Path) -> None:
    """429 with Retry-After 1: known not applied, not sent again within the second, then once."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.next(Fault.TOO_MANY, operation="NopHoSo")
        town.front()
        town.deliver("gplx")
        assert town.states(code, "gplx") == ["pending"]
        calls = sum(ministry.calls.values())
        town.deliver("gplx")
        town.receive("gplx")
        assert sum(ministry.calls.values()) == calls
        town.clock.forward(1.1)
        town.deliver("gplx")
        assert town.states(code, "gplx") == ["confirmed"]
        assert ministry.calls["NopHoSo"] == 2
        assert ministry.calls["TraCuuTheoMaMotCua"] == 0
        town.ends_well()


def test_a_closed_ministry_is_left_alone_and_costs_no_attempt(tmp_path: Path) -> None:
    """A page of maintenance: held, no call for a minute, no attempt counted, then it goes."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.next(Fault.PAGE_503, operation="NopHoSo")
        town.round()
        assert town.states(code, "gplx") == ["held"]
        assert state(town, "gplx") == "maintenance"
        calls = sum(ministry.calls.values())
        town.settle(5)
        assert sum(ministry.calls.values()) == calls
        assert attempts(town, code) == 0
        town.clock.forward(60)
        town.settle(2)
        assert town.states(code, "gplx") == ["confirmed"]
        assert state(town, "gplx") == "running"
        town.ends_well()


def test_a_ministry_that_says_when_it_opens_is_asked_then(tmp_path: Path) -> None:
    """DangBaoTri with DenLuc: nothing is called before, and all goes after."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        opens = town.clock().timestamp() + 7200
        ministry.shut("DangBaoTri", DenLuc=_iso(town, 7200))
        town.round()
        calls = sum(ministry.calls.values())
        while town.clock().timestamp() < opens - 700:
            town.clock.forward(600)
            town.round()
        assert sum(ministry.calls.values()) == calls
        ministry.reopen()
        town.clock.forward(1400)
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_a_refused_login_holds_the_system_and_is_said_once(tmp_path: Path) -> None:
    """Held through an hour of retries, said once; with the login mended all goes by itself."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        codes = [town.key(GPLX) for _ in range(3)]
        ministry.faults.always(Fault.EXPIRED_SESSION)
        town.settle(3)
        assert state(town, "gplx") == "held"
        for _ in range(12):
            town.clock.forward(301)
            town.settle(2)
        held = [row for row in town.journal("held") if row.code is None]
        assert [(row.system, row.detail["state"]) for row in held] == [("gplx", "held")]
        assert len(town.ministries["dvcqg"].records()) == 3
        assert sum(attempts(town, code) for code in codes) == 0

        ministry.faults.clear()
        town.clock.forward(301)
        town.settle(3)
        assert [town.states(code, "gplx") for code in codes] == [["confirmed"]] * 3
        assert [row.system for row in town.journal("resumed")] == ["gplx"]
        town.ends_well()


def test_a_session_that_dies_without_notice_costs_nothing(tmp_path: Path) -> None:
    """The portal forgets our session between and within calls: logged in again, sent once."""
    with Town(tmp_path, SYSTEMS) as town:
        portal = town.ministries["dvcqg"]
        code = town.key(GPLX)
        portal.faults.next(Fault.EXPIRED_SESSION, operation="DongBoHoSoMC")
        town.settle(2)
        portal.end_sessions()
        town.move("gplx", code, "XL")
        town.settle(3)
        assert town.shown(code) == [2, 4]
        assert set(town.states(code, "dvcqg")) == {"confirmed"}
        assert town.journal("in_doubt", code) == []
        town.ends_well()


def test_days_of_refused_connections_are_no_dead_letter(tmp_path: Path) -> None:
    """Nobody answers for three days: still waiting, nobody is bothered, and it goes at last."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.ministries["gplx"].down()
        for _ in range(24):
            town.round()
            town.clock.forward(3 * 3600)
        assert town.states(code, "gplx") == ["pending"]
        assert town.notices(code) == []
        town.ministries["gplx"].up()
        town.clock.forward(60)
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def _iso(town: Town, seconds: float) -> str:
    return (town.clock() + timedelta(seconds=seconds)).isoformat()
