"""The world of one seed: machines, processes of the bridge, ministries, the office, and what befalls them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Self, cast
from unittest.mock import patch

import httpx

from bridge.daemon import Daemon
from bridge.engine import deliver
from bridge.engine.house import House
from bridge.engine.marks import Marks
from bridge.engine.turnstile import Turnstile
from bridge.sdk.http import HttpClient
from bridge.sdk.onestop import OneStop
from bridge.sdk.times import VIETNAM
from tests.simulation.chances import Moods
from tests.simulation.choices import Choice, Choices
from tests.simulation.frontdesk import FrontDesk, Office
from tests.simulation.ground import Ground, Machine
from tests.simulation.kernel import Kernel
from tests.simulation.network import Network
from tests.simulation.store import SimulatedStore
from tests.simulation.threads import cooperative
from tests.simulation.watch import Watch

CRASHES_MOST = 3
"""What crashes us five times is poison, and rightly so."""


class Measure:
    """The clock and the processor as the turnstile sees them: nothing takes any computing."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def monotonic(self) -> float:
        """Return the time that passes."""
        return self._kernel.now

    def process_time(self) -> float:
        """Return what all threads computed."""
        return 0.0

    def thread_time(self) -> float:
        """Return what this thread computed."""
        return 0.0


class Journalist:
    """What stands in for the daemon's log: its lines go into the account."""

    def __init__(self, world: World) -> None:
        self._world = world

    def info(self, event: str, **words: Any) -> None:
        """Take no notice."""

    def warning(self, event: str, **words: Any) -> None:
        """Write a line."""
        reason = str(words["reason"]).replace(str(self._world.ground.folder), "")
        self._world.kernel.note(f"{words.get('job') or words.get('system')}: {reason}")

    def exception(self, event: str, **words: Any) -> None:
        """Note an error nobody foresaw: a finding."""
        import traceback

        self._world.watch.found(f"unexpected in {words['job']}: {traceback.format_exc()}")


@dataclass(eq=False)
class Process:
    """One daemon on a machine. ``ahead`` is how far the machine's clock is off."""

    name: str
    machine: Machine
    house: House
    daemon: Daemon
    knowable: bool
    dead: bool = False
    stopping: bool = False
    jobs: list[Job] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup of a ministry, as it was at a moment."""

    ministry: str
    held: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Something a process does again and again, when there is something to do."""

    name: str
    seconds: float
    run: Callable[[], object]
    due: Callable[[], bool] = lambda: True


class World:
    """All of it. ``only`` leaves out every unusual thing but these."""

    def __init__(self, ground: Ground, seed: int, only: Collection[Choice] | None = None) -> None:
        self.ground = ground
        self.seed = seed
        self.choices = Choices(seed, only)
        self.moods = Moods.of(self.choices)
        self.kernel = Kernel(self.choices, restless=self.moods.restless)
        self.faults = True
        self.jumped = False
        self.backup: Kept | None = None
        self.crashed = 0
        self.ahead: dict[Machine, float] = {}
        self.processes: list[Process] = []
        self._left = ExitStack()

    def __enter__(self) -> Self:
        """Build it."""
        self._left.enter_context(cooperative(self.kernel))
        self.watch = Watch(self)
        self._left.enter_context(patch("bridge.daemon.log", Journalist(self)))
        self._left.enter_context(patch("bridge.daemon.timetable"))  # what it runs, ``Job`` runs
        self.ground.clear()
        self.ministries = self.ground.rehearse(self.kernel.time)
        self.network = Network(self, self.ministries, self.moods.network)
        self._left.enter_context(patch.object(HttpClient, "_build", _built_by(self.network)))
        self.office = Office(self)
        self._left.callback(self.office.close)
        self.watch.open()
        self._left.callback(self.watch.close)
        for n in range(self.moods.machines):
            self._boot(self.ground.machine(n, SimulatedStore))
        return self

    def __exit__(self, *_: object) -> None:
        """Let everybody die, and let go."""
        self.faults = False
        self.kernel.end()
        for machine in self.ahead:
            cast("SimulatedStore", machine.store).world = None
        self._left.close()

    def happens(self, name: str, odds: float) -> bool:
        """Decide whether something goes wrong here and now."""
        if not self.faults or self.kernel.running is None:
            return False
        return self.choices.happens(name, odds) is not None

    # -- processes

    def _boot(self, machine: Machine) -> None:
        self.ahead[machine] = 0.0
        machine.clock = lambda: self.kernel.time() + timedelta(seconds=self.ahead[machine])
        cast("SimulatedStore", machine.store).world = self
        self.begin(machine)

    def begin(self, machine: Machine) -> Process:
        """Start the daemon on a machine."""
        n = len(self.processes)
        name = f"p{n}"
        owner = f"machine:{n}:{self.seed}"
        machine.boot()
        ministries = {one: self.ground.ministry(one, machine.now) for one in self.moods.systems}
        house = House(
            store=machine.store,
            onestop=cast("OneStop", FrontDesk(self, machine.onestop)),
            ministries=ministries,
            now=machine.now,
            sleep=lambda seconds: self.kernel.pause("sleeps", seconds),
            chance=Random(f"{self.seed}/{name}"),
            owner=owner,
            zone=VIETNAM,
            marks=Marks(b"the key of the office"),
            alive=self._alive,
        )
        daemon = Daemon(house)
        for pace in daemon._paces.values():
            pace.turnstile = Turnstile(Measure(self.kernel))
        knowable = self.choices.roll(f"{name} knowable") < 0.7
        process = Process(name, machine, daemon.house, daemon, knowable)
        self.processes.append(process)
        for ministry in ministries.values():
            self.watch.over(process, ministry)
        process.jobs = list(self._jobs(process))
        self.kernel.spawn(f"{name} starts", process, lambda: self._start(process))
        return process

    def crash(self, process: object) -> None:
        """Let a process die where it stands."""
        assert isinstance(process, Process)
        if process.dead or process.stopping:
            return
        self.crashed += 1
        process.dead = True
        self.kernel.kill(process)
        again = self.choices.between(f"{process.name} comes back", 0.2, 8.0)
        self.kernel.at(self.kernel.now + again, lambda: self._again(process))

    def may_crash(self) -> bool:
        """Tell whether one more crash leaves it possible that all comes well."""
        return self.crashed < CRASHES_MOST

    def _again(self, dead: Process) -> None:
        if self.faults:
            self.kernel.note(f"{dead.name}'s machine starts the daemon again")
            self.begin(dead.machine)

    def _alive(self, owner: str) -> bool:
        found = next(one for one in self.processes if one.house.owner == owner)
        return not (found.dead and found.knowable)

    def _start(self, process: Process) -> None:
        daemon = process.daemon
        daemon.guarded("reshard", lambda: deliver.reshard(process.house))
        daemon.recover()
        for job in process.jobs:
            self.kernel.spawn(f"{process.name} {job.name}", process, self._loop(process, job))

    def _loop(self, process: Process, job: Job) -> Callable[[], None]:
        def loop() -> None:
            n = 0
            while not process.stopping:
                if job.due():
                    job.run()
                n += 1
                wait = self.choices.between(f"{process.name} {job.name} {n}", 0.3, 1.7)
                self.kernel.pause("", wait * job.seconds)

        return loop

    def _jobs(self, process: Process) -> Iterator[Job]:
        daemon, watch = process.daemon, self.watch
        yield Job("front", 1.5, daemon.front, watch.onestop_changed(process))
        yield Job("notices", 2.0, daemon.notices, watch.owed)
        yield Job("recover", 4.0, daemon.recover, watch.left)
        yield Job("keep", 8.0, daemon.keep)
        for name in process.house.ministries:
            arrived = watch.arrived(process, name)
            accepted = watch.due(process, name, "accepted")
            doubtful = watch.due(process, name, "in_doubt", "sending")
            waits = watch.due(process, name, "pending", "held")
            if process.house.ministries[name].capabilities.feed != "none":
                yield Job(f"{name} poll", 4.0, _of(daemon.poll, name))
                yield Job(f"{name} take in", 1.0, _of(daemon.take_in, name), arrived)
            if process.house.ministries[name].capabilities.confirms != "in_reply":
                yield Job(f"{name} confirm", 1.0, _of(daemon.confirm, name), accepted)
            yield Job(f"{name} ask", 1.0, _of(daemon.doubt, name), doubtful)
            for shard in range(process.house.ministries[name].max_in_flight):
                yield Job(f"{name} {shard}", 0.6, self._deliver(process, name, shard), waits)

    def _deliver(self, process: Process, name: str, shard: int) -> Callable[[], object]:
        ministry, pace = process.house.ministries[name], process.daemon._paces[name]

        def work() -> object:
            return deliver.drain(
                process.house, ministry, shard, pace, stopping=lambda: process.stopping
            )

        return lambda: process.daemon.guarded(f"deliver {name}", work)


def _built_by(network: Network) -> Callable[[HttpClient], httpx.Client]:
    """Return what makes the connections of a client, as its own method."""

    def build(client: HttpClient) -> httpx.Client:
        return network.client(client)

    return build


def _of(job: Callable[[str], None], system: str) -> Callable[[], object]:
    return lambda: job(system)
