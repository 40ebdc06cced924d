"""A system that fails is spared by all, tried by one, and hurts nobody else meanwhile."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.domain.delivery import Closed, NotApplied, Refused, Taken, Unknown
from bridge.engine import brake, clerk, doubt, feed, receive, survey
from bridge.engine.moments import Moments
from bridge.engine.people import brakes as levers
from bridge.engine.people import pairs
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.sdk.errors import AdapterError, Retryable
from bridge.sdk.rehearsal import Fault
from bridge.store import JournalRow
from bridge.workers import Workers
from tests.journey.test_leases import another
from tests.journey.town import GPLX, Town

SYSTEMS = ("dvcqg", "gplx")


def standing(town: Town, name: str = "gplx") -> survey.Standing:
    (one,) = survey.standings(town.house, [name])
    return one


def weather(town: Town, event: str) -> list[JournalRow]:
    return [row for row in town.journal(event) if row.code is None]


def calls(town: Town, name: str = "gplx") -> int:
    return sum(town.ministries[name].calls.values())


def test_a_ministry_that_answers_500_is_spared_and_comes_back_by_itself(tmp_path: Path) -> None:
    """A few doubts and then no call; one call a time; once healed all twelve are there, once."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        codes = [town.key(GPLX) for _ in range(12)]
        ministry.faults.always(Fault.ERROR_500)
        town.front()
        town.deliver("gplx")
        stands = standing(town)
        assert stands.state == "unreachable"
        assert stands.until is not None
        assert stands.failure_rate == 1.0
        assert 5 <= stands.in_doubt <= 8
        assert stands.held == 12 - stands.in_doubt
        before = calls(town)
        town.round()
        assert calls(town) == before
        for _ in range(4):
            town.clock.forward(46)
            before = calls(town)
            town.round()
            assert calls(town) <= before + 3, "one question, and its repetitions"
        assert len(weather(town, "held")) == 1
        ministry.faults.clear()
        town.clock.forward(46)
        town.settle(2)
        town.clock.forward(60)
        town.settle(3)
        assert [town.states(code, "gplx") for code in codes] == [["confirmed"]] * 12
        assert standing(town).state == "running"
        town.ends_well()


def test_a_ministry_that_answers_questions_and_takes_nothing_costs_a_doubt_a_try(
    tmp_path: Path,
) -> None:
    """Its feed and its questions work, filing does not: a few doubts, then one for each wait.

    However often it is tried, it is one bad time, said once, until it has taken something.
    """
    with Town(tmp_path, ("gplx",)) as town:
        town.ministries["gplx"].faults.always(Fault.ERROR_500, "NopHoSo")
        codes = [town.key(GPLX) for _ in range(20)]
        began = set()
        for _ in range(4):
            town.round()
            with town.house.store.read() as unit:
                began.add(unit.systems.of("gplx").since)
            town.clock.forward(26)
        assert (len(began), len(weather(town, "held")), weather(town, "resumed")) == (1, 1, [])
        brake.answered(town.house, town.house.ministries["gplx"])
        stands = standing(town)
        assert stands.state == "running"
        assert stands.reasons == ("on trial, it has taken nothing yet since: HTTP 500",)
        doubted = sum("in_doubt" in town.events(code) for code in codes)
        assert 5 <= doubted <= 8 + 4
        town.ministries["gplx"].faults.clear()
        for _ in range(5):
            town.clock.forward(30)
            town.round()
        assert {state for code in codes for state in town.states(code, "gplx")} == {"confirmed"}
        assert (len(weather(town, "held")), len(weather(town, "resumed"))) == (1, 1)
        assert standing(town).reasons == ()
        town.ends_well()


def test_the_weather_is_said_once_each_way(tmp_path: Path) -> None:
    """Fifteen failures, two answers: one word when it turns bad, one when it clears up."""
    said: list[tuple[str, str, str | None]] = []
    with Town(tmp_path, ("gplx",)) as town:
        house = replace(town.house, weather=lambda *word: said.append(word))
        ministry = house.ministries["gplx"]
        for _ in range(3):
            brake.told(house, ministry, [[Unknown("HTTP 500")]] * 5)
        town.clock.forward(6)
        assert brake.may_call(house, ministry)
        for _ in range(2):
            brake.answered(house, ministry)
        assert said == [("gplx", "unreachable", "HTTP 500"), ("gplx", "running", None)]
        assert [row.event for row in weather(town, "held") + weather(town, "resumed")] == [
            "held",
            "resumed",
        ]


def test_five_commands_that_fail_once_each_are_five_failures(tmp_path: Path) -> None:
    """A command ends with its call: the next process knows how it went, and the fifth is spared."""
    with Town(tmp_path, ("gplx",)) as town:
        for n in range(5):
            command = another(town)
            ministry = command.house.ministries["gplx"]
            assert brake.may_call(command.house, ministry), n
            brake.failed(command.house, ministry, Retryable("HTTP 502"))
            command.close()
        assert standing(town).state == "unreachable"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_all_workers_of_all_processes_one_makes_the_call(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """Eight in two processes want to call when the wait is over: one may, and until it is told."""
    url = request.getfixturevalue("postgres_database") if database == "postgresql" else None
    with Town(tmp_path, ("gplx",), store_url=url) as town:
        ministry = town.house.ministries["gplx"]
        elsewhere = another(town)
        houses = [town.house, elsewhere.house] * 4
        brake.told(town.house, ministry, [[Unknown("HTTP 500")]] * 5)
        assert [brake.look(house, ministry).open for house in houses] == [False] * 8
        town.clock.forward(6)
        together = threading.Barrier(8)
        answers: dict[str, list[bool]] = defaultdict(list)

        def one(house: Any) -> None:
            together.wait()
            let_in = brake.may_call(house, ministry)
            answers["may call"].append(let_in)
            together.wait()
            if let_in:
                brake.answered(house, ministry)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, houses))
        assert sorted(answers["may call"]) == [False] * 7 + [True]
        assert brake.look(elsewhere.house, ministry).state == "running"
        elsewhere.close()


def test_a_call_that_is_never_told_about_holds_the_system_no_longer_than_a_lease(
    tmp_path: Path,
) -> None:
    """Whoever made the one call died: after the time a call may take another makes it."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        elsewhere = another(town)
        brake.told(town.house, ministry, [[Unknown("HTTP 500")]] * 5)
        town.clock.forward(6)
        assert brake.may_call(elsewhere.house, ministry)
        assert not brake.may_call(town.house, ministry)
        town.clock.forward(ministry.lease_seconds)
        assert brake.may_call(town.house, ministry)
        elsewhere.close()


def test_a_dead_process_holds_no_system(tmp_path: Path) -> None:
    """Killed in the one call: whoever takes over its leases knows, and the next call is free."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        elsewhere = another(town)
        brake.told(town.house, ministry, [[Unknown("HTTP 500")]] * 5)
        town.clock.forward(6)
        assert brake.may_call(elsewhere.house, ministry)
        assert doubt.bury(town.house) == 0, "as far as anybody knows it lives"
        house = replace(town.house, alive=lambda owner: owner != elsewhere.house.owner)
        assert doubt.bury(house) == 1
        assert brake.may_call(town.house, ministry)
        elsewhere.close()


def test_refusals_open_nothing(tmp_path: Path) -> None:
    """Twenty dossiers refused in a row: the system works, and they are dead letters."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        refused = [Refused("01", "HoTen", "sai")]
        brake.told(town.house, ministry, [refused] * 20)
        assert standing(town).state == "running"
        assert standing(town).failure_rate in (None, 0.0)


def test_a_system_that_works_costs_no_write_a_call(tmp_path: Path) -> None:
    """A thousand successes: the row is written when they begin, and every few seconds."""
    with Town(tmp_path, ("gplx",)) as town:
        written: list[str] = []
        ministry = town.house.ministries["gplx"]
        town.house.store.on_commit = lambda name, phase: written.append(name + phase)
        for _ in range(100):
            brake.told(town.house, ministry, [[Taken()]] * 10)
        assert written == ["brakebefore", "brakeafter"]
        town.clock.forward(6)
        brake.told(town.house, ministry, [[Taken()]])
        assert len(written) == 4


def test_a_login_is_tried_with_one_call_every_five_minutes(tmp_path: Path) -> None:
    """Four workers, eight dossiers: one call when five minutes are over, none before."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.ministries["gplx"]
        codes = [town.key(GPLX) for _ in range(8)]
        ministry.faults.always(Fault.EXPIRED_SESSION)
        town.front()
        town.deliver("gplx")
        for _ in range(3):
            before = calls(town)
            town.clock.forward(290)
            town.round()
            assert calls(town) == before
            town.clock.forward(11)
            town.round()
            assert calls(town) == before + 1
        assert [row.detail["state"] for row in weather(town, "held")] == ["held"]
        ministry.faults.clear()
        town.clock.forward(301)
        town.settle(3)
        assert [town.states(code, "gplx") for code in codes] == [["confirmed"]] * 8
        town.ends_well()


def test_a_feed_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    """429 on a read: nothing is called in the second it asks for, and all goes on after."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["gplx"]
        town.key(GPLX)
        ministry.faults.next(Fault.TOO_MANY, operation="DanhSachThayDoi")
        town.receive("gplx")
        assert standing(town).state == "maintenance"
        before = calls(town)
        town.front()
        town.deliver("gplx")
        town.receive("gplx")
        assert calls(town) == before
        town.clock.forward(1.1)
        town.settle(2)
        assert standing(town).state == "running"
        assert weather(town, "held") + weather(town, "resumed") == [], "no weather, a raindrop"
        town.ends_well()


def test_a_system_closed_for_one_reason_after_another_is_closed_since_the_first(
    tmp_path: Path,
) -> None:
    """Maintenance, then nobody there: so its alert opens after an hour, and is not told to be over."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        ends = town.clock() + timedelta(minutes=50)
        brake.told(town.house, ministry, [[Closed("maintenance", "bảo trì", ends)]])
        since = town.clock()
        town.clock.forward(3000)
        assert brake.may_call(town.house, ministry)
        brake.told(town.house, ministry, [[NotApplied("nobody", unreachable=True)]])
        with town.house.store.read() as unit:
            stands = unit.systems.of("gplx")
        assert stands.state == "unreachable"
        assert since - stands.since < timedelta(minutes=1)


def test_outside_its_hours_a_system_is_neither_sent_to_nor_asked(tmp_path: Path) -> None:
    """Not sent to, not read, not even for a person who pairs; `status` says until when."""
    with Town(tmp_path, ("gplx",), extra={"gplx": 'open_hours = "06:00-22:00"'}) as town:
        local = town.clock().astimezone(town.house.zone)
        town.clock.forward((24 + 3 - local.hour) * 3600 - local.minute * 60)
        code = town.key(GPLX)
        town.settle(3)
        pairing = partial(pairs.propose, town.house, town.house.ministries["gplx"], code)
        with pytest.raises(Refusal, match="outside opening hours"):
            pairing("GPLX-26-0000001")
        resumed = levers.resume(town.house, town.house.ministries["gplx"], Decision("lan", "-"))
        assert (resumed.changed, resumed.shut) == (False, "outside opening hours")
        assert calls(town) == 0
        until = standing(town).until
        assert until is not None
        assert until.astimezone(town.house.zone).strftime("%H:%M") == "06:00"
        town.clock.forward((until - town.clock()).total_seconds() + 1)
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        (delivery,) = survey.story(town.house, code).deliveries
        assert delivery.attempts == 0


# -- nobody else is hurt


def test_a_ministry_that_hangs_holds_no_thread_and_no_lock_of_another(tmp_path: Path) -> None:
    """While every call to gplx hangs, the portal is sent everything, by its own threads alone."""
    with Town(tmp_path, SYSTEMS, timeout_seconds=60) as town:
        gplx, portal = town.ministries["gplx"], town.ministries["dvcqg"]
        gplx.faults.always(Fault.SLOW)
        seen: set[tuple[str, str]] = set()
        worked = threading.Semaphore(0)

        def guard(job: str, call: Callable[[], object]) -> bool:
            seen.add((threading.current_thread().name.rpartition("-")[0], job))
            call()
            worked.release()
            return True

        for _ in range(8):
            town.key(GPLX)
        workers = Workers(town.house, town.opened.paces, guard)
        town.front()
        workers.start()
        while len(portal.records()) < 8 or not gplx.calls["NopHoSo"]:
            assert worked.acquire(timeout=30)
        with town.house.store.write("not in the way") as unit:
            unit.inbox.move_cursor("nobody", 1)
        assert standing(town).in_flight > 0, "it hangs still"
        gplx.faults.clear()
        assert workers.stop(30)
        assert seen <= {(name, f"deliver {name}") for name in SYSTEMS}
        town.settle(3)
        town.ends_well()


# -- the rate


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_processes_together_keep_to_the_rate(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """Thirty calls at ten a second, in turn from two processes: they take the three seconds."""
    url = request.getfixturevalue("postgres_database") if database == "postgresql" else None
    with Town(tmp_path, ("gplx",), store_url=url, extra={"gplx": "rate_per_second = 10"}) as town:
        elsewhere = another(town)
        ministry = town.house.ministries["gplx"]
        started = town.clock()
        for _ in range(15):
            for house in (town.house, elsewhere.house):
                house.moments.wait(house, ministry)
        assert (town.clock() - started).total_seconds() >= 29 * 0.1 - 0.01
        elsewhere.close()


def test_a_fast_system_costs_two_commits_a_second_for_its_rate(tmp_path: Path) -> None:
    """A thousand calls at a hundred a second: blocks grow to half a second."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "rate_per_second = 100"}) as town:
        ministry = town.house.ministries["gplx"]
        written: list[str] = []
        town.house.store.on_commit = lambda name, phase: written.append(name + phase)
        started = town.clock()
        for _ in range(1000):
            town.house.moments.wait(town.house, ministry)
        seconds = (town.clock() - started).total_seconds()
        assert seconds >= 9.9
        assert len(written) / 2 <= 2 * seconds + 10, "some small blocks to begin with"


def test_moments_nobody_used_are_not_made_up_for(tmp_path: Path) -> None:
    """After a pause the rate begins anew: what was not called then is not called at once now."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "rate_per_second = 10"}) as town:
        ministry = town.house.ministries["gplx"]
        for _ in range(5):
            town.house.moments.wait(town.house, ministry)
        town.clock.forward(100)
        started = town.clock()
        for _ in range(11):
            town.house.moments.wait(town.house, ministry)
        assert (town.clock() - started).total_seconds() >= 0.89


def test_reads_keep_to_the_rate_as_well(tmp_path: Path) -> None:
    """Every call waits for its moment, the repetitions of a read among them."""
    asked: list[str] = []

    class Counting(Moments):
        def wait(self, house: Any, ministry: Any) -> None:
            asked.append(ministry.name)

    with Town(tmp_path, ("gplx",)) as town:
        house = replace(town.house, moments=Counting())
        town.ministries["gplx"].faults.always(Fault.ERROR_500)
        with pytest.raises(Retryable):
            feed.poll(house, house.ministries["gplx"])
        assert asked == ["gplx"] * 3


# -- back-pressure


def test_a_feed_is_not_read_on_while_enough_of_it_waits(tmp_path: Path) -> None:
    """What waits is worked first; `status` says so meanwhile, and then the rest is read."""
    with Town(tmp_path, SYSTEMS) as town:
        codes = [town.key(GPLX) for _ in range(3)]
        town.settle(3)
        for code in codes:
            town.move("gplx", code, "XL")
        house = replace(town.house, waiting_most=2)
        feed.poll(house, house.ministries["gplx"])
        assert standing(town).received == 3
        before = calls(town)
        town.move("gplx", codes[0], "CP")
        assert feed.poll(house, house.ministries["gplx"]) == 0
        assert calls(town) == before
        (said,) = survey.standings(house, ["gplx"])
        assert "nothing more is read of it before its records are worked: 3 wait" in said.reasons
        receive.work(house, house.ministries["gplx"])
        assert feed.poll(house, house.ministries["gplx"]) == 1
        town.settle(2)
        assert town.dossier(codes[0])["status"] == 9


def test_a_one_stop_that_changes_everything_is_read_in_portions(tmp_path: Path) -> None:
    """Twenty dossiers, two at a time: never more wait in the inbox, and one round has them all."""
    with Town(tmp_path, ("gplx",)) as town:
        town.opened = replace(town.opened, house=replace(town.house, page=2))
        most = 0

        def watch(name: str, phase: str) -> None:
            nonlocal most
            if (name, phase) == ("capture page", "after"):
                with town.house.store.read() as unit:
                    most = max(most, unit.inbox.counts().get(("onestop", "waiting"), 0))

        town.key(GPLX, n=20)
        town.house.store.on_commit = watch
        town.front()
        assert most == 2
        assert standing(town).pending == 20
        assert survey.backlog(town.house) is None


# -- ceilings


def test_poison_is_parked_after_its_ceiling_and_holds_up_nobody(tmp_path: Path) -> None:
    """Its answer is lost twice and it is not there: a dead letter that says so; another goes."""
    extra = {"gplx": "max_in_flight = 1\ndoubt_grace_seconds = 1\n[ceilings]\nlost = 2"}
    with Town(tmp_path, ("gplx",), extra=extra) as town:
        ministry = town.ministries["gplx"]
        poison = town.key(GPLX)
        for _ in range(2):
            ministry.faults.next(Fault.CUT_BEFORE, operation="NopHoSo")
            town.front()
            town.deliver("gplx")
            assert town.states(poison, "gplx") == ["in_doubt"]
            other = town.key(GPLX)
            town.front()
            town.deliver("gplx")
            assert town.states(other, "gplx") == ["confirmed"]
            for _ in range(2):
                town.clock.forward(3)
                town.ask("gplx")
        clerk.tell(town.house)
        assert town.states(poison, "gplx") == ["dead"]
        (dead,) = survey.story(town.house, poison).deliveries
        assert (dead.attempts, dead.cause, dead.error_code) == (2, "failed too often", "lost")
        assert dead.error_text
        (row,) = town.journal("dead", poison)
        assert (row.detail["failed_as"], row.detail["failed_times"]) == ("lost", 2)
        (notice,) = town.notices(poison)
        assert notice["text_vi"]
        town.ends_well()


def test_words_of_a_ministry_that_name_a_person_are_masked_in_the_brake(tmp_path: Path) -> None:
    """A ministry that fails and repeats a name: neither `status` nor the journal repeat it."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "max_in_flight = 1"}) as town:
        for _ in range(6):
            town.key(GPLX, applicant_name="Lò Thị Vía Bịa")
        town.front()
        adapter: Any = town.house.ministries["gplx"].adapter
        words = "lỗi ở Lò Thị Vía Bịa"
        failing: AdapterError = Retryable(words)
        town.house.ministries["gplx"].adapter.submit = (  # type: ignore[method-assign]
            lambda commands: [failing for _ in commands]
        )
        town.deliver("gplx")
        del adapter.submit
        assert standing(town).state == "unreachable"
        said = [str(standing(town).reasons)] + [str(row.detail) for row in weather(town, "held")]
        assert all("lỗi ở" in one and "Bịa" not in one for one in said)


def test_what_is_known_not_applied_counts_as_a_failure(tmp_path: Path) -> None:
    """Overload told without a wait opens the breaker as lost answers do."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        brake.told(town.house, ministry, [[NotApplied("QuaTai")]] * 5)
        assert standing(town).state == "unreachable"
