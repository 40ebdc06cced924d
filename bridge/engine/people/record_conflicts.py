"""Conflicts about records, decided: two there, one number for two, one that looks like ours.

Here a person says what is so, and the same facts are not asked about again. What pairs or parts
records is ``link`` and ``unlink``, and said to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.engine import capture, clerk
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.people import pairing
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.sdk.records import Unreadable
from bridge.store import Conflict, Unit
from bridge.store.conflicts import BY_PERSON
from bridge.store.links import PARTED

_OURS, _THEIRS, _KEYED = BY_PERSON

_ANSWERS: Mapping[tuple[str, str], Said] = {
    ("elsewhere", "onestop"): Said(
        "the procedure in the one-stop is right, and the ministry's record is left to the ministry"
    ),
    ("twice", "onestop"): Said(
        "the linked record stays the dossier's, and what else is there of it is left to the ministry"
    ),
    ("shared", "onestop"): Said(
        "the number stays with the dossier that has it, and this one waits for its own"
    ),
    ("alike", "onestop"): Said(
        "the record {refs} is the dossier, keyed there once more: the linked record stays the "
        "dossier's, and {refs} is left to the ministry"
    ),
    ("alike", "ministry"): Said("the record {refs} is a dossier of its own, and is taken over"),
    ("alike", "none"): Said(
        "none of the records {refs} is the dossier: each is a dossier of its own, and is taken over"
    ),
}
"""What each decision says that can be made here."""

_INSTEAD: Mapping[str, Said] = {
    "elsewhere": Said(
        "a record says nothing of the procedure: correct procedure_code in the one-stop and the "
        "conflict ends by itself; or take onestop, if it is right"
    ),
    "twice": Said(
        "to follow another record: dossier-bridge unlink {code} {system}, then dossier-bridge "
        "link {code} {system} NUMBER; take onestop, if the linked one is right"
    ),
    "shared": Said(
        "if number {ref} is this dossier's: dossier-bridge unlink the other dossier, then "
        "dossier-bridge link {code} {system} {ref}; take onestop, if it is the other's"
    ),
    "withdrawn": Said(
        "a withdrawn record takes no decision: have the ministry reopen {ref} and the conflict ends "
        "by itself; or have a new one filed there by hand, then dossier-bridge unlink {code} "
        "{system}, then dossier-bridge link {code} {system} NUMBER"
    ),
    "alike": Said(
        "if they are one: dossier-bridge link {code} {system} {ref}; take ministry, if the record "
        "is a dossier of its own; take none, if all are that are asked about with it"
    ),
}
"""What to do where a decision can't be made here."""

WHYS = frozenset(_INSTEAD)
"""The conflicts that are about a record and not about a field."""


def meant(unit: Unit, conflict: Conflict, take: str, ref: str | None) -> Conflict:
    """Return what a decision is about: of a question about several records, the one about ``ref``.

    Raises:
        Refusal: it is not said which of them is meant, or nothing is asked about that one.
    """
    asked = _asked(unit, conflict, with_it=True) if conflict.why == clerk.ALIKE else []
    refs = [clerk.paired_ref(one.field) for one in asked]
    if ref is None:
        if len(asked) > 1 and take != "none":
            raise Refusal(
                Said(
                    "it asks about several records ({refs}): say with --record NUMBER which one is "
                    "meant; or take none, if none of them is the dossier",
                    refs=", ".join(refs),
                )
            )
        return conflict
    if take == "none":
        raise Refusal(
            Said(
                "none is said of all records that it asks about: leave out --record, or take ministry"
            )
        )
    if ref not in refs:
        raise Refusal(
            Said("conflict {id} asks nothing about a record {ref}", id=conflict.id, ref=ref)
        )
    return asked[refs.index(ref)]


def resolve(
    house: House, decision: Decision, ministry: Ministry, conflict: Conflict, take: str
) -> Said:
    """Note what a person says of a record; returns what that does.

    Raises:
        Refusal: it is not to be decided so, or was decided meanwhile; what to do is said.
        OneStopFault: the one-stop database can't be read now.
    """
    does = _ANSWERS.get((conflict.why, take))
    if does is None:
        raise _instead(conflict.why, conflict.code, ministry, str(conflict.ministry))
    if (conflict.why, take) == ("alike", "onestop"):
        keyed_again(house, decision, ministry, conflict.code, str(conflict.ministry))
        return Said(does.pattern, refs=str(conflict.ministry))
    how = _OURS if take == "onestop" else _THEIRS
    row = house.onestop.fetch([conflict.code]).get(conflict.code)
    with house.store.write("conflict resolved") as unit:
        asked = _asked(unit, conflict, with_it=take == "none")
        closed = _closed(unit, decision, asked, how)
        refs = [clerk.paired_ref(one.field) for one in closed]
        if conflict.why == clerk.ALIKE:
            does = Said(does.pattern, refs=", ".join(refs))
            let_go(unit, ministry, conflict.code, refs, row)
        else:
            kind = f"{clerk.CONFLICT}:{conflict.field}"
            clerk.resolved(unit, conflict.code, conflict.system, kind)
    house.wake(ministry.name)
    house.wake(ONESTOP)
    return does


def _closed(unit: Unit, decision: Decision, asked: Sequence[Conflict], how: str) -> list[Conflict]:
    """Close conflicts as a person decided, and journal it; returns those that were open still."""
    closed = [one for one in asked if unit.conflicts.close(one.code, one.system, one.field, how)]
    if not closed:
        raise Refusal(Said("it was decided meanwhile"), moved=True)
    for one in closed:
        decision.journal(
            unit,
            f"conflict: {how}",
            code=one.code,
            system=one.system,
            conflict=one.id,
            field=one.field,
        )
    return closed


def _asked(unit: Unit, conflict: Conflict, *, with_it: bool) -> list[Conflict]:
    """Return this conflict, if it is open still; ``with_it`` those of its kind too that came before it.

    What was asked about since stays open: whoever decides has not seen it.
    """
    found = unit.conflicts.open_of([conflict.code]).get((conflict.code, conflict.system), [])
    before = [one for one in found if one.why == conflict.why and one.id <= conflict.id]
    before.sort(key=lambda one: one.id)
    return before if with_it else [one for one in before if one.id == conflict.id]


def _instead(why: str, code: str, ministry: Ministry, ref: str) -> Refusal:
    known = {"code": code, "system": ministry.name, "ref": ref}
    return Refusal(Said(_INSTEAD[why].pattern, **known))


def keyed_again(house: House, decision: Decision, ministry: Ministry, code: str, ref: str) -> None:
    """Keep for ever that a record is one more of a dossier that has another: it is never taken in.

    What waited until somebody said whose it is goes on.

    Raises:
        Refusal: the dossier has no other record, or this one is a dossier's already, or it was
            decided meanwhile.
        OneStopFault: the one-stop database can't be read now.
    """
    held = pairing.held_for(house, ministry, code, ref)
    with house.store.write("keyed again") as unit:
        has = unit.links.refs_of_codes(ministry.name, [code]).get(code)
        holder = unit.links.of_refs(ministry.name, [ref]).get(ref)
        if has in (None, ref) or not (holder is None or holder.state == PARTED):
            raise _instead("alike", code, ministry, ref)
        if not unit.conflicts.close(code, ministry.name, clerk.pair(ref), _OURS):
            raise Refusal(Said("it was decided meanwhile"), moved=True)
        decision.journal(unit, "keyed again", code=code, system=ministry.name, ref=ref)
        others = unit.conflicts.about(ministry.name, clerk.pair(ref))
        for one in others:
            unit.conflicts.close(one.code, one.system, one.field, "it is another dossier's")
        for each in (code, *(one.code for one in others)):
            clerk.alike_answered(unit, each, ministry.name, [ref])
        unit.inbox.taken_back(ministry.name, [ref])
        unit.unpaired.forget(ministry.name, [ref])
        unit.inbox.add([capture.as_arrival(one) for one in held])
        capture.remember(unit, held)
    house.wake(ministry.name)
    house.wake(ONESTOP)


def let_go(
    unit: Unit,
    ministry: Ministry,
    code: str,
    refs: Sequence[str],
    row: Snapshot | Unreadable | None,
) -> None:
    """Let go on what waited until a person said that records are not the dossier ``row``.

    The records are worked again, and found by their marks until then; the dossier is posted, for it may
    not have been sent before.
    """
    clerk.alike_answered(unit, code, ministry.name, refs)
    for ref in refs:
        unit.inbox.release_ref(ministry.name, ref)
    if isinstance(row, Snapshot):
        unit.inbox.add([capture.as_arrival(row)])
        capture.remember(unit, [row])
