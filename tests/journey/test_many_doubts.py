from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge.engine import doubt
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town

MANY = 12


def test_what_a_crash_left_in_doubt_is_asked_about_together(tmp_path: Path) -> None:
    """One question first; then all that are answered in a moment are settled in one transaction."""
    commits: list[str] = []
    with Town(tmp_path, ("dvcqg",)) as town:
        town.key(GPLX, MANY)
        town.front()
        portal = town.ministries["dvcqg"]
        portal.faults.always(Fault.LOST_ANSWER, "DongBoHoSoMC")
        town.deliver("dvcqg")
        portal.faults.clear()
        town.clock.forward(10)
        moment = town.clock()
        house = replace(town.house, now=lambda: moment)
        house.store.on_commit = lambda name, phase: commits.append(f"{name}:{phase}")
        assert doubt.ask_due(house, house.ministries["dvcqg"]) == MANY
        assert commits.count("doubt asked:after") == 2
        town.house.store.on_commit = None
        town.settle(2)
        assert len(portal.records()) == MANY
        town.ends_well()
