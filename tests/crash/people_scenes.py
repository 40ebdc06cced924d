"""Scenes of what people decide at the command line; afterwards they look, and decide again."""

from __future__ import annotations

from collections.abc import Mapping

from tests.crash.scenes import Scene, at_rest, lost, named_elsewhere, refused
from tests.crash.stage import Stage

WHY = "--reason 'as agreed by telephone'"


def running(stage: Stage) -> None:
    """Nobody has paused anything."""


def paused(stage: Stage) -> None:
    """A system is paused."""
    stage.live(f"command pause gplx {WHY}")


def resumed(stage: Stage, _code: str) -> None:
    """It runs again."""
    stage.live(f"command resume gplx {WHY}")


def set_aside(stage: Stage) -> str:
    """A record was set aside."""
    code = named_elsewhere(stage)
    stage.live("poll gplx")
    return code


def dead(stage: Stage) -> str:
    """A licence was refused."""
    code = refused(stage)
    stage.live("front", "deliver gplx")
    return code


def again(stage: Stage, code: str) -> None:
    """The clerk mends the dossier."""
    stage.town.edit(code, applicant_birth_date="1990-02-01")


def clashing(stage: Stage) -> str:
    """The ministry says that a licence was handed over, which is not for it to say."""
    code = at_rest(stage)
    stage.town.move("gplx", code, "TR")
    stage.rest()
    return code


def stubborn(stage: Stage) -> str:
    """The ministry changes a name again and again, until a person is asked."""
    code = at_rest(stage)
    for n in range(4):
        stage.town.ministry_edits(code, HoTen=f"Trần Văn Mẫu {n}")
        stage.rest()
    return code


def decided(stage: Stage, code: str) -> None:
    """Whoever sees it still open decides it now."""
    number = stage.words(code)["conflict"]
    stage.live(f"command conflicts resolve {number} --take onestop {WHY}")


PEOPLES: Mapping[str, Scene] = {
    "pause": Scene((f"command pause gplx {WHY}",), running, resumed),
    "resume": Scene((f"command resume gplx {WHY}",), paused, resumed),
    "release": Scene(("command quarantine release gplx --yes",), set_aside),
    "doubt settled": Scene(
        (f"command doubt settle {{delivery}} --applied {{ref}} {WHY}",),
        lost,
    ),
    "dead retry": Scene(("command dead retry {delivery} --yes",), dead, again),
    "dead drop": Scene((f"command dead drop {{delivery}} --yes {WHY}",), dead, again),
    "conflict resolved": Scene(
        (f"command conflicts resolve {{conflict}} --take onestop {WHY}",), clashing, decided
    ),
    "values read": Scene(("command conflicts list --with-values",), stubborn, decided),
}
"""By the name of the transaction."""
