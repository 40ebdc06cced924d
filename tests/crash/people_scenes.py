"""Scenes of what people decide at the command line; afterwards they look, and decide again."""

from __future__ import annotations

from collections.abc import Mapping

from tests.crash.scenes import Scene, alike, at_rest, keyed, lost, moved, named_elsewhere, refused
from tests.crash.stage import Stage
from tests.journey.keyed_twice import keyed_there
from tests.journey.town import GPLX

QUARTER = 6 * 3600 + 60
"""As long as a record is let be that a ministry was asked for."""

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


def shrunk(stage: Stage) -> None:
    """A code list has shrunk, so that it is believed only once a person says so."""
    stage.live("procedures")
    rows = stage.town.ministries["lltp"].lists["3"]
    for number in list(rows)[1:]:
        del rows[number]


def clashing(stage: Stage) -> str:
    """The ministry says that a licence was handed over, which is not for it to say."""
    code = at_rest(stage)
    stage.town.move("gplx", code, "TR")
    stage.rest()
    return code


def stubborn(stage: Stage) -> str:
    """The ministry writes a name its own way, until a person is asked."""
    register = stage.town.ministries["gplx"]._register
    register._uppercase_names = True
    code = at_rest(stage)
    for _ in range(4):
        stage.rest()
    register._uppercase_names = False
    return code


def drop(stage: Stage, code: str) -> None:
    """Whoever sees the letter still there drops it now, and the clerk mends the dossier."""
    stage.live(f"command dead drop {stage.words(code)['delivery']} --yes {WHY}")
    again(stage, code)


def parted(stage: Stage) -> str:
    """A dossier was parted from its record, and the ministry works on that."""
    code = at_rest(stage)
    stage.live(f"command unlink {code} gplx --yes {WHY}")
    stage.town.move("gplx", code, "XL")
    return code


def part(stage: Stage, code: str) -> None:
    """Whoever sees the two still paired parts them now."""
    stage.live(f"command unlink {code} gplx --yes {WHY}")


def pair(stage: Stage, code: str) -> None:
    """Whoever sees the two still apart pairs them, once the daemon has buried who died at it."""
    stage.live("start", f"command link {code} gplx {stage.words(code)['own']} --yes {WHY}")


def twice_by_hand(stage: Stage) -> str:
    """A licence was keyed here and over there, before the bridge has seen either."""
    code = stage.town.key(GPLX, applicant_birth_date="1988-03-05")
    keyed_there(stage.town, code)
    return code


def twice_there(stage: Stage) -> str:
    """A licence that is linked was keyed over there once more."""
    code = at_rest(stage)
    keyed_there(stage.town, code)
    stage.rest()
    return code


def asked_in_vain(stage: Stage) -> str:
    """A person is asked about a record that the ministry has deleted since; another is still there."""
    at_rest(stage)
    code = alike(stage)
    stage.live("poll gplx")
    stage.town.ministries["gplx"]._register._entries.pop(stage.words(code)["own"])
    stage.town.clock.forward(QUARTER)
    return code


def look_again(stage: Stage, _code: str) -> None:
    """The timetable looks again, and once more, when it is time."""
    for _ in range(2):
        stage.town.clock.forward(QUARTER)
        stage.live("questions gplx")


def asked_and_mended(stage: Stage) -> str:
    """A person is asked about a record, and the clerk finds that the number was wrong here."""
    code = alike(stage)
    stage.live("poll gplx")
    stage.town.edit(code, applicant_id_number="036088999999", applicant_phone="0912000009")
    return code


def match(stage: Stage, code: str) -> None:
    """Whoever sees the two still apart links them, once the daemon has buried who died at it."""
    stage.live("start", f"command match gplx --apply --yes {WHY}")


def tell_apart(stage: Stage, code: str) -> None:
    """Whoever is asked again says it again."""
    stage.live(f"tell-apart {code} {stage.words(code)['own']}")


def decided(stage: Stage, code: str) -> None:
    """Whoever sees it still open decides it now."""
    number = stage.words(code)["conflict"]
    stage.live(f"command conflicts resolve {number} --take onestop {WHY}")


def keyed_again(stage: Stage) -> str:
    """A record waits for a person, and a dossier of the same one is keyed that nobody has read yet."""
    number = stage.town.dossier(alike(stage))["applicant_id_number"]
    stage.live("poll gplx")
    return stage.town.key(GPLX, applicant_id_number=number)


KEY = Scene((f"command db accept-key --yes {WHY}", "front"), keyed_again)
"""Whoever dies between two portions leaves the rest to the next; the dossier is asked about all the same."""

PEOPLES: Mapping[str, Scene] = {
    "pause": Scene((f"command pause gplx {WHY}",), running, resumed),
    "resume": Scene((f"command resume gplx {WHY}",), paused, resumed),
    "release": Scene(("command quarantine release gplx --yes",), set_aside),
    "doubt settled": Scene(
        (f"command doubt settle {{delivery}} --applied {{ref}} {WHY}",),
        lost,
    ),
    "dead retry": Scene(("command dead retry {delivery} --yes",), dead, again),
    "dead drop": Scene((f"command dead drop {{delivery}} --yes {WHY}",), dead, drop),
    "conflict resolved": Scene(
        (f"command conflicts resolve {{conflict}} --take onestop {WHY}",), clashing, decided
    ),
    "accept list": Scene((f"command lists accept lltp ethnic_group --yes {WHY}",), shrunk),
    "payloads read": Scene(("command dossier {} --payloads",), at_rest),
    "capture one": Scene(("command push {}",), keyed),
    "push": Scene(("command push {}",), keyed),
    "hurry": Scene(("command push {}",), keyed),
    "hurry answer": Scene(("command push {}",), moved),
    "read answer": Scene(("command push {}",), moved),
    "pair by hand": Scene((f"command link {{}} gplx {{own}} --yes {WHY}",), alike, pair),
    "match": Scene((f"command match gplx --apply --yes {WHY}",), twice_by_hand, match),
    "told apart": Scene(("tell-apart {} {own}",), alike, tell_apart),
    "question looked at": Scene(("questions gplx",), asked_in_vain, look_again),
    "question over": Scene(("questions gplx",), asked_and_mended, look_again),
    "keyed again": Scene(
        (f"command conflicts resolve {{conflict}} --take onestop {WHY}",), twice_there, decided
    ),
    "part by hand": Scene((f"command unlink {{}} gplx --yes {WHY}",), at_rest, part),
    "passed over": Scene(("poll gplx",), parted),
    "values read": Scene(("command conflicts list --with-values",), stubborn, decided),
    "key accepted": KEY,
    "marked anew": KEY,
}
"""By the name of the transaction."""
