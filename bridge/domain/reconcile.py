"""What a comparison of both sides finds of a dossier, and what is done about it. Pure.

Every dossier and every record comes to exactly one finding. A finding holds marks of the world it
was found in: a repair is refused where one of them is not as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from bridge.domain.authority import Owner
from bridge.domain.decide import Decision
from bridge.domain.dossier import Fields, Json
from bridge.domain.unlike import Unlike, unlike

STATUS = "status"
CODE = "code"
"""What the two are known by to be one is no field in which they could differ."""
DECIDED = frozenset({8, 9})
"""Refused and done: sent anew, the ministry would decide a second time."""
ENDED = frozenset({7, 10})
"""Withdrawn and handed over: a sector system that does not have the dossier is told nothing of it."""
KEPT_BACK = frozenset({1, 3})
"""New and refused at the counter: nothing of it goes out."""


class Waits(StrEnum):
    """Why a dossier is not judged now: it is on its way, or a person has it already."""

    DELIVERY = "delivery"
    """Something is in line, being sent, accepted or in doubt."""
    DEAD_LETTER = "dead_letter"
    INBOX = "inbox"
    """A record of it was read and not worked yet."""
    SET_ASIDE = "set_aside"
    """A record of it was set aside for a person."""
    CONFLICT = "conflict"
    """A person must decide what is to stand."""
    IMPORTING = "importing"
    PAIRING = "pairing"
    """A person paired it, and it was not compared yet."""
    PARTED = "parted"
    """A person parted it from its record."""
    YOUNG = "young"
    """One side has changed just now."""


FOR_A_PERSON = frozenset({Waits.DEAD_LETTER, Waits.SET_ASIDE, Waits.CONFLICT})
"""What does not go on before a person has seen to it."""


class Lacks(StrEnum):
    """How we come to miss a dossier at the ministry."""

    LOST = "lost"
    """It had it and shows it no more."""
    UNPROVED = "unproved"
    """It can't be asked; a person says that it was set back to before it was sent."""
    NEVER_SENT = "never_sent"
    """The bridge knows the dossier and never sent it."""
    UNCAPTURED = "uncaptured"
    """The bridge has not read the dossier as it is now."""


class Action(StrEnum):
    """What a repair does."""

    NOTHING = "nothing"
    SEND_ANEW = "send_anew"
    """The ministry gets it as if for the first time."""
    SEND_AGAIN = "send_again"
    """The fields, steps and files that the ministry does not have are sent."""
    TAKE_IN = "take_in"
    """The record is worked as if the feed had shown it."""
    CAPTURE = "capture"
    """The dossier is posted as if it had been read just now."""
    LISTEN_ANEW = "listen_anew"
    """What was heard of its versions is forgotten: they are counted anew there."""
    AWAIT = "await"
    """Its number is forgotten: keyed there again, it is known by its code or shown to a person."""
    PERSON = "person"
    """Nothing is safe to do unasked."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The world a finding was made in: a hash of each of three, ``""`` for what was not there.

    ``ours`` is of the one-stop's dossier, ``link`` of the bridge's link, ``theirs`` of what the
    ministry showed.
    """

    ours: str = ""
    link: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that is not the same on both sides.

    ``unlike`` says in what way the values differ, ``forms`` by which transforms of the mapping
    they were made comparable. ``to`` is the side that will be told: ``ministry``, ``onestop``, or
    ``person`` where neither may be.
    """

    path: str
    onestop: Json
    ministry: Json
    owner: Owner
    unlike: Unlike
    to: str
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InStep:
    """Both sides say the same; ``compared`` is False where only its being there could be asked."""

    code: str
    ref: str | None
    compared: bool = True


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """Not judged now; see ``Waits``."""

    code: str | None
    ref: str | None
    why: Waits


@dataclass(frozen=True, slots=True)
class MissingAtMinistry:
    """The one-stop has the dossier and the ministry does not; ``ref`` is the number it had."""

    code: str
    ref: str | None
    why: Lacks
    action: Action
    mark: Mark


@dataclass(frozen=True, slots=True)
class MissingAtOneStop:
    """The ministry has the record and the one-stop no dossier of it; ``code`` is the one it names.

    ``day`` is the day of reception that the record shows (``YYYY-MM-DD``).
    """

    code: str | None
    ref: str
    action: Action
    mark: Mark
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Different:
    """Both have it, and not the same: fields, and steps that the ministry does not show.

    Neither is there where the two were never linked, the record has got another number, or what
    differs is nothing a record shows (the files).
    ``day`` as in ``MissingAtOneStop``.
    """

    code: str
    ref: str
    fields: tuple[FieldDifference, ...]
    steps: tuple[str, ...]
    action: Action
    mark: Mark
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The ministry has more than one record of one dossier: a person asks it to end one."""

    code: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrphanLink:
    """The dossier was deleted in the one-stop; what the ministry has stays (a person decides)."""

    code: str
    ref: str | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Ended or kept back at the counter, and nothing of it is for the ministry to have."""

    code: str
    ref: str | None


@dataclass(frozen=True, slots=True)
class NotSeen:
    """One side could not be read; ``name`` is a code, a number or a place in a list."""

    name: str
    reason: str


Finding: TypeAlias = (
    InStep
    | OnItsWay
    | MissingAtMinistry
    | MissingAtOneStop
    | Different
    | Duplicates
    | OrphanLink
    | Withdrawn
    | NotSeen
)


@dataclass(frozen=True, slots=True)
class Powers:
    """What may be done at a ministry.

    ``mirror``: it shows the one-stop's dossiers and owns nothing. ``writes``: dossiers are sent to
    it. ``repeat_safe``: a dossier sent twice is there once, whoever had it.
    """

    mirror: bool
    writes: bool
    repeat_safe: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """How a dossier came to the ministry: keyed there itself, and known there by a number."""

    keyed_there: bool = False
    numbered: bool = False


def when_lacking(
    why: Lacks, status: Json, powers: Powers, origin: Origin, *, also_decided: bool = False
) -> Action:
    """Return what is done about a dossier that the ministry does not have.

    What the ministry had keyed itself it keys again itself: sent by us it would be there twice.
    ``also_decided``: a person has said that what the ministry had decided goes anew as well.
    """
    if why is Lacks.LOST and (origin.keyed_there or not powers.writes):
        return Action.AWAIT if origin.numbered else Action.PERSON
    if not powers.writes or origin.keyed_there or why is Lacks.NEVER_SENT:
        return Action.PERSON
    if why is Lacks.UNCAPTURED:
        return Action.CAPTURE
    if why is Lacks.UNPROVED and not powers.repeat_safe:
        return Action.PERSON
    if not powers.mirror and (status in ENDED or (status in DECIDED and not also_decided)):
        return Action.PERSON
    return Action.SEND_ANEW


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sides of one dossier, field by field.

    ``ours`` and ``theirs`` are projected to what the system can know; of ``theirs`` there is only what
    it shows. ``remembered`` is what the bridge last knew the ministry to show. ``held`` are fields a person decides about already.
    """

    ours: Fields
    theirs: Fields
    remembered: Fields | None
    decision: Decision
    owners: Mapping[str, Owner]
    held: frozenset[str] = frozenset()
    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def differences(compared: Compared) -> tuple[FieldDifference, ...]:
    """Return the fields that are to be told to a side, or shown to a person, in order of paths."""
    return tuple(_differences(compared))


def _differences(compared: Compared) -> Iterator[FieldDifference]:
    decision = compared.decision
    clashes = {clash.path for clash in decision.clashes}
    for path in sorted(decision.out.keys() | decision.into.keys() | clashes | _unheard(compared)):
        if path == CODE or path in compared.held:
            continue
        ours, theirs = compared.ours.get(path), compared.theirs.get(path)
        yield FieldDifference(
            path,
            ours,
            theirs,
            compared.owners.get(path, Owner.ONESTOP),
            unlike(ours, theirs) if path in compared.theirs else Unlike.NOT_SHOWN,
            _told(path, decision, clashes),
            compared.forms.get(path, ()),
        )


def _told(path: str, decision: Decision, clashes: set[str]) -> str:
    if path in clashes:
        return "person"
    return "ministry" if path in decision.out else "onestop"


def _unheard(compared: Compared) -> set[str]:
    """Return what the ministry shows otherwise than the bridge ever heard, of what it may say.

    It may change nothing in the one-stop (a status that only went back): but what comes after it
    would be measured by what is past.
    """
    if compared.remembered is None:
        return set()
    may = (Owner.MINISTRY, Owner.BY_STATUS)
    return {
        path
        for path, owner in compared.owners.items()
        if owner in may and compared.theirs.get(path) != compared.remembered.get(path)
    }
