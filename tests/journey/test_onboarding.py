"""A ministry is switched on in an office with years of dossiers: nothing moves until it is asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.telling import tell
from bridge.domain.stage import Ceiling, Stage
from bridge.engine import capture, letting_in, survey
from bridge.engine.people import onboarding
from bridge.engine.people import push as counter
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.engine.people.whereabouts import NOT_ITS_TURN
from bridge.engine.reconcile import Terms
from tests.journey.test_retiring import dies_at
from tests.journey.town import GPLX, VIETNAM, YTE, PowerCutError, Town

WHY = Decision("truc", "đã thống nhất với bộ")


def stage(town: Town, name: str = "gplx") -> Stage:
    return letting_in.standing(town.house, town.house.ministries[name]).stage


def look(town: Town, name: str = "gplx") -> dict[str, Any]:
    today = town.clock().astimezone(VIETNAM).date()
    terms = Terms(today - timedelta(days=400), today, age=timedelta())
    found = letting_in.look(town.house, town.house.ministries[name], terms)
    assert found.onboarding.report is not None
    return dict(found.onboarding.report)


def step(
    town: Town, name: str = "gplx", *, back: bool = False, ceiling: Ceiling | None = None
) -> Stage:
    ministry = town.house.ministries[name]
    return onboarding.step(town.house, ministry, WHY, back=back, ceiling=ceiling)


def choose(town: Town, *codes: str, refs: tuple[str, ...] = ()) -> None:
    ministry = town.house.ministries["gplx"]
    picked = onboarding.pick(town.house, ministry, codes, refs)
    onboarding.choose(town.house, ministry, picked, WHY)


def written(town: Town) -> tuple[int, int, list[dict[str, object]]]:
    """Return what the ministry was sent, and what the one-stop holds."""
    calls = town.ministries["gplx"].calls
    rows = town.rows("SELECT code, status, updated_at FROM dossier ORDER BY code")
    return calls["NopHoSo"], calls["CapNhatHoSo"], rows


def under(town: Town, code: str) -> str:
    """Let an officer have keyed one of our dossiers by hand; returns its number there."""
    (ref,) = town.ministries["gplx"].file_own(MaHoSoMotCua=code)
    return str(ref)


def test_a_ministry_is_let_in_a_stage_at_a_time(  # noqa: PLR0915 - one journey, stage by stage
    tmp_path: Path,
) -> None:
    """Read, rehearsed, tried with a handful, then all at a pace: each stage lets only its own move."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "onboard = true"}) as town:
        codes = [town.key(GPLX) for _ in range(6)]
        wrong = town.key(GPLX, applicant_birth_date=None)
        both = codes[0]
        there = under(town, both)
        only, other = (str(one) for one in town.ministries["gplx"].file_own(2))
        before = written(town)

        town.settle(2)
        assert stage(town) is Stage.READ_ONLY
        with pytest.raises(Refusal):
            step(town)
        counts = look(town)["counts"]
        assert counts == {"missing_at_ministry": 6, "different": 1, "missing_at_onestop": 2}
        assert step(town) is Stage.DRY_RUN
        town.settle(2)
        would = look(town)
        assert (would["would_create"], would["known_there"], would["readable"]) == (5, 1, 3)
        [refused] = would["refused"]
        assert (refused["count"], refused["first"]) == (1, [wrong])
        assert written(town) == before
        assert survey.standings(town.house)[0].posted == 0

        assert step(town) is Stage.HANDFUL
        choose(town, codes[1], both, refs=(only,))
        town.settle(4)
        assert town.link(both, "gplx").ref == there
        assert town.states(codes[1], "gplx") == ["confirmed"]
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        assert len(town.rows("SELECT code FROM dossier")) == 8
        town.edit(codes[2], applicant_phone="0900000001")
        town.settle(2)
        assert survey.story(town.house, codes[2]).links == []
        town.clock.forward(3600)
        assert look(town)["dossiers"] == {codes[1]: "in_step", both: "in_step"}

        with pytest.raises(Refusal):
            step(town)
        assert step(town, ceiling=Ceiling(hour=2)) is Stage.ALL
        town.settle(5)
        assert town.ministries["gplx"].calls["NopHoSo"] == 3
        assert len(town.rows("SELECT code FROM dossier")) == 9
        town.ministries["gplx"].file_own(5)
        town.receive("gplx")
        query = "SELECT due_at FROM inbox WHERE source = 'gplx' ORDER BY due_at"
        with town.house.store.read() as unit:
            due = list(unit.connection.exec_driver_sql(query).scalars())
        assert [(at - due[0]) // 3_600_000 for at in due] == [0, 0, 1, 1]  # two an hour, in a row
        for _ in range(4):
            town.clock.forward(3600)
            town.settle(3)
        assert all(town.record("gplx", one)["code"] == one for one in codes)
        assert town.states(wrong, "gplx") == ["dead"]
        assert {row["ref"] for row in town.ministries["gplx"].records()} >= {other}
        assert step(town) is Stage.RUNNING
        late = town.key(GPLX)
        town.settle(2)
        assert town.states(late, "gplx") == ["confirmed"]
        told = [one.detail["stage"] for one in town.journal("decided") if one.code is None]
        assert told == ["dry_run", "handful", "all", "running"]
        [new] = town.journal("stage")
        assert "read_only" not in tell(new.event, new.detail)
        town.ends_well()


def hidden(town: Town, name: str) -> Path:
    """Take a system out of the configuration, and start again; returns where its file is."""
    place = town.folder / "systems" / f"{name}.toml"
    aside = place.rename(town.folder / f"{name}.aside")
    town.restart()
    return aside


def test_a_system_that_is_added_to_a_running_bridge_waits_to_be_let_in(tmp_path: Path) -> None:
    """What no system took for years does not flood the one that does now, whoever pushes it."""
    with Town(tmp_path, ("yte", "gplx")) as town:
        gplx = town.ministries.pop("gplx")
        aside = hidden(town, "gplx")
        old, running = town.key(GPLX), town.key(YTE)
        town.settle(2)
        assert len(town.notices(old)) == 1
        aside.rename(town.folder / "systems" / "gplx.toml")
        town.ministries["gplx"] = gplx
        town.restart(on_commit=dies_at("admit", "before"))
        with pytest.raises(PowerCutError):
            town.front()
        town.restart()
        capture.capture_unrouted(town.house)
        town.settle(2)
        new = town.key(GPLX)
        pushed = counter.push(town.house, town.opened.paces, new, "gplx", WHY)
        [where] = pushed.systems
        assert (where.state, where.reason) == ("not_sent", NOT_ITS_TURN)
        town.settle(2)
        assert town.ministries["gplx"].records() == []
        assert town.states(running, "yte") == ["confirmed"]
        [line] = survey.standings(town.house, ["gplx"])
        assert (line.stage, line.posted, line.state) == (Stage.READ_ONLY, 0, "running")
        assert len(line.reasons) == 1
        assert stage(town, "yte") is Stage.RUNNING


@pytest.mark.parametrize(("age", "begins"), [(400, Stage.READ_ONLY), (300, Stage.RUNNING)])
def test_a_bridge_that_finds_years_of_dossiers_begins_with_reading(
    tmp_path: Path, age: int, begins: Stage
) -> None:
    """At its very first start as well, for each system by itself; else it runs at once."""
    with Town(tmp_path, ("gplx", "yte")) as town:
        at = (town.clock() - timedelta(days=age)).astimezone(VIETNAM)
        old = town.key(GPLX, received_at=at.isoformat(timespec="milliseconds"))
        other = town.key(YTE)
        town.settle(2)
        assert (stage(town), stage(town, "yte")) == (begins, Stage.RUNNING)
        assert len(town.ministries["gplx"].records()) == (begins is Stage.RUNNING)
        assert town.states(other, "yte") == ["confirmed"]
        assert survey.story(town.house, old).known


def test_back_again_everything_stands_still_and_nothing_is_undone(tmp_path: Path) -> None:
    """What is in line waits, what the ministry says waits, even in the middle of a turn's claim."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "onboard = true"}) as town:
        first, second = town.key(GPLX), town.key(GPLX)
        town.settle(2)
        look(town)
        step(town)
        look(town)
        step(town)
        choose(town, first, second)
        town.front()
        present = town.house.onestop.present

        def meanwhile(codes: object) -> object:
            if stage(town) is Stage.HANDFUL:
                step(town, back=True)
            return present(codes)  # type: ignore[arg-type]

        town.house.onestop.present = meanwhile  # type: ignore[method-assign,assignment]
        town.settle(2)
        assert stage(town) is Stage.DRY_RUN
        assert town.ministries["gplx"].records() == []
        assert town.states(first, "gplx") == ["pending"]
        look(town)
        step(town)
        town.house.onestop.present = present  # type: ignore[method-assign]
        town.settle(2)
        assert [town.states(one, "gplx") for one in (first, second)] == [["confirmed"]] * 2
        town.move("gplx", first, "XL")
        step(town, back=True)
        town.settle(2)
        assert town.dossier(first)["status"] == 2
        town.edit(second, applicant_phone="0900000001")
        town.settle(1)
        assert town.states(second, "gplx") == ["confirmed", "pending"]
        look(town)
        step(town)
        town.settle(3)
        assert town.dossier(first)["status"] == 4
        assert town.states(second, "gplx") == ["confirmed", "confirmed"]
        town.ends_well()
