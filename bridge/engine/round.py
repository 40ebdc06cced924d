"""One full round over every room: what ``sync`` runs, and what the tests run step by step."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bridge.engine import (
    admission,
    backlog,
    brake,
    capture,
    catalogue,
    clerk,
    code_lists,
    deliver,
    doubt,
    feed,
    mark_key,
    orphans,
    post,
    questions,
    receive,
)
from bridge.engine.house import House, Ministry
from bridge.engine.leases import KEEP_EVERY
from bridge.engine.pace import Pace
from bridge.engine.serve import look_for_mended
from bridge.engine.side_by_side import side_by_side
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import OneStopFault
from bridge.store import StoreFault
from bridge.store.systems import UNREACHABLE

ROUNDS_MOST = 50
RETRY_AFTER_MOST = timedelta(seconds=10)


@dataclass
class Turn:
    """One system's turn in a round: how it is spared, and whether it answered.

    Its feed is read at the beginning and, once more, where its receipts tell no numbers.
    """

    ministry: Ministry
    pace: Pace
    polled: bool = False
    again: bool = False
    problem: str | None = None
    answered: bool = True


def front(house: House) -> int:
    """Capture and post what changed in the one-stop, or is there again; returns how much that was.

    What is captured is posted before more is: where much has changed, it is on its way soon, and a
    process that dies every few seconds gets on.

    Raises:
        OneStopFault: the database can't be used now.
    """
    admission.admit(house)  # of a system without a stage nobody knows yet what may go there
    moved = orphans.look_for(house) + post.post_all(house)
    for captured in capture.capture(house):
        moved += captured + post.post_all(house)
    return moved


def serve(house: House, turn: Turn, since: datetime | None = None) -> int:
    """Give one system its turn in every room; returns how much moved.

    ``since`` is the start of a round that ignores backoff; ``None`` keeps to it.
    """
    ministry = turn.ministry
    moved = _read(house, turn, probing=since is not None)
    moved += receive.work(house, ministry)
    moved += doubt.ask_due(house, ministry, now=since is not None)
    moved += backlog.work(house, ministry)
    sent = _drain(house, turn, since)
    if sent and not turn.again and _unnumbered(house, ministry):
        turn.polled, turn.again = False, True
    moved += sent
    return moved + doubt.confirm(house, ministry, now=since is not None)


def _read(house: House, turn: Turn, *, probing: bool) -> int:
    if turn.polled or turn.ministry.capabilities.feed == "none":
        return 0
    if not brake.may_call(house, turn.ministry, probing=probing):
        return 0
    turn.polled = True
    try:
        entered = feed.poll(house, turn.ministry)
    except AdapterError as error:
        turn.problem = error.reason
        return 0
    turn.polled = not feed.is_full(house, turn.ministry)
    return entered


def _unnumbered(house: House, ministry: Ministry) -> bool:
    """Tell whether a system took a dossier and its number for it is not known yet."""
    with house.store.read() as unit:
        return unit.links.unnumbered(ministry.name)


def _drain(house: House, turn: Turn, since: datetime | None) -> int:
    drain = partial(deliver.drain, house, turn.ministry, pace=turn.pace, untried_since=since)
    calls = [partial(drain, shard) for shard in range(turn.ministry.max_in_flight)]
    return sum(side_by_side(calls, turn.ministry.name))


def full(house: House, ministries: Sequence[Ministry], paces: Mapping[str, Pace]) -> list[Turn]:
    """Run one full round now: every room in turn until nothing moves.

    Ignores backoff (each delivery is sent once), probes held systems, takes over what dead
    processes left, and waits at most ten seconds where a system asked for patience.

    Raises:
        OneStopFault: the one-stop database can't be used.
    """
    with kept(house):
        return _full(house, ministries, paces)


def _full(house: House, ministries: Sequence[Ministry], paces: Mapping[str, Pace]) -> list[Turn]:
    started = house.now()
    doubt.bury(house)
    mark_key.go_on(house)
    deliver.reshard(house)
    capture.capture_unrouted(house)
    look_for_mended(house)
    turns = [Turn(one, paces[one.name]) for one in ministries]
    _procedures(house, turns)
    _questions(house, turns)
    patient = True
    for _ in range(ROUNDS_MOST):
        moved = front(house) + _all(house, turns, started) + clerk.tell(house)
        if moved:
            continue
        wait = _patience(house, turns) if patient else None
        if wait is None:
            break
        patient = False
        house.sleep(wait)
        started = house.now()
    for turn in turns:
        _conclude(house, turn)
    return turns


def _conclude(house: House, turn: Turn) -> None:
    """Say how a system answered in this round: by what was heard, else by its brake."""
    gate = brake.look(house, turn.ministry)
    heard = house.tally.last(turn.ministry.name)
    reached = heard.reached if heard is not None else None
    turn.answered = gate.state != UNREACHABLE if reached is None else reached
    if turn.problem is None and not gate.open:
        turn.problem = gate.reason
    if turn.problem is None and heard is not None and not turn.answered:
        turn.problem = heard.trouble


def _procedures(house: House, turns: Sequence[Turn]) -> None:
    """Read the lists that were not read today; one that fails stops nothing."""
    published = {one.name for one in catalogue.sources(house)}
    for turn in turns:
        try:
            code_lists.refresh(house, turn.ministry, probing=True)
        except AdapterError as error:
            turn.problem = error.reason
        if turn.ministry.name in published:
            try:
                catalogue.refresh(house, turn.ministry, probing=True)
            except (AdapterError, OneStopFault) as error:
                turn.problem = error.reason
    catalogue.keep_daily(house)


def _questions(house: House, turns: Sequence[Turn]) -> None:
    """End the questions of which nothing is left to ask; a system that can't be asked stops nothing."""
    for turn in turns:
        try:
            questions.look(house, turn.ministry)
        except AdapterError as error:
            turn.problem = error.reason


@contextmanager
def kept(house: House) -> Iterator[None]:
    """Have the leases of this process renewed while the block runs, where no timetable does."""
    over = threading.Event()

    def keep() -> None:
        while not over.wait(KEEP_EVERY):
            with suppress(StoreFault):
                house.leases.keep(house)

    keeper = threading.Thread(target=keep, name="keep leases", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _all(house: House, turns: Sequence[Turn], since: datetime) -> int:
    return sum(side_by_side([partial(serve, house, turn, since) for turn in turns], "round"))


def _patience(house: House, turns: Sequence[Turn]) -> float | None:
    """Return the seconds until a system that asked for patience takes calls again, if few."""
    waits: list[float] = []
    for turn in turns:
        gate = brake.look(house, turn.ministry)
        if gate.open or gate.until is None or gate.state != "maintenance":
            continue
        if timedelta() < gate.until - house.now() <= RETRY_AFTER_MOST:
            waits.append((gate.until - house.now()).total_seconds())
    return max(waits) if waits else None
