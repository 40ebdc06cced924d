"""hotich, asked about: is what was sent there, under its number or under our code?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge.sdk.errors import AdapterError, ContractBroken, Retryable
from bridge.sdk.records import Absent, Action, Applied, Undecided
from bridge.sdk.rehearsal import Fault
from tests.contract.hotich_bench import Bench, body, code, command

FILE, LIST = "dangKyHoTich", "dsHoSoDangKy"


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("fault", "applied"), [(Fault.LOST_ANSWER, True), (Fault.CUT_BEFORE, False)]
)
def test_a_lost_creation_is_found_or_absent(bench: Bench, fault: Fault, applied: bool) -> None:
    """By our code, among what changed since its reception; its number is told."""
    bench.filed(2, 3)
    bench.ministry.faults.next(fault, operation=FILE)
    bench.send(command())
    found = bench.adapter.probe(command())
    if not applied:
        assert found == Absent()
        return
    assert isinstance(found, Applied)
    assert (found.ref, found.count) == (bench.held()["ref"], 1)
    assert found.body is not None
    assert found.body["maHoSo"] == code()
    assert bench.ministry.asked(LIST) == [{"module": "KS", "ngayCapNhat": "20/11/2026"}]


def test_a_creation_is_found_among_many(bench: Bench) -> None:
    """The days since its reception may hold more than one batch of records."""
    bench.ministry.file_own(75)
    bench.send(command())
    found = bench.adapter.probe(command())
    assert isinstance(found, Applied)
    assert found.ref == bench.held()["ref"]


@pytest.mark.parametrize("change", [{"nksHoTen": "Nguyễn Thị Khác"}, {"nycSoDienThoai": None}])
def test_an_update_is_there_only_as_it_was_sent(bench: Bench, change: dict[str, Any]) -> None:
    """By its number; another name, or a field that should be gone, is not what was sent."""
    bench.filed()
    ref = bench.held()["ref"]
    update = command(1, Action.UPDATE, ref=ref, body=body(**change))
    assert bench.adapter.probe(update) == Absent()
    bench.send(update)
    assert isinstance(bench.adapter.probe(update), Applied)
    assert bench.ministry.calls[LIST] == 0


def test_letters_composed_otherwise_are_the_same(bench: Bench) -> None:
    """The answer comes in NFD, behind a byte order mark: it is what was sent all the same."""
    bench.send(command())
    for fault in (Fault.NFD, Fault.BOM):
        bench.ministry.faults.next(fault, operation="traDanhSachHoSo")
        assert isinstance(bench.adapter.probe(command()), Applied)


def test_what_cannot_be_told_is_undecided(bench: Bench) -> None:
    """The content is not known any more, the record is not found, or a step was asked about."""
    bench.filed()
    assert isinstance(bench.adapter.probe(command(body={})), Undecided)
    tomorrow = command(body=body(ngayTiepNhan="21/11/2026"))
    assert isinstance(bench.adapter.probe(tomorrow), Undecided)
    assert isinstance(bench.adapter.probe(command(1, Action.STEP)), Undecided)


@pytest.mark.parametrize("operation", ["traTrangThaiHoSo", LIST, "traDanhSachHoSo"])
@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.LOST_ANSWER, Retryable), (Fault.HTML_200, ContractBroken)]
)
def test_a_question_that_fails_is_never_absent(
    bench: Bench, operation: str, fault: Fault, kind: type[AdapterError]
) -> None:
    """It is raised, and asked again."""
    bench.filed()
    bench.ministry.faults.next(fault, operation=operation)
    with pytest.raises(kind):
        bench.adapter.probe(command())
    assert isinstance(bench.adapter.probe(command()), Applied)
