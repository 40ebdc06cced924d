"""Steps are shown in their order, each once, and no step overtakes one that was refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.dvcqg_bench import Bench, Portal, code, kinds, step, text_of

STEPS = "CapNhatTienDoHoSoMC"
REFUSED = {"error_code": "-1", "message": "Dữ liệu sai"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Portal() as portal:
        made = Bench(portal)
        made.filed(1, 2, 3)
        yield made
        made.close()


def test_ten_steps_are_one_call_in_order(bench: Bench) -> None:
    """Steps of one dossier, and of others between them, arrive together as they were given."""
    commands = [step(1 + n % 2, n) for n in range(1, 11)]
    answers = bench.send(*commands)
    assert answers == [Receipt(ref=one.code) for one in commands]
    assert bench.portal.batches() == [(None, [one.code for one in commands])]
    assert bench.portal.sent[-1]["data"] == [one.body for one in commands]
    assert "isUpdating" not in bench.portal.sent[-1]
    assert bench.shown(1) == ["2", "4", "6", "8", "10"]
    assert bench.shown(2) == ["1", "3", "5", "7", "9"]


def test_after_a_refused_step_no_later_one_of_its_dossier_is_sent(bench: Bench) -> None:
    """The others go, in order; what comes after the refused one waits, and is not sent at all."""
    answers = bench.send(
        step(1, 2), step(2, 2), step(1, 4, NguoiXuLy=""), step(1, 5), step(2, 4), step(1, 9),
        step(3, 2),
    )  # fmt: skip
    assert kinds(answers) == [
        Receipt, Receipt, Rejected, Retryable, Receipt, Retryable, Receipt,
    ]  # fmt: skip
    refused = answers[2]
    assert isinstance(refused, Rejected)
    assert (refused.field, refused.reason) == ("NguoiXuLy", "Thiếu NguoiXuLy")
    assert {text_of(answers[3]), text_of(answers[5])} == {
        "waits for an earlier step of the dossier"
    }
    assert [bench.shown(n) for n in (1, 2, 3)] == [["2"], ["2", "4"], ["2"]]
    assert not bench.portal.duplicates()


@pytest.mark.parametrize("bad", range(1, 11))
def test_wherever_the_bad_one_stands_the_order_is_kept(bench: Bench, bad: int) -> None:
    """Of ten steps of one dossier, those before the bad one are shown and no other."""
    answers = bench.send(
        *(step(1, n, NoiDungXuLy="" if n == bad else "Đang xử lý") for n in range(1, 11))
    )
    assert kinds(answers) == [Receipt] * (bad - 1) + [Rejected] + [Retryable] * (10 - bad)
    assert bench.shown(1) == [str(n) for n in range(1, bad)]


def test_a_step_of_a_dossier_that_is_not_there_stops_only_its_own(bench: Bench) -> None:
    """A dossier the portal does not know has its step refused; another's step goes."""
    answers = bench.send(step(7, 2), step(1, 2), step(7, 4))
    assert kinds(answers) == [Rejected, Receipt, Retryable]
    assert bench.shown(1) == ["2"]


def test_a_fault_of_the_portal_is_doubt(bench: Bench) -> None:
    """-99 on steps may have shown them, so they are never sent again unasked."""
    bench.portal.fail(STEPS, applied=True)
    assert kinds(bench.send(step(1, 2), step(1, 4))) == [InDoubt, InDoubt]
    assert bench.shown(1) == ["2", "4"]
    bench.portal.fail(STEPS)
    assert kinds(bench.send(step(2, 2))) == [InDoubt]
    assert bench.portal.calls[STEPS] == 2


@pytest.mark.parametrize(
    ("fault", "called", "rest"),
    [
        (Fault.LOST_ANSWER, InDoubt, Retryable),
        (Fault.CUT_BEFORE, InDoubt, Retryable),
        (Fault.ERROR_500, InDoubt, Retryable),
        (Fault.WRONG_SCHEMA, ContractBroken, Retryable),
        (Fault.TOO_MANY, Retryable, Retryable),
        (Fault.PAGE_503, Maintenance, Maintenance),
    ],
)
def test_doubt_midway_ends_the_sending(
    bench: Bench, fault: Fault, called: type[AdapterError], rest: type[AdapterError]
) -> None:
    """Once a part is in doubt no later part is sent, for it could come before it."""
    bench.portal.says(STEPS, REFUSED)
    bench.portal.faults.next(Fault.BOM, operation=STEPS)
    bench.portal.faults.next(fault, operation=STEPS)
    answers = bench.send(step(1, 2), step(2, 2), step(1, 4), step(2, 4))
    assert kinds(answers) == [called, called, rest, rest]
    assert bench.portal.calls[STEPS] == 2


def test_a_closed_account_sends_nothing(bench: Bench) -> None:
    """A refused login is that answer for every step, and not one of them is shown."""
    bench.portal.end_sessions()
    bench.portal.says("login", {"error_code": "-1", "message": "khóa"})
    assert kinds(bench.send(step(1, 2), step(1, 4))) == [AuthFailed, AuthFailed]
    assert bench.shown(1) == []


def test_the_words_of_a_dossier_do_not_turn_a_step(bench: Bench) -> None:
    """``đã tồn tại`` about a step is a refusal: there is no update of a step."""
    bench.portal.says(STEPS, {"error_code": "3", "message": "Bước đã tồn tại"})
    assert kinds(bench.send(step(1, 2))) == [Rejected]
    assert bench.portal.calls == {STEPS: 1}


def test_refusals_are_found_within_bounds(bench: Bench) -> None:
    """Ten steps of ten dossiers, all bad, cost at most nineteen calls."""
    answers = bench.send(*(step(n, 2) for n in range(11, 21)))
    assert set(kinds(answers)) == {Rejected}
    assert bench.portal.calls[STEPS] == 19
    assert code(11) not in bench.held()
