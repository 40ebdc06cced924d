"""Pausing and resuming: obeyed at once by every process, and nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge.cli.telling import tell
from bridge.engine import deliver, survey
from bridge.engine.people import brakes
from bridge.engine.people.decision import Decision
from bridge.sdk.rehearsal import Fault
from tests.journey.test_leases import Between, another
from tests.journey.town import GPLX, YTE, Town

WHY = Decision("truc", "bộ chuyển máy chủ tối nay")


def pause(town: Town, name: str = "gplx") -> brakes.Pulled:
    return brakes.pause(town.house, town.house.ministries[name], WHY)


def resume(town: Town, name: str = "gplx") -> brakes.Pulled:
    return brakes.resume(town.house, town.house.ministries[name], WHY)


def calls(town: Town, name: str = "gplx") -> int:
    return sum(town.ministries[name].calls.values())


def test_a_paused_system_is_not_called_for_anything(tmp_path: Path) -> None:
    """Neither sent to nor read, asked nor confirmed, for two days; then all goes, both ways."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        known = town.key(GPLX)
        town.settle(2)
        town.ministries["gplx"].faults.next(Fault.ERROR_500, operation="NopHoSo")
        doubtful = town.key(GPLX)
        town.round()
        assert pause(town).changed
        town.move("gplx", known, "XL")
        waiting = town.key(GPLX)
        before = calls(town)
        for _ in range(8):
            town.settle(2)
            town.clock.forward(6 * 3600)
        assert calls(town) == before
        assert town.states(waiting, "gplx") == ["pending"]
        assert town.states(doubtful, "gplx") == ["in_doubt"]
        assert len(town.ministries["dvcqg"].records()) == 3

        assert resume(town).waiting == 1
        town.settle(30)
        assert town.states(waiting, "gplx") == ["confirmed"]
        assert town.states(doubtful, "gplx") == ["confirmed"]
        assert town.dossier(known)["status"] == 4
        town.ends_well()


def test_the_receipts_of_a_paused_system_wait_too(tmp_path: Path) -> None:
    """What was accepted before the pause is not asked about in it, and confirmed after it."""
    with Town(tmp_path, ("yte",)) as town:
        code = town.key(YTE)
        town.front()
        ministry = town.house.ministries["yte"]
        for shard in range(ministry.max_in_flight):
            deliver.drain(town.house, ministry, shard, town.opened.paces["yte"])
        pause(town, "yte")
        town.settle(3)
        assert town.states(code, "yte") == ["accepted"]
        resume(town, "yte")
        town.settle(2)
        assert town.states(code, "yte") == ["confirmed"]
        town.ends_well()


def test_another_process_obeys_before_its_next_call(tmp_path: Path) -> None:
    """Paused from elsewhere while a turn is under way: the call ends, the rest goes back in line."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "max_in_flight = 1"}) as town:
        codes = [town.key(GPLX) for _ in range(12)]
        town.front()
        elsewhere = another(town)
        ministry = town.house.ministries["gplx"]
        made: list[int] = []

        def meanwhile() -> None:
            made.append(calls(town))
            town.clock.forward(0.03)
            if len(made) == 4:
                brakes.pause(elsewhere.house, elsewhere.house.ministries["gplx"], WHY)

        house = replace(town.house, moments=Between(meanwhile))
        deliver.drain(house, ministry, 0, town.opened.paces["gplx"])
        assert town.ministries["gplx"].calls["NopHoSo"] == 3
        states = [town.states(code, "gplx") for code in codes]
        assert states.count(["confirmed"]) == 3
        assert states.count(["pending"]) == 9
        resume(town)
        town.settle(2)
        assert {state for code in codes for state in town.states(code, "gplx")} == {"confirmed"}
        elsewhere.close()
        town.ends_well()


def test_a_pause_between_the_look_and_the_commit_is_obeyed(tmp_path: Path) -> None:
    """Claimed while it ran, paused before it was marked: it is not sent."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.front()
        present = town.house.onestop.present

        def meanwhile(codes: object) -> object:
            pause(town)
            return present(codes)  # type: ignore[arg-type]

        town.house.onestop.present = meanwhile  # type: ignore[method-assign,assignment]
        town.deliver("gplx")
        assert calls(town) == 0
        assert town.states(code, "gplx") == ["pending"]


def test_no_backoff_is_left_over_and_no_patience_used_up(tmp_path: Path) -> None:
    """Failing before a pause of three days: sent at once, and one more failure kills nothing."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        for _ in range(3):
            town.ministries["gplx"].faults.next(Fault.TOO_MANY, operation="NopHoSo")
            town.round()
            town.clock.forward(2)
        pause(town)
        town.clock.forward(3 * 86_400)
        resume(town)
        town.ministries["gplx"].faults.next(Fault.TOO_MANY, operation="NopHoSo")
        town.deliver("gplx")
        assert town.states(code, "gplx") == ["pending"]
        assert town.ministries["gplx"].calls["NopHoSo"] == 4
        town.clock.forward(60)
        town.deliver("gplx")
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_a_mended_login_goes_at_once(tmp_path: Path) -> None:
    """Held for a refused login: resumed, not after the five minutes of the next look."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.ministries["gplx"].faults.always(Fault.EXPIRED_SESSION)
        town.settle(1)
        assert survey.standings(town.house)[0].state == "held"
        town.ministries["gplx"].faults.clear()
        town.round()
        assert town.states(code, "gplx") == ["held"]
        assert resume(town).before.state == "held"
        town.round()
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_twice_is_harmless_and_told(tmp_path: Path) -> None:
    """The second pause keeps the first reason; status and journal say who, why and since when."""
    with Town(tmp_path, ("gplx",)) as town:
        assert not resume(town).changed
        assert pause(town).changed
        again = brakes.pause(
            town.house, town.house.ministries["gplx"], Decision("khac", "vì lý do khác")
        )
        assert not again.changed
        [row] = survey.standings(town.house)
        assert row.state == "paused"
        [reason] = row.reasons
        assert "truc" in reason
        assert WHY.reason in reason
        assert f"{town.clock().astimezone(town.house.zone):%Y-%m-%d}" in reason
        resume(town)
        told = [
            (row.event, row.detail["what"], row.detail["by"]) for row in town.journal("decided")
        ]
        assert told == [("decided", "pause", "truc"), ("decided", "resume", "truc")]
        assert WHY.reason in tell("decided", town.journal("decided")[0].detail)
        town.ends_well()
