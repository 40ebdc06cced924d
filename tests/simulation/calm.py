"""After the storm: everything heals, in bounded simulated time, with nobody's help."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from bridge.domain.comparison import kind_of
from bridge.engine import reconcile
from bridge.engine.reconcile import imprinting
from bridge.sdk.errors import AdapterError
from tests.simulation.frontdesk import FIRST_DAY
from tests.simulation.kernel import BEGINNING
from tests.simulation.storm import JUMP_MOST
from tests.simulation.world import Process, World

ROUNDS_MOST = 120
DAYS_MOST = 2.0
"""Days of simulated time in which all must have come to rest."""

SWEEPS = 2
"""How often both sides are compared after a ministry was set back: what was mended is looked at."""

_OPEN = "state IN ('pending', 'sending', 'accepted', 'held', 'in_doubt')"
_DUE = (
    f"SELECT min(due_at) FROM delivery WHERE {_OPEN} AND due_at > ?",
    f"SELECT min(lease_until) FROM delivery WHERE {_OPEN} AND lease_until > ?",
    "SELECT min(due_at) FROM inbox WHERE state = 'waiting' AND due_at > ?",
    "SELECT min(until) FROM system WHERE state != 'paused' AND until > ?",
    "SELECT min(probed_until) FROM system WHERE probed_until > ?",
    "SELECT min(until) FROM shard WHERE owner != '' AND until > ?",
    "SELECT min(tried_at) + 60000 FROM code_list WHERE read_at IS NULL AND tried_at > ? - 60000",
    """SELECT min(due) FROM (
        SELECT (julianday(json_extract(one.value, '$[3]')) - 2440587.5) * 86400000 AS due
        FROM cursor, json_each(cursor.value, '$.questions') AS one
    ) WHERE due > ?""",
)
"""When something falls due, the last: a question that a feed keeps in its cursor, and has put off."""

_MOVED = (
    "SELECT state, count(*) FROM delivery GROUP BY state",
    "SELECT state, count(*) FROM inbox GROUP BY state",
    "SELECT max(n) FROM journal",
    "SELECT count(*) FROM notice WHERE owed IS NOT NULL",
)


def calm(world: World) -> Process | None:
    """Stop what goes wrong, and let one daemon work until all is at rest.

    Returns it, for the last look; ``None`` where something was found wrong on the way.
    """
    kernel = world.kernel
    world.faults = False
    world.network.closed.clear()
    for process in world.processes:
        process.stopping = True
        if world.choices.happens(f"{process.name} never stops", 0.3) is not None:
            process.dead = True
            kernel.kill(process)
    kernel.run()
    if world.watch.findings or kernel.crashes:
        return None
    for machine in world.ahead:
        world.ahead[machine] = 0.0
    kernel.note("the storm is over")
    last = world.begin(world.processes[0].machine)
    last.stopping = True  # nothing runs beside it: its rooms take their turns below
    kernel.run()
    compare(world, last)  # while much is still amiss: what is agreed now must not be so for ever
    well = rest(world, last) and compare(world, last) and set_back(world, last)
    return last if well and compare(world, last) else None


def rest(world: World, last: Process) -> bool:
    """Let a daemon work until nothing moves; False, and a finding, where that takes too long."""
    kernel, started = world.kernel, world.kernel.now
    for _ in range(ROUNDS_MOST):
        before = moved(world)
        a_round(last)
        if moved(world) != before:
            kernel.now += 0.5
            continue
        due = _next_due(world)
        if due is None:
            a_round(last, whole=True)
            if moved(world) == before:
                return True
            continue
        if due - started > DAYS_MOST * 86_400:
            break
        kernel.now = max(kernel.now + 0.5, due + 0.01)
    world.watch.found(f"did not come to rest: {standing(world)}")
    return False


def compare(world: World, last: Process) -> bool:
    """Compare both sides as every night does; False, and a finding, where it comes to something else.

    Something else than each dossier looked at by itself, and than the same comparison once more.
    """
    today = world.kernel.time().date()
    terms = reconcile.Terms(FIRST_DAY, today, age=timedelta())
    for ministry in last.house.ministries.values():
        with suppress(AdapterError), patch.object(imprinting, "WORTH", 1):
            singly = Counter(
                kind_of(one.finding) for one in reconcile.sweep(last.house, ministry, terms)
            )
            for _ in range(2):
                with reconcile.course(last.house, ministry, terms, anew=True) as under_way:
                    counts = under_way.run().counts
                if counts != singly:
                    world.watch.found(f"{ministry.name} compared: {counts}, singly {singly}")
                    return False
    return True


def set_back(world: World, last: Process) -> bool:
    """Restore a ministry from its backup, if one was made, and have both sides reconciled."""
    backup = world.backup
    if backup is None:
        return True
    world.kernel.note(f"{backup.ministry} is restored from its backup")
    world.ministries[backup.ministry].restore(backup.held)
    world.network.forget(backup.ministry)
    today = world.kernel.time().date()
    terms = reconcile.Terms(FIRST_DAY, today, age=timedelta(), restored_to=backup.at, thorough=True)
    ministry = last.house.ministries[backup.ministry]
    for _ in range(SWEEPS):
        world.kernel.now += 120 + (JUMP_MOST if world.jumped else 0)  # till nothing is young
        found = [one.finding for one in reconcile.sweep(last.house, ministry, terms)]
        list(reconcile.apply(last.house, ministry, terms, found))
        if not rest(world, last):
            return False
    return True


def a_round(process: Process, *, whole: bool = False) -> None:
    """Give every room with something to do its turn, or every room."""
    for job in process.jobs:
        if whole or job.name.endswith("poll") or job.due():
            process.stopping = False
            job.run()
            process.stopping = True


def moved(world: World) -> Any:
    """Return what changes with everything that moves."""
    return [world.watch.rows(query) for query in _MOVED]


def standing(world: World) -> str:
    """Say what is not at rest."""
    open_ = world.watch.rows(
        f"SELECT code, system, kind, state, cause, error_text FROM delivery WHERE {_OPEN}"
    )
    waits = world.watch.rows("SELECT source, ref, reason FROM inbox WHERE state = 'waiting'")
    closed = world.watch.rows("SELECT name, state, reason FROM system WHERE state != 'running'")
    return f"deliveries {open_}, records {waits}, systems {closed}"


def _next_due(world: World) -> float | None:
    """Return the next moment something is due (seconds from the beginning), ``None`` for none."""
    start = BEGINNING.timestamp() * 1000
    now = start + world.kernel.now * 1000
    due = [row[0][0] for row in (world.watch.rows(query, now) for query in _DUE)]
    known = [one for one in due if one is not None]
    return (min(known) - start) / 1000 if known else None
