"""What a report calls each kind of finding, why it is one, what is done about it and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.domain.authority import Owner
from bridge.domain.comparison import Kind
from bridge.domain.reconcile import (
    Action,
    Different,
    Duplicates,
    Finding,
    InStep,
    Lacks,
    MissingAtMinistry,
    MissingAtOneStop,
    NotSeen,
    OnItsWay,
    OrphanLink,
    Waits,
    Withdrawn,
)
from bridge.domain.said import Said
from bridge.domain.unlike import Unlike

OPEN = (
    Kind.MISSING_AT_MINISTRY,
    Kind.MISSING_AT_ONESTOP,
    Kind.DIFFERENT,
    Kind.DUPLICATES,
    Kind.ORPHAN_LINK,
    Kind.NOT_SEEN,
    Kind.ON_ITS_WAY,
)
"""The kinds somebody may look into, the gravest first."""

KINDS: Mapping[Kind, Said] = {
    Kind.IN_STEP: Said("In step"),
    Kind.ON_ITS_WAY: Said("On its way"),
    Kind.MISSING_AT_MINISTRY: Said("Missing at the ministry"),
    Kind.MISSING_AT_ONESTOP: Said("Missing in the one-stop"),
    Kind.DIFFERENT: Said("Different"),
    Kind.DUPLICATES: Said("More than one record"),
    Kind.ORPHAN_LINK: Said("Deleted in the one-stop"),
    Kind.WITHDRAWN: Said("Not for the ministry"),
    Kind.NOT_SEEN: Said("Not compared"),
}

MEANINGS: Mapping[Kind, Said] = {
    Kind.IN_STEP: Said("Both sides say the same, as far as the ministry's system can know it."),
    Kind.ON_ITS_WAY: Said(
        "Something of it is under way, has just changed, or is before a person already; it is judged "
        "another time."
    ),
    Kind.MISSING_AT_MINISTRY: Said("The one-stop has the dossier, and the ministry does not."),
    Kind.MISSING_AT_ONESTOP: Said(
        "The ministry has the record, and the one-stop no dossier of it."
    ),
    Kind.DIFFERENT: Said("Both have it, and not the same."),
    Kind.DUPLICATES: Said("The ministry has more than one record of one dossier."),
    Kind.ORPHAN_LINK: Said(
        "The dossier was deleted in the one-stop; what the ministry has stays until a person decides."
    ),
    Kind.WITHDRAWN: Said(
        "Withdrawn, handed over or kept back at the counter: nothing is to be sent."
    ),
    Kind.NOT_SEEN: Said("One side could not be read, so nobody knows whether both agree."),
}

LACKS: Mapping[Lacks, Said] = {
    Lacks.LOST: Said("the ministry had it and shows it no more"),
    Lacks.UNPROVED: Said("the ministry was set back to before it was sent, and can't be asked"),
    Lacks.NEVER_SENT: Said("the bridge knows it and never sent it"),
    Lacks.UNCAPTURED: Said("the bridge has not read it as it is now"),
}

WAITS: Mapping[Waits, Said] = {
    Waits.DELIVERY: Said("something of it is being sent"),
    Waits.DEAD_LETTER: Said("the ministry refused it, or sending it was given up"),
    Waits.INBOX: Said("what the ministry said of it is not worked yet"),
    Waits.SET_ASIDE: Said("a record of it was set aside for a person"),
    Waits.CONFLICT: Said("it waits for a decision"),
    Waits.IMPORTING: Said("it is being taken over from the ministry"),
    Waits.PAIRING: Said("a person paired it, and it was not compared yet"),
    Waits.PARTED: Said("a person parted it from its record"),
    Waits.YOUNG: Said("one side has changed just now"),
}

UNLIKE: Mapping[Unlike, Said] = {
    Unlike.NOT_SHOWN: Said("not compared: the ministry does not show it"),
    Unlike.ABSENT_HERE: Said("only the ministry has a value"),
    Unlike.ABSENT_THERE: Said("only the one-stop has a value"),
    Unlike.FORM: Said("the same, written in another form"),
    Unlike.SPACING: Said("spaces"),
    Unlike.CASE: Said("capital letters"),
    Unlike.TONE_PLACE: Said("place of the tone mark (hoà, hòa)"),
    Unlike.DIACRITICS: Said("tones, marks on vowels, or đ and d"),
    Unlike.ORDER: Said("another order"),
    Unlike.ROWS: Said("other rows in the list"),
    Unlike.VALUE: Said("another value"),
}

OWNERS: Mapping[Owner, Said] = {
    Owner.ONESTOP: Said("one-stop"),
    Owner.MINISTRY: Said("ministry"),
    Owner.BY_STATUS: Said("by its value"),
    Owner.NOBODY: Said("nobody"),
}

TOLD: Mapping[str, Said] = {
    "ministry": Said("ministry"),
    "onestop": Said("one-stop"),
    "person": Said("a person decides"),
}
"""Who gets to know a difference: ``FieldDifference.to``."""

_BRIDGE = Said("the bridge")
_OPERATOR = Said("the operator")
_CLERK = Said("the clerk")
_MINISTRY = Said("the ministry")
_NOBODY = Said("nobody")
PEOPLE = (_OPERATOR, _CLERK)
"""Who of those that act is a person of the office."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done about a finding, and by whom."""

    what: Said
    who: Said


NO_DEED = Deed(Said("nothing is to be done"), _NOBODY)

_ACTIONS: Mapping[Action, Deed] = {
    Action.NOTHING: NO_DEED,
    Action.SEND_ANEW: Deed(Said("send it to the ministry as for the first time"), _BRIDGE),
    Action.SEND_AGAIN: Deed(Said("send again what the ministry does not have"), _BRIDGE),
    Action.TAKE_IN: Deed(Said("read the record, and tell each side what the owner says"), _BRIDGE),
    Action.CAPTURE: Deed(Said("read the dossier in the one-stop, and send it"), _BRIDGE),
    Action.LISTEN_ANEW: Deed(Said("count the versions of its record anew"), _BRIDGE),
    Action.AWAIT: Deed(Said("key it again; the bridge knows it again by its code"), _MINISTRY),
    Action.PERSON: Deed(Said("look at both sides and decide"), _OPERATOR),
}

_WAITED: Mapping[Waits, Deed] = {
    Waits.DEAD_LETTER: Deed(Said("mend the dossier; it is sent again by itself"), _CLERK),
    Waits.SET_ASIDE: Deed(Said("look at what was set aside, and release it"), _OPERATOR),
    Waits.CONFLICT: Deed(Said("decide the conflict"), _OPERATOR),
    Waits.PARTED: NO_DEED,
}
_UNDER_WAY = Deed(Said("goes on by itself"), _BRIDGE)
_END_ONE = Deed(Said("ask the ministry to end all records but one"), _OPERATOR)
_UNLINK = Deed(Said("restore the dossier, or part it from its record"), _OPERATOR)
_COMPARE = Deed(Said("see why, and compare again"), _OPERATOR)


def deed_of(finding: Finding) -> Deed:
    """Return what is done about a finding, and by whom."""
    match finding:
        case InStep() | Withdrawn():
            return NO_DEED
        case OnItsWay():
            return _WAITED.get(finding.why, _UNDER_WAY)
        case MissingAtMinistry() | MissingAtOneStop() | Different():
            return _ACTIONS[finding.action]
        case Duplicates():
            return _END_ONE
        case OrphanLink():
            return _UNLINK
        case NotSeen():
            return _COMPARE


def why_of(finding: Finding) -> str:
    """Return why a finding is one, ``""`` where its kind says it all."""
    match finding:
        case OnItsWay():
            return WAITS[finding.why]
        case MissingAtMinistry():
            return LACKS[finding.why]
        case NotSeen():
            return finding.reason
        case InStep(compared=False):
            return Said("it is there; its fields can't be asked for")
        case Different(fields=(), steps=()):
            return Said("the two were not linked, or what differs is nothing a list shows")
        case _:
            return ""
