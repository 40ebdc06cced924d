"""Keeps what this process holds: no lease runs out under a call that is still running.

A lease is there so that another process can take over from a dead one. A call may outlast any
figure somebody chose (a ministry that answers a byte at a time, a batch taken apart call by
call), so the leases of living calls are renewed, by the clock of whoever runs the engine. One
that was lost all the same (the process was frozen) is noticed before the next call is made.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.engine.house import House

KEEP_EVERY = 10.0
"""Seconds between two renewals; every lease lasts three times as long, and more."""

RECORDS = -1
"""The shard, so to speak, of a system's stored records: one process works them at a time."""

RECORDS_SECONDS = 60.0


@dataclass(eq=False)
class Hold:
    """A shard this process works, and the deliveries it is sending; ``lost`` once another may."""

    system: str
    shard: int
    deliveries: Collection[int]
    seconds: float
    until: datetime
    lost: bool = False

    def still(self, house: House) -> bool:
        """Tell whether it is held; renewed first where it is about to end."""
        if not self.lost and house.now() > self.until - timedelta(seconds=self.seconds / 2):
            self.renew(house)
        return not self.lost

    def renew(self, house: House) -> None:
        """Move the end of the lease on, unless somebody else has taken over."""
        until = house.now() + timedelta(seconds=self.seconds)
        with house.store.write("keep lease") as unit:
            shard = unit.outbox.take_shard(self.system, self.shard, house.owner, until)
            kept = shard and unit.outbox.keep_sending(self.deliveries, house.owner, until)
        self.lost = not kept
        self.until = until


class Leases:
    """What this process holds now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holds: set[Hold] = set()
        self._at_records: set[str] = set()
        self._sending: Counter[int] = Counter()

    @contextmanager
    def sending(self, deliveries: Collection[int]) -> Iterator[None]:
        """Have these known as being sent by this process for as long as the block runs.

        Entered before they are marked: what is marked as this process's and is not among them was
        left behind by a turn that failed.
        """
        with self._lock:
            self._sending.update(deliveries)
        try:
            yield
        finally:
            with self._lock:
                self._sending -= Counter(deliveries)

    def being_sent(self) -> frozenset[int]:
        """Return the deliveries this process is sending now."""
        with self._lock:
            return frozenset(self._sending)

    @contextmanager
    def hold(self, hold: Hold) -> Iterator[Hold]:
        """Have a lease, taken already, renewed for as long as the block runs."""
        with self._lock:
            self._holds.add(hold)
        try:
            yield hold
        finally:
            with self._lock:
                self._holds.discard(hold)

    def keep(self, house: House) -> None:
        """Renew every lease that is held; called every ``KEEP_EVERY`` seconds."""
        with self._lock:
            holds = list(self._holds)
        for hold in holds:
            hold.renew(house)

    @contextmanager
    def records(self, house: House, system: str) -> Iterator[Hold | None]:
        """Hold a system's stored records; ``None`` while another thread or process does."""
        with self._lock:
            mine = system not in self._at_records
            self._at_records.add(system)
        if not mine:
            yield None
            return
        try:
            taken = _take_records(house, system)
            if taken is None:
                yield None
                return
            with self.hold(taken):
                yield taken
            with house.store.write("free records") as unit:
                unit.outbox.free_shard(system, RECORDS, house.owner)
        finally:
            with self._lock:
                self._at_records.discard(system)


def _take_records(house: House, system: str) -> Hold | None:
    until = house.now() + timedelta(seconds=RECORDS_SECONDS)
    with house.store.write("hold records") as unit:
        taken = unit.outbox.take_shard(system, RECORDS, house.owner, until)
    return Hold(system, RECORDS, (), RECORDS_SECONDS, until) if taken else None
