"""A ministry is switched on in an office with years of dossiers: nothing moves until it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.telling import tell
from bridge.domain.ceiling import Ceiling
from bridge.domain.matching import Pair, Sureness
from bridge.domain.stage import Stage
from bridge.engine import backlog, capture, feed, letting_in, match, survey
from bridge.engine import round as rounds
from bridge.engine.house import House
from bridge.engine.letting_in import Heard
from bridge.engine.people import onboarding
from bridge.engine.people import push as counter
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.engine.people.whereabouts import NOT_ITS_TURN
from bridge.engine.reconcile import Terms
from bridge.sdk.errors import Retryable
from bridge.sdk.records import Command, Probe
from bridge.sdk.rehearsal import Fault
from tests.journey.keyed_twice import keyed_carelessly
from tests.journey.test_keyed_twice import BORN
from tests.journey.test_retiring import dies_at
from tests.journey.town import GPLX, VIETNAM, YTE, PowerCutError, Town

WHY = Decision("truc", "đã thống nhất với bộ")


def stage(town: Town, name: str = "gplx") -> Stage:
    return letting_in.standing(town.house, town.house.ministries[name]).stage


def look(town: Town, name: str = "gplx", *, tried: Any = None) -> dict[str, Any]:
    today = town.clock().astimezone(VIETNAM).date()
    terms = Terms(today - timedelta(days=400), today, age=timedelta())
    house = replace(town.house, page=3)
    heard = Heard() if tried is None else Heard(tried=tried)
    found = letting_in.look(house, house.ministries[name], terms, heard)
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


def at_all(town: Town, ceiling: Ceiling) -> None:
    """Have a system at the stage all, as if every stage had been looked at."""
    town.front()
    with town.house.store.write("onboard") as unit:
        values: dict[str, Any] = {"ceiling": ceiling, "after": None, "through": False}
        unit.onboardings.enter("gplx", Stage.ALL, **values)


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
        tried: list[int] = []

        def cut_off(count: int) -> None:
            tried.append(count)
            if len(tried) == 1:
                raise PowerCutError

        with pytest.raises(PowerCutError):
            look(town, tried=cut_off)
        with pytest.raises(Refusal):
            step(town)
        would = look(town, tried=cut_off)
        assert tried == [3, 6]  # it went on behind the first page
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
        late = [town.key(GPLX, status=1), town.key(GPLX, status=11), town.key(YTE)]
        town.edit(codes[5], status=11)
        assert step(town, ceiling=Ceiling(hour=2)) is Stage.ALL
        town.ministries["gplx"].file_own(3)
        town.settle(5)
        town.edit(codes[1], applicant_phone="0900000002")
        town.settle(2)
        assert town.record("gplx", codes[1])["body"]["NguoiNop"]["DienThoai"] == "0900000002"
        assert town.ministries["gplx"].calls["NopHoSo"] == 3
        assert len(town.rows("SELECT code FROM dossier")) == 13
        assert letting_in.standing(town.house, town.house.ministries["gplx"]).inbox == 2
        with pytest.raises(Refusal, match="not through yet"):
            step(town)
        for _ in range(3):
            town.clock.forward(3600)
            town.settle(3)
        right: dict[str, Any] = {
            "status": 2,
            "procedure_code": GPLX,
            "details": {"licence_class": "A1"},
        }
        for one in late:  # the walk has passed them: not received, unreadable, another's
            town.edit(one, **right)
        town.edit(codes[5], status=2)  # as it was before
        town.front()
        with pytest.raises(Refusal, match="not through yet"):
            step(town)
        pushed = counter.push(town.house, town.opened.paces, late[0], "gplx", WHY)
        assert [one.state for one in pushed.systems] == ["confirmed"]
        for _ in range(2):
            town.clock.forward(3600)
            town.settle(4)
        assert [town.states(one, "gplx") for one in late] == [["confirmed"]] * 3
        assert all(town.record("gplx", one)["code"] == one for one in codes)
        assert len(town.rows("SELECT code FROM dossier")) == 15
        assert town.states(wrong, "gplx") == ["dead"]
        assert {row["ref"] for row in town.ministries["gplx"].records()} >= {other}
        assert step(town) is Stage.RUNNING
        last = town.key(GPLX)
        town.settle(2)
        assert town.states(last, "gplx") == ["confirmed"]
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


def test_what_is_chosen_is_held_beside_what_has_come(tmp_path: Path) -> None:
    """Of a handful the rest is not looked at: what may be there already waits for a person."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "onboard = true"}) as town:
        there, both, new = (town.key(GPLX, applicant_birth_date=BORN) for _ in range(3))
        ref = keyed_carelessly(town, there)
        town.settle(2)
        for _ in range(2):
            look(town)
            step(town)
        chosen = keyed_carelessly(town, both)
        choose(town, there, both, new, refs=(chosen,))
        town.settle(2)
        assert town.conflicts(there, "gplx").keys() == {f"link:{ref}"}
        assert town.conflicts(both, "gplx").keys() == {f"link:{chosen}"}
        assert town.states(new, "gplx") == ["confirmed"]
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        ministry = town.house.ministries["gplx"]
        match.apart(town.house, ministry, Pair(there, ref, Sureness.LIKELY, 20.0, ()), WHY)
        town.settle(2)
        assert town.states(there, "gplx") == ["confirmed"]


def told_of(house: House, name: str) -> str:
    """Return what ``status`` gives as reasons of a system."""
    [line] = survey.standings(house, [name])
    return "; ".join(line.reasons)


def test_a_procedure_that_is_added_does_not_flood_its_system(tmp_path: Path) -> None:
    """What came before it was added goes by the ceiling, even if touched; what comes now at once."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        place = tmp_path / "systems" / "gplx.toml"
        right = place.read_text("utf-8")
        place.write_text(right.replace('"1.002835", ', ""), "utf-8")
        town.restart()
        old = [town.key(GPLX) for _ in range(3)]
        town.settle(2)
        ministry = town.house.ministries["gplx"]
        onboarding.set_ceiling(town.house, ministry, WHY, Ceiling(hour=1))
        place.write_text(right, "utf-8")
        town.restart()
        capture.capture_unrouted(town.house)
        [told] = town.journal("widened")
        assert GPLX in tell(told.event, told.detail)
        town.edit(old[2], applicant_phone="0900000001")
        now = (town.clock()).astimezone(VIETNAM).isoformat(timespec="milliseconds")
        new = town.key(GPLX, received_at=now)
        town.settle(4)
        assert {one["code"] for one in town.ministries["gplx"].records()} == {old[2], new}
        pushed = counter.push(town.house, town.opened.paces, old[0], "gplx", WHY)
        assert [one.state for one in pushed.systems] == ["confirmed"]
        town.clock.forward(3600)
        town.settle(4)
        assert [town.states(one, "gplx") for one in (*old, new)] == [["confirmed"]] * 4
        assert letting_in.standing(town.house, town.house.ministries["gplx"]).through

        before = replace(town.house.ministries["gplx"], procedures=ministry.procedures)
        known = {**town.house.ministries, "gplx": before}
        late = town.key(GPLX, received_at=town.clock().isoformat(timespec="milliseconds"))
        unaware = replace(town.house, ministries=known)
        rounds.front(unaware)  # a daemon that was started before the file was changed
        assert town.states(late, "gplx") == []
        assert backlog.work(unaware, before) == 0
        assert f"(only here: -; only there: {GPLX})" in told_of(unaware, "gplx")
        assert told_of(town.house, "gplx") == ""

        capture.capture_unrouted(unaware)  # started anew with the old file: what it says counts
        missed = town.key(GPLX, received_at=town.clock().isoformat(timespec="milliseconds"))
        rounds.front(unaware)
        assert backlog.work(town.house, town.house.ministries["gplx"]) == 0
        assert f"(only here: {GPLX}; only there: -)" in told_of(town.house, "gplx")
        assert told_of(unaware, "gplx") == ""
        town.restart()
        capture.capture_unrouted(town.house)
        assert told_of(town.house, "gplx") == ""
        town.clock.forward(3600)
        town.settle(3)
        town.clock.forward(3600)
        town.settle(3)
        assert [town.states(one, "gplx") for one in (late, missed)] == [["confirmed"]] * 2


def test_a_record_in_turn_is_worked_where_no_ceiling_is_any_more(tmp_path: Path) -> None:
    """Whatever has put it there: no record waits for a turn that nobody gives, or pays for one twice."""
    with Town(tmp_path, ("gplx",)) as town:
        town.ministries["gplx"].file_own(1)
        feed.poll(town.house, town.house.ministries["gplx"])
        with town.house.store.write("import turn") as unit:
            refs = list(unit.connection.exec_driver_sql("SELECT ref FROM inbox").scalars())
            unit.inbox.wait_in_turn("gplx", refs, "later")
        town.settle(2)
        assert len(town.rows("SELECT code FROM dossier")) == 1
        at_all(town, Ceiling(hour=1))
        town.ministries["gplx"].file_own(1)
        town.restart(on_commit=dies_at("reserve import", "before"))
        with pytest.raises(PowerCutError):
            town.settle(1)
        town.restart()
        town.settle(2)
        assert len(town.rows("SELECT code FROM dossier")) == 2


def test_a_dossier_that_is_asked_about_in_vain_keeps_no_other(tmp_path: Path) -> None:
    """It is left out, said, asked about now and then, and goes once it is known that it may."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "onboard = true"}) as town:
        codes = [town.key(GPLX) for _ in range(12)]
        broken, stumbling, failing = codes[9:]
        ref = under(town, broken)
        ministry, register = town.house.ministries["gplx"], town.ministries["gplx"]._register
        right = dict(register.entry(ref).body)
        register.entry(ref).body["NgayHenTra"] = "hôm qua"
        troubles: dict[str, Exception] = {stumbling: KeyError("x"), failing: Retryable("500")}
        questions: list[str] = []
        probe = ministry.adapter.probe

        def ask(command: Command) -> Probe:
            questions.append(command.code)
            if command.code in troubles:
                raise troubles[command.code]
            return probe(command)

        ministry.adapter.probe = ask  # type: ignore[method-assign]
        at_all(town, Ceiling(hour=100))
        town.settle(4)
        assert [town.states(one, "gplx") for one in codes[:9]] == [["confirmed"]] * 9
        assert [len(town.notices(one)) for one in codes[9:]] == [1, 1, 0]
        [told] = town.journal("unanswered", broken)
        assert "NgayHenTra" in tell(told.event, told.detail)
        [line] = survey.standings(town.house)
        assert (line.unanswered, failing in line.reasons[-1]) == (3, True)
        picked = onboarding.pick(town.house, ministry, [codes[0], broken, stumbling], ())
        assert picked.unanswered.keys() == {broken, stumbling}
        pushed = counter.push(town.house, town.opened.paces, broken, "gplx", WHY)
        assert [(one.state, "NgayHenTra" in str(one.reason)) for one in pushed.systems] == [
            ("not_sent", True)
        ]

        assert step(town) is Stage.RUNNING
        before = len(questions)
        for one in codes[9:]:
            town.edit(one, applicant_phone="0900000001")
        town.settle(3)
        assert len(questions) == before
        assert [town.states(one, "gplx") for one in codes[9:]] == [[]] * 3
        troubles.pop(failing)
        register.replace(ref, right)
        town.clock.forward(2 * 20 * 60)
        town.settle(4)
        assert survey.standings(town.house)[0].unanswered == 1
        assert town.states(stumbling, "gplx") == []
        troubles.clear()
        town.clock.forward(2 * 20 * 60)
        town.settle(4)
        assert [town.states(one, "gplx") for one in codes[10:]] == [["confirmed"]] * 2
        assert town.link(broken, "gplx").ref == ref
        assert [town.notices(one) for one in codes[9:]] == [[]] * 3
        assert survey.standings(town.house)[0].unanswered == 0
        town.ends_well()


def test_a_ministry_whose_every_answer_breaks_is_in_trouble_itself(tmp_path: Path) -> None:
    """No clerk is told of each dossier: its brake closes, and they are asked about later."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "onboard = true"}) as town:
        codes = [town.key(GPLX) for _ in range(6)]
        at_all(town, Ceiling(hour=100))
        town.ministries["gplx"].faults.always(Fault.HTML_200, "TraCuuTheoMaMotCua")
        town.round()
        [line] = survey.standings(town.house)
        assert line.state == "unreachable"
        assert [town.notices(one) for one in codes] == [[]] * 6
        town.ministries["gplx"].faults.clear()
        town.clock.forward(2 * 20 * 60)
        town.settle(4)
        assert [town.states(one, "gplx") for one in codes] == [["confirmed"]] * 6
        town.ends_well()
