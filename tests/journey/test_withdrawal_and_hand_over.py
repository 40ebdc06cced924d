from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from bridge.sdk.rehearsal import Fault, Request, Response
from tests.journey.town import GPLX, HOTICH, YTE, Town

ENDS = [pytest.param(7, "HUY", id="withdrawn"), pytest.param(10, "TR", id="handed_over")]


@contextmanager
def told(town: Town) -> Iterator[list[str]]:
    """Collect every TrangThai that is sent to gplx."""
    ministry = town.ministries["gplx"]
    answer, words = ministry.answer, list[str]()

    def listening(request: Request, fault: Fault | None) -> Response:
        if ministry.operation(request) in {"NopHoSo", "CapNhatHoSo"}:
            words.extend(
                word.decode() for word in re.findall(rb"<(?:\w+:)?TrangThai>([^<]*)<", request.body)
            )
        response: Response = answer(request, fault)
        return response

    with patch.object(ministry, "answer", listening):
        yield words


def work_on(town: Town, name: str, code: str, status: int) -> None:
    """Let the ministry finish what is to be handed over."""
    if status == 10:
        while town.record(name, code)["status"] != 9:
            town.ministries[name].advance()
            town.settle(3)


@pytest.mark.parametrize(("status", "word"), ENDS)
def test_gplx_is_told_of_the_end_in_its_own_word_and_of_nothing_else(
    tmp_path: Path, status: int, word: str
) -> None:
    """7 goes out as HUY and 10 as TR, once; corrections carry no status; the echo is quiet."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town, told(town) as words:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, applicant_phone="0900000001")
        town.settle(3)
        work_on(town, "gplx", code, status)
        before = town.progress(code)
        town.step(code, status)
        town.settle(4)
        assert town.record("gplx", code)["status"] == status
        assert town.record("dvcqg", code)["status"] == status
        assert town.shown(code) == [*(one for one, _ in before), status]
        moved = town.moved()
        town.settle(5)
        assert town.moved() == moved
        assert town.progress(code) == [*before, (status, "onestop")]
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        town.ends_well()
    assert words == [word]


@pytest.mark.parametrize("status", [7, 10])
def test_yte_has_no_word_so_nothing_is_sent_and_the_clerk_is_told(
    tmp_path: Path, status: int
) -> None:
    """The portal hears of the end, yte can't: the journal and one notice say so, once."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        code = town.key(YTE)
        town.settle(3)
        work_on(town, "yte", code, status)
        taken = town.ministries["yte"].calls["take"]
        town.step(code, status)
        town.settle(6)
        assert town.ministries["yte"].calls["take"] == taken == 1
        assert town.states(code, "yte") == ["confirmed"]
        assert [row.detail["status"] for row in town.journal("no_word", code)] == [status]
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("yte", "info")
        assert notice["field"] == "status"
        assert town.record("dvcqg", code)["status"] == status
        assert town.shown(code)[-1] == status
        assert town.dossier(code)["status"] == status
        town.ends_well()


def test_a_ministry_that_can_not_know_works_on_in_vain(tmp_path: Path) -> None:
    """Yte moves a withdrawn dossier: it stays withdrawn, and that is no conflict."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        code = town.key(YTE)
        town.settle(3)
        town.step(code, 7)
        town.settle(3)
        town.ministries["yte"].advance()
        town.settle(4)
        assert town.dossier(code)["status"] == 7
        assert town.record("dvcqg", code)["status"] == 7
        assert town.progress(code) == [(2, "onestop"), (7, "onestop")]
        assert town.conflicts(code, "yte") == {}
        town.ends_well()


def test_a_withdrawal_while_the_ministry_works_is_the_counters_to_say(tmp_path: Path) -> None:
    """The clerk keys 7 while gplx says 4, unread: HUY goes out, the ministry's move is a loss."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "XL")
        town.step(code, 7)
        town.settle(5)
        assert town.dossier(code)["status"] == 7
        assert [town.record(name, code)["status"] for name in ("gplx", "dvcqg")] == [7, 7]
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()


@pytest.mark.parametrize("status", [7, 10])
@pytest.mark.parametrize(("name", "procedure"), [("gplx", GPLX), ("yte", YTE), ("hotich", HOTICH)])
def test_what_left_before_the_ministry_had_it_is_not_sent_to_it(
    tmp_path: Path, name: str, procedure: str, status: int
) -> None:
    """Withdrawn or handed over while the ministry was away: the portal shows it, they never do."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        town.ministries[name].down()
        code = town.key(procedure)
        town.settle(2)
        town.step(code, status)
        town.settle(2)
        town.ministries[name].up()
        town.clock.forward(120)
        town.settle(4)
        assert town.ministries[name].records() == []
        assert town.record("dvcqg", code)["status"] == status
        assert "never_sent" in town.events(code, name)
        assert town.states(code, name) in (["superseded"], [])
        town.ends_well()
