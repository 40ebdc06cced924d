"""docs/first-day.md is played in an office of eight licences, and prints what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.engine import deliver
from tests.journey.conftest import Typed as Run
from tests.journey.test_retiring import opened_beside
from tests.journey.town import GPLX, VIETNAM, YTE, Town
from tools.tour.reading import ROOT, Typed, blocks
from tools.tour.reading import typed as typed_in
from tools.tour.terminal import comparable

PAGE = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def commands() -> Iterator[Typed]:
    """Yield what the page types, each in one line, with what it says is printed."""
    for language, block in blocks(PAGE):
        if language == "console":
            yield from typed_in(re.sub(r"\\\n +", "", block))


def opens(town: Town, _run: Run) -> None:
    """Eight licences are keyed, one without a date of birth, one there as well; two only there."""
    at = (town.clock() - timedelta(days=5)).astimezone(VIETNAM).isoformat(timespec="milliseconds")
    codes = [town.key(GPLX, received_at=at) for _ in range(8)]
    town.edit(codes[-1], applicant_birth_date=None)
    town.ministries["gplx"].file_own(MaHoSoMotCua=codes[0])
    town.ministries["gplx"].file_own(2)
    town.key(YTE)
    town.front()
    for shard in range(town.house.ministries["yte"].max_in_flight):
        deliver.drain(town.house, town.house.ministries["yte"], shard, town.opened.paces["yte"])
    town.receive("gplx")


def goes_on(town: Town, run: Run) -> None:
    """What clerks can mend is left of a dry run."""
    run("onboard", "gplx", "--next", "--reason", "what is left clerks can mend")
    town.front()


def works(town: Town, _run: Run) -> None:
    """The daemon does its work for a while."""
    town.settle(4)


def changes_hands(town: Town, run: Run) -> None:
    """The ministry decides one; its successor is opened; one more licence is keyed."""
    town.ministries["gplx"].move(town.ministries["gplx"].records()[0]["ref"], "CP")
    works(town, run)
    opened_beside(town)
    town.key(GPLX)
    town.front()


def decides(town: Town, run: Run) -> None:
    """The ministry decides the others."""
    for one in town.ministries["gplx"].records()[1:]:
        town.ministries["gplx"].move(one["ref"], "CP")
    works(town, run)


MEANWHILE: Mapping[int, Callable[[Town, Run], None]] = {
    0: opens,
    5: goes_on,
    6: works,
    10: works,
    12: changes_hands,
    14: works,
    15: decides,
}
"""What happens in the office before a command of the page, by its place."""


def shown(run: Run, command: str) -> str:
    """Run a command of the page; returns what a terminal shows of it when it is over.

    How far a look is, a terminal shows by a bar that goes away.
    """
    line, _, last = command.partition(" | tail -n ")
    ended = run(*shlex.split(line)[1:])
    said = "" if "--look" in line else ended.err
    lines = (said + ended.out).splitlines()
    return "\n".join(lines[-int(last or len(lines)) :])


def plain(text: str) -> str:
    """Return what is printed without what differs from one day to the next."""
    return DAY.sub("<day>", comparable(text))


@pytest.mark.verify
def test_the_first_day_and_the_last_go_as_the_page_says(
    tmp_path: Path, typed: Callable[[Town], Run]
) -> None:
    """Every command of the page, in its order, prints what the page shows."""
    with Town(tmp_path, ("gplx", "yte"), extra={"gplx": "onboard = true"}) as town:
        run = typed(town)
        for place, one in enumerate(commands()):
            if place in MEANWHILE:
                MEANWHILE[place](town, run)
            assert plain(shown(run, one.command)) == plain(one.told), one.command
