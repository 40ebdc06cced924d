"""What comes while a comparison runs: a dossier after the keys of its day, and another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.onestop_sql.adapter import SqlOneStop
from bridge.domain.comparison import Kind
from bridge.domain.reconcile import Different
from bridge.engine import ask, reconcile
from bridge.engine.reconcile import Terms, calendar
from bridge.sdk.records import Page
from tests.journey.test_reconcile_command import received
from tests.journey.town import Town


def test_a_dossier_that_came_after_the_keys_of_its_day_is_judged_by_its_record(
    tmp_path: Path,
) -> None:
    """No finding and no link is not in step; what was in step is not counted again for a stray record."""
    with Town(tmp_path, ("gplx",)) as town:
        register = town.ministries["gplx"]._register
        linked, moved = received(town, 12), received(town, 29)
        town.settle(2)
        town.clock.forward(3600)
        body = {**register.with_code(linked)[0].body}
        town.ministry_edits(moved, NgayTiepNhan=body["NgayTiepNhan"])
        late: list[str] = []

        def comes_late(transaction: str, phase: str) -> None:
            if (transaction, phase) == ("comparison kept", "after") and not late:
                late.append(received(town, 28))
                town.edit(late[0], at=town.clock() - timedelta(hours=3))
                register.file({**body, "MaHoSoMotCua": late[0]})

        town.clock.forward(3600)
        town.restart(on_commit=comes_late)
        today = reconcile.today(town.house)
        terms = Terms(today - timedelta(days=30), today)
        with reconcile.course(town.house, town.house.ministries["gplx"], terms) as under_way:
            counts = under_way.run().counts
            findings = [one.finding for one in under_way.rows()]
        [found] = [one for one in findings if getattr(one, "code", None) == late[0]]
        assert isinstance(found, Different)
        assert counts[Kind.IN_STEP] + counts[Kind.DIFFERENT] == 3, counts


def test_a_comparison_is_held_while_its_keys_and_its_list_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes, nobody else takes it over as long as answers come."""
    with Town(tmp_path, ("gplx",)) as town:
        for days_ago in range(4):
            received(town, days_ago)
        town.settle(2)
        town.clock.forward(3600)
        ministry, today = town.house.ministries["gplx"], reconcile.today(town.house)
        terms = Terms(today - timedelta(days=5), today)
        elsewhere = replace(town.house, owner="another machine:1:1")
        kept = {"list": 0, "keys": 0}

        def is_kept(what: str) -> None:
            kept[what] += 1
            town.clock.forward(400)
            with (
                pytest.raises(reconcile.ComparedElsewhereError),
                reconcile.course(elsewhere, ministry, terms),
            ):
                pass

        def slow(what: str, answer: Callable[..., Any]) -> Callable[..., Any]:
            def asked(*given: Any) -> Any:
                is_kept(what)
                return answer(*given)

            return asked

        def listing(*given: Any) -> Page:
            *asked, cursor = given
            if kept["list"] < 3:
                return Page((), f"empty {kept['list']}", more=True)
            return pages(*asked, None if isinstance(cursor, str) else cursor)

        pages: Callable[..., Page] = ask.listing
        monkeypatch.setattr(ask, "listing", slow("list", listing))
        monkeypatch.setattr(SqlOneStop, "reception", slow("keys", SqlOneStop.reception))
        monkeypatch.setattr(calendar, "AT_ONCE", 1)
        with reconcile.course(town.house, ministry, terms) as under_way:
            assert under_way.run().counts == {Kind.IN_STEP: 4}
        assert kept == {"list": 3, "keys": 5}
