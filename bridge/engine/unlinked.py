"""Records that nobody has linked: what may be a dossier of ours is asked about, the rest is imported.

However sure the evidence, a person pairs the two; what a ceiling keeps back waits in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bridge.domain import matching
from bridge.domain.said import Said
from bridge.engine import admission, apart, clerk, imports, unpaired
from bridge.engine.house import House, Ministry
from bridge.engine.imports import Stranger
from bridge.engine.people import pairing
from bridge.engine.twins import Told, Watch, may_be_double
from bridge.store.chunks import chunks

LOOKS_ALIKE = Said("looks like a dossier that is there; a person decides")
CEILING = Said("as many dossiers were taken over as may be for now")

LOOKS_MOST = 5
"""How often is looked at what was posted meanwhile; what is left then is worked with the next page."""

TOGETHER = 50
"""Dossiers imported under one reservation."""


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
    left = _first_of_each(_without_doubles(house, ministry, strangers))
    if not left:
        return
    watch = Watch(house, ministry, [one.told for one in left])
    called, codes = set[str](), dict[str, str]()
    for _ in range(LOOKS_MOST):
        left = _once(house, ministry, left, called, codes, watch, still)
        if not left:
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

    ``called`` are the numbers of those whose turn has come under a ceiling, ``codes`` what they will be.
    """
    again: list[Stranger] = []
    fresh: list[Stranger] = []
    for one in strangers:
        if not still():
            return []
        alike = watch.codes(one.ref)
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
        if not watch.holds(unit):
            return False
        links = unit.links.of_codes(codes, lock=True)
        for code in codes:
            clerk.alike(unit, ministry, code, one.ref)
            link = links.get((code, ministry.name))
            if link is not None and link.base is None and not ministry.capabilities.steps:
                pairing.make_way(unit, link)
        unpaired.keep(house, unit, ministry, one.told)
        unit.inbox.quarantine(one.record.id, LOOKS_ALIKE)
    return True
