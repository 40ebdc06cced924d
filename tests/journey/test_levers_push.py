"""The citizen is at the counter: one dossier goes at once, whatever else waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Semaphore, Thread

import pytest

from bridge.domain.delivery import State
from bridge.engine import deliver
from bridge.engine.house import House
from bridge.engine.pace import Pace
from bridge.engine.people import brakes, push
from bridge.engine.people.decision import Decision
from bridge.engine.people.whereabouts import Whereabouts
from bridge.sdk.rehearsal import Fault
from bridge.store.entries import NewDelivery
from tests.journey.test_another_procedure import corrected
from tests.journey.test_leases import Between, another
from tests.journey.town import GPLX, HOTICH, LLTP, YTE, Town, in_background

THERE = Decision("quay3", "the citizen is at the counter")


def pushed(
    town: Town, code: str, only: str | None = None, house: House | None = None
) -> dict[str, Whereabouts]:
    paces = town.opened.paces
    found = push.push(house or town.house, paces, code, only, THERE)
    return {one.name: one for one in found.systems}


def states(found: dict[str, Whereabouts]) -> dict[str, str]:
    return {name: one.state for name, one in found.items()}


@pytest.mark.parametrize(
    ("name", "procedure"), [("gplx", GPLX), ("lltp", LLTP), ("hotich", HOTICH), ("yte", YTE)]
)
def test_all_of_it_in_one_go(tmp_path: Path, name: str, procedure: str) -> None:
    """Captured, sent, confirmed, its number written into the one-stop, the portal told: in one call."""
    with Town(tmp_path, ("dvcqg", name)) as town:

        def sleep(seconds: float) -> None:
            town.clock.forward(seconds)
            if name == "yte":
                town.ministries["yte"].work()

        town.restart(sleep=sleep)
        others = [town.key(procedure) for _ in range(3)]
        code = town.key(procedure)
        found = pushed(town, code)
        assert states(found) == {name: "confirmed", "dvcqg": "confirmed"}
        assert all(one.done for one in found.values())
        ref = town.record(name, code)["ref"]
        assert found[name].ministry_ref == ref
        assert town.dossier(code)["ministry_ref"] == ref
        assert len(town.ministries[name].records()) == 1
        assert len(town.ministries["dvcqg"].records()) == 1
        [decided] = town.journal("decided", code)
        assert (decided.detail["what"], decided.detail["by"]) == ("push", "quay3")
        town.settle(8)
        assert {one["code"] for one in town.ministries[name].records()} == {code, *others}
        town.ends_well()


def test_ten_thousand_that_wait_make_no_difference(tmp_path: Path) -> None:
    """In the line and in the inbox: no call is made before its own, and none of theirs is touched."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        with town.house.store.write("a busy day") as unit:
            pairs = [(f"H40.05-261119-{n:04}", "gplx") for n in range(10_000)]
            links = unit.links.open(pairs, dict.fromkeys(pairs, 0))
            unit.outbox.post(
                [
                    NewDelivery(one.id, one.code, "gplx", n % 4, 1, "state", {}, "gplx/licence.v1")
                    for n, one in enumerate(links.values())
                ]
            )
        assert states(pushed(town, code)) == {"gplx": "confirmed"}
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        assert town.dossier(code)["ministry_ref"] is not None
        with town.house.store.read() as unit:
            assert unit.outbox.counts()["gplx", State.PENDING] == 10_000


def test_a_daemon_at_work_takes_it_next(tmp_path: Path) -> None:
    """The daemon holds the shard: its next call is this dossier's, and nobody sends it twice."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "max_in_flight = 1"}) as town:
        others = [town.key(GPLX) for _ in range(8)]
        town.front()
        code = town.key(GPLX)
        adapter = town.house.ministries["gplx"].adapter
        submit, sent = adapter.submit, list[str]()
        gone_through: list[Thread] = []

        def noted(commands: object) -> object:
            sent.extend(one.code for one in commands)  # type: ignore[attr-defined]
            if not gone_through:
                gone_through.append(in_background(at_the_counter))
                assert waits.acquire(timeout=30)
            return submit(commands)  # type: ignore[arg-type]

        elsewhere = another(town)
        found: dict[str, Whereabouts] = {}
        waits = Semaphore(0)

        def sleep(seconds: float) -> None:
            waits.release()  # it found the shard held, and waits for the daemon's next turn
            town.clock.forward(seconds / 10)

        counter = replace(elsewhere.house, sleep=sleep)

        def at_the_counter() -> None:
            found.update(pushed(town, code, house=counter))

        adapter.submit = noted  # type: ignore[method-assign,assignment]
        deliver.drain(town.house, town.house.ministries["gplx"], 0, Pace())
        gone_through[0].join()
        assert states(found) == {"gplx": "confirmed"}
        assert sent[1] == code
        assert sorted(sent) == sorted([*others, code])
        elsewhere.close()
        town.ends_well()


def test_a_backoff_is_ignored_and_a_closed_system_tried(tmp_path: Path) -> None:
    """Failing a moment ago, held for a refused login, not reached: tried now, and it goes."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.always(Fault.EXPIRED_SESSION)
        found = pushed(town, code)
        assert states(found) == {"gplx": "held"}
        assert found["gplx"].reason
        ministry.faults.clear()
        assert states(pushed(town, code)) == {"gplx": "confirmed"}

        ministry.faults.next(Fault.TOO_MANY, operation="NopHoSo")
        found = pushed(town, throttled := town.key(GPLX))
        assert states(found) == {"gplx": "maintenance"}
        assert "429" in str(found["gplx"].reason)
        town.clock.forward(2)
        assert states(pushed(town, throttled)) == {"gplx": "confirmed"}

        late = town.key(GPLX)
        ministry.down()
        found = pushed(town, late)
        assert states(found) == {"gplx": "unreachable"}
        assert found["gplx"].unreached
        ministry.up()
        assert states(pushed(town, late)) == {"gplx": "confirmed"}
        town.ends_well()


def test_a_paused_system_stays_paused(tmp_path: Path) -> None:
    """No call at all, and it is said why; the other system has it."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        brakes.pause(town.house, town.house.ministries["gplx"], Decision("truc", "bộ bảo trì"))
        code = town.key(GPLX)
        found = pushed(town, code)
        assert states(found) == {"gplx": "paused", "dvcqg": "confirmed"}
        assert "bộ bảo trì" in str(found["gplx"].reason)
        assert not town.ministries["gplx"].calls
        brakes.resume(town.house, town.house.ministries["gplx"], Decision("truc", "xong"))
        town.round()
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_a_lost_answer_is_asked_about_and_not_sent_again(tmp_path: Path) -> None:
    """Applied, the answer lost: found there, and confirmed. Not applied: in doubt, and said so."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.ministries["gplx"]
        ministry.faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
        assert states(pushed(town, town.key(GPLX))) == {"gplx": "confirmed"}
        ministry.faults.next(Fault.CUT_BEFORE, operation="NopHoSo")
        code = town.key(GPLX)
        found = pushed(town, code)
        assert states(found) == {"gplx": "in_doubt"}
        assert not found["gplx"].done
        assert states(pushed(town, code)) == {"gplx": "in_doubt"}
        assert ministry.calls["NopHoSo"] == 2
        town.settle(40)
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_a_refusal_is_read_out_and_mended_at_the_counter(tmp_path: Path) -> None:
    """The ministry's reason; the clerk mends it, and the next push finds the dossier revived."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX, applicant_birth_date=None)
        found = pushed(town, code)
        assert states(found) == {"gplx": "dead"}
        assert "applicant.birth_date" in str(found["gplx"].reason)
        town.edit(code, applicant_birth_date="1980-02-01")
        assert states(pushed(town, code)) == {"gplx": "confirmed"}
        town.ends_well()


def test_the_answer_of_now_is_read(tmp_path: Path) -> None:
    """Nothing is to be sent; what the ministry decided since is written into the one-stop at once."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "XL")
        town.move("gplx", code, "CP", "đã in")
        assert states(pushed(town, code)) == {"gplx": "confirmed", "dvcqg": "confirmed"}
        assert town.dossier(code)["status"] == 9
        assert town.shown(code)[-1] == 9
        town.settle(3)
        assert town.dossier(code)["status"] == 9
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        town.ends_well()


def test_what_goes_nowhere_is_said(tmp_path: Path) -> None:
    """Not received yet; deleted; another system's; nobody's: no call is made, and the reason told."""
    with Town(tmp_path, ("gplx", "yte")) as town:
        code = town.key(GPLX, received_at=None, status=1)
        found = pushed(town, code)
        assert states(found) == {"gplx": "not_sent"}
        assert "received" in str(found["gplx"].reason)
        with pytest.raises(push.NotForThisSystemError) as other:
            pushed(town, code, "yte")
        assert other.value.goes_to == ("gplx",)
        with pytest.raises(push.NoSuchDossierError):
            pushed(town, "H40.05-261120-9999")
        assert pushed(town, town.key(LLTP)) == {}
        bad = town.key(GPLX, received_at="hôm qua")
        told = push.push(town.house, town.opened.paces, bad, None, THERE)
        assert (told.systems, told.done) == ((), False)
        assert "can't be read" in str(told.trouble)
        assert not town.ministries["gplx"].calls


def test_the_wrong_system_is_left_before_the_right_one_is_told(tmp_path: Path) -> None:
    """A procedure corrected after sending: withdrawn and sent in one go; never two live records."""
    with Town(tmp_path, ("gplx", "yte")) as town:

        def sleep(seconds: float) -> None:
            town.clock.forward(seconds)
            town.ministries["yte"].work()

        town.restart(sleep=sleep)
        code = corrected(town)
        town.ministries["gplx"].down()
        found = pushed(town, code)
        assert states(found) == {"yte": "pending"}
        assert "withdrawn first" in str(found["yte"].reason)
        assert town.ministries["yte"].records() == []
        town.ministries["gplx"].up()
        town.clock.forward(60)
        assert states(pushed(town, code)) == {"yte": "confirmed"}
        assert town.record("gplx", code)["status"] == 7
        town.ends_well()


def test_a_frozen_process_that_holds_the_dossier_is_waited_for_and_said(tmp_path: Path) -> None:
    """Another machine holds the shard and does nothing: said after a while, and nothing sent twice."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        elsewhere = another(town)
        found: dict[str, Whereabouts] = {}

        def frozen() -> None:
            found.update(pushed(town, code, house=elsewhere.house))

        town.front()
        ministry = town.house.ministries["gplx"]
        shard = ministry.shard_of(code)
        house = replace(town.house, moments=Between(frozen))
        deliver.drain(house, ministry, shard, Pace())
        assert states(found) == {"gplx": "sending"}
        assert states(pushed(town, code)) == {"gplx": "confirmed"}
        elsewhere.close()
        town.ends_well()
