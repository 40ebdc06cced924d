"""dkkd: tokens, errors of every kind, threads; and that nothing is ever sent."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.dkkd import plugin
from adapters.dkkd.options import DkkdOptions
from bridge.sdk.adapter import Adapter
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Action, Command, Record, Undecided
from bridge.sdk.rehearsal import Fault, Response
from bridge.sdk.rehearsal_gateway import as_json
from tests.contract.dkkd_bench import CODE, DAYS, ONE, PERSONAL, TODAY, Bench, listed, row


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def failing(bench: Bench) -> AdapterError:
    with pytest.raises(AdapterError) as caught:
        bench.page()
    return caught.value


def test_it_is_read_and_never_written() -> None:
    """Read only: a window feed that can also list, and no way to submit."""
    can = plugin.capabilities
    assert (can.reads, can.writes, can.submit, can.feed) == (True, False, "none", "window")
    assert (can.lists, can.probes, can.steps, can.supplements) == (True, False, False, False)
    assert plugin.safe_faults == {}


def test_a_command_is_refused_without_a_call(bench: Bench) -> None:
    """Whatever it is: Rejected, nothing to confirm, nothing to ask about."""
    commands = [Command(str(action), action, CODE, None, {}) for action in Action]
    answers = bench.adapter.submit(commands)
    assert [type(one) for one in answers] == [Rejected] * 3
    assert bench.adapter.confirm(commands) == [None] * 3
    assert isinstance(bench.adapter.probe(commands[0]), Undecided)
    bench.adapter.acknowledge(None)
    assert bench.ministry.calls == {}


def test_only_gets_are_made(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the token everything is asked with GET, the query in the address."""
    seen: set[tuple[str, bytes]] = set()
    served = bench.ministry.served

    def noted(operation: str, request: Any, fault: Any) -> Response:
        seen.add((request.method, request.body))
        return served(operation, request, fault)

    monkeypatch.setattr(bench.ministry, "served", noted)
    (ref,) = bench.ministry.file_own()
    bench.poll()
    bench.adapter.fetch(ref)
    bench.adapter.list(bench.clock.date(), bench.clock.date(), None)
    assert seen == {("GET", b"")}


def test_a_token_that_is_revoked_is_renewed_once(bench: Bench) -> None:
    """In the middle of many pages: one new token, and every row comes."""
    refs = bench.ministry.file_own(150, DOSSIER_NO=CODE)
    bench.ministry.before[TODAY] = deque([bench.ministry.revoke])
    assert sorted(bench.refs()) == refs
    assert bench.ministry.calls["token"] == 2


def test_a_new_token_that_is_refused_is_a_refused_login(bench: Bench) -> None:
    """A second 401 holds the system; so does a gateway that does not know us."""
    bench.ministry.faults.next(Fault.EXPIRED_SESSION, operation=TODAY, count=2)
    assert isinstance(failing(bench), AuthFailed)
    bench.adapter.close()
    bench.adapter = bench.built(client_secret="sai-hoan-toan")
    error = failing(bench)
    assert isinstance(error, AuthFailed)
    assert "sai-hoan-toan" not in str(error)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.CUT_BEFORE, Retryable),
        (Fault.ERROR_500, Retryable),
        (Fault.ERROR_502, Retryable),
        (Fault.TRUNCATED, Retryable),
        (Fault.TOO_MANY, Retryable),
        (Fault.PAGE_503, Maintenance),
        (Fault.HTML_200, ContractBroken),
    ],
)
def test_what_goes_wrong_has_its_error_and_the_cursor_stays(
    bench: Bench, fault: Fault, kind: type[AdapterError]
) -> None:
    """Nothing is lost by any of them: the same cursor is asked again."""
    refs = bench.ministry.file_own(DOSSIER_NO=CODE)
    bench.ministry.faults.next(fault, operation=TODAY)
    error = failing(bench)
    assert type(error) is kind
    assert bench.refs() == refs


def test_an_answer_that_is_too_late_is_no_answer(bench: Bench) -> None:
    """After the time-out the call is Retryable: a read can be made again."""
    bench.adapter.close()
    bench.adapter = bench.built(timeout=0.3)
    bench.poll()
    armed = bench.ministry.faults.next(Fault.SLOW, operation=TODAY)
    bench.later(minutes=1)
    error = failing(bench)
    armed.release()
    assert isinstance(error, Retryable)
    assert not error.unreachable


def test_nobody_at_the_address_is_said(bench: Bench) -> None:
    """Retryable, and unreachable; at the same address it goes on later."""
    bench.ministry.down()
    error = failing(bench)
    assert isinstance(error, Retryable)
    assert error.unreachable
    bench.ministry.up()
    assert bench.poll() == []


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        listed(Status="2"),
        listed(Status=None),
        listed(Data=None, DataCount=3),
        listed(Data={}),
        listed(DataCount=None),
        listed(DataCount="nhiều"),
        listed(DataCount=True),
        listed(DataCount=-1),
    ],
)
def test_an_answer_of_another_shape_breaks_the_contract(bench: Bench, answer: object) -> None:
    """It is no empty list: the cursor stays, and nothing counts as read."""
    bench.ministry.says[TODAY] = deque([as_json(answer)])
    assert isinstance(failing(bench), ContractBroken)
    assert bench.cursor is None


@pytest.mark.parametrize("status", [1, "1", " 1 "])
@pytest.mark.parametrize("count", [0, "0"])
def test_an_empty_list_may_be_null_and_numbers_texts(
    bench: Bench, status: object, count: object
) -> None:
    """``Data: null`` of ``DataCount: 0`` is an empty list."""
    answer = {"Data": None, "DataCount": count, "Status": status, "Message": "success"}
    bench.ministry.says[TODAY] = deque([as_json(answer)])
    assert bench.poll() == []


def test_no_error_tells_what_the_ministry_says(bench: Bench) -> None:
    """Message may hold anything, also a person's name."""
    refused = {"Data": None, "DataCount": 0, "Status": "0", "Message": f"Lỗi: {PERSONAL[0]}"}
    for answer in (refused, {**refused, "Status": PERSONAL[0]}, [PERSONAL[0]]):
        bench.ministry.says[TODAY] = deque([as_json(answer)])
        assert PERSONAL[0] not in str(failing(bench))


def test_the_constructor_and_close_touch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket is opened before the first call; closing twice is harmless."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    bench = Bench()
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", refuse)
        adapter = bench.built()
        adapter.close()
        adapter.close()
    assert isinstance(adapter, Adapter)
    bench.close()


def test_threads_share_one_adapter(bench: Bench) -> None:
    """Eight threads read the same feed at once: each sees all of it, with one token."""
    refs = bench.ministry.file_own(130)
    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(lambda _: bench.adapter.changes(None), range(16)))
    for page in pages:
        assert [one.ref for one in page.records if isinstance(one, Record)] == refs[:100]
        assert page.cursor == pages[0].cursor
    assert bench.ministry.calls["token"] == 1


def test_options_are_closed(bench: Bench) -> None:
    """An unknown key, a status that is none, an empty table: each is refused; no secret is shown."""
    good = bench.options
    options = DkkdOptions.model_validate(good)
    assert bench.ministry.secrets()["client_secret"] not in repr(options)
    wrongs: list[dict[str, Any]] = [
        {"agency": "36"},
        {"statuses": {"XONG": 11}},
        {"statuses": {"": 2}},
        {"statuses": {}},
        {"first_days": -1},
        {"client_id": ""},
    ]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            DkkdOptions.model_validate({**good, **wrong})


# --- one dossier ---------------------------------------------------------------------------------


def test_one_dossier_is_fetched_by_its_number(bench: Bench) -> None:
    """As far as tinhTrangHoSo shows it; what it does not know is None."""
    (ref,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    found = bench.adapter.fetch(ref)
    assert found is not None
    assert (found.ref, found.kind, found.body["PROCESS_STATUS"]) == (ref, "today", 2)
    assert bench.adapter.fetch("DN-26-9999999") is None
    bench.ministry.fail(ONE)
    with pytest.raises(Retryable):
        bench.adapter.fetch(ref)


@pytest.mark.parametrize("data", [row(), [row()]])
def test_one_row_may_come_in_a_list_or_alone(bench: Bench, data: object) -> None:
    """The contract says "one row", not how it is wrapped."""
    bench.ministry.says[ONE] = deque([as_json({"Data": data, "Status": "1"})])
    found = bench.adapter.fetch("DN-26-0000001")
    assert found is not None
    assert found.body["PROCESS_STATUS"] == 4


@pytest.mark.parametrize("data", [row(IN_JOURNAL_NO="DN-26-0000002"), row(PROCESSED_DATE="?"), 7])
def test_another_row_than_the_one_asked_for_breaks_the_contract(bench: Bench, data: object) -> None:
    """It is never taken for the dossier, nor for its absence."""
    bench.ministry.says[ONE] = deque([as_json({"Data": [data], "Status": "1"})])
    with pytest.raises(ContractBroken):
        bench.adapter.fetch("DN-26-0000001")


def test_the_query_is_what_the_contract_says(bench: Bench) -> None:
    """Minutes, days, pages of 100: under their names, in their forms."""
    bench.first_days = 1
    bench.adapter.close()
    bench.adapter = bench.built()
    bench.poll()
    bench.adapter.fetch("DN-26-0000001")
    page = {"offset": "0", "limit": "100"}
    assert bench.ministry.asked == [
        (DAYS, {"from_date": "19/11/2026", "to_date": "19/11/2026", **page}),
        (TODAY, {"from_ts": "00:00", "to_ts": "23:59", **page}),
        (ONE, {"in_journal_no": "DN-26-0000001"}),
    ]
