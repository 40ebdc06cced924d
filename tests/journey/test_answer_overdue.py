from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.engine import doubt, survey
from bridge.engine.survey import Standing
from bridge.sdk.records import Command
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, YTE, Town

HOUR = 3600.0
SYSTEMS = ("dvcqg", "gplx")


def stands(town: Town, name: str) -> Standing:
    (standing,) = survey.standings(town.house, [name])
    return standing


def waits_for_its_receipt(town: Town) -> str:
    """Let the ministry of health take a dossier and keep its receipt back."""
    town.ministries["yte"].faults.next(Fault.SLOW, operation="take")
    code = town.key(YTE)
    town.round()
    assert town.states(code, "yte") == ["accepted"]
    return code


def waits_for_its_answer(town: Town, fault: Fault = Fault.LOST_ANSWER) -> str:
    """Lose the answer to a new dossier, and let every look-up fail from then on."""
    ministry = town.ministries["gplx"]
    ministry.faults.next(fault, operation="NopHoSo")
    ministry.faults.always(Fault.ERROR_500, operation="TraCuuTheoMaMotCua")
    code = town.key(GPLX)
    town.round()
    assert town.states(code, "gplx") == ["in_doubt"]
    return code


def told(town: Town, code: str, system: str) -> list[str]:
    """Return what the clerk is told of answers that do not come."""
    return [
        notice["text_vi"]
        for notice in town.notices(code)
        if notice["system"] == system and "24 giờ" in notice["text_vi"]
    ]


def test_a_receipt_that_never_comes_is_told_of_after_a_day(tmp_path: Path) -> None:
    """At 24 hours nobody is told; past them the clerk and the operator are, once, and it stays."""
    with Town(tmp_path, ("yte",)) as town:
        code = waits_for_its_receipt(town)
        town.clock.forward(24 * HOUR - 60)
        town.round()
        assert (told(town, code, "yte"), stands(town, "yte").overdue) == ([], 0)
        town.clock.forward(120)
        for _ in range(3):
            town.round()
            town.clock.forward(700)
        assert town.states(code, "yte") == ["accepted"]
        [text] = told(town, code, "yte")
        assert "chưa xác nhận" in text
        assert town.events(code, "yte").count("overdue") == 1
        standing = stands(town, "yte")
        assert (standing.state, standing.accepted, standing.overdue) == ("running", 1, 1)
        assert standing.reasons == ("without an answer for over 24 hours: 1",)
        assert len(town.ministries["yte"].records()) == 1


def test_a_receipt_that_comes_late_settles_it_and_ends_the_notice(tmp_path: Path) -> None:
    """Asked on every ten minutes: what comes on the second day is found, and all is well."""
    with Town(tmp_path, ("yte",)) as town:
        code = waits_for_its_receipt(town)
        town.clock.forward(25 * HOUR)
        town.round()
        assert told(town, code, "yte")
        town.ministries["yte"].faults.release()
        town.round()
        assert town.states(code, "yte") == ["accepted"]
        town.clock.forward(601)
        town.round()
        assert town.states(code, "yte") == ["confirmed"]
        assert (told(town, code, "yte"), stands(town, "yte").reasons) == ([], ())
        town.settle(3)
        assert town.dossier(code)["ministry_ref"] == town.record("yte", code)["ref"]
        town.ends_well()


def test_a_doubt_nobody_can_answer_is_told_of_and_asked_about_slowly(tmp_path: Path) -> None:
    """Past the deadline a dozen questions an hour, not one every five seconds; never sent."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = waits_for_its_answer(town)
        town.clock.forward(24 * HOUR - 60)
        town.round()
        assert told(town, code, "gplx") == []
        town.clock.forward(120)
        town.round()
        before = ministry.calls["TraCuuTheoMaMotCua"]
        for _ in range(60):
            town.clock.forward(60)
            town.round()
        asked = ministry.calls["TraCuuTheoMaMotCua"] - before
        assert 0 < asked <= 15 * 3  # a look-up that fails is made three times
        assert ministry.calls["NopHoSo"] == 1
        assert town.states(code, "gplx") == ["in_doubt"]
        [text] = told(town, code, "gplx")
        assert "chưa rõ" in text
        assert town.events(code, "gplx").count("overdue") == 1
        ministry.faults.clear()
        town.clock.forward(601)
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        assert (told(town, code, "gplx"), stands(town, "gplx").overdue) == ([], 0)
        assert ministry.calls["NopHoSo"] == 1
        town.ends_well()


def test_a_doubt_that_can_not_be_asked_about_is_told_of_too(tmp_path: Path) -> None:
    """The ministry is gone for two days: no question gets through, and the clerk is told."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        ministry.faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
        code = town.key(GPLX)
        town.round()
        ministry.down()
        for _ in range(6):
            town.clock.forward(8 * HOUR)
            town.round()
        assert len(told(town, code, "gplx")) == 1
        standing = stands(town, "gplx")
        assert standing.state == "unreachable"
        assert standing.reasons[-1] == "without an answer for over 24 hours: 1"
        ministry.up()
        town.clock.forward(601)
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        assert told(town, code, "gplx") == []
        assert ministry.calls["NopHoSo"] == 1
        town.ends_well()


def test_absent_is_an_answer_on_the_second_day_too(tmp_path: Path) -> None:
    """The system says twice that it is not there: that is no silence, so it is sent again."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        code = waits_for_its_answer(town, Fault.CUT_BEFORE)
        town.clock.forward(25 * HOUR)
        town.round()
        assert told(town, code, "gplx")
        ministry.faults.clear()
        town.clock.forward(601)
        town.ask("gplx")
        assert (town.states(code, "gplx"), ministry.calls["NopHoSo"]) == (["in_doubt"], 1)
        assert told(town, code, "gplx")
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        assert told(town, code, "gplx") == []
        assert town.events(code, "gplx").count("overdue") == 1
        assert (ministry.calls["NopHoSo"], len(ministry.records())) == (2, 1)
        town.ends_well()


def test_steps_without_an_answer_are_named_one_by_one(tmp_path: Path) -> None:
    """A step of progress is told of by its status, and its notice ends with its own doubt."""
    with Town(tmp_path, SYSTEMS) as town:
        portal = town.ministries["dvcqg"]
        code = town.key(GPLX)
        town.settle(3)
        portal.faults.next(Fault.LOST_ANSWER, operation="CapNhatTienDoHoSoMC")
        portal.faults.always(Fault.ERROR_500, operation="TraCuuHoSo")
        town.step(code, 4)
        town.round()
        assert "in_doubt" in town.states(code, "dvcqg")
        town.clock.forward(25 * HOUR)
        town.round()
        [text] = told(town, code, "dvcqg")
        assert "bước “Đang xử lý”" in text
        portal.faults.clear()
        town.clock.forward(601)
        town.settle(3)
        assert told(town, code, "dvcqg") == []
        town.ends_well()


@pytest.mark.parametrize("hours", [0.5, 48])
def test_the_deadline_is_the_office_s_to_set(tmp_path: Path, hours: float) -> None:
    """``answer_deadline_hours`` in the system's file decides, in parts of an hour or in days."""
    extra = {"gplx": f"answer_deadline_hours = {hours}"}
    with Town(tmp_path, SYSTEMS, extra=extra) as town:
        code = waits_for_its_answer(town)
        town.clock.forward(hours * HOUR - 30)
        town.round()
        assert stands(town, "gplx").overdue == 0
        town.clock.forward(60)
        town.round()
        assert stands(town, "gplx").overdue == 1
        assert town.events(code, "gplx").count("overdue") == 1
        [notice] = town.notices(code)
        assert f"quá {hours:g} giờ" in notice["text_vi"]


class Meanwhile:
    """The adapter, but something happens between its answer and what is made of it."""

    def __init__(self, adapter: Any, happens: Any) -> None:
        self._adapter, self._happens = adapter, happens

    def __getattr__(self, name: str) -> Any:
        """Answer everything else as the adapter does."""
        return getattr(self._adapter, name)

    def confirm(self, commands: Sequence[Command]) -> Any:
        answers = self._adapter.confirm(commands)
        self._happens()
        return answers


def test_what_was_confirmed_meanwhile_is_not_moved_back(tmp_path: Path) -> None:
    """Two look for receipts; the one that looked too early leaves what the other confirmed."""
    with Town(tmp_path, ("yte",)) as town:
        code = waits_for_its_receipt(town)
        town.clock.forward(60)
        ministry = town.house.ministries["yte"]

        def the_other_looks() -> None:
            town.ministries["yte"].faults.release()
            town.ministries["yte"].work()
            doubt.confirm(town.house, ministry)
            assert town.states(code, "yte") == ["confirmed"]

        early = replace(ministry, adapter=Meanwhile(ministry.adapter, the_other_looks))
        doubt.confirm(town.house, early)
        assert town.states(code, "yte") == ["confirmed"]
        town.ends_well()
