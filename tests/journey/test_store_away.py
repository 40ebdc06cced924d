from __future__ import annotations

from pathlib import Path

import pytest

from bridge.engine import deliver
from bridge.store import StoreFault
from tests.journey.town import GPLX, Town


@pytest.mark.parametrize(("at", "records"), [("mark sending:after", 0), ("settle:before", 1)])
def test_what_was_sent_while_the_store_was_away_is_asked_about_at_once(
    tmp_path: Path, at: str, records: int
) -> None:
    """The daemon lives on, so nobody buries it: its own turn that failed is taken up by itself.

    The commit of SENDING went through and its answer was lost, or the call was made and what came
    of it could not be kept. Neither waits for the lease to end, and neither is sent twice.
    """

    def away(name: str, phase: str) -> None:
        if f"{name}:{phase}" == at:
            raise StoreFault("the store is away")

    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.front()
        ministry, pace = town.house.ministries["gplx"], town.opened.paces["gplx"]
        town.house.store.on_commit = away
        with pytest.raises(StoreFault):
            deliver.drain(town.house, ministry, ministry.shard_of(code), pace)
        town.house.store.on_commit = None
        assert town.states(code, "gplx") == ["sending"]
        assert len(town.ministries["gplx"].records()) == records
        town.ask("gplx")
        assert town.states(code, "gplx") == ["in_doubt"]
        town.settle(5)
        assert town.states(code, "gplx") == ["confirmed"]
        assert len(town.ministries["gplx"].records()) == 1
        town.ends_well()
