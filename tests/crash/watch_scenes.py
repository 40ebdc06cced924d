"""Scenes of what is watched: an alert opens, is told, and is over; mails are made, lists tidied."""

from __future__ import annotations

from collections.abc import Mapping

from tests.crash.scenes import DAY, Scene, refused
from tests.crash.stage import Stage


def nothing(stage: Stage) -> None:
    """Nothing is the matter."""


def a_while_ago(stage: Stage) -> None:
    """It was last looked at some minutes ago."""
    stage.town.clock.forward(120)


def waiting(stage: Stage) -> str:
    """A dead letter has waited for over a day."""
    stage.live("watch", "tell")
    code = refused(stage)
    stage.live("front", "deliver gplx", "deliver dvcqg", "notices")
    stage.town.clock.forward(DAY + 3600)
    return code


def owed(stage: Stage) -> str:
    """An alert has opened and was not told yet."""
    code = waiting(stage)
    stage.live("watch")
    return code


def owed_in_vain(stage: Stage) -> str:
    """The receiver of an alert takes nothing."""
    stage.hook.status = 500
    return owed(stage)


def mended(stage: Stage, code: str) -> None:
    """The clerk mends the dossier; the alert is over, and that is told."""
    stage.hook.status = 204
    stage.town.edit(code, applicant_birth_date="1990-02-01")
    stage.rest()
    stage.town.clock.forward(DAY)
    stage.live("watch", "tell")


def next_morning(stage: Stage) -> None:
    """A day has passed, so that mails are due."""
    stage.town.clock.forward(DAY)


WATCH: Mapping[str, Scene] = {
    "journal counted": Scene(("watch",), nothing),
    "seen well": Scene(("watch",), a_while_ago),
    "purge payloads": Scene(("purge",), nothing),
    "marks tidied": Scene(("purge",), nothing),
    "comparisons tidied": Scene(("purge",), nothing),
    "certificates": Scene(("certificates",), next_morning),
    "alerts tidied": Scene(("certificates",), next_morning),
    "digest made": Scene(("digest",), next_morning),
    "alerts": Scene(("watch",), waiting, mended),
    "message claimed": Scene(("tell",), owed, mended),
    "message failed": Scene(("tell",), owed_in_vain, mended),
    "message taken": Scene(("tell",), owed, mended),
}
"""By the name of the transaction."""
