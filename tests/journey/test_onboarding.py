"""A ministry is switched on in an office with years of dossiers: nothing moves until it is asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.telling import tell
from bridge.domain.stage import Ceiling, Stage
from bridge.engine import letting_in, survey
from bridge.engine.people import onboarding
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.engine.reconcile import Terms
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
        for _ in range(3):
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
