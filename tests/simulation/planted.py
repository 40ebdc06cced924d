"""Faults planted into the engine, to see that the simulation finds them.

Each takes away one thing a promise rests on, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

from bridge.domain import decide, delivery
from bridge.domain.authority import Owner
from bridge.domain.delivery import FoundAbsent, Next, Policy, Standing, State
from bridge.domain.dossier import Json
from bridge.engine import ask, into
from bridge.engine.ask import Reply
from bridge.engine.house import House, Ministry
from bridge.sdk.records import Command, Page
from bridge.store.outbox import Outbox
from tests.simulation.seed import ground
from tests.simulation.store import SimulatedStore


def sent_before_it_is_marked() -> AbstractContextManager[Any]:
    """``SENDING`` is not committed: what a process died of sending stands in line again."""

    def mark_sending(
        _: Outbox,
        ids: Collection[int],
        owner: str,
        lease_until: datetime,
        versions: Mapping[int, int] | None = None,
    ) -> set[int]:
        del owner, lease_until, versions
        return set(ids)

    return patch.object(Outbox, "mark_sending", mark_sending)


def doubt_is_not_asked_about() -> AbstractContextManager[Any]:
    """What is in doubt is sent again once the grace is over, whatever the ministry has."""

    def probe(house: House, ministry: Ministry, command: Command) -> Reply:
        del ministry, command
        return Reply(FoundAbsent(house.now()))

    return patch.object(ask, "probe", probe)


@contextmanager
def read_without_overlap() -> Iterator[None]:
    """The one-stop database is read from the watermark on: what is committed late is not seen."""
    captures = [cast("Any", ground().machine(n, SimulatedStore).onestop)._capture for n in range(2)]
    before = [one._overlap for one in captures]
    for one in captures:
        one._overlap = timedelta()
    try:
        yield
    finally:
        for one, overlap in zip(captures, before, strict=True):
            one._overlap = overlap


def echo_is_news() -> AbstractContextManager[Any]:
    """What a record shows of our own fields is the ministry's word, however old it is."""
    nothing: Callable[..., set[int]] = lambda unit, cases: set()  # noqa: ARG005, E731 - in its place
    return patch.object(into, "_old", nothing)


def no_lease() -> AbstractContextManager[Any]:
    """Whoever asks for a shard gets it."""

    def take_shard(_: Outbox, system: str, shard: int, owner: str, until: datetime) -> bool:
        del system, shard, owner, until
        return True

    return patch.object(Outbox, "take_shard", take_shard)


def acknowledged_before_it_is_stored() -> AbstractContextManager[Any]:
    """A page of a feed is acknowledged as soon as it is read."""
    read = ask.changes

    def changes(house: House, ministry: Ministry, cursor: Json) -> Page:
        page = read(house, ministry, cursor)
        if page.token is not None:
            ask.acknowledge(house, ministry, page.token)
        return page

    return patch.object(ask, "changes", changes)


def absent_counts_at_once() -> AbstractContextManager[Any]:
    """What is not there when it is asked about first was not applied."""

    def absent(standing: Standing, asked_at: datetime, now: datetime, policy: Policy) -> Next:
        del asked_at, policy
        return delivery._next(standing, State.PENDING, now, "not applied", absences=0, asked=0)

    return patch.object(delivery, "_absent", absent)


def owner_gives_way() -> AbstractContextManager[Any]:
    """What the clerk corrects is put back to what the ministry shows: both sides are the same."""
    real = decide._both_ways

    def both_ways(slip: decide._Slip, edit: decide._Edit, owner: Owner) -> None:
        ours_alone = owner is Owner.ONESTOP and edit.ours_moved and not edit.theirs_moved
        if ours_alone and edit.theirs is not None:
            decide._theirs_win(slip, edit)
        else:
            real(slip, edit, owner)

    return patch.object(decide, "_both_ways", both_ways)


PLANTED: Mapping[str, Callable[[], AbstractContextManager[Any]]] = {
    one.__name__: one
    for one in (
        sent_before_it_is_marked,
        doubt_is_not_asked_about,
        read_without_overlap,
        echo_is_news,
        no_lease,
        acknowledged_before_it_is_stored,
        absent_counts_at_once,
        owner_gives_way,
    )
}
