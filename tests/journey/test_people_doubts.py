"""``doubt``: a person asks about what nobody knows the fate of, or says what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.domain.delivery import NotApplied
from bridge.domain.dossier import Json
from bridge.domain.said import Said
from bridge.engine import brake
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.rehearsal import Fault
from tests.journey.conftest import Typed
from tests.journey.town import GPLX, YTE, Town

HOUR = 3600.0
At = Callable[[Town], Typed]
REASON = "the ministry looked it up"
WHY = ("--reason", REASON)


def lost(town: Town, fault: Fault = Fault.LOST_ANSWER, n: int = 1) -> str:
    """Lose the answers to new dossiers, and let every look-up fail; returns the last one's code."""
    ministry = town.ministries["gplx"]
    ministry.faults.next(fault, operation="NopHoSo", count=n)
    ministry.faults.always(Fault.ERROR_500, operation="TraCuuTheoMaMotCua")
    code = town.key(GPLX, n)
    town.round()
    assert town.states(code, "gplx") == ["in_doubt"]
    return code


def decided(town: Town, code: str) -> list[tuple[Json, Json]]:
    return [(row.detail["what"], row.detail["reason"]) for row in town.journal("decided", code)]


def number(desk: Typed, code: str) -> str:
    """Return the number by which the list names a dossier's delivery."""
    [one] = [o for o in desk("doubt", "--json").document()["in_doubt"] if o["code"] == code]
    return str(one["id"])


def test_a_doubt_is_listed_asked_about_and_over(tmp_path: Path, typed: At) -> None:
    """The list tells all that is known; asked once the ministry answers, it is applied."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        assert desk("doubt", "--json").document() == {"in_doubt": []}
        code = lost(town)
        listed = desk("doubt", "list", "--json")
        [one] = listed.document()["in_doubt"]
        assert listed.code == 1
        assert (one["code"], one["system"], one["state"]) == (code, "gplx", "in_doubt")
        assert (one["attempts"], one["overdue"]) == (1, False)
        assert one["since"] < one["next_question_at"]
        assert town.dossier(code)["applicant_name"] not in desk("doubt").out

        assert desk("doubt", "ask", str(one["id"])).code == 3
        town.ministries["gplx"].faults.clear()
        ended = desk("doubt", "ask", str(one["id"]), "--json")
        ref = town.record("gplx", code)["ref"]
        assert (ended.code, ended.document()["state"]) == (0, "confirmed")
        assert ended.document()["ministry_ref"] == ref == town.dossier(code)["ministry_ref"]
        assert desk("doubt").code == 0
        again = desk("doubt", "ask", str(one["id"]))
        assert (again.code, "it is confirmed now" in again.err) == (1, True)
        town.settle(2)
        town.ends_well()


def test_no_trace_is_no_answer_until_it_counts(tmp_path: Path, typed: At) -> None:
    """Asked at once, nothing is there, which proves nothing; asked twice after the grace it goes."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = lost(town, Fault.CUT_BEFORE)
        town.ministries["gplx"].faults.clear()
        one = number(desk, code)
        early = desk("doubt", "ask", one)
        assert (early.code, "proves nothing yet" in early.out) == (1, True)
        town.clock.forward(60)
        assert desk("doubt", "ask", one).code == 1
        assert "is sent again" in desk("doubt", "ask", one).out
        town.settle(2)
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_a_ministry_that_is_away_can_not_be_asked(tmp_path: Path, typed: At) -> None:
    """Nobody there: 3, the doubt stands, and the reason is said in the reader's language."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = lost(town)
        town.ministries["gplx"].down()
        ended = desk("doubt", "ask", number(desk, code), "--lang", "vi")
        assert (ended.code, "chưa hỏi được" in ended.out) == (3, True)
        assert desk("pause", "gplx", "--reason", "nghỉ").code == 0
        [system] = desk("push", code, "--json").document()["systems"]
        assert system["state"] == "in_doubt"
        assert str(system["reason"]).startswith("it can't be asked what became of it: paused by")
        assert town.states(code, "gplx") == ["in_doubt"]


def test_a_system_that_answers_a_person_s_question_is_in_use_again(
    tmp_path: Path, typed: At
) -> None:
    """Left alone, it is tried by whoever asks: the one call, and its answer opens the system."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        gplx = town.house.ministries["gplx"]
        code = lost(town)
        town.ministries["gplx"].faults.clear()
        brake.told(town.house, gplx, [[NotApplied("nobody", unreachable=True)]] * 9)
        assert not brake.look(town.house, gplx).open
        assert desk("doubt", "ask", number(desk, code)).code == 0
        assert brake.look(town.house, gplx).open


def test_a_decision_is_answered_though_the_one_stop_is_away(
    tmp_path: Path, typed: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settled in the bridge's store: the document is printed, the rest is said, and it ends with 3."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        one = number(desk, lost(town, Fault.CUT_BEFORE))

        def away(*_: object) -> None:
            raise OneStopFault(Said("nobody answers"), transient=True)

        monkeypatch.setattr("bridge.cli.people.carry_out", away)
        ended = desk("doubt", "settle", one, "--not-applied", *WHY, "--json")
        assert (ended.code, ended.document()["state"]) == (3, "pending"), ended.err
        assert "decided" in ended.err


def test_a_person_says_that_it_was_applied(tmp_path: Path, typed: At) -> None:
    """As if the question had found it: confirmed, the number in the one-stop, changes go out."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = lost(town)
        ref, one = town.record("gplx", code)["ref"], number(desk, code)
        town.edit(code, applicant_phone="0900000001")
        town.front()
        ended = desk("doubt", "settle", one, "--applied", ref, *WHY)
        assert (ended.code, ref in ended.out) == (0, True)
        assert town.dossier(code)["ministry_ref"] == ref
        assert decided(town, code) == [("applied", REASON)]
        assert town.states(code, "gplx") == ["confirmed", "pending"]
        town.settle(3)
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        assert desk("doubt").code == 0
        town.ends_well()


def test_a_person_says_that_it_was_not_applied(tmp_path: Path, typed: At) -> None:
    """It goes back in line and is sent; nothing else than a person's word did that."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = lost(town, Fault.CUT_BEFORE)
        ended = desk("doubt", "settle", number(desk, code), "--not-applied", *WHY, "--json")
        assert (ended.code, ended.document()["state"]) == (0, "pending")
        town.settle(2)
        assert town.states(code, "gplx") == ["confirmed"]
        assert decided(town, code) == [("not applied", REASON)]
        town.ends_well()


def test_what_moved_meanwhile_is_not_moved_back(tmp_path: Path, typed: At) -> None:
    """The question was answered before the person was: said so, and nothing is sent again."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = lost(town)
        one = number(desk, code)
        town.ministries["gplx"].faults.clear()
        town.clock.forward(60)
        town.settle(2)
        before = town.moved()
        for word in (("--not-applied",), ("--applied", "GPLX-26-0000009")):
            ended = desk("doubt", "settle", one, *word, *WHY)
            assert (ended.code, "it is confirmed now, and stays so" in ended.err) == (1, True)
        assert town.moved() == before
        town.ends_well()


def test_a_number_that_is_another_dossier_s_is_a_conflict(tmp_path: Path, typed: At) -> None:
    """Given a number twice: the second is settled without it, and a person looks at the two."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        first = town.key(GPLX)
        town.settle(2)
        ref = town.record("gplx", first)["ref"]
        code = lost(town)
        ended = desk("doubt", "settle", number(desk, code), "--applied", ref, *WHY)
        assert (ended.code, "another dossier" in ended.err) == (1, True)
        assert town.conflicts(code, "gplx")["ministry_ref"].why == "shared"
        assert town.dossier(code)["ministry_ref"] is None
        assert town.link(first, "gplx").ref == ref


def test_an_overdue_receipt_stands_out_and_can_be_settled(tmp_path: Path, typed: At) -> None:
    """Taken and never confirmed: awaited for a day, then it stands out and a person may say."""
    with Town(tmp_path, ("yte",)) as town:
        desk = typed(town)
        town.ministries["yte"].faults.next(Fault.SLOW, operation="take", count=2)
        for word in ("--applied", "--not-applied"):
            code = town.key(YTE)
            town.round()
            assert desk("doubt", "--json").document() == {"in_doubt": []}
            [delivery] = desk("dossier", code, "--json").document()["deliveries"]
            early = desk("doubt", "settle", str(delivery["id"]), "--not-applied", *WHY)
            assert (early.code, "awaited for 24 hours" in early.err) == (2, True)
            town.clock.forward(25 * HOUR)
            town.round()
            listed = desk("doubt")
            one = number(desk, code)
            assert "PAST THE DEADLINE" in listed.out
            assert "doubt settle ID --applied REF or --not-applied" in listed.err
            assert town.notices(code)
            said = (word, "SYT-0000001") if word == "--applied" else (word,)
            assert desk("doubt", "settle", one, *said, *WHY).code == 0
            state = "confirmed" if word == "--applied" else "pending"
            assert town.states(code, "yte") == [state]
            town.round()
            assert town.notices(code) == []


NO_SENSE = {
    ("ask", "99"): "there is no delivery 99",
    ("ask", str(2**64)): "expected at most",
    ("settle", "99", "--not-applied", *WHY): "there is no delivery 99",
    ("settle", "1", *WHY): "say one of the two",
    ("settle", "1", "--applied", "X", "--not-applied", *WHY): "say one of the two",
    ("settle", "1", "--applied", "X", "--reason", " "): "a reason is needed",
    ("settle", "1", "--applied", "X"): "--reason is missing",
    ("lst",): 'did you mean "list"',
}


def test_what_can_not_be_meant_is_said(tmp_path: Path, typed: At) -> None:
    """A number there is not, two answers or none, no reason: 2, and nothing is done."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        for words, said in NO_SENSE.items():
            ended = desk("doubt", *words)
            assert (ended.code, said in ended.err) == (2, True), ended.err
        assert town.moved() == (0, 0)
