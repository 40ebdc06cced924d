"""Records that nobody has linked: what may be a dossier of ours is asked about, the rest is imported.

However sure the evidence, a person pairs the two; what a ceiling keeps back waits in turn. One that
can't be read whole is set aside, and asked about as far as it can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bridge.domain import matching
from bridge.domain.dossier import Snapshot
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import admission, apart, clerk, code_lists, imports, unpaired
from bridge.engine.finding import is_for, is_taken
from bridge.engine.house import House, Ministry
from bridge.engine.imports import Stranger
from bridge.engine.into import set_aside
from bridge.engine.people import pairing
from bridge.engine.seen import glimpse
from bridge.engine.twins import Told, is_free, like_any, like_posted, may_be_double
from bridge.engine.unpaired import asks_first
from bridge.mapping import LiftError
from bridge.sdk.records import Unreadable
from bridge.store import Unit, Waiting
from bridge.store.chunks import chunks

LOOKS_ALIKE = Said("looks like a dossier that is there; a person decides")
CEILING = Said("as many dossiers were taken over as may be for now")

TOGETHER = 50
"""Dossiers imported under one reservation."""


@dataclass(frozen=True, slots=True)
class Unread(Stranger):
    """A record that can't be read whole, as far as it can be: it is asked about, and never imported."""

    error: LiftError


def take_in(
    house: House,
    ministry: Ministry,
    strangers: Sequence[Stranger],
    still: Callable[[], bool] = lambda: True,
) -> None:
    """Take in records nobody has linked: ask of what may be ours, import the rest.

    However sure the evidence, a person pairs (``match``): what the two say otherwise is sent as a
    correction then, and a twin of which one side was not keyed yet looks as sure.

    Their marks are kept before the one-stop is looked through: what was put in line until then is found
    there, and whoever puts something in line from then on finds them, and asks. Not so of every system
    (``asks_first``), nor of what is on its way, nor by what a crowd bears: so what was put in line
    meanwhile is looked at behind that look, and once more right before they are reserved. What another
    process has worked by then is let be, and what somebody has come to ask about waits for the next page.

    ``still`` tells whether these records are this process's to work: where not, the rest is left.

    Raises:
        OneStopFault: the one-stop database can't be used; what is done stays done.
    """
    known = _without_doubles(house, ministry, strangers)
    unread = [one for one in known if isinstance(one, Unread)]
    left = _first_of_each([one for one in known if not isinstance(one, Unread)])
    if not ((left or unread) and still()):
        return
    named = _named(house, unread)
    free, after = _marked(house, ministry, [*left, *unread], named)
    told = [one.told for one in free if not _names(one, named)]
    like = _both(like_any(house, ministry, told), like_posted(house, ministry, told, after))
    for one in free:
        if not still():
            return
        if isinstance(one, Unread):
            row = named.get(one.seen.code or "")
            _set_aside(house, ministry, one, like.get(one.ref, ()), row)
    whole = [one for one in free if not isinstance(one, Unread)]
    fresh = _unlike(house, ministry, whole, like, still)
    for some in chunks(_called(house, ministry, fresh), TOGETHER):
        if not still():
            return
        late = imports.make(house, ministry, some, after)
        for one in some:
            if one.ref in late and still():
                _ask(house, ministry, one, late[one.ref])


def _without_doubles(
    house: House, ministry: Ministry, strangers: Sequence[Stranger]
) -> list[Stranger]:
    """Let go of what a person has said is another record of a dossier that has one."""
    with house.store.read() as unit:
        known = apart.doubles(unit, ministry, {one.ref for one in strangers})
    if known:
        with house.store.write("known records") as unit:
            unit.inbox.done([one.record.id for one in strangers if one.ref in known])
    return [one for one in strangers if one.ref not in known]


def unreadable(
    house: House, ministry: Ministry, record: Waiting, error: LiftError
) -> list[Stranger]:
    """Return a record that can't be read whole, to be asked about with others, where nobody has linked it.

    One that is linked is set aside; so is one that tells no number, or only a part of a dossier.
    """
    seen = glimpse(ministry, record, code_lists.at_hand(house, ministry))
    free = seen.whole and seen.ref and not is_taken(house, ministry, seen)
    if free and asks_first(ministry):
        return [Unread(record, seen, "", "", Told.of(ministry, seen), error)]
    set_aside(house, record, str(error), error.rule)
    return []


def _named(house: House, unread: Sequence[Unread]) -> Mapping[str, Snapshot | Unreadable]:
    codes = {one.seen.code for one in unread if one.seen.code is not None}
    return house.onestop.fetch(sorted(codes)) if codes else {}


def _both(
    one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    """Return what either look found, each dossier once."""
    found = {ref: (*one.get(ref, ()), *other.get(ref, ())) for ref in {**one, **other}}
    return {ref: tuple(dict.fromkeys(codes)) for ref, codes in found.items()}


def _names(one: Stranger, named: Collection[str]) -> bool:
    """Tell whether a record that can't be read whole names one of these dossiers."""
    return isinstance(one, Unread) and one.seen.code in named


def _marked(
    house: House, ministry: Ministry, strangers: Sequence[Stranger], named: Collection[str]
) -> tuple[list[Stranger], int]:
    """Return those that nobody has linked or worked by now, and the delivery that was put in line last.

    Their marks are kept from now on; not of those that are told by what they name (``named``).
    """
    with house.store.write("newcomers marked") as unit:
        house.marks.turn(unit, [ministry.name])
        linked = unit.links.of_refs(ministry.name, {one.ref for one in strangers})
        due = unit.inbox.due([one.record.id for one in strangers])
        free = [one for one in strangers if one.record.id in due and one.ref not in linked]
        unnamed = [one.told for one in free if not _names(one, named)]
        unpaired.keep(house, unit, ministry, unnamed)
        return free, unit.outbox.last_posted()


def _set_aside(
    house: House,
    ministry: Ministry,
    one: Unread,
    codes: Sequence[str],
    row: Snapshot | Unreadable | None,
) -> None:
    """Set a record aside that can't be read whole.

    A person is asked of the dossier ``row`` that it names, or else of those it may be as far as it can
    be read (``codes``), and it is kept for what is keyed later. Of one that tells not whose it is
    nothing is known: it keeps no dossier back.
    """
    with house.store.write("quarantine") as unit:
        house.marks.turn(unit, [ministry.name])
        if not unit.inbox.due([one.record.id]):
            return
        if row is not None:
            codes = _unsent(unit, ministry, str(one.seen.code)) if is_for(ministry, row) else ()
            if codes:  # else it is the record of what was sent, or of another system's
                unpaired.keep(house, unit, ministry, [one.told])
        _let_wait(unit, ministry, one.told, codes)
        reason = str(one.error)
        unit.inbox.quarantine(one.record.id, reason, one.error.rule)
        unit.journal.add(Event.QUARANTINED, system=one.record.source, ref=one.ref, reason=reason)


def _unsent(unit: Unit, ministry: Ministry, code: str) -> Sequence[str]:
    """Return a dossier, if its system was sent nothing of it."""
    link = unit.links.of_codes([code]).get((code, ministry.name))
    line = () if link is None else unit.outbox.open_of_links([link.id]).get(link.id, ())
    return (code,) if is_free(link, line) else ()


def _first_of_each(strangers: Sequence[Stranger]) -> list[Stranger]:
    """Leave for later what may be the same as one before it: by then that is a dossier, or waits."""
    index, before, first = matching.Index(), dict[str, Told](), []
    for one in strangers:
        near = [before[pair.theirs] for pair in matching.near(one.told.entry, index)]
        if not any(may_be_double(one.told, other) for other in near):
            first.append(one)
        index.add(one.told.entry)
        before[one.ref] = one.told
    return first


def _unlike(
    house: House,
    ministry: Ministry,
    strangers: Sequence[Stranger],
    like: Mapping[str, Sequence[str]],
    still: Callable[[], bool],
) -> list[Stranger]:
    """Ask of those that may be dossiers of ours; returns the others.

    What somebody is asked about already is not taken over before all of that is answered.
    """
    with house.store.glance() as unit:
        fields = {clerk.pair(one.ref) for one in strangers}
        asked = unit.conflicts.asked_about(ministry.name, fields)
    unlike: list[Stranger] = []
    for one in strangers:
        if not still():
            return []
        known = asked.get(clerk.pair(one.ref), ())
        alike = tuple(dict.fromkeys([*like.get(one.ref, ()), *known]))
        if alike:
            _ask(house, ministry, one, alike)
        else:
            unlike.append(one)
    return unlike


def _called(house: House, ministry: Ministry, strangers: Sequence[Stranger]) -> Sequence[Stranger]:
    """Return those whose turn it is; where a ceiling is reached, the others wait for theirs.

    The ceiling is used up where they become dossiers, so that nobody pays twice who is broken off before.
    Who comes now stands behind those who wait already.
    """
    with house.store.read() as unit:
        if not strangers or admission.turns_left(unit, ministry) is None:
            return strangers
    with house.store.write("import turn") as unit:
        waited = unit.inbox.any_in_turn(ministry.name)
        first = [one for one in strangers if one.record.attempts or not waited]
        now = first[: admission.turns_left(unit, ministry)]
        called = {one.ref for one in now}
        later = [one.record.ref for one in strangers if one.ref not in called]
        unit.inbox.wait_in_turn(ministry.name, later, CEILING)
    return now


def _ask(house: House, ministry: Ministry, one: Stranger, codes: Sequence[str]) -> None:
    """Have a person say whether a record is one of these dossiers; none of them is sent before.

    Where that was decided by now it is left, and due; where another process has worked it, it is let be.
    """
    with house.store.write("looks alike") as unit:
        house.marks.turn(unit, [ministry.name])
        if unit.inbox.due([one.record.id]) and _let_wait(unit, ministry, one.told, codes):
            unit.inbox.quarantine(one.record.id, LOOKS_ALIKE)


def _let_wait(unit: Unit, ministry: Ministry, told: Told, codes: Sequence[str]) -> bool:
    """Ask whether a record is one of these dossiers.

    False where a person is asked of none of them: what was decided is not asked again, and goes.
    """
    ref, links = told.entry.key, unit.links.of_codes(codes, lock=True)
    for code in codes:
        clerk.alike(unit, ministry, code, ref)
    asked = {one.code for one in unit.conflicts.about(ministry.name, clerk.pair(ref))}
    for code in asked.intersection(codes):
        link = links.get((code, ministry.name))
        if link is not None and link.base is None and not ministry.capabilities.steps:
            pairing.make_way(unit, link)
    return bool(asked)
