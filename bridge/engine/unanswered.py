"""Dossiers that a system was asked about in vain: whether it has one already, it gives no answer.

Each is left out, for sent unasked it might be there twice, and asked about again, now and then. Until it
is known the clerk is told, and ``status`` tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.engine import brake, clerk
from bridge.engine.already_there import Answers, already_there, is_its_own, why
from bridge.engine.house import House, Ministry
from bridge.sdk.errors import AdapterError, Rejected
from bridge.store import Unit

ASKED_AGAIN = timedelta(minutes=20)
"""How long a system is let be about such a dossier, and up to twice as long: many of these come apart, so
that they don't make the system look as if it failed.
"""


def ask(house: House, ministry: Ministry, ours: Sequence[Snapshot]) -> Answers:
    """Ask what of these a system has already; what it gives no answer about is asked about again.

    The clerk is told, but where the system itself is in trouble: the brake and ``status`` tell that.
    """
    answers = already_there(house, ministry, ours)
    silent = [one for one in ours if one.code in answers.unanswered]
    if silent:
        with house.store.write("unanswered") as unit:
            stage = unit.systems.of(ministry.name, lock=True).stage
            if stage is None or not stage.goes_through:
                return answers  # nobody asks any more
            later = {one.code: 1 + house.chance.random() for one in silent}
            due = {code: unit.now + ASKED_AGAIN * times for code, times in later.items()}
            unit.latecomers.ask_again(ministry.name, due)
            if brake.see(unit, house, ministry).takes_any:
                _say(unit, house, ministry, silent, answers.unanswered)
    return answers


def _say(
    unit: Unit,
    house: House,
    ministry: Ministry,
    silent: Sequence[Snapshot],
    errors: Mapping[str, AdapterError],
) -> None:
    """Tell the clerk of those to which no question brings an answer, however often it is put."""
    for one in silent:
        error = errors[one.code]
        if is_its_own(error):
            words = why(house, ministry, one, error)
            theirs = isinstance(error, Rejected) and not isinstance(words, Said)
            clerk.unanswered(unit, ministry, one.code, words, theirs=theirs)


def over(unit: Unit, ministry: Ministry, codes: Collection[str]) -> None:
    """End this of dossiers of which it is known now, or that are asked about no more."""
    unit.latecomers.answered(ministry.name, codes)
    for code, system in sorted(unit.notices.standing(codes)):
        if system == ministry.name:
            clerk.resolved(unit, code, system, clerk.UNANSWERED)
