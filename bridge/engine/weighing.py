"""What a dossier and a system's record come to: both sides with what is on its way in, decided.

Shared by the rooms that send (``post``) and that take in (``into``), so that both ask alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bridge.domain.decide import TAKEN_BACK, Decision, Ruling, Take, decide
from bridge.domain.delivery import IN_FLIGHT
from bridge.domain.dossier import Fields, Json
from bridge.engine.house import Ministry
from bridge.store import Arrival, Conflict, Delivery, Link


def procedure_of(fields: Fields) -> str | None:
    """Return the code of a dossier's procedure, by which it is routed."""
    procedure = fields.get("procedure.code")
    return procedure if isinstance(procedure, str) else None


def flying_state(line: Sequence[Delivery]) -> Delivery | None:
    """Return the state of a link's line that is on its way, if one is."""
    states = (one for one in reversed(line) if one.kind == "state" and one.state in IN_FLIGHT)
    return next(states, None)


def undecided(base: Fields | None, theirs: Fields | None, paths: Collection[str]) -> Fields:
    """Return what goes out in place of fields a person must decide: what stands over there.

    Of the status that is what was agreed, for a status of theirs is not ours to repeat.
    """
    if base is None:
        return {}
    standing = {**base, **(theirs or {}), "status": base.get("status")}
    return {path: standing.get(path) for path in paths}


def agreed(
    ministry: Ministry, base: Fields | None, theirs: Fields | None, in_flight: Delivery | None
) -> tuple[Fields | None, Fields | None]:
    """Return what both sides agree on, and what the system shows, once what is on its way is in."""
    theirs = None if ministry.mirror else theirs
    if in_flight is None:
        return base, theirs
    carried = {
        path: value
        for path, value in ministry.lens.project(in_flight.fields).items()
        if path in ministry.lens.outgoing and (path != "status" or tells(ministry, value))
    }
    if theirs is not None:
        shown = {path: value for path, value in carried.items() if path in ministry.lens.incoming}
        theirs = {**theirs, **shown}
    return {**(base or {}), **carried}, theirs


def tells(ministry: Ministry, status: Json) -> bool:
    """Tell whether a system has a word for a status, or takes it as it is."""
    return ministry.mirror or status in ministry.lens.status_out


def rulings(link: Link) -> dict[str, Ruling]:
    """Return what a person decided of a link's fields."""
    return {
        path: Ruling(kept["ours"], kept["theirs"], Take(str(kept["take"])))
        for path, kept in (link.rulings or {}).items()
    }


def weigh(
    ministry: Ministry,
    base: Fields | None,
    ours: Fields,
    theirs: Fields | None,
    ruled: Mapping[str, Ruling] | None = None,
) -> Decision:
    """Ask ``decide`` with what this system's mapping says of owners and ways."""
    lens = ministry.lens
    return decide(
        base,
        ours,
        theirs,
        owner=lens.owner,
        outgoing=lens.outgoing,
        incoming=lens.incoming,
        status_out=lens.status_out,
        mirror=ministry.mirror,
        rulings=ruled,
    )


def over(conflict: Conflict, decision: Decision) -> bool:
    """Tell whether nothing is left to decide on a conflict's field.

    A status conflict is over once the move is legal; of any other field both sides must agree,
    for what a person is to decide must not be sent or taken in before. What a ministry has taken
    back it may say anew.
    """
    path = conflict.field
    if conflict.why == TAKEN_BACK and decision.into.get(path) is not None:
        return True
    if any(clash.path == path for clash in decision.clashes):
        return False
    return path == "status" or (path not in decision.out and path not in decision.into)


def look_again(link: Link, why: str) -> Arrival:
    """Return the inbox record that has a link compared anew with the one-stop's dossier."""
    return Arrival(link.system, link.code, why, {"look": link.id})
