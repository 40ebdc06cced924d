"""What a system missed: dossiers of before it could have them, let in at a person's pace.

A backlog is open at the stage ``all``, which ends only once it is through, and again at a system that
runs and takes a procedure it did not take before, until it is through. What is received since goes at once; everything older goes
this way, by one of two lists. The *walk* goes through the one-stop by its keys. The *latecomers* are
what has changed meanwhile (*post* notes them): the walk may have passed them while they were unreadable,
not received, or of another system's procedure, so each is looked at again, as it is then.

It is a system's own work, behind its brake: only where the system takes calls, and once what it has
shown itself was looked at, so that a dossier it has already is linked then, and is not sent as if it
were new. No more is put in line than may still go, so that what is received now never stands behind
years of dossiers. How far it came is committed with what it put in line.

A dossier of which the system gives no answer whether it has it is left out, and asked about later, behind
the latecomers (``unanswered``). At a system that leaves without an heir the walk sends nothing: of what is
open, and nobody's now, the clerk is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.domain.stage import Stage
from bridge.domain.status import OVER
from bridge.engine import brake, capture, entrance, unanswered
from bridge.engine.already_there import already_there, asks, why
from bridge.engine.entrance import Entrance
from bridge.engine.feed import as_arrival
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.post import concerns_systems
from bridge.sdk.onestop import Received
from bridge.sdk.records import Record, Unreadable
from bridge.store import Onboarding, Unit

UNANSWERED_MOST = 200
"""From so many on that a system was asked about in vain the walk waits: it is not them, it is the system."""

BEGINNING, END = date(1, 1, 2), date(9999, 12, 29)
"""Every dossier was received between these, whatever a clerk has typed; a day off what dates can say."""

ASKED_MOST = 20
"""Of how many dossiers a system is asked in a turn: some seconds' worth of calls."""


def is_open(unit: Unit, ministry: Ministry) -> bool:
    """Tell whether anything of a system's backlog may be left, but for what was asked in vain."""
    late = unit.latecomers.any_unasked(ministry.name)
    return late or not unit.onboardings.of(ministry.name).through


def let_go(unit: Unit, ministry: Ministry) -> None:
    """Let go of what was noted: the walk begins anew, or there is none any more."""
    codes = unit.latecomers.unanswered_of(ministry.name)
    unit.latecomers.forget(ministry.name)
    unanswered.over(unit, ministry, codes)


def work(house: House, ministry: Ministry) -> int:
    """Let the next dossiers of a system's backlog begin; returns how many were looked at.

    Raises:
        OneStopFault: the one-stop can't be read now.
    """
    with house.store.glance() as unit:
        found = unit.onboardings.of(ministry.name)
        late = unit.latecomers.first(ministry.name, house.page)
    if found.through and not late:
        return 0
    with house.store.read() as unit:
        leaves = _tells(unit, house, ministry, found)
        room = _room(unit, house, ministry, found)
        crowded = len(unit.latecomers.unanswered_of(ministry.name)) >= UNANSWERED_MOST
    if leaves:
        return _tell(house, ministry, found)
    if not room:
        return 0
    if late:
        return _late(house, ministry, late[:room])
    if crowded:
        return 0  # whatever is asked, it gives no answer; ``status`` tells
    return _walk(house, ministry, found, room)


def _room(unit: Unit, house: House, ministry: Ministry, found: Onboarding) -> int:
    """Return how many dossiers may be put in line now."""
    gate = brake.see(unit, house, ministry)
    if not gate.takes_any or gate.stage is None or not gate.stage.goes_through:
        return 0
    if not _is_of_the_last(ministry, found):
        return 0
    if unit.inbox.is_full(ministry.name, house.waiting_most) or unit.inbox.fresh(ministry.name):
        return 0
    left = found.sent.left(found.pace, unit.now)
    most = house.page if left is None else min(house.page, left)
    if asks(ministry):
        most = min(most, ASKED_MOST)
    return max(0, most - unit.outbox.new(ministry.name, most))


def _walk(house: House, ministry: Ministry, found: Onboarding, room: int) -> int:
    """Go on through the one-stop by its keys."""
    page, ours = _page(house, ministry, found, house.page)
    if len(ours) > room:
        upto = [one.code for one in page.dossiers if isinstance(one, Snapshot)]
        page, ours = _page(house, ministry, found, upto.index(ours[room - 1].code) + 1)
    answers = unanswered.ask(house, ministry, ours)
    if answers.stopped:
        return 0
    new = answers.new(ours)
    with house.store.write("backlog") as unit:
        if not _may(unit, ministry, len(new)):
            return 0
        now = unit.onboardings.of(ministry.name)
        if not _is_as_it_was(now, found) or not _is_of_the_last(ministry, now):
            return 0
        _begin(unit, ministry, new, answers.there)
        _look_again(unit, page.dossiers)
        unit.onboardings.change(ministry.name, after=page.after, through=page.after is None)
    return max(1, len(page.dossiers))


def _is_as_it_was(now: Onboarding, found: Onboarding) -> bool:
    """Tell whether no other process has gone on meanwhile, and the walk has not begun anew."""
    return (now.after, now.through, now.since) == (found.after, found.through, found.since)


def _page(
    house: House, ministry: Ministry, found: Onboarding, most: int
) -> tuple[Received, list[Snapshot]]:
    """Return the next dossiers of the walk, and those of them that go to the system now."""
    page = _received(house, ministry, found, most)
    with house.store.read() as unit:
        later = unit.latecomers.asked_later(ministry.name)
    rows = [one for one in page.dossiers if isinstance(one, Snapshot) and one.code not in later]
    return page, _bound(house, ministry, rows)


def _received(house: House, ministry: Ministry, found: Onboarding, most: int) -> Received:
    procedures = None if "*" in ministry.procedures else ministry.procedures
    return house.onestop.received(BEGINNING, END, procedures, found.after, most)


def _late(house: House, ministry: Ministry, late: Sequence[tuple[int, str]]) -> int:
    """Look at dossiers that have changed meanwhile, as they are now."""
    with house.store.read() as unit:
        codes = {code for _, code in late} - unit.latecomers.asked_later(ministry.name)
    found = house.onestop.fetch(sorted(codes)) if codes else {}
    rows = [one for one in found.values() if isinstance(one, Snapshot)]
    ours = _bound(house, ministry, rows)
    answers = unanswered.ask(house, ministry, ours)
    if answers.stopped:
        return 0
    new = answers.new(ours)
    with house.store.write("latecomers") as unit:
        if not _is_of_the_last(ministry, unit.onboardings.of(ministry.name)):
            return 0
        if not _may(unit, ministry, len(new)):
            return 0
        _begin(unit, ministry, new, answers.there)
        _look_again(unit, found.values())
        unit.latecomers.done([one for one in late if one[1] not in answers.unanswered])
        unanswered.over(unit, ministry, codes - answers.unanswered.keys())
    return len(late)


def _is_of_the_last(ministry: Ministry, found: Onboarding) -> bool:
    """Tell whether the process that started last has the same procedures: it lets in, by what it knows.

    Which of two lists is the newer one nobody can tell: one that is shorter may be the old one, or a
    procedure is another system's by now. Who has another list says so (``stands_still``).
    """
    return found.procedures == frozenset(ministry.procedures)


def _bound(house: House, ministry: Ministry, rows: Sequence[Snapshot]) -> list[Snapshot]:
    """Return what of these goes to the system, which has nothing of it."""
    if not ministry.capabilities.writes:
        return []
    with house.store.read() as unit:
        found = entrance.bound_for(unit, house, ministry, rows)
    return [one for one in found if concerns_systems(one.fields)]


def _may(unit: Unit, ministry: Ministry, new: int) -> bool:
    """Tell, for the rest of the transaction, whether so many may still begin.

    At the stage ``all`` the ceiling is used up where they are sent, for it counts whatever goes then;
    at a system that runs it is used up here.
    """
    stage = unit.systems.of(ministry.name, lock=True).stage
    if stage is None or not stage.goes_through:
        return False
    found = unit.onboardings.of(ministry.name)
    left = found.sent.left(found.pace, unit.now)
    if left is not None and left < new:
        return False
    if stage is Stage.RUNNING and new:
        unit.onboardings.take(ministry.name, new, way="sent")
    return True


def let_in(house: House, ministry: Ministry, ours: Snapshot) -> Said | None:
    """Let a dossier of the backlog begin now, ahead of the others: the citizen is at the counter.

    Returns why it does not, where it can't be learnt whether the system has it already.
    """
    with house.store.read() as unit:
        way = entrance.doors(unit).entrance(ministry, ours.code, ours.fields)
    found = _bound(house, ministry, [ours]) if way is Entrance.LATE else []
    if not found:
        return None
    answers = already_there(house, ministry, found, trying=True)
    if error := answers.unanswered.get(ours.code) or answers.stopped:
        reason = why(house, ministry, ours, error)
        return Said("it can't be learnt now whether it is there already: {reason}", reason=reason)
    with house.store.write("let in") as unit:
        stage = unit.systems.of(ministry.name, lock=True).stage
        if stage is not None and stage.goes_through:
            _begin(unit, ministry, answers.new(found), answers.there)
            unanswered.over(unit, ministry, [ours.code])
    return None


def _begin(
    unit: Unit, ministry: Ministry, new: Sequence[Snapshot], there: Mapping[str, Record]
) -> None:
    """Put in line what is new to the system; what it has is taken in as if its feed had shown it."""
    put_in_line(unit, ministry, new)
    unit.inbox.add([as_arrival(ministry, one) for one in there.values()])


def _look_again(unit: Unit, rows: Iterable[object]) -> None:
    """Have what can't be read now noted once it can, though it be again what it was before."""
    unit.dossiers.distrust([one.name for one in rows if isinstance(one, Unreadable)])


def put_in_line(unit: Unit, ministry: Ministry, ours: Collection[Snapshot]) -> None:
    """Let these dossiers begin their way to a system, as far as it has nothing of them."""
    links = unit.links.of_codes([one.code for one in ours])
    own = {one.code: links.get((one.code, ministry.name)) for one in ours}
    new = {(code, ministry.name): ministry.shard_of(code) for code, link in own.items() if not link}
    unit.links.open(new, new)
    free = {code for code, link in own.items() if link is None or entrance.is_blank(link)}
    unit.inbox.add([capture.as_arrival(one) for one in ours if one.code in free])


# -- a system that leaves


def would_take(ministry: Ministry) -> bool:
    """Tell whether what a system has not come to is somebody's concern when it leaves."""
    return ministry.capabilities.writes and not ministry.mirror


def _tells(unit: Unit, house: House, ministry: Ministry, found: Onboarding) -> bool:
    """Tell whether a system leaves, and nobody takes what it has not come to."""
    if unit.systems.of(ministry.name).stage is not Stage.RETIRING or found.heir is not None:
        return False
    return not (found.through or unit.inbox.is_full(ONESTOP, house.waiting_most))


def _tell(house: House, ministry: Ministry, found: Onboarding) -> int:
    """Go on through the one-stop; what is open and nobody's now is posted, which tells the clerk."""
    page = _received(house, ministry, found, house.page)
    rows = [one for one in page.dossiers if isinstance(one, Snapshot)]
    ours = [one for one in rows if concerns_systems(one.fields) and one.get("status") not in OVER]
    with house.store.write("backlog") as unit:
        stage = unit.systems.of(ministry.name, lock=True).stage
        now = unit.onboardings.of(ministry.name)
        if stage is not Stage.RETIRING or not _is_as_it_was(now, found):
            return 0
        left = entrance.nobodys(unit, house, ours)
        unit.inbox.add([capture.as_arrival(one) for one in left])
        _look_again(unit, page.dossiers)
        unit.onboardings.change(ministry.name, after=page.after, through=page.after is None)
    return max(1, len(page.dossiers))
