"""A rehearsal ministry misbehaves as its plan says, over a real socket, and never otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from random import Random

import httpx
import orjson
import pytest

from bridge.sdk.rehearsal import Fault, FaultPlan, HttpRehearsal, Request, Response


class Counting(HttpRehearsal):
    """Counts what it applied; ``applied`` is told when something was."""

    name = "counting"

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.applied = threading.Event()
        self.met: list[Fault | None] = []

    def operation(self, request: Request) -> str:
        return request.path.strip("/")

    def answer(self, request: Request, fault: Fault | None) -> Response:
        self.met.append(fault)
        self.count += 1
        self.applied.set()
        return Response(orjson.dumps({"n": self.count, "text": "Ổn"}))


@pytest.fixture
def ministry() -> Iterator[Counting]:
    with Counting() as serving:
        yield serving


@pytest.fixture
def wire(ministry: Counting) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ministry.address, timeout=10, trust_env=False) as made:
        yield made


# -- the plan


def test_a_fault_meets_the_next_call_of_its_operation_only() -> None:
    """Armed for one operation it waits for that one, is met as often as told, and then is over."""
    plan = FaultPlan()
    plan.next(Fault.CUT_BEFORE, operation="nop", count=2)
    met = [plan.take(name) for name in ("tra", "nop", "tra", "nop", "nop")]
    assert [one and one.fault for one in met] == [
        None, Fault.CUT_BEFORE, None, Fault.CUT_BEFORE, None,
    ]  # fmt: skip
    assert plan.log == [("nop", Fault.CUT_BEFORE)] * 2


def test_faults_of_any_operation_are_met_in_their_order() -> None:
    """Without an operation the next call meets the first that was armed."""
    plan = FaultPlan()
    plan.next(Fault.BOM)
    plan.next(Fault.NFD)
    met = [plan.take("x"), plan.take("y"), plan.take("z")]
    assert [one and one.fault for one in met] == [Fault.BOM, Fault.NFD, None]


def test_always_lasts_until_cleared_and_the_named_operation_wins() -> None:
    """A standing fault is met by every call until ``clear``."""
    plan = FaultPlan()
    plan.always(Fault.ERROR_500)
    plan.always(Fault.BOM, "login")
    met = [plan.take(name) for name in ("login", "x", "x")]
    assert [one and one.fault for one in met] == [Fault.BOM, Fault.ERROR_500, Fault.ERROR_500]
    plan.clear()
    assert plan.take("x") is None


def test_chance_is_the_seeds() -> None:
    """A share of calls goes wrong, the same ones for the same seed."""

    def rehearsed(seed: int) -> list[bool]:
        plan = FaultPlan()
        plan.rate(Fault.LOST_ANSWER, 0.3, Random(seed))
        return [plan.take("x") is not None for _ in range(300)]

    assert rehearsed(1) == rehearsed(1) != rehearsed(2)
    assert 60 < sum(rehearsed(1)) < 120


def test_a_fault_armed_once_is_met_once_among_threads() -> None:
    """Fifty faults among eight threads are met fifty times, no more and no fewer."""
    plan = FaultPlan()
    plan.next(Fault.CUT_BEFORE, count=50)
    met: list[object] = []

    def ask() -> None:
        met.extend(one for one in (plan.take("x") for _ in range(25)) if one)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(met) == 50


# -- the transport


def test_it_serves_until_stopped_and_counts_its_calls(
    ministry: Counting, wire: httpx.Client
) -> None:
    """Calls are answered over one lasting connection and counted by operation."""
    assert [wire.post(f"/{name}").json()["n"] for name in ("a", "b", "a")] == [1, 2, 3]
    assert ministry.calls == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("fault", "applied"),
    [(Fault.LOST_ANSWER, 1), (Fault.CUT_BEFORE, 0)],
)
def test_a_cut_connection_looks_the_same_whether_it_was_applied_or_not(
    ministry: Counting, wire: httpx.Client, fault: Fault, applied: int
) -> None:
    """LOST_ANSWER applies and CUT_BEFORE does not; the caller sees one and the same end."""
    ministry.faults.next(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        wire.post("/x")
    assert ministry.count == applied


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (Fault.ERROR_500, 500, "text/html"),
        (Fault.ERROR_502, 502, "text/html"),
        (Fault.PAGE_503, 503, "text/html"),
        (Fault.TOO_MANY, 429, "application/json"),
        (Fault.HTML_200, 200, "text/html"),
    ],
)
def test_pages_and_refusals_apply_nothing(
    ministry: Counting, wire: httpx.Client, fault: Fault, status: int, kind: str
) -> None:
    """The answers of a gateway stand in front of the ministry: it never saw the call."""
    ministry.faults.next(fault)
    answer = wire.post("/x")
    assert (answer.status_code, ministry.count) == (status, 0)
    assert answer.headers["content-type"].startswith(kind)
    assert ("retry-after" in answer.headers) is (fault is Fault.TOO_MANY)


def test_a_slow_answer_waits_for_its_release(ministry: Counting, wire: httpx.Client) -> None:
    """SLOW has applied, and answers when the test says so."""
    armed = ministry.faults.next(Fault.SLOW)
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(wire.post("/x")))
    asking.start()
    assert ministry.applied.wait(10)
    assert not answers
    armed.release()
    asking.join()
    assert answers[0].json()["n"] == 1


def test_late_is_cut_at_once_and_applied_when_released(
    ministry: Counting, wire: httpx.Client
) -> None:
    """APPLIED_LATE ends the call unapplied, and applies it behind the caller's back."""
    ministry.faults.next(Fault.APPLIED_LATE)
    with pytest.raises(httpx.RemoteProtocolError):
        wire.post("/x")
    assert ministry.count == 0
    ministry.faults.release()
    assert ministry.applied.wait(10)
    assert ministry.count == 1


def test_late_may_come_by_itself_after_a_delay(ministry: Counting, wire: httpx.Client) -> None:
    """With a delay nobody needs to release it."""
    ministry.faults.next(Fault.APPLIED_LATE, delay=0.0)
    with pytest.raises(httpx.RemoteProtocolError):
        wire.post("/x")
    assert ministry.applied.wait(10)


def test_a_truncated_answer_ends_half_way(ministry: Counting, wire: httpx.Client) -> None:
    """TRUNCATED has applied, promises more than it sends, and cuts."""
    ministry.faults.next(Fault.TRUNCATED)
    with pytest.raises(httpx.RemoteProtocolError):
        wire.post("/x")
    assert ministry.count == 1


def test_text_arrives_as_badly_as_from_vietnam(ministry: Counting, wire: httpx.Client) -> None:
    """BOM puts a mark before the answer, NFD takes its letters apart."""
    ministry.faults.next(Fault.BOM)
    assert wire.post("/x").content.startswith(b"\xef\xbb\xbf{")
    ministry.faults.next(Fault.NFD)
    assert wire.post("/x").json()["text"] == "O\u0302\u0309n"


def test_a_spoiled_answer_breaks_the_schema(ministry: Counting, wire: httpx.Client) -> None:
    """WRONG_SCHEMA has applied and answers what nobody agreed on."""
    ministry.faults.next(Fault.WRONG_SCHEMA)
    assert "n" not in wire.post("/x").json()
    assert ministry.count == 1


@pytest.mark.parametrize("fault", [Fault.EXPIRED_SESSION, Fault.DUPLICATE, Fault.REORDER])
def test_what_the_transport_can_not_play_is_the_ministrys(
    ministry: Counting, wire: httpx.Client, fault: Fault
) -> None:
    """Faults of the content are handed to the ministry's own answer."""
    ministry.faults.next(fault)
    wire.post("/x")
    assert ministry.met == [fault]


def test_down_refuses_at_the_same_address_and_up_serves_there_again(
    ministry: Counting, wire: httpx.Client
) -> None:
    """Going down cuts what is open and refuses what is new; the address outlives it."""
    address = ministry.address
    wire.post("/x")
    ministry.down()
    with pytest.raises(httpx.TransportError):
        wire.post("/x")
    with pytest.raises(httpx.ConnectError):
        httpx.post(f"{address}/x", trust_env=False)
    ministry.up()
    assert ministry.address == address
    assert wire.post("/x").json()["n"] == 2


def test_starting_and_stopping_twice_is_harmless() -> None:
    """Both may be called again, and a stopped ministry serves anew."""
    ministry = Counting()
    ministry.stop()
    ministry.start()
    ministry.start()
    address = ministry.address
    ministry.stop()
    ministry.stop()
    ministry.start()
    assert ministry.address == address
    assert httpx.post(f"{address}/x", trust_env=False).status_code == 200
    ministry.stop()


def test_stopping_lets_go_of_whoever_waits(ministry: Counting, wire: httpx.Client) -> None:
    """A call that hangs in SLOW does not hold up the end."""
    ministry.faults.next(Fault.SLOW)
    ended: list[object] = []

    def ask() -> None:
        try:
            ended.append(wire.post("/x"))
        except httpx.TransportError as error:
            ended.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert ministry.applied.wait(10)
    ministry.stop()
    asking.join(10)
    assert len(ended) == 1
