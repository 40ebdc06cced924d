"""Where everything stands, for people and monitors: reads only, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.domain.breaker import RUNNING, Stance
from bridge.domain.comparison import differing
from bridge.domain.delivery import OPEN, State
from bridge.domain.said import Said
from bridge.domain.stage import Stage
from bridge.engine import brake, code_lists, stands_still
from bridge.engine.brake import Gate
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.marks import MADE_ANEW
from bridge.engine.outlook import Outlook, Stand, outlook
from bridge.store import Conflict, Delivery, JournalRow, Link, NoticeRow, Unit

COLUMNS = {State.SENDING: "in_flight"}
"""What the state of a delivery is called in a line of ``status``, where it is called otherwise."""

NAMED_MOST = 10
"""How many dossiers a reason names."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One system's line of ``status``. Each delivery is counted in exactly one column.

    ``reasons`` say why it may not be called, and what a person must know. ``overdue`` counts those
    of the accepted and the doubtful whose answer is past its deadline, ``orphans`` the dossiers
    that were deleted in the one-stop, ``stale_lists`` the code lists that were not read for days.
    ``lag_seconds`` is the age of the oldest thing that still waits for the system, ``until`` when
    it is tried again while it may not be called, ``failure_rate`` the share of its latest calls that
    failed (0 to 1, ``None`` without any), ``received`` how many of its records wait to be worked, ``differing`` in how
    many dossiers both sides differed in the last night that was compared, ``oldest`` the
    age in seconds of the oldest delivery by state: since it was posted, where it is in doubt or dead
    since it was last sent. Not ``enabled``: see ``engine.switched_off``. ``stage`` is how far it was
    let in, ``unanswered`` counts the dossiers that it was asked about in vain before they were sent.
    """

    name: str
    state: str
    reasons: tuple[str, ...]
    pending: int
    held: int
    in_flight: int
    accepted: int
    in_doubt: int
    dead: int
    conflicts: int
    quarantined: int
    confirmed: int
    superseded: int
    dropped: int
    overdue: int
    orphans: int
    stale_lists: int
    lag_seconds: int
    last_success_at: datetime | None
    next_poll_at: datetime | None
    until: datetime | None
    failure_rate: float | None
    received: int
    differing: int | None
    oldest: Mapping[str, int]
    enabled: bool = True
    unanswered: int = 0
    stage: Stage = Stage.RUNNING

    @property
    def posted(self) -> int:
        """How many deliveries were ever posted: the left side of the conservation sum."""
        return (
            self.pending
            + self.held
            + self.in_flight
            + self.accepted
            + self.in_doubt
            + self.dead
            + self.confirmed
            + self.superseded
            + self.dropped
        )


_STAGES = {
    Stage.READ_ONLY: Said("it is being let in: it is only read, nothing is sent or taken in"),
    Stage.DRY_RUN: Said("it is being let in: nothing is sent or taken in yet"),
    Stage.HANDFUL: Said("it is being let in: only chosen dossiers go out and come in"),
    Stage.ALL: Said("it is being let in: everything goes, under a ceiling"),
    Stage.RETIRING: Said("it is being retired: nothing new is sent"),
}
"""What a person must know of a system that is not let in whole, or leaves."""

_LEFT = frozenset({Stand.ELSEWHERE, Stand.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Story:
    """All the bridge knows of one dossier: ``gates`` say which systems may be called now."""

    code: str
    links: Sequence[Link]
    deliveries: Sequence[Delivery]
    conflicts: Sequence[Conflict]
    notices: Sequence[NoticeRow]
    journal: Sequence[JournalRow]
    gates: Mapping[str, Gate]

    @property
    def known(self) -> bool:
        """Whether the bridge has ever heard of it."""
        return bool(self.links or self.journal)

    def outlooks(self, house: House, procedure: str | None) -> list[Outlook]:
        """Return where it stands at each system; ``procedure`` is the one it has in the one-stop.

        The system that handles it comes first, then those that were left, then the mirrors.
        """
        routed, local = house.routed(procedure), house.now().astimezone(house.zone)
        found = [
            outlook(
                house.ministries[link.system],
                link,
                [one for one in self.deliveries if one.link_id == link.id],
                self.conflicts,
                self.gates[link.system],
                routed=house.ministries[link.system] in routed,
                local=local,
            )
            for link in self.links
            if link.system in house.ministries
        ]
        return sorted(found, key=lambda one: (one.mirror, one.stand in _LEFT))


@dataclass(frozen=True, slots=True)
class Balance:
    """Dossiers, each counted once, in the worst of its states."""

    dossiers: int
    confirmed: int
    imported: int
    waiting: int
    conflicts: int
    in_doubt: int
    dead: int


def standings(house: House, names: Sequence[str] | None = None) -> list[Standing]:
    """Return where each system stands, in the order of the configuration."""
    with house.store.read() as unit:
        return standings_in(unit, house, names)


def standings_in(unit: Unit, house: House, names: Sequence[str] | None = None) -> list[Standing]:
    """Return the same of one state of the store, which the caller reads more of."""
    now = house.now()
    chosen = [one for one in house.ministries.values() if not names or one.name in names]
    deliveries = unit.outbox.counts()
    inbox = unit.inbox.counts()
    conflicts = unit.conflicts.counts()
    return [_standing(house, unit, one, now, deliveries, inbox, conflicts) for one in chosen]


def _standing(  # noqa: PLR0913 - one system among the counts of all
    house: House,
    unit: Unit,
    ministry: Ministry,
    now: datetime,
    deliveries: Mapping[tuple[str, State], int],
    inbox: Mapping[tuple[str, str], int],
    conflicts: Mapping[str, int],
) -> Standing:
    name = ministry.name
    stand = unit.systems.of(name)
    gate = brake.gate(stand, ministry, now, now.astimezone(house.zone))

    def count(state: State) -> int:
        return deliveries.get((name, state), 0)

    waiting = count(State.PENDING)
    received = inbox.get((name, "waiting"), 0)
    in_turn = inbox.get((name, "in_turn"), 0)
    closed = not gate.open
    orphans = unit.links.orphans(name)
    in_vain = unit.latecomers.unanswered_of(name)
    night = unit.comparisons.last_night(name)
    lists = unit.code_lists.states(name)
    stale = code_lists.stale(ministry.capabilities.code_lists, lists, now)
    overdue = unit.outbox.count_unanswered(name, now - ministry.policy.deadline)
    posted = {
        state: at for state in OPEN if count(state) and (at := unit.outbox.oldest(name, state))
    }
    waits = [at for state, at in posted.items() if state is not State.DEAD]
    waits += [at for at in (unit.inbox.oldest(name),) if at]
    standing_since = posted | {
        state: at
        for state in (State.IN_DOUBT, State.DEAD)
        if count(state) and (at := unit.outbox.longest(name, state))
    }
    return Standing(
        name=name,
        state=gate.state,
        reasons=(
            *_reasons(gate, ministry, overdue, orphans, in_vain),
            *_trial(stand.stance),
            *_crowd(received, house.waiting_most),
            *stands_still.reasons(unit, house, ministry, gate.stage),
            *code_lists.unread(ministry, lists),
            *stale,
        ),
        pending=0 if closed else waiting,
        held=count(State.HELD) + (waiting if closed else 0),
        in_flight=count(State.SENDING),
        accepted=count(State.ACCEPTED),
        in_doubt=count(State.IN_DOUBT),
        dead=count(State.DEAD),
        conflicts=conflicts.get(name, 0),
        quarantined=inbox.get((name, "quarantined"), 0),
        confirmed=count(State.CONFIRMED),
        superseded=count(State.SUPERSEDED),
        dropped=count(State.DROPPED),
        overdue=overdue,
        orphans=len(orphans),
        stale_lists=len(stale),
        lag_seconds=int((now - min(waits)).total_seconds()) if waits else 0,
        last_success_at=stand.last_success_at,
        next_poll_at=stand.next_poll_at,
        until=None if gate.open else gate.until,
        failure_rate=stand.calls.failure_rate,
        received=received + in_turn,
        differing=None if night is None else differing(night.counts or {}),
        oldest={
            COLUMNS.get(state, state.value): int((now - at).total_seconds())
            for state, at in standing_since.items()
        },
        stage=gate.stage or Stage.RUNNING,
        unanswered=len(in_vain),
    )


def _reasons(
    gate: Gate,
    ministry: Ministry,
    overdue: int,
    orphans: Sequence[str],
    in_vain: Sequence[str],
) -> Iterator[str]:
    if gate.reason is not None:
        yield gate.reason
    if gate.stage is not None and (said := _STAGES.get(gate.stage)) is not None:
        yield said
    if overdue:
        hours = f"{ministry.policy.deadline_hours:g}"
        yield Said("without an answer for over {hours} hours: {count}", hours=hours, count=overdue)
    if orphans:
        yield Said("deleted in the one-stop, a person decides: {codes}", codes=_named(orphans))
    if in_vain:
        yield Said(
            "not sent, for it gives no answer whether it has them; asked again: {codes}",
            codes=_named(in_vain),
        )


def _named(codes: Sequence[str]) -> str:
    more = f" (+{len(codes) - NAMED_MOST})" if len(codes) > NAMED_MOST else ""
    return ", ".join(codes[:NAMED_MOST]) + more


def _trial(stance: Stance) -> Iterator[str]:
    """Say that a system that failed answers again, and has not taken yet what it failed to take."""
    if stance.state == RUNNING and stance.troubled and stance.reason is not None:
        yield Said("on trial, it has taken nothing yet since: {reason}", reason=stance.reason)


def _crowd(waiting: int, most: int) -> Iterator[str]:
    """Say that a source is not read on before what it gave is worked."""
    if waiting >= most:
        yield Said("nothing more is read of it before its records are worked: {n} wait", n=waiting)


def backlog(house: House) -> str | None:
    """Say that the one-stop is not read on, or nothing of it put in line, while it is so."""
    with house.store.read() as unit:
        waiting = unit.inbox.counts().get((ONESTOP, "waiting"), 0)
        if unit.unpaired.anew() is not None:
            return MADE_ANEW
    return next(_crowd(waiting, house.waiting_most), None)


def story(house: House, code: str) -> Story:
    """Return everything the bridge knows of a dossier, in order."""
    with house.store.read() as unit:
        links = [one for (_, _), one in sorted(unit.links.of_codes([code]).items())]
        conflicts = [one for found in unit.conflicts.open_of([code]).values() for one in found]
        return Story(
            code,
            links,
            unit.outbox.of_code(code),
            conflicts,
            unit.notices.of(code),
            unit.journal.of(code),
            {name: brake.see(unit, house, one) for name, one in house.ministries.items()},
        )


def balance(house: House) -> Balance:
    """Count every dossier once, in the worst of its states; confirmed is at every target."""
    with house.store.read() as unit:
        open_ = unit.outbox.worst_by_code()
        confirmed = unit.outbox.confirmed_codes()
        conflicts = {one.code for one in unit.conflicts.all_open()}
        imported = unit.links.imported_codes()
        waiting_in = unit.inbox.refs("onestop")
    states = {code: {state for _, state in pairs} for code, pairs in open_.items()}
    dead = {code for code, held in states.items() if State.DEAD in held}
    conflicts -= dead
    doubt = {code for code, held in states.items() if State.IN_DOUBT in held} - dead - conflicts
    waiting = (states.keys() | waiting_in) - dead - conflicts - doubt
    done = (confirmed | imported) - dead - conflicts - doubt - waiting
    every = dead | conflicts | doubt | waiting | done
    return Balance(
        dossiers=len(every),
        confirmed=len(done - imported),
        imported=len(done & imported),
        waiting=len(waiting),
        conflicts=len(conflicts),
        in_doubt=len(doubt),
        dead=len(dead),
    )


def refusals(house: House) -> list[dict[str, str]]:
    """Return the dead letters, oldest first: system, code, and the reason, masked."""
    with house.store.read() as unit:
        dead = [
            one
            for name in house.ministries
            for one in unit.outbox.in_state(name, State.DEAD, house.page, ignore_due=True)
        ]
    return [
        {"system": one.system, "code": one.code, "reason": one.error_text or one.cause or ""}
        for one in dead
    ]


def unreadable(house: House) -> list[str]:
    """Return the one-stop's dossiers that could not be read: each was told to its clerk."""
    with house.store.read() as unit:
        return unit.inbox.set_aside(ONESTOP)


def totals(house: House, since: int) -> dict[tuple[str, str], int]:
    """Return how often each (system, event) stands in the journal after entry ``since``."""
    with house.store.read() as unit:
        return unit.journal.counts(since)


def last_entry(house: House) -> int:
    """Return the number of the journal's last entry."""
    with house.store.read() as unit:
        return unit.journal.last()
