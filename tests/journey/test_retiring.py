"""A service changes hands: nothing new goes to the old system, and what it has comes to its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.telling import tell
from bridge.domain.delivery import State
from bridge.domain.stage import Stage
from bridge.engine import brake
from bridge.engine.people import onboarding, retiring
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.engine.people.retiring import Leaving
from tests.journey.town import GPLX, PROCEDURES, PowerCutError, Town

WHY = Decision("truc", "giấy phép lái xe chuyển sang công an")
HEIR = "gplx_moi"


def opened_beside(town: Town, *, onboard: str = "onboard = false") -> None:
    """Open the system that takes over, and say so in both files."""
    make = town.registry.ministry("gplx").rehearsal
    assert make is not None
    heir: Any = make(now=town.clock)
    town.ministries[HEIR] = heir
    heir.start()
    old = town.folder / "systems" / "gplx.toml"
    old.write_text(f'successor = "{HEIR}"\n' + old.read_text("utf-8"), encoding="utf-8")
    lines = [
        f'name = "{HEIR}"',
        'adapter = "gplx"',
        f"procedures = {json.dumps(PROCEDURES['gplx'])}",
    ]
    lines += ["timeout_seconds = 2.0", "poll_seconds = 1", onboard, "[options]"]
    lines += [f"{key} = {json.dumps(str(value))}" for key, value in heir.options().items()]
    for key, secret in heir.secrets().items():
        (town.folder / f"{HEIR}.{key}").write_text(secret, encoding="utf-8")
        lines.append(f'{key} = {{ file = "{town.folder}/{HEIR}.{key}" }}')
    place = town.folder / "systems" / f"{HEIR}.toml"
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    town.restart()


def retire(town: Town, to: str | None = HEIR) -> Leaving:
    ministry = town.house.ministries["gplx"]
    heir = retiring.heir_of(town.house, ministry, to)
    return retiring.retire(town.house, ministry, heir, WHY)


def refused_until_let_in(town: Town) -> None:
    """An heir that is only read takes nothing: nobody is retired for it."""
    for stage in (Stage.DRY_RUN, Stage.RUNNING):
        with town.house.store.write("onboard") as unit:
            unit.systems.set(HEIR, stage=stage.value)
        if stage is Stage.DRY_RUN:
            with pytest.raises(Refusal, match="not let in yet"):
                retire(town)


def left(town: Town) -> Leaving:
    return retiring.leaving(town.house, town.house.ministries["gplx"])


def at(town: Town, name: str) -> set[str]:
    return {str(one["code"]) for one in town.ministries[name].records()}


def dies_at(name: str, phase: str) -> Callable[[str, str], None]:
    def on_commit(now: str, moment: str) -> None:
        if (now, moment) == (name, phase):
            raise PowerCutError

    return on_commit


def test_a_service_that_changes_hands(tmp_path: Path) -> None:
    """New ones go to the heir, unsent ones too; what the old one has stays until it is decided."""
    with Town(tmp_path, ("gplx",)) as town:
        sent, decided = town.key(GPLX), town.key(GPLX)
        town.settle(2)
        town.move("gplx", decided, "CP")
        opened_beside(town)
        before = town.key(GPLX)
        town.settle(2)
        assert at(town, "gplx") == {sent, decided, before}
        assert at(town, HEIR) == set()
        waiting = town.key(GPLX)
        town.front()
        town.edit(sent, applicant_phone="0900000001")

        refused_until_let_in(town)
        town.restart(on_commit=dies_at("retire", "after"))
        with pytest.raises(PowerCutError):
            retire(town)
        town.restart()
        town.deliver("gplx")
        assert waiting not in at(town, "gplx")
        now = retire(town)
        assert (now.stage, now.heir, now.open, now.decided) == (Stage.RETIRING, HEIR, 2, 1)
        later = town.key(GPLX)
        town.settle(3)
        assert at(town, "gplx") == {sent, decided, before}
        assert at(town, HEIR) == {waiting, later}
        assert town.record("gplx", sent)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        assert town.dossier(waiting)["ministry_ref"] == town.record(HEIR, waiting)["ref"]
        [told] = town.journal("handed_on", waiting)
        assert HEIR in tell(told.event, told.detail)

        ministry = town.house.ministries["gplx"]
        with pytest.raises(Refusal):
            retiring.end(town.house, ministry, WHY)
        for code in (sent, before):
            town.move("gplx", code, "CP")
        town.settle(2)
        assert left(town).is_over
        retiring.end(town.house, ministry, WHY)
        calls = sum(town.ministries["gplx"].calls.values())
        town.edit(sent, applicant_phone="0900000002")
        town.settle(3)
        assert sum(town.ministries["gplx"].calls.values()) == calls
        assert at(town, HEIR) == {waiting, later}
        assert brake.look(town.house, ministry).reason == brake.RETIRED
        assert town.link(sent, "gplx").ref == town.record("gplx", sent)["ref"]
        assert (
            onboarding.step(town.house, ministry, WHY, back=False, ceiling=None) is Stage.READ_ONLY
        )
        town.ends_well()


def test_without_an_heir_the_clerk_is_told(tmp_path: Path) -> None:
    """Nothing more goes there, be it claimed already; a person sees what is left, and may halt it."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        sent = town.key(GPLX)
        town.settle(2)
        waiting = town.key(GPLX)
        town.front()
        present = town.house.onestop.present

        def meanwhile(codes: Any) -> Any:
            retire(town, None)
            town.house.onestop.present = present  # type: ignore[method-assign]
            return present(codes)

        town.house.onestop.present = meanwhile  # type: ignore[method-assign]
        town.deliver("gplx")
        now = left(town)
        assert (now.open, now.heir) == (1, None)
        new = town.key(GPLX)
        town.settle(2)
        assert at(town, "gplx") == {sent}
        assert town.states(waiting, "gplx") == ["superseded"]
        assert at(town, "dvcqg") == {sent, waiting, new}
        assert [len(town.notices(one)) for one in (sent, waiting, new)] == [0, 1, 1]
        assert left(town).deliveries[State.PENDING] == 0
        ministry = town.house.ministries["gplx"]
        onboarding.step(town.house, ministry, WHY, back=True, ceiling=None)
        town.restart()
        town.settle(3)
        assert at(town, "gplx") == {sent, waiting, new}
        assert [len(town.notices(one)) for one in (sent, waiting, new)] == [0, 0, 0]
        town.ends_well()


def test_an_heir_must_be_named_in_the_configuration(tmp_path: Path) -> None:
    """Otherwise nothing is decided, and the refusal says which files must say what."""
    with Town(tmp_path, ("gplx", "yte")) as town:
        with pytest.raises(Refusal, match="must say successor"):
            retire(town, "yte")
        assert left(town).stage is Stage.RUNNING


def test_what_a_leaving_system_had_not_come_to_is_told_of_or_its_heir_s(tmp_path: Path) -> None:
    """A system that was only read has nothing of years of dossiers: what is open of them is not lost."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "onboard = true"}) as town:
        town.front()
        codes = [town.key(GPLX) for _ in range(2)]
        finished, to_come = town.key(GPLX, status=10), town.key(GPLX, status=1)
        town.settle()
        assert retire(town, None).stage is Stage.RETIRING
        assert not left(town).is_over
        town.settle()
        assert left(town).is_over
        told = [len(town.notices(code)) for code in (*codes, finished, to_come)]
        assert told == [1, 1, 0, 0]
        opened_beside(town)
        assert retire(town).stage is Stage.RETIRING
        town.settle()
        assert [town.states(code, HEIR) for code in codes] == [["confirmed"]] * 2
        assert [town.states(code, "gplx") for code in codes] == [[], []]
        assert [town.notices(code) for code in codes] == [[], []]
