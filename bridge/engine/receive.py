"""Room 8, the second half: stored records are worked into the one-stop database.

Each version after the one before it: records are translated, their dossiers found (``finding``),
and they are brought in (``into``) or taken in anew (``unlinked``). What plainly belongs to a dossier of
ours is worked many at a time, the rest one by one. A crash between the two databases repeats the
record, and every row it writes has an id that depends on nothing but the record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Literal, TypeAlias

from bridge.domain.delivery import State, Taken
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.engine import admission, ask, clerk, code_lists, imports, settle, unlinked
from bridge.engine.finding import find, is_taken, named_elsewhere, plainly
from bridge.engine.house import House, Ministry
from bridge.engine.imports import Stranger
from bridge.engine.into import Case, bring_in, later, set_aside
from bridge.engine.seen import Seen, as_known, lift
from bridge.engine.stride import Stride
from bridge.engine.unpaired import asks_first
from bridge.engine.weighing import flying_state
from bridge.mapping import LiftError, Lists, ListUnread
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.records import Receipt
from bridge.store import Delivery, Link, StoreClash, StoreFault, Waiting
from bridge.store.links import COMPARED, IMPORTING, OPEN

FAILED_MOST = 6
"""How often a record may fail as none should before it is set aside."""

UNKNOWN_MOST = 24
"""How often a part of a dossier nobody knows yet is looked at again: for about an hour and a half."""

ANOTHERS = Said("its number is known as another dossier's")
"""Why a record waits whose ministry has given a number anew: reconciling tells whose it is."""

FEWEST = 20
"""Records of the first page.

Of those that nobody has linked it is always as many as are reserved together, for most of what it costs
until then is the same for few; they are made in portions.
"""

NOT_YET = timedelta(seconds=2)

_Way: TypeAlias = Literal["known", "early", "before us", "news"]
"""How a record of a linked dossier is worked: it is known already, it came before the answer to
our submission or before our first word, or it is brought in."""


def work(house: House, ministry: Ministry, only: Collection[str] | None = None) -> int:
    """Work the stored records of a system that are due; returns how many were taken.

    ``only`` those of these refs, where some are given.

    One at a time works them, in one process and over all: the versions of a record are brought
    in one after the other, the oldest first. Before each page of what waits longest come those that
    nobody has linked: until they were looked at, nothing that is new to their system goes there.

    Raises:
        OneStopFault: the one-stop database can't be used; the records stay.
    """
    if not _due(house, ministry, only, 1):
        return 0
    admission.admit(house)
    with house.leases.records(house, ministry.name) as hold:
        if hold is None:
            return 0
        together = min(unlinked.TOGETHER, house.page)
        ways = (
            (_newcomers, Stride(together, together)),
            (_due, Stride(FEWEST, house.page)),
        )
        still, total, taken = partial(hold.still, house), 0, 1
        while taken:
            taken = 0
            for found, stride in ways:
                with stride.portion(house.now):
                    page = found(house, ministry, only, stride.now)
                    if page and not _page(house, ministry, page, still):
                        return total
                taken += len(page)
            total += taken
        return total


def _page(
    house: House, ministry: Ministry, waiting: Sequence[Waiting], still: Callable[[], bool]
) -> bool:
    """Work some records; False as soon as they are not this process's to work any more."""
    if not still():
        return False
    strangers, others = _together(house, ministry, waiting)
    for record in others:
        if not still():
            return False
        strangers += _contained(house, ministry, record)
    _take_in(house, ministry, strangers, still)
    return True


def _newcomers(
    house: House, ministry: Ministry, only: Collection[str] | None, most: int
) -> Sequence[Waiting]:
    """Return some records of no link that nobody has looked at, where something waits for that.

    None where they can't be told from what is there already, now: moves don't wait for that.
    """
    if only is not None or not asks_first(ministry):
        return ()
    with house.store.glance() as unit:
        if admission.workable(unit, ministry, only) is not None:
            return ()
        found = unit.inbox.newcomers(ministry.name, most)
        return found if found and house.marks.are_made(unit) else ()


def _due(
    house: House, ministry: Ministry, only: Collection[str] | None, most: int
) -> Sequence[Waiting]:
    """Return the records that are worked next; once there are none, those whose turn has come."""
    found = _oldest_due(house, ministry, only, most)
    if not found and only is None and admission.call_in(house, ministry):
        return _oldest_due(house, ministry, only, most)
    return found


def _oldest_due(
    house: House, ministry: Ministry, only: Collection[str] | None, most: int
) -> list[Waiting]:
    with house.store.glance() as unit:
        names = admission.workable(unit, ministry, only)
        if names is not None and not names:
            return []
        return unit.inbox.oldest_due(ministry.name, most, names)


def _together(
    house: House, ministry: Ministry, waiting: Sequence[Waiting]
) -> tuple[list[Stranger], Sequence[Waiting]]:
    """Work what plainly belongs to a dossier of ours, many at a time.

    Returns what is plainly nobody's, and the others. Where that stumbles over one of them, all that are
    left are the others: it is said of the one it concerns.
    """
    again = [record for record in waiting if "look" in record.payload]
    fresh = [record for record in waiting if "look" not in record.payload]
    try:
        _look_again(house, ministry, again)
        sorted_out = _sorted_out(house, ministry, fresh)
        importing = [one for one in sorted_out.cases if one.link.state == IMPORTING]
        imports.finish(house, ministry, importing)
        _known(house, ministry, [one for one in sorted_out.cases if one.link.state == OPEN])
        strangers = imports.strangers_of(house, ministry, sorted_out.nobodys)
    except StoreClash:
        return [], _left(house, waiting)
    except (OneStopFault, StoreFault):
        raise
    except Exception:  # noqa: BLE001 - see above
        return [], _left(house, waiting)
    return strangers, sorted_out.others


def _left(house: House, records: Sequence[Waiting]) -> list[Waiting]:
    """Return those of these records that wait to be worked still."""
    with house.store.glance() as unit:
        due = unit.inbox.due([one.id for one in records])
    return [one for one in records if one.id in due]


@dataclass(frozen=True, slots=True)
class _SortedOut:
    """Records of a page: of a dossier each (ours, or being made), whole and nobody's, and the others."""

    cases: Sequence[Case]
    nobodys: Sequence[tuple[Waiting, Seen]]
    others: Sequence[Waiting]


def _sorted_out(house: House, ministry: Ministry, records: Sequence[Waiting]) -> _SortedOut:
    """Sort out what is plain of these records; of one dossier the first alone."""
    lists = code_lists.at_hand(house, ministry)
    lifted = [(record, _lifted(ministry, record, lists)) for record in records]
    readable = [(record, seen) for record, seen in lifted if seen is not None]
    found = plainly(house, ministry, [seen for _, seen in readable])
    cases: dict[int, Case] = {}
    nobodys: list[tuple[Waiting, Seen]] = []
    for (record, seen), whose in zip(readable, found, strict=True):
        link = whose.link
        if link is not None and link.state in (OPEN, IMPORTING) and link.id not in cases:
            cases[link.id] = _case(record, link, seen)
        elif whose.nobodys and seen.whole:
            nobodys.append((record, seen))
    taken = {one.record.id for one in cases.values()} | {record.id for record, _ in nobodys}
    others = [record for record in records if record.id not in taken]
    return _SortedOut(list(cases.values()), nobodys, others)


def _case(record: Waiting, link: Link, seen: Seen) -> Case:
    """Return a record with its link, from which it has its number where it came without."""
    return Case(record, link, seen if seen.ref else replace(seen, ref=link.ref or ""))


def _lifted(ministry: Ministry, record: Waiting, lists: Lists) -> Seen | None:
    try:
        return lift(ministry, record, lists)
    except (LiftError, ListUnread):
        return None


def _take_in(
    house: House, ministry: Ministry, strangers: Sequence[Stranger], still: Callable[[], bool]
) -> None:
    """Take in what nobody has linked, many at a time; where that stumbles, one by one.

    By then one of them may be known: it is looked for anew.
    """
    try:
        unlinked.take_in(house, ministry, strangers, still)
    except StoreClash:
        _one_by_one(house, ministry, strangers, still)
    except (OneStopFault, StoreFault):
        raise
    except Exception:  # noqa: BLE001 - it is said of the one it concerns
        _one_by_one(house, ministry, strangers, still)


def _one_by_one(
    house: House, ministry: Ministry, strangers: Sequence[Stranger], still: Callable[[], bool]
) -> None:
    for record in _left(house, [one.record for one in strangers]):
        if still():
            _contained(house, ministry, record, alone=True)


def _contained(
    house: House, ministry: Ministry, record: Waiting, *, alone: bool = False
) -> list[Stranger]:
    """Work one record; one that can't be worked waits, and in the end is set aside.

    Returns it where nobody has linked it, to be taken in with others; ``alone``: by itself.
    """
    try:
        strangers = _one(house, ministry, record)
        if alone:
            unlinked.take_in(house, ministry, strangers)
    except OneStopFault as fault:
        if fault.code is None:
            raise
        later(house, record, fault.reason)
    except StoreClash as clash:
        _failed(house, record, str(clash))
    except StoreFault:
        raise
    except Exception as error:  # noqa: BLE001 - one record's trouble is not its neighbours'
        _failed(house, record, f"unexpected {type(error).__name__}")
    else:
        return [] if alone else strangers
    return []


def _failed(house: House, record: Waiting, reason: str, most: int = FAILED_MOST) -> None:
    """Count a failure that should not be; after some the record is set aside for a person."""
    if record.attempts < most:
        later(house, record, reason)
        return
    set_aside(house, record, reason)


def _one(house: House, ministry: Ministry, record: Waiting) -> list[Stranger]:
    """Work one record; returns it where no dossier is known for it and it may be imported."""
    if "look" in record.payload:
        _look_again(house, ministry, [record])
        return []
    try:
        seen = lift(ministry, record, code_lists.at_hand(house, ministry))
    except LiftError as error:
        return unlinked.unreadable(house, ministry, record, error)
    except ListUnread as unread:
        later(house, record, str(unread))
        return []
    link = find(house, ministry, seen)
    if link is None:
        return _of_no_link(house, ministry, record, seen)
    _linked(house, ministry, _case(record, link, seen))
    return []


def _linked(house: House, ministry: Ministry, case: Case) -> None:
    """Work a record that a link was found for."""
    match case.link.state:
        case "importing":
            imports.finish(house, ministry, [case])
        case "parted":
            _pass_over(house, case)
        case "pairing":
            bring_in(house, ministry, [case])
        case _:
            _known(house, ministry, [case])


def _of_no_link(house: House, ministry: Ministry, record: Waiting, seen: Seen) -> list[Stranger]:
    """Work a record of which no dossier is known; returns it, if it may be imported."""
    if (code := named_elsewhere(house, ministry, seen)) is not None:
        with house.store.write("names another's") as unit:
            clerk.elsewhere(unit, ministry, code, seen.ref or None)
        set_aside(house, record, Said("it names a dossier that is not for this system"))
    elif not seen.ref:
        set_aside(house, record, Said("it has no number, and no dossier is named"))
    elif is_taken(house, ministry, seen):
        _failed(house, record, ANOTHERS, UNKNOWN_MOST)
    elif not seen.whole:
        _unknown(house, record)
    else:
        return imports.strangers_of(house, ministry, [(record, seen)])
    return []


def _known(house: House, ministry: Ministry, cases: Sequence[Case]) -> None:
    """Work records of linked dossiers, each of another one."""
    cases, lines = _proved(house, ministry, cases)
    sorted_out: dict[_Way, list[Case]] = {"known": [], "early": [], "before us": [], "news": []}
    for case in cases:
        sorted_out[_way(ministry, case, lines.get(case.link.id, []))].append(case)
    _drop(house, [one.record for one in sorted_out["known"]])
    _nudge(house, sorted_out["early"], lines)
    for case in sorted_out["before us"]:
        _before_our_first(house, case, in_line=bool(lines.get(case.link.id)))
    if sorted_out["news"]:
        bring_in(house, ministry, sorted_out["news"])


def _way(ministry: Ministry, case: Case, line: Sequence[Delivery]) -> _Way:
    """Tell how the record of a linked dossier is worked; ``line`` is what stands in its line."""
    link, seen = case.link, case.seen
    if _stale(link, seen):
        return "known"
    if link.ref is None and flying_state(line) is not None:
        return "early"
    if link.base is None and not seen.whole and ministry.takes_the_first_only:
        return "before us"
    return "news"


def _unknown(house: House, record: Waiting) -> None:
    """Let a part of a dossier nobody knows yet wait: behind the whole of it, where that has come."""
    _failed(house, record, Said("its dossier is not known yet"), UNKNOWN_MOST)
    with house.store.write("give way") as unit:
        unit.inbox.give_way(record.id)


def _pass_over(house: House, case: Case) -> None:
    """Take nothing in of a record that a person parted from its dossier; say so once a version.

    Another record that names the dossier may be the right one: a person looks at it.
    """
    record, link, seen = case.record, case.link, case.seen
    if seen.ref and link.ref not in (None, seen.ref):
        set_aside(house, record, Said("it names a dossier that was parted by hand; link the two"))
        return
    with house.store.write("passed over") as unit:
        if seen.hash != link.theirs_hash:
            unit.links.change(link.id, theirs_hash=seen.hash, ref=seen.ref or link.ref)
            unit.journal.add(
                Event.PASSED_OVER, code=link.code, system=link.system, ref=seen.ref or None
            )
        unit.inbox.done([record.id])


def _before_our_first(house: House, case: Case, *, in_line: bool) -> None:
    """Let a part of a dossier wait for our first delivery, for as long as there is one in line."""
    reason = Said("its dossier was not sent yet")
    if in_line:
        later(house, case.record, reason)
    else:
        _failed(house, case.record, reason, UNKNOWN_MOST)


def _proved(
    house: House, ministry: Ministry, cases: Sequence[Case]
) -> tuple[Sequence[Case], Mapping[int, list[Delivery]]]:
    """Confirm what was only accepted and what the records show; returns links and lines as of now.

    A receipt may be lost for good. The first record that names our dossier proves that it was
    taken; a later version is proved by a record that shows what it changed.
    """
    ids = [case.link.id for case in cases]
    with house.store.glance() as unit:
        lines = unit.outbox.open_of_links(ids)
    proofs = [
        (flying, ask.Reply(Taken(), Receipt(case.seen.ref or case.link.ref)))
        for case in cases
        if (flying := flying_state(lines.get(case.link.id, []))) and _proves(ministry, case, flying)
    ]
    if not proofs:
        return cases, lines
    settle.settle(house, ministry, proofs)
    with house.store.read() as unit:
        links, lines = unit.links.by_ids(ids), unit.outbox.open_of_links(ids)
    now = [replace(case, link=links[case.link.id]) for case in cases]
    return [case for case, one in zip(now, cases, strict=True) if _is_the_same(case, one)], lines


def _is_the_same(now: Case, before: Case) -> bool:
    """Tell whether a record is worked as was meant; one whose link moved otherwise stays, and is due."""
    numbers = (None, before.link.ref, before.seen.ref)
    return now.link.state == before.link.state and now.link.ref in numbers


def _proves(ministry: Ministry, case: Case, flying: Delivery) -> bool:
    """Tell whether a record shows that what is on its way to its dossier was taken."""
    link, seen = case.link, case.seen
    if flying.state is not State.ACCEPTED or flying.sent_at is None:
        return False
    if case.record.received_at < flying.sent_at:
        return False
    if link.ref is None and seen.ref:
        return True
    base, lens = link.base or {}, ministry.lens
    sent, shown = lens.project(flying.fields), lens.project(seen.fields)
    changed = [path for path in sent if path in lens.incoming and sent[path] != base.get(path)]
    return bool(changed) and all(shown.get(path) == sent[path] for path in changed)


def _stale(link: Link, seen: Seen) -> bool:
    if link.ref is not None and seen.ref and link.ref != seen.ref:
        return True
    older = (
        seen.version is not None
        and link.theirs_version is not None
        and seen.version <= link.theirs_version
    )
    return older or (seen.hash == link.theirs_hash and link.base is not None)


def _drop(house: House, records: Sequence[Waiting]) -> None:
    if not records:
        return
    with house.store.write("known records") as unit:
        unit.inbox.done([record.id for record in records])


def _nudge(house: House, cases: Sequence[Case], lines: Mapping[int, Sequence[Delivery]]) -> None:
    """Our own submissions show up before their answers: let the doubt be asked first.

    Where it can't be answered, ever more slowly.
    """
    if not cases:
        return
    with house.store.write("own record early") as unit:
        for case in cases:
            wait = NOT_YET * 2 ** min(case.record.attempts, 8)
            unit.inbox.wait(case.record.id, unit.now + wait, "its delivery is not settled yet")
        doubts = [
            one.id for case in cases for one in lines[case.link.id] if one.state is State.IN_DOUBT
        ]
        unit.outbox.change_all(doubts, {"due_at": unit.now})


def _look_again(house: House, ministry: Ministry, records: Sequence[Waiting]) -> None:
    """Compare what links remember of their records with the one-stop's dossiers of now."""
    with house.store.glance() as unit:
        links = unit.links.by_ids([record.payload["look"] for record in records])
    cases, gone = [], []
    for record in records:
        link = links.get(record.payload["look"])
        if link is None or link.theirs is None or link.ref is None or link.state not in COMPARED:
            gone.append(record)
        else:
            cases.append(Case(record, link, as_known(link), again=True))
    _drop(house, gone)
    if cases:
        bring_in(house, ministry, cases)
