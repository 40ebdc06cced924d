"""Records that nobody has linked: what may be a dossier of ours is asked about, the rest is imported.

However sure the evidence, a person pairs the two; what a ceiling keeps back waits in turn. One that
can't be read whole is set aside, and asked about as far as it can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from bridge.engine.twins import Told, Watch, is_free, may_be_double
from bridge.engine.unpaired import asks_first
from bridge.mapping import LiftError
from bridge.sdk.records import Unreadable
from bridge.store import Unit, Waiting
from bridge.store.chunks import chunks

LOOKS_ALIKE = Said("looks like a dossier that is there; a person decides")
CEILING = Said("as many dossiers were taken over as may be for now")

LOOKS_MOST = 5
"""How often is looked at what was posted meanwhile; what is left then is worked with the next page."""

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

    ``still`` tells whether these records are this process's to work: where not, the rest is left.

    Raises:
        OneStopFault: the one-stop database can't be used; what is done stays done.
    """
    known = _without_doubles(house, ministry, strangers)
    unread = [one for one in known if isinstance(one, Unread)]
    left = _first_of_each([one for one in known if not isinstance(one, Unread)])
    if not (left or unread):
        return
    named = _named(house, unread)
    unnamed = [one for one in unread if one.seen.code not in named]
    watch = Watch(house, ministry, [one.told for one in (*left, *unnamed)])
    called, codes = set[str](), dict[str, str]()
    for _ in range(LOOKS_MOST):
        unread = [
            one
            for one in unread
            if still()
            and not _set_aside(house, ministry, one, watch, named.get(one.seen.code or ""))
        ]
        left = _once(house, ministry, left, called, codes, watch, still)
        if not (left or unread):
            return
        watch.look_again()


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
        return [Unread(record, seen, "", Told.of(ministry, seen), error)]
    set_aside(house, record, str(error), error.rule)
    return []


def _named(house: House, unread: Sequence[Unread]) -> Mapping[str, Snapshot | Unreadable]:
    codes = {one.seen.code for one in unread if one.seen.code is not None}
    return house.onestop.fetch(sorted(codes)) if codes else {}


def _set_aside(
    house: House,
    ministry: Ministry,
    one: Unread,
    watch: Watch,
    row: Snapshot | Unreadable | None,
) -> bool:
    """Set a record aside that can't be read whole; False where what was seen does not hold.

    A person is asked of the dossier ``row`` that it names, or else of those it may be as far as it can
    be read, and it is kept for what is keyed later. Of one that tells not whose it is nothing is
    known: it keeps no dossier back.
    """
    with house.store.write("quarantine") as unit:
        if not watch.holds(unit):
            return False
        codes = watch.codes(one.ref)
        if row is not None:
            codes = _unsent(unit, ministry, str(one.seen.code)) if is_for(ministry, row) else ()
        if codes or row is None:  # else it is the record of what was sent, or of another system's
            _let_wait(house, unit, ministry, one.told, codes)
        reason = str(one.error)
        unit.inbox.quarantine(one.record.id, reason, one.error.rule)
        unit.journal.add(Event.QUARANTINED, system=one.record.source, ref=one.ref, reason=reason)
    return True


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


def _once(  # noqa: PLR0913 - what is worked, and what is known of it
    house: House,
    ministry: Ministry,
    strangers: Sequence[Stranger],
    called: set[str],
    codes: dict[str, str],
    watch: Watch,
    still: Callable[[], bool],
) -> list[Stranger]:
    """Take in what can be now; returns what must be looked at again, for something was posted.

    What somebody is asked about already is not taken over before all of that is answered. ``called`` are
    the numbers of those whose turn has come under a ceiling, ``codes`` what they will be.
    """
    again: list[Stranger] = []
    fresh: list[Stranger] = []
    with house.store.glance() as unit:
        fields = {clerk.pair(one.ref) for one in strangers}
        asked = unit.conflicts.asked_about(ministry.name, fields)
    for one in strangers:
        if not still():
            return []
        known = asked.get(clerk.pair(one.ref), ())
        alike = tuple(dict.fromkeys([*watch.codes(one.ref), *known]))
        if not alike:
            fresh.append(one)
        elif not _ask(house, ministry, one, alike, watch):
            again.append(one)
    if not _call(house, ministry, fresh, called, watch):
        return again + fresh
    for some in chunks([one for one in fresh if one.ref in called], TOGETHER):
        if not still():
            return []
        again += imports.make(house, ministry, some, watch, codes)
    return again


def _call(
    house: House,
    ministry: Ministry,
    strangers: Sequence[Stranger],
    called: set[str],
    watch: Watch,
) -> bool:
    """Call in those whose turn it is; where a ceiling is reached, the others wait for theirs.

    The ceiling is used up where they become dossiers, so that nobody pays twice who is broken off before.
    Who comes now stands behind those who wait already. Their marks are kept meanwhile: a dossier
    that is keyed by then is not filed beside one. False where something was posted since ``watch``
    looked: nothing was done.
    """
    new = [one for one in strangers if one.ref not in called]
    with house.store.read() as unit:
        if not new or admission.turns_left(unit, ministry) is None:
            called.update(one.ref for one in new)
            return True
    with house.store.write("import turn") as unit:
        if not watch.holds(unit):
            return False
        waited = unit.inbox.any_in_turn(ministry.name)
        first = [one for one in new if one.record.attempts or not waited]
        left = admission.turns_left(unit, ministry)
        taken = sum(one.ref in called for one in strangers)
        now = first if left is None else first[: max(0, left - taken)]
        called.update(one.ref for one in now)
        later = [one for one in new if one.ref not in called]
        for one in later:
            unpaired.keep(house, unit, ministry, one.told)
        unit.inbox.wait_in_turn(ministry.name, [one.record.ref for one in later], CEILING)
    return True


def _ask(
    house: House, ministry: Ministry, one: Stranger, codes: Sequence[str], watch: Watch
) -> bool:
    """Have a person say whether a record is one of these dossiers; none of them is sent before."""
    with house.store.write("looks alike") as unit:
        if not (watch.holds(unit) and _let_wait(house, unit, ministry, one.told, codes)):
            return False
        unit.inbox.quarantine(one.record.id, LOOKS_ALIKE)
    return True


def _let_wait(
    house: House, unit: Unit, ministry: Ministry, told: Told, codes: Sequence[str]
) -> bool:
    """Ask whether a record is one of these dossiers, and keep it for those that are keyed later.

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
    unpaired.keep(house, unit, ministry, told)
    return bool(asked)
