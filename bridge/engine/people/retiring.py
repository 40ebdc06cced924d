"""A system is retired: its service has changed hands, and its dossiers come to their end.

From the decision on nothing new is sent to it, in every process. What it has stays with it until it
is decided: its feed is read, and what the clerk changes still goes there. What it never had goes to
its heir, where there is one, else the clerk is told that no system takes it: the backlog of either goes
through what the system had not come to. Once nothing is left open a person ends it; links and history
stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.domain.delivery import OPEN, State
from bridge.domain.dossier import Snapshot
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.domain.stage import Stage
from bridge.domain.status import OVER
from bridge.engine import admission, backlog, capture, entrance
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.store import Delivery, Link, Unit
from bridge.store.inbox import IN_TURN, WAITING


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a system has that leaves.

    ``open`` are the dossiers it has and has not decided, ``decided`` the others it has; ``unsent`` those
    in its line that it never had, which an heir gets. ``deliveries`` counts what is not ended, by
    state, ``records`` those of its that wait to be worked, ``conflicts`` the open ones. ``through``: it is
    known of all it had not come to whether anybody takes it.
    """

    system: str
    title: str
    stage: Stage
    heir: str | None
    open: int
    decided: int
    unsent: int
    deliveries: Mapping[State, int]
    records: int
    conflicts: int
    through: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be brought to its end."""
        left = (self.open, self.unsent, self.records, self.conflicts, *self.deliveries.values())
        return self.through and not any(left)


def leaving(house: House, ministry: Ministry) -> Leaving:
    """Return what a system has; reads only.

    Raises:
        OneStopFault: its first stage is not known yet, and can't be seen now.
    """
    admission.admit(house)
    with house.store.read() as unit:
        return _leaving(unit, ministry)


def _leaving(unit: Unit, ministry: Ministry) -> Leaving:
    """Return what a system has in one state of the store."""
    name = ministry.name
    came = unit.inbox.counts()  # first: what is worked goes on from there
    records = sum(came.get((name, state), 0) for state in (WAITING, IN_TURN))
    had, counted = unit.links.had(name, OVER), unit.outbox.counts()
    one = unit.onboardings.of(name)
    return Leaving(
        name,
        ministry.title,
        unit.systems.of(name).stage or Stage.RUNNING,
        one.heir,
        had.open,
        had.decided,
        had.unsent,
        deliveries={state: counted.get((name, state), 0) for state in sorted(OPEN)},
        records=records,
        conflicts=unit.conflicts.counts().get(name, 0),
        through=one.through or one.heir is not None,
    )


def _links(house: House, ministry: Ministry) -> Iterator[tuple[Link, Sequence[Delivery]]]:
    """Yield every link of a system with what stands in its line, a page in memory at a time."""
    after = ""
    while True:
        with house.store.read() as unit:
            page = unit.links.page(ministry.name, after, house.page)
            lines = unit.outbox.open_of_links([one.id for one in page])
        for link in page:
            yield link, lines.get(link.id, ())
        if not page:
            return
        after = page[-1].code


def heir_of(house: House, ministry: Ministry, name: str | None) -> Ministry | None:
    """Return the system that takes over, ``None`` where nobody does.

    Raises:
        Refusal: the configuration does not say that it takes these procedures over.
    """
    if name is None:
        return None
    heir = house.ministries[name]
    missing = [one for one in ministry.procedures if not heir.takes(one)]
    if ministry.successor != name or missing or heir is ministry:
        raise Refusal(
            Said(
                'systems/{system}.toml must say successor = "{heir}", and systems/{heir}.toml '
                "name the procedures of {system} too: {list}; then restart the bridge",
                system=ministry.name,
                heir=name,
                list=", ".join(missing or ministry.procedures),
            )
        )
    return heir


def retire(house: House, ministry: Ministry, heir: Ministry | None, decision: Decision) -> Leaving:
    """Let a system leave, and hand on what it never had; again, it goes on where it was.

    Raises:
        Refusal: it is out already, leaves for another heir, or its heir was not let in yet.
        OneStopFault: the one-stop can't be read now; the decision stands, the rest is handed on
            when this is called again.
    """
    admission.admit(house)
    with house.store.write("retire") as unit:
        was = unit.systems.of(ministry.name, lock=True).stage or Stage.RUNNING
        if was is Stage.RETIRED:
            raise Refusal(Said("{system} is retired already", system=ministry.name))
        to = None if heir is None else heir.name
        before = unit.onboardings.of(ministry.name).heir
        if was is Stage.RETIRING and before not in (None, to):
            raise Refusal(Said("{system} leaves for {heir}", system=ministry.name, heir=before))
        if heir is not None:
            _let_in(unit, heir)
        if was is not Stage.RETIRING or before != to:
            _have_gone_through(unit, ministry, heir, was)
            unit.onboardings.enter(ministry.name, Stage.RETIRING, heir=to)
            unit.inbox.call_in(ministry.name)
            decision.journal(unit, "retire", system=ministry.name, heir=to, was=was.value)
    hand_on(house, ministry)
    return leaving(house, ministry)


def _have_gone_through(unit: Unit, ministry: Ministry, heir: Ministry | None, was: Stage) -> None:
    """Have gone through what a system has not come to: its heir takes it, else the clerk is told."""
    left = was is not Stage.RUNNING or backlog.is_open(unit, ministry)
    left = left or bool(unit.latecomers.unanswered_of(ministry.name))
    backlog.let_go(unit, ministry)
    if heir is None:
        through = not (left and backlog.would_take(ministry))
        unit.onboardings.change(ministry.name, after=None, through=through)
    elif left:
        unit.onboardings.change(heir.name, after=None, through=False, since=unit.now)


def _let_in(unit: Unit, heir: Ministry) -> None:
    """See that an heir takes what comes from now on."""
    stage = unit.systems.of(heir.name).stage
    if stage is None or not stage.goes_through:
        raise Refusal(
            Said(
                "{heir} is not let in yet, and nobody would take what comes meanwhile; "
                "first: dossier-bridge onboard {heir}",
                heir=heir.name,
            )
        )


def hand_on(house: House, ministry: Ministry) -> int:
    """Have what a leaving system never had posted anew, to whom it goes now; returns how many.

    Raises:
        OneStopFault: the one-stop can't be read now; what was handed on stays so.
    """
    codes = [
        link.code for link, line in _links(house, ministry) if line and not entrance.has(link, line)
    ]
    with house.store.read() as unit:
        heir = unit.onboardings.of(ministry.name).heir
    _post_anew(house, ministry, codes, heir or "-")
    return len(codes)


def _post_anew(house: House, ministry: Ministry, codes: Sequence[str], to: str) -> None:
    for start in range(0, len(codes), house.page):
        rows = house.onestop.fetch(codes[start : start + house.page])
        ours = [one for one in rows.values() if isinstance(one, Snapshot)]
        with house.store.write("hand on") as unit:
            unit.inbox.add([capture.as_arrival(one) for one in ours])
            for one in ours:
                unit.journal.add(Event.HANDED_ON, code=one.code, system=ministry.name, to=to)


def end(house: House, ministry: Ministry, decision: Decision) -> None:
    """End a system of which nothing is left open: it is called for nothing any more.

    What is left is counted in the transaction that ends it.

    Raises:
        Refusal: something is left, or it is not leaving.
    """
    with house.store.write("retire") as unit:
        stage = unit.systems.of(ministry.name, lock=True).stage
        if stage is not Stage.RETIRING or not _leaving(unit, ministry).is_over:
            raise Refusal(Said("something is left open at {system}", system=ministry.name))
        unit.onboardings.enter(ministry.name, Stage.RETIRED)
        decision.journal(unit, "retire", system=ministry.name, stage=Stage.RETIRED.value)
