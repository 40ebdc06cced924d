"""Who may work what: leases that are lost, kept, and handed on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

from bridge.bootstrap import Opened, open_house
from bridge.engine import deliver, doubt, feed, receive
from bridge.engine.house import House, Ministry
from bridge.engine.moments import Moments
from bridge.engine.pace import Pace
from bridge.sdk.rehearsal import Fault
from bridge.settings import load
from tests.journey.town import GPLX, Town


def another(town: Town) -> Opened:
    """Open a second process's house over the same store."""
    settings = load(town.folder / "bridge.toml", {})
    return open_house(
        settings,
        registry=town.registry,
        now=town.clock,
        sleep=town.clock.forward,
        chance=Random(8),
        owner="elsewhere:1:1",
    )


def works_all(house: House, name: str = "gplx") -> None:
    ministry = house.ministries[name]
    doubt.ask_due(house, ministry)
    for shard in range(ministry.max_in_flight):
        deliver.drain(house, ministry, shard, Pace())


class Between(Moments):
    """Lets something happen between the commit of SENDING and the call."""

    def __init__(self, happens: object) -> None:
        super().__init__()
        self._happens = happens

    def wait(self, house: House, ministry: Ministry) -> None:
        assert callable(self._happens)
        self._happens()


def test_a_frozen_process_does_not_send_what_another_took_over(tmp_path: Path) -> None:
    """Frozen before the call for minutes: it looks at its lease first, and sends nothing."""
    with Town(tmp_path, ("gplx",)) as town:
        elsewhere = another(town)

        def frozen() -> None:
            for _ in range(12):
                town.clock.forward(10)
                works_all(elsewhere.house)

        town.key(GPLX)
        town.front()
        ministry = town.house.ministries["gplx"]
        for shard in range(ministry.max_in_flight):
            house = replace(town.house, moments=Between(frozen))
            deliver.drain(house, ministry, shard, Pace())
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        elsewhere.close()
        town.ends_well()


def test_a_long_call_keeps_its_lease(tmp_path: Path) -> None:
    """A call that outlasts its lease by far: renewed meanwhile, nobody takes it for dead."""
    with Town(tmp_path, ("gplx",)) as town:
        elsewhere = another(town)
        code = town.key(GPLX)
        town.front()
        adapter = town.house.ministries["gplx"].adapter
        submit = adapter.submit

        def slow(commands: object) -> object:
            for _ in range(20):
                town.clock.forward(10)
                town.house.leases.keep(town.house)
                works_all(elsewhere.house)
            return submit(commands)  # type: ignore[arg-type]

        adapter.submit = slow  # type: ignore[method-assign,assignment]
        works_all(town.house)
        assert town.states(code, "gplx") == ["confirmed"]
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        assert "in_doubt" not in town.events(code)
        elsewhere.close()
        town.ends_well()


def test_a_late_answer_is_still_proof(tmp_path: Path) -> None:
    """Taken for dead while its call ran: what the answer proves is kept, and nothing sent again."""
    with Town(tmp_path, ("gplx",)) as town:
        elsewhere = another(town)
        code = town.key(GPLX)
        town.front()
        adapter = town.house.ministries["gplx"].adapter
        submit = adapter.submit

        def answered_late(commands: object) -> object:
            answers = submit(commands)  # type: ignore[arg-type]
            town.clock.forward(60)
            town.ministries["gplx"].faults.next(Fault.ERROR_500, count=3)
            works_all(elsewhere.house)
            assert town.states(code, "gplx") == ["in_doubt"]
            return answers

        adapter.submit = answered_late  # type: ignore[method-assign,assignment]
        works_all(town.house)
        assert town.states(code, "gplx") == ["confirmed"]
        assert town.events(code, "gplx")[-2:] == ["late_answer", "confirmed"]
        elsewhere.close()
        town.ends_well()


def test_fewer_calls_at_the_same_time_strand_nobody(tmp_path: Path) -> None:
    """max_in_flight lowered while dossiers wait in the upper shards: they are moved, and go."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "max_in_flight = 8"}) as town:
        codes = [town.key(GPLX) for _ in range(12)]
        town.front()
        place = town.folder / "systems" / "gplx.toml"
        place.write_text(place.read_text().replace("max_in_flight = 8", "max_in_flight = 2"))
        town.restart()
        deliver.reshard(town.house)
        town.settle(2)
        assert {state for code in codes for state in town.states(code, "gplx")} == {"confirmed"}
        town.ends_well()


def test_records_are_worked_one_at_a_time(tmp_path: Path) -> None:
    """A newer record that comes in meanwhile is not overtaken, nor overwritten by the older."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "XL", "đang xem")
        ministry = town.house.ministries["gplx"]
        feed.poll_open(town.house, ministry)
        fetch = town.house.onestop.fetch

        def meanwhile(codes: object) -> object:
            town.house.onestop.fetch = fetch  # type: ignore[method-assign]
            town.clock.forward(1)
            town.move("gplx", code, "CP", "đã in, nhận ở quầy 3")
            feed.poll_open(town.house, ministry)
            assert receive.work(town.house, ministry) == 0
            return fetch(codes)  # type: ignore[arg-type]

        town.house.onestop.fetch = meanwhile  # type: ignore[method-assign,assignment]
        assert receive.work(town.house, ministry) == 2
        town.settle(3)
        assert (town.dossier(code)["status"], town.conflicts(code, "gplx")) == (9, {})
        assert town.dossier(code)["status_note"] == "đã in, nhận ở quầy 3"
        assert town.progress(code) == [(2, "onestop"), (4, "gplx"), (9, "gplx")]
        town.ends_well()


def test_another_process_leaves_the_records_of_a_living_one(tmp_path: Path) -> None:
    """Two daemons: whoever holds a system's records works them; when it lets go, the other may."""
    with Town(tmp_path, ("gplx",)) as town:
        elsewhere = another(town)
        town.ministries["gplx"].file_own(2)
        theirs = elsewhere.house.ministries["gplx"]
        feed.poll_open(elsewhere.house, theirs)
        with town.house.leases.records(town.house, "gplx") as mine:
            assert mine is not None
            assert receive.work(elsewhere.house, theirs) == 0
        assert receive.work(elsewhere.house, theirs) == 2
        elsewhere.close()
        town.ends_well()
