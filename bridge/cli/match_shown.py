"""How pairs are shown: by code, number and evidence, never by a personal value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bridge.cli.desk import Desk, columns
from bridge.i18n import _, spoken

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.domain.matching.entry import Pair
    from bridge.engine.match import Found, Outcome, Period

__all__ = ["as_json", "pair_as_json", "shown", "told_points"]

SHOWN_MOST = 50


def shown(desk: Desk, system: str, period: Period, found: Found) -> None:
    """Show what a look found."""
    desk.show(
        _(
            "{system}, received from {since} to {until}",
            system=system,
            since=period.since.isoformat(),
            until=period.until.isoformat(),
        )
    )
    if found.unseen:
        desk.say(spoken(found.unseen))
    _list(desk, _("sure"), found.sure)
    _list(desk, _("likely, a person decides"), found.likely)
    counts = [
        (_("sure"), len(found.sure)),
        (_("likely"), len(found.likely)),
        (_("only in the one-stop"), found.onestop_only),
        (_("only at the ministry"), found.ministry_only),
        (_("records that bear a dossier's code, linked when they come in"), found.named),
        (_("could not be read"), found.unread),
    ]
    for line in columns([(name, str(n)) for name, n in counts[:4]], numbers_from=1):
        desk.show(line)
    for name, n in counts[4:]:
        if n:
            desk.say(f"{name}: {n}")


def _list(desk: Desk, head: str, found: Sequence[Pair]) -> None:
    if not found:
        return
    heads = [head, _("record"), _("bits"), _("evidence")]
    best = sorted(found, key=lambda one: (-one.score, one.ours))[:SHOWN_MOST]
    rows = [[one.ours, one.theirs, f"{one.score:.0f}", "; ".join(told_points(one))] for one in best]
    for line in columns([heads, *rows]):
        desk.show(line)
    if len(found) > SHOWN_MOST:
        desk.show(_("and {n} more", n=len(found) - SHOWN_MOST))
    desk.show("")


def told_points(pair: Pair) -> list[str]:
    """Return what speaks for a pair and against it, in the language spoken now."""
    return [f"{spoken(one.what)}: {spoken(one.how)}" for one in pair.points]


def as_json(
    system: str, period: Period, found: Found, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    """Return what was found, and done, with the keys of contracts/cli.md."""
    became = {one.pair: one for one in outcomes}
    return {
        "system": system,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "sure": [pair_as_json(one) | _fate(became.get(one)) for one in found.sure],
        "likely": [pair_as_json(one) for one in found.likely],
        "onestop_only": found.onestop_only,
        "ministry_only": found.ministry_only,
        "named": found.named,
        "unread": found.unread,
        "unseen": None if found.unseen is None else spoken(found.unseen),
    }


def pair_as_json(pair: Pair) -> dict[str, Any]:
    """Return a pair for a script: no personal value."""
    return {
        "code": pair.ours,
        "ministry_ref": pair.theirs,
        "score": round(pair.score, 2),
        "evidence": [
            {"what": one.what, "how": one.how, "weight": round(one.weight, 2)}
            for one in pair.points
        ],
    }


def _fate(outcome: Outcome | None) -> dict[str, Any]:
    from bridge.engine.match import Linked

    match outcome:
        case None:
            return {"linked": False}
        case Linked():
            return {"linked": True, "compared": outcome.compared}
        case _:
            return {"linked": False, "reason": spoken(outcome.reason)}
