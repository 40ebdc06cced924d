"""Every night both sides are compared unasked: what differs is told, and what may be is repaired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.daemon import Daemon
from bridge.domain.alerts import Matter
from bridge.engine.watch import alarm
from bridge.metrics import Metrics
from tests.journey.conftest import Typed
from tests.journey.test_reconcile import lose
from tests.journey.town import GPLX, VIETNAM, PowerCutError, Town

SETTINGS = '[reconcile]\nat = "02:00"\napply = true\nactions = ["capture", "take_in"]\n'


def until(town: Town, hour: int) -> None:
    """Let the clock run to an hour of the next day."""
    now = town.clock().astimezone(VIETNAM)
    to = (now + timedelta(days=1)).replace(hour=hour, minute=5)
    town.clock.forward((to - now).total_seconds())


@pytest.mark.usefixtures("call")
def test_a_night_that_differs_is_told_repaired_as_far_as_it_may_be_and_over(
    tmp_path: Path, typed: Callable[[Town], Typed]
) -> None:
    """Not outside the opening hours, once a night; an alert, status and a metric; then all is well.

    Dead at its first repair, the next look does the repairs.
    """
    extra = {"gplx": 'open_hours = "06:00-22:00"', "alerts": SETTINGS}
    with Town(tmp_path, ("gplx",), extra=extra) as town:
        desk = typed(town)
        until(town, 9)
        kept, lost = town.key(GPLX), town.key(GPLX)
        town.settle(2)
        lose(town, lost)
        town.ministry_edits(kept, HoTen=town.dossier(kept)["applicant_name"].upper())
        cut = [True]

        def dies(transaction: str, phase: str) -> None:
            if (transaction, phase) == ("reconcile", "before") and cut:
                raise PowerCutError

        town.restart(on_commit=dies)
        daemon = Daemon(town.house, watch=town.opened.watch, nights=town.opened.nights)
        daemon.compare("gplx")
        assert desk("reconcile", "gplx", "--trend").out.startswith("gplx was not compared")
        until(town, 3)
        daemon.compare("gplx")
        assert desk("reconcile", "gplx", "--trend").out.startswith("gplx was not compared")
        town.clock.forward(4 * 3600)
        with pytest.raises(PowerCutError):
            daemon.compare("gplx")
        cut.clear()
        daemon.compare("gplx")
        daemon.compare("gplx")
        told = desk("reconcile", "gplx", "--trend", "--json").document()["comparisons"]
        assert [one["differing"] for one in told] == [2]
        done = [row.detail["what"] for row in town.journal("reconciled")]
        assert done == ["take_in"]
        [opening] = [
            one.seen
            for one in alarm.look(town.house, town.opened.watch).opens
            if one.seen.matter is Matter.DIFFERING
        ]
        assert (opening.subject, opening.count) == ("gplx", 2)
        ended = desk("status", "--json")
        [line] = ended.document()["systems"]
        assert (ended.code, line["differing"]) == (1, 2)
        assert "hồ sơ" in desk("status", "--lang", "vi").out
        assert b'dossier_bridge_differing{system="gplx"} 2.0' in Metrics(town.house).exposition()

        assert desk("reconcile", "gplx", "--apply").code == 0
        town.settle(3)
        until(town, 7)
        daemon.compare("gplx")
        ended = desk("status", "--json")
        assert ended.document()["systems"][0]["differing"] == 0
        ended = desk("reconcile", "gplx", "--json")
        [waits] = ended.document()["waiting"]
        assert (ended.code, waits["code"], waits["why"]) == (1, lost, "conflict")
        closes = alarm.look(town.house, town.opened.watch).closes
        assert [one.alert.matter for one in closes] == [Matter.DIFFERING]
        daemon.purge()
        town.ends_well()
