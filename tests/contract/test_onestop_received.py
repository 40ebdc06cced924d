"""The one-stop's side of a comparison: the dossiers received on some days, each once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import pytest

from bridge.sdk.records import Unreadable
from tests.contract.onestop_world import World, numbered

DAY = date(2026, 11, 20)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


def walked(
    world: World, limit: int, procedures: Collection[str] | None = None, until: date = DAY
) -> list[str]:
    """Walk to the end; returns the names of what was met."""
    met: list[str] = []
    after: str | None = None
    while True:
        page = world.onestop.received(DAY, until, procedures, after, limit)
        met += [one.name if isinstance(one, Unreadable) else one.code for one in page.dossiers]
        after = page.after
        if after is None:
            return met


def test_the_days_are_vietnams_and_each_dossier_is_met_once(world: World) -> None:
    """Whatever offset a time was written in, it counts on the day it was in Vietnam."""
    at = {
        1: "2026-11-20T00:00:00+07:00",
        2: "2026-11-19T23:59:59+07:00",
        3: "2026-11-19T17:00:00Z",
        4: "2026-11-20T16:59:59+00:00",
        5: "2026-11-20T17:00:00+00:00",
        6: "2026-11-20T23:59:59.999+07:00",
    }
    for number, received in at.items():
        world.file(numbered(number), received_at=received)
    world.file(numbered(7), received_at=None)
    wanted = [numbered(n) for n in (1, 3, 4, 6)]
    assert [walked(world, limit) for limit in (1, 2, 3, 7, 100)] == [wanted] * 5
    assert walked(world, 2, until=date(2026, 11, 21)) == [numbered(n) for n in (1, 3, 4, 5, 6)]


def test_only_the_procedures_that_are_asked_for_are_met(world: World) -> None:
    """``None`` is all of them, an empty list none."""
    code = world.file(numbered(1))
    assert walked(world, 10) == walked(world, 10, ["1.002835"]) == [code]
    assert walked(world, 10, ["1.003709"]) == walked(world, 10, []) == []


def test_one_that_can_not_be_read_is_met_and_named(world: World) -> None:
    """A status the law does not know spoils its own dossier, not its neighbours."""
    world.file(numbered(1), status=77)
    world.file(numbered(2))
    assert walked(world, 1) == [numbered(1), numbered(2)]
