"""The citizen is at the counter: one dossier now, ahead of all others, in this process.

Its row is captured by itself, posted, put at the head of every line, sent, confirmed; the answer is
read and written into the one-stop. Beside a running daemon that works by the leases as ever: where
the daemon holds the dossier's shard, the next turn it takes begins with this dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.domain.delivery import UNSENT, State
from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.said import Said
from bridge.engine import (
    ask,
    backlog,
    brake,
    capture,
    code_lists,
    deliver,
    doubt,
    feed,
    post,
    receive,
)
from bridge.engine.house import House, Ministry
from bridge.engine.pace import Pace
from bridge.engine.people import dropped
from bridge.engine.people.decision import Decision
from bridge.engine.people.whereabouts import Whereabouts, nowhere, whereabouts
from bridge.engine.seen import UNNUMBERED
from bridge.engine.weighing import procedure_of
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Unreadable
from bridge.store import Delivery, Link, Unit, Waiting
from bridge.store.links import OPEN

PATIENCE = timedelta(seconds=10)
"""How long a system's receipt, or another process that is at this dossier, is waited for."""

LOOK_EVERY = 0.1
"""Seconds between two looks."""


class NoSuchDossierError(Exception):
    """Nobody knows a dossier by this code."""


class NotForThisSystemError(Exception):
    """The dossier does not go to this system; ``goes_to`` names those it goes to."""

    def __init__(self, goes_to: Sequence[str]) -> None:
        super().__init__()
        self.goes_to = tuple(goes_to)


@dataclass(frozen=True, slots=True)
class Pushed:
    """Where a dossier is with each system; ``trouble`` is why it went to none, or to no more."""

    systems: tuple[Whereabouts, ...]
    trouble: Said | None = None

    @property
    def done(self) -> bool:
        """Whether it is everywhere it goes, and nothing is open."""
        return self.trouble is None and all(one.done for one in self.systems)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One system a dossier is taken to; ``started`` is when it was asked for."""

    house: House
    ministry: Ministry
    pace: Pace
    code: str
    started: datetime

    def link(self) -> Link | None:
        """Return the dossier's link as it is now."""
        with self.house.store.read() as unit:
            return unit.links.of_codes([self.code]).get((self.code, self.ministry.name))

    def line(self, link: Link) -> list[Delivery]:
        """Return what stands in its line now."""
        with self.house.store.read() as unit:
            return unit.outbox.open_of_links([link.id]).get(link.id, [])

    def until(self, over: Callable[[], bool]) -> None:
        """Try until it is over, for as long as there is patience."""
        ends = self.house.now() + PATIENCE
        while not over() and self.house.now() < ends:
            self.house.sleep(LOOK_EVERY)


def push(  # noqa: PLR0913 - which dossier, where to, and who decides what
    house: House,
    paces: Mapping[str, Pace],
    code: str,
    only: str | None,
    decision: Decision,
    *,
    lifting: bool = False,
) -> Pushed:
    """Take a dossier to every system it goes to (or ``only`` to one); tells where it is then.

    What a person dropped of it stays dropped and is said, unless ``lifting``. A system that is held or was not reached is tried; one that a person paused stays so. The
    sector's system comes first, for the portal is told what it said.

    Raises:
        NoSuchDossierError: it is neither in the one-stop nor known to the bridge.
        NotForThisSystemError: it does not go to ``only``.
        OneStopFault: the one-stop database can't be used.
    """
    doubt.bury(house)
    row = _captured(house, code)
    systems = _systems(house, row, code, only)
    with house.store.write("push") as unit:
        decision.journal(unit, "push", code=code, systems=[one.name for one in systems])
        if lifting and isinstance(row, Snapshot):
            _lift(unit, decision, row, systems)
    _posted(house, code)
    if not isinstance(row, Snapshot):
        gone = _gone(row)
        return Pushed(tuple(nowhere(one, gone) for one in systems), gone)
    if not systems:
        return Pushed((), Said("no system handles its procedure"))
    visits = [_Visit(house, one, paces[one.name], code, house.now()) for one in systems]
    for left in _left(house, code, row):
        _send(_Visit(house, left, paces[left.name], code, house.now()))
    unasked = {one.ministry.name: backlog.let_in(house, one.ministry, row) for one in visits}
    _posted(house, code)
    for visit in visits:
        _send(visit)
        _answer(visit)
        row = _captured(house, code) or row
    fields: Fields = row.fields if isinstance(row, Snapshot) else {}
    return Pushed(tuple(_where(one, fields, unasked[one.ministry.name]) for one in visits))


def _where(visit: _Visit, fields: Fields, unasked: Said | None) -> Whereabouts:
    """Return where a dossier is; ``unasked`` is why it could not begin its way there."""
    if unasked is not None:
        return nowhere(visit.ministry, unasked)
    return whereabouts(visit.house, visit.ministry, visit.code, fields)


def _captured(house: House, code: str) -> Snapshot | Unreadable | None:
    row = capture.capture_one(house, code)
    _posted(house, code)
    return row


def _posted(house: House, code: str) -> None:
    while post.post_one(house, code):
        pass


def _lift(unit: Unit, decision: Decision, row: Snapshot, systems: Sequence[Ministry]) -> None:
    """Have the dossier posted anew as it is, with what was dropped of it."""
    if [one for one in systems if dropped.lift(unit, decision, one.name, row.code)]:
        unit.inbox.add([capture.as_arrival(row)])


def _systems(
    house: House, row: Snapshot | Unreadable | None, code: str, only: str | None
) -> list[Ministry]:
    """Return the systems a dossier goes to, the portal last; of one that can't be read, went to."""
    if isinstance(row, Snapshot):
        found = house.routed(procedure_of(row.fields))
    else:
        with house.store.read() as unit:
            linked = {system for _, system in unit.links.of_codes([code])}
        found = [one for one in house.ministries.values() if one.name in linked]
        if row is None and not found:
            raise NoSuchDossierError(code)
    if only is not None:
        chosen = [one for one in found if one.name == only]
        if not chosen:
            raise NotForThisSystemError([one.name for one in found])
        return chosen
    return sorted(found, key=lambda one: one.mirror)


def _left(house: House, code: str, row: Snapshot) -> list[Ministry]:
    """Return the systems it goes to no more, as far as its withdrawal there is in line.

    They come first: the system it goes to waits for that, so that there are no two live records.
    """
    routed = house.routed(procedure_of(row.fields))
    with house.store.read() as unit:
        links = unit.links.of_codes([code])
        lines = unit.outbox.open_of_links([one.id for one in links.values()])
    waits = {one.system for one in links.values() if one.id in lines}
    return [one for one in house.ministries.values() if one.name in waits and one not in routed]


def _gone(row: Unreadable | None) -> Said:
    if row is None:
        return Said("it was deleted in the one-stop")
    return Said("it can't be read in the one-stop: {reason}", reason=row.reason)


def _send(visit: _Visit) -> None:
    """Send what waits, and ask what became of it."""
    link = visit.link()
    if link is None:
        return
    house, ministry = visit.house, visit.ministry
    with house.store.write("hurry") as unit:
        unit.outbox.hurry(link.id)
    if ministry.needed_outward <= code_lists.at_hand(house, ministry).tables.keys():
        visit.until(lambda: _sent(visit, link))


def _sent(visit: _Visit, link: Link) -> bool:
    """Send what waits and ask about what was sent; tells whether waiting helps no more."""
    house, ministry = visit.house, visit.ministry
    deliver.drain(
        house,
        ministry,
        link.shard,
        visit.pace,
        untried_since=visit.started,
        link=link.id,
    )
    line = visit.line(link)
    taken = [one for one in line if one.state is State.ACCEPTED]
    if taken and brake.may_call(house, ministry, probing=True):
        doubt.confirm_these(house, ministry, taken)
    for one in line:
        if one.state is State.IN_DOUBT and brake.may_call(house, ministry, probing=True):
            doubt.ask_one(house, ministry, one)
    if not brake.look(house, ministry, probing=True).open:
        return True
    return not _moves(visit.line(link), visit.started, house.now())


def _moves(line: Sequence[Delivery], started: datetime, now: datetime) -> bool:
    """Tell whether a line may move in a moment: its head is not tried yet, or an answer is to come."""
    head = next((one for one in line if one.state is not State.DEAD), None)
    if head is None or head.state is State.IN_DOUBT:
        return False
    if head.state not in UNSENT:
        return True
    behind_a_refused_step = head.kind == "step" and head is not line[0]
    if head.sent_at is None:  # it may wait for its record at another system to be withdrawn
        untried = head.due_at is None or head.due_at <= now
    else:
        untried = head.sent_at < started
    return untried and not behind_a_refused_step


def _answer(visit: _Visit) -> None:
    """Read what the system shows of the dossier now, and write it into the one-stop."""
    house, ministry = visit.house, visit.ministry
    link = visit.link()
    if (
        ministry.mirror
        or link is None
        or link.state != OPEN
        or not brake.look(house, ministry).open
    ):
        return
    with suppress(AdapterError):  # what was sent is sent: the feed tells the answer
        if link.ref is not None:
            _read(visit, link, link.ref)
        elif link.base is not None:
            feed.poll_open(house, ministry)
    link = visit.link() or link
    about = {link.code, UNNUMBERED + link.code} | ({link.ref} if link.ref else set())
    with house.store.write("hurry answer") as unit:
        if link.ref is None:
            about |= _naming(ministry, unit.inbox.newest(ministry.name, house.page), link.code)
        unit.inbox.hurry(ministry.name, about)
    visit.until(lambda: _taken_in(house, ministry, about))


def _read(visit: _Visit, link: Link, ref: str) -> None:
    """Enter the record as the system shows it by its number.

    Where the feed was read meanwhile, it may have told newer: then it is left to the feed.
    """
    house, ministry = visit.house, visit.ministry
    if not (ministry.capabilities.reads and ministry.capabilities.fetches):
        return
    if not brake.may_call(house, ministry):
        return
    with house.store.read() as unit:
        cursor, last = unit.inbox.cursor(ministry.name), unit.inbox.last_of(ministry.name, ref)
    with brake.heard(house, ministry):
        found = ask.fetch(house, ministry, ref)
    if found is None or found.ref != ref:
        return
    with house.store.write("read answer") as unit:
        as_before = unit.inbox.cursor(ministry.name, lock=True) == cursor
        as_before = as_before and unit.inbox.last_of(ministry.name, ref) == last
        if as_before and unit.links.by_ids([link.id])[link.id] == link:
            unit.inbox.add([feed.as_arrival(ministry, found)])


def _naming(ministry: Ministry, records: Sequence[Waiting], code: str) -> set[str]:
    """Return the numbers of those records that name the dossier."""
    return {
        one.ref
        for one in records
        if "body" in one.payload
        and ministry.lenses[one.payload["kind"]].key(one.payload["body"]) == code
    }


def _taken_in(house: House, ministry: Ministry, about: set[str]) -> bool:
    """Work the records of the dossier; tells whether none is left that can be worked now."""
    receive.work(house, ministry, about)
    with house.store.read() as unit:
        return not unit.inbox.oldest_due(ministry.name, 1, about)
