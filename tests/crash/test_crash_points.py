"""Killed just before and just after each commit there is: what comes of it is the same."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.domain import journal
from bridge.engine import survey
from tests.crash.onboarding_scenes import IN_AND_OUT
from tests.crash.people_scenes import PEOPLES
from tests.crash.scenes import JOURNEYS, Scene
from tests.crash.stage import KILLED, Stage, stage
from tests.crash.watch_scenes import WATCH

BRIDGE = Path(__file__).parents[2] / "bridge"
PHASES = ("before", "after")
PARTS = 3
"""Into how many towns the scenes are dealt, so that they can be played side by side."""

SCENES: Mapping[str, Scene] = {**WATCH, **JOURNEYS, **PEOPLES, **IN_AND_OUT}
"""By the name of the transaction; what is watched first, while nothing is amiss yet."""


def transactions() -> set[str]:
    """Return the name of every transaction in the source of the bridge."""
    found = set()
    for file in BRIDGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="store"), attr="write"), args=[name]
                ):
                    assert isinstance(name, ast.Constant), f"{file}:{node.lineno}"
                    found.add(str(name.value))
    return found


def play(on: Stage, scene: Scene, dies_at: str | None) -> dict[str, object]:
    """Play a scene to its end; returns what can be seen of its dossier then."""
    subject = scene.prepare(on)
    words = on.words(subject)
    errands = [errand.format(subject, **words) for errand in scene.errands]
    ended = on.live(*errands, dies_at=dies_at)
    assert ended == (KILLED if dies_at else 0)
    if scene.heal is not None:
        scene.heal(on, str(subject))
    on.rest()
    return on.seen(subject)


def whole(on: Stage) -> None:
    """Prove that nothing is on its way, every delivery is counted once, and the journal is whole."""
    balance = survey.balance(on.town.house)
    assert (balance.waiting, balance.in_doubt) == (0, 0)
    for one in survey.standings(on.town.house):
        assert (one.in_flight, one.pending, one.held) == (0, 0, 0)
    with on.town.house.store.read() as unit:
        assert journal.verify(unit.journal.all()) is None


def test_every_transaction_has_a_scene() -> None:
    """Who names a new one writes down how a process dies at it."""
    assert transactions() == SCENES.keys()


def deaths(on: Stage, name: str, alive: dict[str, object]) -> None:
    """Die at both ends of a commit; it comes out as it does when nobody dies."""
    for phase in PHASES:
        assert play(on, SCENES[name], f"{name}:{phase}") == alive, f"{name}:{phase}"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_commit_everything_comes_out_the_same(tmp_path: Path, part: int) -> None:
    """Two deaths a transaction, one town a part: each scene ends as it does when nobody dies."""
    with stage(tmp_path) as on:
        alive: dict[Scene, dict[str, object]] = {}
        for name, scene in list(SCENES.items())[part::PARTS]:
            if scene not in alive:
                alive[scene] = play(on, scene, None)
            assert {f"{name}:{phase}" for phase in PHASES} <= on.commits, name
            deaths(on, name, alive[scene])
        whole(on)


@pytest.mark.verify
@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_at_one_commit_alone(
    tmp_path: Path, request: pytest.FixtureRequest, database: str, name: str
) -> None:
    """The same for each transaction in a town of its own, on both databases."""
    urls = {}
    if database == "postgresql":
        urls["onestop_url"] = request.getfixturevalue("postgres_database")
        urls["store_url"] = request.getfixturevalue("second_database")
    with stage(tmp_path, **urls) as on:
        deaths(on, name, play(on, SCENES[name], None))
        whole(on)
