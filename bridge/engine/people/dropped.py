"""What a person dropped of a dossier: said where somebody asks for it, and lifted when it is to go.

A drop is a decision of somebody who may have told the ministry in another way. So nothing lifts it
by the way: whoever wants it sent all the same says so, and the journal has both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from bridge.domain.decide import Take
from bridge.domain.dossier import Fields, Json
from bridge.domain.said import Said
from bridge.domain.supplements import ready
from bridge.engine.house import Ministry
from bridge.engine.people.decision import Decision
from bridge.engine.weighing import agreed, flying_state, rulings, weigh
from bridge.store import Delivery, Link, Unit

_MARK = "dropped"
"""What tells the ruling of a drop from one on a conflict: who dropped it, when and why."""


def ruling(
    unit: Unit, zone: tzinfo, decision: Decision, ours: Json, theirs: Json
) -> dict[str, Json]:
    """Return that each side keeps its own for these two values, and whose decision that is."""
    by: dict[str, Json] = {
        "by": decision.by,
        "reason": decision.reason,
        "on": f"{unit.now.astimezone(zone):%d/%m/%Y}",
    }
    return {"ours": ours, "theirs": theirs, "take": Take.NEITHER.value, _MARK: by}


def standing(
    ministry: Ministry, link: Link, line: Sequence[Delivery], fields: Fields
) -> Said | None:
    """Say what of a dossier, as it is now, is not sent since a person dropped it.

    ``fields`` are the one-stop's, ``line`` is what is open in the link's line.
    """
    marks = _marks(link)
    if not marks:
        return None
    base, theirs = agreed(ministry, link.base, link.theirs, flying_state(line))
    mine = ministry.lens.project(ready(fields, base))
    decision = weigh(ministry, base, mine, theirs, rulings(link))
    paths = sorted(decision.ruled.keys() & marks.keys())
    if not paths:
        return None
    known = {key: str(value) for key, value in marks[paths[0]].items()} | {"code": link.code}
    if base is None:
        return Said(
            "{by} dropped it on {on} ({reason}); to send it all the same: "
            "dossier-bridge push {code} --dropped",
            **known,
        )
    return Said(
        "{by} dropped a change of {fields} on {on} ({reason}); to send it all the same: "
        "dossier-bridge push {code} --dropped",
        fields=", ".join(paths),
        **known,
    )


def lift(unit: Unit, decision: Decision, system: str, code: str) -> bool:
    """Let what was dropped of a dossier be posted again; False where nothing was.

    The steps that went with a dossier the system never had are posted again behind it.
    """
    link = unit.links.of_codes([code]).get((code, system))
    marks = {} if link is None else _marks(unit.links.by_ids([link.id], lock=True)[link.id])
    if link is None or not marks:
        return False
    kept = {path: one for path, one in (link.rulings or {}).items() if path not in marks}
    unit.links.change(link.id, rulings=kept or None)
    if link.base is None:
        unit.outbox.forget_steps(link.id)
    decision.journal(unit, "drop lifted", code=code, system=system, fields=sorted(marks))
    return True


def _marks(link: Link) -> Mapping[str, Mapping[str, Json]]:
    """Return what was dropped, by path."""
    found: dict[str, Mapping[str, Json]] = {}
    for path, kept in (link.rulings or {}).items():
        mark = kept.get(_MARK)
        if isinstance(mark, dict):
            found[path] = mark
    return found
