"""Room 8, the second half: records of linked dossiers are decided about and written.

Many at a time are read, written and concluded, each one-stop row under its stamp. A row that moved
meanwhile is decided about again, and so is a record whose link moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.decide import Decision, Take
from bridge.domain.dossier import Fields, Json, Snapshot
from bridge.domain.journal import Event
from bridge.domain.supplements import ready
from bridge.engine import capture, clerk, code_lists, results, withdraw
from bridge.engine.gone_over import was_ours
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.marks import Marks
from bridge.engine.orphans import found_again, let_go
from bridge.engine.results import Brought
from bridge.engine.seen import SUPPLEMENT_ASKED, Seen, asks_again, progress
from bridge.engine.weighing import agreed, flying_state, over, procedure_of, rulings, weigh
from bridge.mapping import Lens, Lists, MappingError
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import Amended, Amendment, Moved, OneStopChange, OneStopFault
from bridge.sdk.records import Unreadable
from bridge.store import Conflict, Delivery, KnownDossier, Link, Unit, Waiting
from bridge.store.links import OPEN, ORPHAN, PAIRING, WITHDRAWN

STUBBORN_MOST = 3
"""How often a system may show something else than what it accepted before a person decides."""

MOVED_MOST = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A stored record of a linked dossier; ``again`` when it is what the link remembers."""

    record: Waiting
    link: Link
    seen: Seen
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the cases need to know, read once."""

    in_flight: Mapping[int, Delivery]
    conflicts: Mapping[tuple[str, str], Sequence[Conflict]]
    old: Collection[int]
    before_us: Collection[int]
    marks: Marks
    said: Mapping[int, Sequence[Fields]]
    """Marks of what our words went over that were settled after a record of ``before_us`` was asked for."""

    def open(self, link: Link) -> Sequence[Conflict]:
        """Return the conflicts of a link that stand."""
        return self.conflicts.get((link.code, link.system), ())


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a case comes to: what of it is news, and what of that changes the dossier ``ours``.

    ``brought`` is what became of its files, ``overruled`` the one-stop's fields that the ministry
    had changed before our last word went over them. ``whole`` is False where the record was not heard
    out: the next one that shows the same is news.
    """

    case: Case
    ours: Snapshot
    told: Fields
    decision: Decision
    change: OneStopChange
    brought: Brought
    overruled: tuple[str, ...]
    whole: bool

    @property
    def empty(self) -> bool:
        """Whether the one-stop has nothing to write."""
        change = self.change
        return not (change.fields or change.steps or change.supplements or change.results)


@dataclass(frozen=True, slots=True)
class _Written:
    """A draft, once the one-stop's dossier is ``row``."""

    draft: _Draft
    row: Snapshot

    @property
    def case(self) -> Case:
        """The case it settles."""
        return self.draft.case

    @property
    def decision(self) -> Decision:
        """What was decided."""
        return self.draft.decision


def bring_in(house: House, ministry: Ministry, cases: Sequence[Case]) -> None:
    """Decide about records of linked dossiers, each of another one, and write what they change.

    Raises:
        OneStopFault: the one-stop database can't be used; what was written is concluded.
    """
    for _ in range(MOVED_MOST):
        cases = _once(house, ministry, cases)
        if not cases:
            return
    for case in cases:
        later(house, case.record, "the one-stop row keeps moving")


def _once(house: House, ministry: Ministry, cases: Sequence[Case]) -> list[Case]:
    """Bring cases in; returns those whose row moved under our hands."""
    drafts = _drafts(house, ministry, cases)
    written = [_Written(one, one.ours) for one in drafts if one.empty]
    moved: list[Case] = []
    try:
        for one, became in _write(house, [one for one in drafts if not one.empty]):
            match became:
                case Moved():
                    moved.append(one.case)
                case OneStopFault(reason=reason):
                    later(house, one.case.record, reason)
                case Snapshot():
                    written.append(_Written(one, became))
    finally:
        if written:
            _conclude(house, ministry, written)
    return moved


def _drafts(house: House, ministry: Ministry, cases: Sequence[Case]) -> list[_Draft]:
    """Decide about the dossiers as they are now; what can't be decided about is noted."""
    rows = house.onestop.fetch([case.link.code for case in cases])
    with house.store.read() as unit:
        desk = _desk(house, unit, cases)
    lists = code_lists.at_hand(house, ministry)
    drafts: list[_Draft] = []
    for case in cases:
        match rows.get(case.link.code):
            case None:
                _orphan(house, case.record, case.link)
            case Unreadable(reason=reason):
                later(house, case.record, reason)
            case Snapshot() as ours if not ministry.takes(procedure_of(ours.fields)):
                _not_theirs(house, ministry, case)
            case Snapshot() if case.link.state == WITHDRAWN:
                _withdrawn(house, ministry, case)
            case Snapshot() as ours:
                try:
                    brought = results.bring(house, ministry, case.link, case.seen, ours.fields)
                except AdapterError as error:
                    later(house, case.record, error.reason)
                else:
                    drafts.append(_draft(ministry, desk, case, ours, brought, lists))
    return drafts


def _write(house: House, drafts: Sequence[_Draft]) -> Iterator[tuple[_Draft, Amended]]:
    amendments = [Amendment(one.case.link.code, one.change, one.ours.stamp) for one in drafts]
    return zip(drafts, house.onestop.apply(amendments), strict=True)


def _draft(  # noqa: PLR0913 - all that a case is decided by
    ministry: Ministry, desk: _Desk, case: Case, ours: Snapshot, brought: Brought, lists: Lists
) -> _Draft:
    told, overruled, whole = _told(ministry, desk, case, lists)
    decision = _decide(ministry, desk, case.link, ours, told)
    change = _change(ministry, desk, case, decision, ours)
    change = replace(change, results=brought.rows)
    return _Draft(case, ours, told, decision, change, brought, overruled, whole)


def _desk(house: House, unit: Unit, cases: Sequence[Case]) -> _Desk:
    lines = unit.outbox.open_of_links([case.link.id for case in cases])
    in_flight = {
        link_id: flying for link_id, line in lines.items() if (flying := flying_state(line))
    }
    fresh = [case for case in cases if not case.again]
    before_us = _before_us(unit, fresh)
    old = unit.inbox.overtaken([case.record for case in fresh]) | before_us
    return _Desk(
        in_flight,
        unit.conflicts.open_of({case.link.code for case in cases}),
        old,
        before_us,
        house.marks,
        _said(unit, [case for case in fresh if case.record.id in old], before_us),
    )


def _said(unit: Unit, cases: Sequence[Case], before_us: Collection[int]) -> dict[int, list[Fields]]:
    """Return by record the marks of what we had said before: of one ``before_us``, since it was asked for."""
    if not cases:
        return {}
    kept = unit.outbox.gone_over([case.link.id for case in cases])
    return {
        case.record.id: [
            marks
            for at, marks in kept[case.link.id]
            if case.record.id not in before_us or at > case.record.received_at
        ]
        for case in cases
    }


def _old(unit: Unit, cases: Sequence[Case]) -> set[int]:
    """Return the records asked for before our last word was settled, or with a newer one behind them.

    Until then nobody knows which of the two came first over there.
    """
    return unit.inbox.overtaken([case.record for case in cases]) | _before_us(unit, cases)


def _before_us(unit: Unit, cases: Sequence[Case]) -> set[int]:
    """Return the records asked for before our last word was settled."""
    spoken = unit.outbox.last_confirmed([case.link.id for case in cases])
    return {
        case.record.id
        for case in cases
        if (at := spoken.get(case.link.id)) is not None and at > case.record.received_at
    }


def _told(
    ministry: Ministry, desk: _Desk, case: Case, lists: Lists
) -> tuple[Fields, tuple[str, ...], bool]:
    """Return what a record tells that is news, and the ministry's changes our last word went over.

    And whether it was heard out.

    An old one still shows the one-stop's fields as we had sent them before: of these only what the
    ministry changed counts. One asked for before our last word was settled may show what we had
    sent several times ago: of the one-stop's own fields it tells nothing that is to be put right. Neither
    does one with a newer one behind it that shows what we had said ourselves: a feed may show each version.
    Of a dossier that was keyed over there, and of which we never said a word, an own field of the
    one-stop's that shows what it showed before is no news either, whatever the one-stop made of it.
    """
    lens, link = ministry.lens, case.link
    shown = lens.project(case.seen.fields)
    unspoken = link.imported and link.versions == 0
    if link.theirs is None or not (unspoken or case.record.id in desk.old):
        return shown, (), True
    before = _shown_before(lens, link.known, lists) if link.known else shown
    changed = {path for path, value in shown.items() if value != before.get(path)}
    before_us, said = case.record.id in desk.before_us, desk.said.get(case.record.id, ())
    own = {path for path in changed if lens.owner(path) is Owner.ONESTOP}
    once_ours = {path for path in own if was_ours(desk.marks, link.code, path, shown[path], said)}
    theirs = {path for path in shown if lens.owner(path) in (Owner.MINISTRY, Owner.BY_STATUS)}
    news = theirs | (changed - (own if before_us else once_ours))
    told = {path: value for path, value in shown.items() if path in news}
    base = link.base or {}
    gone = {one for one in own - once_ours if before_us and shown[one] != base.get(one)}
    return told, tuple(sorted(gone)), before_us or not once_ours


def _shown_before(lens: Lens, known: Mapping[str, Any], lists: Lists) -> Fields:
    """Return what a record showed before; what can't be read any more showed nothing."""
    try:
        return lens.project(lens.lift(known, lists))
    except MappingError:
        return {}


def _decide(ministry: Ministry, desk: _Desk, link: Link, ours: Snapshot, told: Fields) -> Decision:
    shown = {**(link.theirs or {}), **told}
    base, theirs = agreed(ministry, link.base, shown, desk.in_flight.get(link.id))
    mine = ministry.lens.project(ready(ours.fields, base))
    return weigh(ministry, base, mine, theirs, rulings(link))


def _change(
    ministry: Ministry, desk: _Desk, case: Case, decision: Decision, current: Snapshot
) -> OneStopChange:
    """Return what a record changes in the one-stop's dossier.

    A status is a step of progress when the dossier takes it, or the clerk keyed it ahead of the
    ministry; one that the dossier never left is none, but a ministry that had taken what was
    brought may ask again.
    """
    link, seen = case.link, case.seen
    held = {one.field for one in desk.open(link) if not over(one, decision)}
    fields = {path: value for path, value in decision.into.items() if path not in held}
    before = (link.theirs or {}).get("status")
    taken = (decision.into.get("status"), decision.agreed.get("status"), before)
    if seen.status not in taken and not asks_again(seen, current.fields):
        return OneStopChange(fields)
    shown = link.theirs or {}
    if decision.ruled.get("status") is Take.MINISTRY:  # it was shown before a person let it in
        shown = {**shown, "status": current.get("status")}
    steps, supplements = progress(ministry, seen, shown, current.fields)
    return OneStopChange(fields, steps, supplements)


def _conclude(house: House, ministry: Ministry, written: Sequence[_Written]) -> None:
    """Note what the records came to, in one transaction.

    One whose link moved meanwhile was decided from what is past: it stays, and is worked again.
    """
    with house.store.write("received") as unit:
        links = unit.links.by_ids([one.case.link.id for one in written], lock=True)
        conflicts = unit.conflicts.open_of({one.case.link.code for one in written})
        changed = [one.row.code for one in written if not one.draft.empty]
        known = unit.dossiers.known(changed)
        waits = unit.inbox.refs(ONESTOP, changed)
        current = [one for one in written if links[one.case.link.id] == one.case.link]
        moves: list[dict[str, Any]] = []
        news: list[Snapshot] = []
        ours: list[Snapshot] = []
        for one in current:
            link = one.case.link
            moves.append(_note(unit, ministry, one))
            held = _held(unit, ministry, one, conflicts.get((link.code, link.system), ()))
            out = bool(one.decision.out.keys() - held)
            if one.draft.empty:
                news += [one.row] if out else []
            elif _all_known(known.get(link.code), one):
                ours.append(one.row)
                owed = out or link.code in waits or _concerns(house, ministry, one)
                news += [one.row] if owed else []
        unit.links.change_many(moves)
        unit.inbox.add([capture.as_arrival(one) for one in news])
        capture.remember(unit, ours, known)
        unit.dossiers.touch(set(changed) - {one.code for one in ours})
        paired = {one.case.link.code for one in current if one.case.link.state == PAIRING}
        unit.dossiers.distrust(paired)  # what the clerk changed meanwhile was posted to nobody
        unit.inbox.done([one.case.record.id for one in current])
        unit.inbox.outdo([one.case.record for one in current if one.case.seen.whole])
    house.wake(ONESTOP)


def _all_known(known: KnownDossier | None, one: _Written) -> bool:
    """Tell whether a dossier holds nothing new but what we wrote; else it is left to capture."""
    return known is not None and known.content_hash in {
        one.draft.ours.content_hash,
        one.row.content_hash,
    }


def _concerns(house: House, ministry: Ministry, one: _Written) -> bool:
    """Tell whether what we wrote must be compared with what goes out, to this system or others."""
    routed = house.routed(procedure_of(one.row.fields))
    others = any(each is not ministry for each in routed)
    change = one.draft.change
    return others or bool(change.supplements or change.fields.keys() & ministry.lens.outgoing)


def _note(unit: Unit, ministry: Ministry, one: _Written) -> dict[str, Any]:
    """Journal what a record came to, and return what its link becomes."""
    link, seen, decision = one.case.link, one.case.seen, one.decision
    if link.state == ORPHAN:
        found_again(unit, link)
    theirs = {**(link.theirs or {}), **one.draft.told}
    settled = {**decision.agreed, **one.draft.change.fields}
    shown = ministry.lens.project(one.row.fields)
    base = {**(link.base or {}), **{path: shown.get(path) for path in settled}}
    stubborn = _stubborn(unit, ministry, link, decision, theirs, shown)
    _journal(unit, link, one.draft)
    results.note(unit, ministry, link, seen, one.draft.brought)
    _papers(unit, ministry, one, theirs)
    for clash in decision.clashes:
        clerk.clash(unit, ministry, link, clash)
    if link.state == PAIRING:
        unit.journal.add(Event.LINKED, code=link.code, system=link.system, why="by hand")
    opened = {"state": OPEN} if link.state == PAIRING else {}
    whole, version = one.draft.whole, seen.version or link.theirs_version
    return opened | {
        "id": link.id,
        "theirs": theirs,
        "known": _known_now(link, seen),
        "theirs_hash": one.draft.brought.settles(seen.hash) if whole else None,
        "theirs_version": version if whole else link.theirs_version,
        "ref": seen.ref or link.ref,
        "base": _first_base(link, decision, base, shown),
        "stubborn": stubborn,
        "rulings": _rulings_left(link, one.draft.change.fields, shown),
    }


def _rulings_left(
    link: Link, written: Collection[str], shown: Fields
) -> Mapping[str, Mapping[str, Json]] | None:
    """Return the rulings that are not carried out, of values the one-stop still shows."""
    left = {
        path: kept
        for path, kept in (link.rulings or {}).items()
        if path not in written and shown.get(path) == kept["ours"]
    }
    return left or None


def _known_now(link: Link, seen: Seen) -> Mapping[str, Any] | None:
    """Return the last record that showed the dossier whole, in the system's words."""
    return (dict(seen.body) if seen.whole else None) or link.known


def _papers(unit: Unit, ministry: Ministry, one: _Written, theirs: Fields) -> None:
    """Tell the clerk what papers are asked for, and when the ministry waits for none any more."""
    link = one.case.link
    asked = [each.id for each in one.draft.change.supplements]
    clerk.papers_asked(unit, ministry, link.code, asked)
    if not asked and theirs.get("status") != SUPPLEMENT_ASKED:
        clerk.papers_no_more_asked(unit, link, one.row.fields, of_all=True)


def _held(unit: Unit, ministry: Ministry, one: _Written, standing: Sequence[Conflict]) -> set[str]:
    """End the conflicts nothing is left of; return the fields that a person must decide."""
    link, decision = one.case.link, one.decision
    if not (standing or decision.clashes or decision.losses):
        return set()
    known = ministry.lens.outgoing | ministry.lens.incoming
    held = set()
    for conflict in unit.conflicts.open_of([link.code]).get((link.code, link.system), []):
        if conflict.field in known and over(conflict, decision):
            clerk.clash_over(unit, link, conflict.field, "nothing is left to decide")
        else:
            held.add(conflict.field)
    return held


def _first_base(
    link: Link, decision: Decision, base: Mapping[str, Json], shown: Fields
) -> Mapping[str, Json]:
    """Two records paired just now agree on all that needs no sending."""
    if link.base is not None:
        return base
    agreed_on = {path: value for path, value in shown.items() if path not in decision.out}
    return {**agreed_on, **base}


def _stubborn(  # noqa: PLR0913 - see _conclude
    unit: Unit,
    ministry: Ministry,
    link: Link,
    decision: Decision,
    theirs: Fields,
    ours: Fields,
) -> dict[str, int]:
    """Count what the system shows otherwise than it accepted; after three times a person decides."""
    counts = dict(link.stubborn)
    for path in list(counts):
        if theirs.get(path) == ours.get(path):
            del counts[path]
            clerk.clash_over(unit, link, path, "both sides agree")
    for loss in decision.losses:
        if loss.loser != "ministry" or link.base is None:
            continue
        counts[loss.path] = counts.get(loss.path, 0) + 1
        if counts[loss.path] >= STUBBORN_MOST:
            clerk.never_equal(unit, ministry, link, loss)
    return counts


def _journal(unit: Unit, link: Link, draft: _Draft) -> None:
    losses = [(one.path, one.loser) for one in draft.decision.losses]
    for path, loser in [*losses, *((path, "ministry") for path in draft.overruled)]:
        unit.journal.add(Event.LOSS, code=link.code, system=link.system, field=path, side=loser)
    change = draft.change
    if change.fields or change.steps or change.supplements:
        unit.journal.add(
            Event.INTO_ONESTOP,
            code=link.code,
            system=link.system,
            fields=sorted(change.fields),
            status=change.fields.get("status"),
            steps=[one.status for one in change.steps],
        )


def _not_theirs(house: House, ministry: Ministry, case: Case) -> None:
    """Keep in mind what a system shows of a dossier that is not for it, and write none of it.

    That an old word of a withdrawn record was heard makes the same version, shown anew, no old one.
    """
    link, seen = case.link, case.seen
    with house.store.write("not theirs") as unit:
        old = link.state == WITHDRAWN and case.record.id in _old(unit, [case])
        unit.links.change(
            link.id,
            theirs={**(link.theirs or {}), **ministry.lens.project(seen.fields)},
            known=_known_now(link, seen),
            theirs_version=(None if old else seen.version) or link.theirs_version,
            ref=link.ref or seen.ref,
        )
        if not (old or withdraw.expected(unit, link, seen.status)):
            clerk.elsewhere(unit, ministry, link.code, seen.ref)
        unit.inbox.done([case.record.id])


def _withdrawn(house: House, ministry: Ministry, case: Case) -> None:
    """Look at a withdrawn record of a dossier that is for its system again: is it open again?"""
    with house.store.read() as unit:
        still = withdraw.expected(unit, case.link, case.seen.status)
    if still:
        _not_theirs(house, ministry, case)
    else:
        withdraw.reopened(house, case.link)
        later(house, case.record, "its record was opened again")


def _orphan(house: House, record: Waiting, link: Link) -> None:
    with house.store.write("orphan") as unit:
        let_go(unit, unit.links.by_ids([link.id], lock=True).values())
        unit.inbox.done([record.id])


def later(house: House, record: Waiting, reason: str) -> None:
    """Leave a record for later, ever later, with the reason."""
    wait = timedelta(seconds=min(300, 2 ** min(record.attempts + 1, 8)))
    with house.store.write("later") as unit:
        unit.inbox.wait(record.id, unit.now + wait, reason)


def set_aside(house: House, record: Waiting, reason: str, rule: str | None = None) -> None:
    """Quarantine a record that can't be worked, with the reason and the rule that failed."""
    with house.store.write("quarantine") as unit:
        unit.inbox.quarantine(record.id, reason, rule)
        unit.journal.add(Event.QUARANTINED, system=record.source, ref=record.ref, reason=reason)
