"""Scenes of systems that are let in and retired; afterwards a person lets them run again."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.engine import letting_in
from bridge.engine.unanswered import ASKED_AGAIN
from bridge.sdk.rehearsal import Fault
from tests.crash.people_scenes import WHY
from tests.crash.scenes import Scene, at_rest, filed, keyed
from tests.crash.stage import Stage


def unknown(stage: Stage) -> str:
    """Nobody has looked yet how far the portal was let in."""
    code = at_rest(stage)
    with stage.town.house.store.write("admit") as unit:
        unit.systems.set("dvcqg", stage=None)
    return code


def narrow(stage: Stage) -> str:
    """The licences took one procedure less when it was looked at last; one of the other is keyed."""
    code = keyed(stage)
    with stage.town.house.store.write("widen") as unit:
        unit.onboardings.change("gplx", procedures=["1.002809"])
    return code


def on_both_sides(stage: Stage) -> str:
    """A licence is keyed here, and another one there."""
    filed(stage)
    return keyed(stage)


def two_there(stage: Stage) -> str:
    """Two licences are keyed at the ministry alone, and one of an hour may be taken over."""
    filed(stage)
    ref = filed(stage)
    stage.live(f"command onboard gplx --back --per-hour 1 {WHY}", "poll gplx")
    return ref


def mute(stage: Stage) -> str:
    """A licence is keyed, and no question whether it is there has an answer that can be read."""
    code = keyed(stage)
    stage.fault("gplx", Fault.HTML_200, "TraCuuTheoMaMotCua")
    return code


def in_line(stage: Stage) -> str:
    """A licence waits to be sent."""
    code = keyed(stage)
    stage.live("front")
    return code


def runs(stage: Stage, _code: str) -> None:
    """A person lets it run, once its backlog is through."""
    stage.rest()
    house = stage.town.house
    while not letting_in.standing(house, house.ministries["gplx"]).through:
        stage.town.round()
    stage.live(f"command onboard gplx --next {WHY}")


def answers(stage: Stage, code: str) -> None:
    """The ministry answers again, and is asked again; then a person lets it run."""
    stage.rest()
    stage.town.clock.forward(2 * ASKED_AGAIN.total_seconds())
    runs(stage, code)


def stays(stage: Stage, _code: str) -> None:
    """A person lets it stay after all."""
    stage.live(f"command onboard gplx --back {WHY}")


LETTING_IN = Scene(
    (
        f"command onboard gplx --back --per-hour 1000 {WHY}",
        "front",
        "poll gplx",
        "let-in gplx",
        "let-in gplx",
        "command onboard gplx --look",
    ),
    on_both_sides,
    runs,
)
CALLED_IN = Scene((f"command onboard gplx --per-hour 1000 {WHY}", "take-in gplx"), two_there, runs)
AT_THE_COUNTER = Scene(
    (f"command onboard gplx --back --per-hour 1000 {WHY}", "command push {}"), keyed, runs
)
MUTE = Scene(
    (f"command onboard gplx --back --per-hour 1000 {WHY}", "front", "let-in gplx"), mute, answers
)
LEAVING = Scene((f"command retire gplx --yes {WHY}",), in_line, stays)

IN_AND_OUT: Mapping[str, Scene] = {
    "admit": Scene(("front",), unknown),
    "widen": Scene(("start", "front", "let-in gplx"), narrow),
    "onboard": LETTING_IN,
    "backlog": LETTING_IN,
    "latecomers": LETTING_IN,
    "import turn": LETTING_IN,
    "call in": CALLED_IN,
    "let in": AT_THE_COUNTER,
    "unanswered": MUTE,
    "looked": LETTING_IN,
    "retire": LEAVING,
    "hand on": LEAVING,
}
"""By the name of the transaction."""
