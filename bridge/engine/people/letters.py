"""Dead letters: listed and found by filter, sent again, or dropped.

What a person sends again stands in its old place in line, as if it had never been tried. What a
person drops leaves the line; nothing was agreed by that, so the base stays, and what the dossier
shows and the ministry does not is left as it is (``domain.decide.Ruling``) until the dossier changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.domain.decide import shown_of
from bridge.domain.delivery import CRASHED_US, TOO_LONG, TOO_OFTEN, UNSENT, State
from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import clerk
from bridge.engine.corrections import NO_CORRECTIONS
from bridge.engine.house import House, Ministry
from bridge.engine.orphans import DELETED
from bridge.engine.people import dropped
from bridge.engine.people.decision import Decision
from bridge.engine.settle import DOCUMENT, ours_of
from bridge.engine.weighing import agreed, flying_state, rulings, weigh
from bridge.mapping import column_of
from bridge.store import Delivery, Link, Unit
from bridge.store.chunks import chunks
from bridge.store.links import ORPHAN

_GONE = Said("its dossier was deleted in the one-stop: restore the row, or drop it")
_SWITCHED_ON = Said("switching its system on again, and then what it was refused for")
_REVIVED_BY = {
    DELETED: Said("restoring its row in the one-stop"),
    DOCUMENT: Said("putting its file back, or scanning the paper anew"),
    NO_CORRECTIONS: Said("nothing: tell the ministry otherwise and drop it, or change it back"),
}
_GIVEN_UP = frozenset({TOO_LONG, TOO_OFTEN, CRASHED_US})


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that was refused or given up.

    ``field`` is the ministry's name of the field at fault, ``ours`` our path of it. ``reason`` is
    what was said (masked), ``cause`` the engine's word. ``since`` is when it died, ``revived_by``
    what would send it again. Not ``enabled``: its system is switched off.
    """

    id: int
    code: str
    system: str
    kind: str
    reason: str
    error: str | None
    field: str | None
    ours: str | None
    cause: str | None
    attempts: int
    since: datetime
    last_attempt_at: datetime | None
    revived_by: Said
    enabled: bool


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which dead letters are meant: all that fit what is given.

    ``field`` may be the ministry's name of it, our path or the one-stop's column.
    """

    systems: Sequence[str]
    field: str | None = None
    code: str | None = None
    error: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a dead letter a person decided about; ``left`` is why nothing did.

    ``behind`` are steps that left the line with it.
    """

    id: int
    code: str | None = None
    system: str | None = None
    left: Said | None = None
    behind: Sequence[int] = field(default=())


def letters(house: House, sieve: Sieve) -> list[Letter]:
    """Return the dead letters that fit, the oldest first."""
    with house.store.read() as unit:
        found = [
            _letter(house.ministries.get(name), one)
            for name in sieve.systems
            for one in unit.outbox.dead(name, code=sieve.code, error_code=sieve.error)
        ]
    fitting = [
        one
        for one in found
        if (sieve.since is None or one.since >= sieve.since)
        and (sieve.field is None or _is_about(one, sieve.field))
    ]
    return sorted(fitting, key=lambda one: (one.since, one.id))


def _letter(ministry: Ministry | None, one: Delivery) -> Letter:
    ours = ours_of(ministry, one.error_field) if ministry else None
    return Letter(
        one.id,
        one.code,
        one.system,
        one.kind,
        one.error_text or Said(one.cause or "-"),
        one.error_code,
        one.error_field,
        ours,
        one.cause,
        one.attempts,
        one.settled_at or one.sent_at or one.created_at,
        one.sent_at,
        _revived_by(one, ours) if ministry else _SWITCHED_ON,
        ministry is not None,
    )


def _is_about(letter: Letter, wanted: str) -> bool:
    theirs = letter.field or ""
    names = {theirs, theirs.rsplit("/", 1)[-1]}
    if letter.ours is not None:
        names |= {letter.ours, column_of(letter.ours)}
    return wanted.casefold() in {name.casefold() for name in names if name}


def _revived_by(one: Delivery, ours: str | None) -> Said:
    """Say what would send a dead letter again, by itself or by a person."""
    if one.error_code in _REVIVED_BY:
        return _REVIVED_BY[one.error_code]
    if one.cause in _GIVEN_UP:
        return Said("dead retry, once the system is well; or any change of the dossier")
    if one.kind == "step":
        return Said("mending its row of progress in the one-stop; or dead retry")
    if ours is not None:
        return Said("mending {column} in the one-stop; or dead retry", column=column_of(ours))
    return Said("mending the dossier in the one-stop; or dead retry")


def retry(house: House, decision: Decision, ids: Sequence[int]) -> list[Fate]:
    """Put dead letters back in line, each in its old place, as if never tried."""
    fates: list[Fate] = []
    for part in chunks(ids, house.page):
        with house.store.write("dead retry") as unit:
            fates += _retried(unit, house, decision, part)
    _wake(house, fates)
    return fates


def _retried(unit: Unit, house: House, decision: Decision, ids: Sequence[int]) -> Iterator[Fate]:
    dead, links, fates = _locked(unit, house, ids)
    yield from fates
    going = [one for one in dead if links[one.link_id].state != ORPHAN]
    for one in going:
        unit.outbox.revive(one.id)
        # what crashed us goes apart again, but has its tries anew
        crashes = min(one.crashes, 1)
        unit.outbox.change(one.id, attempts=0, crashes=crashes, absences=0, asked=0)
        _journal(unit, decision, "sent again", one)
    overtaken = {one.id for one in unit.outbox.make_way({one.link_id for one in going})}
    _notices_over(unit, going)
    for one in dead:
        left = _GONE if one not in going else None
        if one.id in overtaken:
            unit.journal.add(Event.SUPERSEDED, code=one.code, system=one.system, delivery=one.id)
            left = Said("a newer version of the dossier is in line")
        yield Fate(one.id, one.code, one.system, left)


def drop(house: House, decision: Decision, ids: Sequence[int]) -> list[Fate]:
    """End dead letters for good: they are not sent, and not posted again as they are."""
    fates: list[Fate] = []
    for part in chunks(ids, house.page):
        with house.store.write("dead drop") as unit:
            dead, links, left = _locked(unit, house, part)
            fates += left
            for one in dead:
                link = links[one.link_id]
                behind = _let_go(unit, house, decision, link, one)
                unit.outbox.drop([one.id, *behind])
                _journal(unit, decision, "dropped", one, behind=list(behind))
                fates.append(Fate(one.id, one.code, one.system, behind=behind))
            _notices_over(unit, dead)
    _wake(house, fates)
    return fates


def _let_go(unit: Unit, house: House, decision: Decision, link: Link, one: Delivery) -> list[int]:
    """Leave as it is what a dropped state would have told; returns the steps that go with it.

    Steps of a dossier the system was never told of would be refused one by one.
    """
    if one.kind != "state":
        return []
    ministry = house.ministries[one.system]
    line = unit.outbox.open_of_links([link.id]).get(link.id, [])
    flying = flying_state(line)
    base, theirs = agreed(ministry, link.base, link.theirs, flying)
    mine = ministry.lens.project(one.fields)
    before = rulings(link)
    untold = weigh(ministry, base, mine, theirs, before).out
    kept = dict(link.rulings or {})
    for path in untold:
        shown = shown_of(path, base, theirs, ministry.lens.incoming)
        kept[path] = dropped.ruling(unit, house.zone, decision, mine.get(path), shown)
    unit.links.change(link.id, rulings=kept)
    if base is not None:
        return []
    return [step.id for step in line if step.kind == "step" and step.state in UNSENT]


def _locked(
    unit: Unit, house: House, ids: Sequence[int]
) -> tuple[list[Delivery], dict[int, Link], list[Fate]]:
    """Return those that are dead, with their links, nobody else's now; and what the others are.

    What waits for a system that is not switched on is not decided about: nobody would carry it out.
    """
    links = unit.links.by_ids({one.link_id for one in unit.outbox.by_ids(ids)}, lock=True)
    unit.outbox.standing(ids)
    found = {one.id: one for one in unit.outbox.by_ids(ids)}
    dead = [
        one for one in found.values() if one.state is State.DEAD and one.system in house.ministries
    ]
    meant = {one.id for one in dead}
    left = [_left(house, one, found.get(one)) for one in ids if one not in meant]
    return dead, links, left


def _left(house: House, delivery_id: int, one: Delivery | None) -> Fate:
    """Say why nothing is decided about a delivery."""
    if one is None:
        return Fate(delivery_id, left=Said("there is no delivery {id}", id=delivery_id))
    if one.system not in house.ministries:
        off = Said("the system {system} is not switched on", system=one.system)
        return Fate(one.id, one.code, one.system, off)
    state = Said(one.state.value.replace("_", " "))
    return Fate(one.id, one.code, one.system, Said("it is no dead letter: {state}", state=state))


def _notices_over(unit: Unit, decided: Sequence[Delivery]) -> None:
    """End the notices of dossiers of which no letter is dead any more."""
    lines = unit.outbox.open_of_links({one.link_id for one in decided})
    for link_id in {one.link_id: one for one in decided}:
        still = any(one.state is State.DEAD for one in lines.get(link_id, ()))
        if not still:
            one = next(each for each in decided if each.link_id == link_id)
            clerk.resolved(unit, one.code, one.system, clerk.DEAD)


def _journal(unit: Unit, decision: Decision, what: str, one: Delivery, **more: Json) -> None:
    decision.journal(unit, what, code=one.code, system=one.system, delivery=one.id, **more)


def _wake(house: House, fates: Iterable[Fate]) -> None:
    for name in {one.system for one in fates if one.left is None and one.system is not None}:
        house.wake(name)
