from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bridge.domain.delivery import State
from bridge.engine import ask, deliver, doubt, survey
from bridge.engine.house import House, Ministry
from bridge.engine.pace import Pace
from bridge.engine.paused import LOOK_EVERY
from bridge.engine.people import brakes
from bridge.engine.people.decision import Decision
from bridge.sdk.errors import Retryable
from bridge.sdk.records import Command
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town

MANY = 12


def leave_in_doubt(town: Town) -> None:
    """Let the answers to as many new dossiers get lost, until they are due to be asked about."""
    portal = town.ministries["dvcqg"]
    town.key(GPLX, MANY)
    town.front()
    portal.faults.always(Fault.LOST_ANSWER, "DongBoHoSoMC")
    town.deliver("dvcqg")
    portal.faults.clear()
    town.clock.forward(10)


@pytest.mark.parametrize("shards", [1, 4])
def test_what_a_crash_left_in_doubt_is_asked_about_together(tmp_path: Path, shards: int) -> None:
    """One question first; then what is answered in a moment is settled in one transaction a shard."""
    commits: list[str] = []
    with Town(tmp_path, ("dvcqg",), extra={"dvcqg": f"max_in_flight = {shards}"}) as town:
        leave_in_doubt(town)
        moment = town.clock()
        house = replace(town.house, now=lambda: moment)
        house.store.on_commit = lambda name, phase: commits.append(f"{name}:{phase}")
        assert doubt.ask_due(house, house.ministries["dvcqg"]) == MANY
        assert commits.count("doubt asked:after") == 1 + shards
        town.house.store.on_commit = None
        town.settle(2)
        assert len(town.ministries["dvcqg"].records()) == MANY
        town.ends_well()


def test_what_a_process_died_in_sending_goes_apart_and_in_company(tmp_path: Path) -> None:
    """One turn for those that were under way once, a call alone for what was thrice, one for the rest."""
    turns: list[int] = []
    with Town(tmp_path, ("dvcqg",), extra={"dvcqg": "max_in_flight = 1"}) as town:
        town.key(GPLX, MANY)
        town.front()
        with town.house.store.write("test") as unit:
            ids = [one.id for one in unit.outbox.claim("dvcqg", 0, MANY)]
            for one, crashes in zip(ids[2:7], (1, 1, 3, 1, 1), strict=True):
                unit.outbox.change(one, crashes=crashes)
        real = deliver._mark

        def counted(*given: Any, **named: Any) -> Any:
            marked = real(*given, **named)
            turns.append(len(marked or ()))
            return marked

        with patch.object(deliver, "_mark", counted):
            town.deliver("dvcqg")
        assert turns[:3] == [1, 4, MANY - 5]
        town.ends_well()


def test_a_pause_ends_the_questions_of_a_turn(tmp_path: Path) -> None:
    """Paused after the second question: no third is asked; resumed, all are."""
    with Town(tmp_path, ("dvcqg",), extra={"dvcqg": "max_in_flight = 1"}) as town:
        leave_in_doubt(town)
        real, asked = ask.probe, 0
        moment = town.clock()
        house = replace(town.house, now=lambda: moment)
        portal = house.ministries["dvcqg"]

        def then_paused(*given: Any) -> Any:
            nonlocal asked, moment
            answer, asked = real(*given), asked + 1
            if asked == 2:
                brakes.pause(town.house, portal, Decision("truc", "bảo trì"))
                moment += LOOK_EVERY
            return answer

        with patch.object(ask, "probe", then_paused):
            assert doubt.ask_due(house, portal) == 2
        assert asked == 2
        brakes.resume(town.house, portal, Decision("truc", "xong"))
        assert town.ask("dvcqg") == MANY - 2
        town.ends_well()


def test_a_question_that_failed_says_nothing_of_a_later_sending(tmp_path: Path) -> None:
    """Asked about in vain while others had it known absent, and sent: its grace begins anew."""
    with Town(tmp_path, ("gplx",)) as town:
        gplx = town.ministries["gplx"]
        gplx.faults.next(Fault.CUT_BEFORE, operation="NopHoSo")
        code = town.key(GPLX)
        town.front()
        town.deliver("gplx")
        [first] = survey.story(town.house, code).deliveries
        real = ask.probe

        def meanwhile(house: House, ministry: Ministry, command: Command) -> Any:
            with patch.object(ask, "probe", real):
                for _ in range(3):
                    town.clock.forward(10)
                    town.ask("gplx")
                gplx.faults.next(Fault.CUT_BEFORE, operation="NopHoSo")
                town.deliver("gplx")
            return Retryable("the question was lost")

        with patch.object(ask, "probe", meanwhile):
            doubt.ask_one(town.house, town.house.ministries["gplx"], first)
        [second] = survey.story(town.house, code).deliveries
        assert second.sent_at != first.sent_at
        assert (second.state, second.absences) == (State.IN_DOUBT, 0)
        assert second.sent_at is not None
        assert second.call_ended_at is not None
        assert second.call_ended_at >= second.sent_at


def test_while_asking_lags_behind_only_what_is_waited_for_goes_out(tmp_path: Path) -> None:
    """Twelve doubts of a shard are due: nothing is sent beside them, but what a citizen waits for."""
    with Town(tmp_path, ("dvcqg",), extra={"dvcqg": "max_in_flight = 1"}) as town:
        leave_in_doubt(town)
        brakes.resume(town.house, town.house.ministries["dvcqg"], Decision("truc", "xong"))
        later, waited_for = town.key(GPLX), town.key(GPLX)
        town.front()
        assert town.deliver("dvcqg") == 0
        with town.house.store.read() as unit:
            link = unit.links.of_codes([waited_for])[waited_for, "dvcqg"].id
        ministry = town.house.ministries["dvcqg"]
        assert deliver.drain(town.house, ministry, 0, Pace(), link=link) == 2  # and its first step
        assert set(town.states(later, "dvcqg")) == {"pending"}
        assert town.ask("dvcqg") == MANY
        assert town.deliver("dvcqg") >= 1
        town.settle(2)
        town.ends_well()
