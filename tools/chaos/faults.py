"""What befalls the bridge in a run: kills, crashes of the database, and the proxies' weather.

Each runs in a thread of its own, and notes every fault with its beginning and its end. One that
stumbles ends the run: where nothing goes wrong any more, nothing is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Self

from bridge.bootstrap import clock
from tools.chaos.bridge import START_SECONDS, Bridge, scrape
from tools.chaos.recovery import Fault
from tools.chaos.town import PROCEDURES, Town
from tools.chaos.weather import forecast

EVERYBODY = frozenset(PROCEDURES)
KILL, CRASH = "kill", "database crash"
YOUNG_SHARE = 0.15
"""How many lives end before the daemon says that it has started."""

CRASH_EVERY = 4
"""Every how manieth end is the database's, where it can be crashed, and not the daemon's."""


@dataclass
class Account:
    """The faults so far. Safe to use from several threads."""

    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, fault: Fault) -> None:
        """Add one."""
        with self.lock:
            self.faults.append(fault)


class Weather:
    """Lets one trouble after another befall the proxies."""

    def __init__(self, town: Town, chance: Random, account: Account) -> None:
        """Nothing happens before the block begins."""
        self._proxies = town.proxies
        self._chance = chance
        self._account = account
        self._over = threading.Event()
        self._thread = ThreadPoolExecutor(1, "weather")

    def __enter__(self) -> Self:
        """Begin."""
        self._blowing = self._thread.submit(self._blow)
        return self

    def __exit__(self, *_: object) -> None:
        """End, with clear sky before every side.

        Raises:
            Exception: what it stumbled over.
        """
        self._over.set()
        self._thread.shutdown()
        self._blowing.result()

    def _blow(self) -> None:
        for spell in forecast(self._chance, sorted(self._proxies)):
            if self._over.wait(spell.calm):
                return
            proxy, began = self._proxies[spell.side], clock()
            with proxy.disturbed(spell.trouble):
                self._over.wait(spell.seconds)
            systems = frozenset({spell.side}) if spell.side in PROCEDURES else EVERYBODY
            self._account.note(Fault(spell.trouble.kind, spell.side, systems, began, clock()))


@dataclass(frozen=True)
class Lives:
    """How long the daemon lives before it is killed, in seconds."""

    shortest: float = 3.0
    longest: float = 9.0


class Reaper:
    """Kills the daemon again and again, and starts it at once, as a supervisor does.

    ``still`` is entered while the database is crashed: people don't write meanwhile.
    """

    def __init__(  # noqa: PLR0913 - a daemon, and everything that ends it
        self,
        town: Town,
        port: int,
        chance: Random,
        account: Account,
        still: Callable[[], AbstractContextManager[object]],
        lives: Lives,
    ) -> None:
        """Nothing runs before the block begins."""
        self.unasked: list[int] = []
        self._town = town
        self._port = port
        self._chance = chance
        self._account = account
        self._still = still
        self._lives = lives
        self._over = threading.Event()
        self._thread = ThreadPoolExecutor(1, "reaper")
        self._ends = 0
        self._killed = threading.Semaphore(0)
        self.log = town.folder / "logs" / "daemon.jsonl"
        self.metrics = town.folder / "metrics"
        for place in (self.log.parent, self.metrics):
            place.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._reaping = self._thread.submit(self._reap)
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it for the last time.

        Raises:
            Exception: what it stumbled over.
        """
        self._over.set()
        self._thread.shutdown()
        self._reaping.result()

    def wait_for(self, kills: int) -> None:
        """Wait until so many have been killed: a machine that others use starts a daemon slowly."""
        for _ in range(kills):
            self._killed.acquire(timeout=START_SECONDS)

    def _reap(self) -> None:
        while not self._over.is_set():
            bridge = Bridge(self._town.folder, self.log)
            try:
                self._live(bridge)
                if not bridge.lives:
                    self.unasked.append(bridge.process.returncode)
            finally:
                moment = clock()
                bridge.kill()
                self._account.note(Fault(KILL, "daemon", EVERYBODY, moment, moment))
                self._killed.release()

    def _live(self, bridge: Bridge) -> None:
        """Let the daemon live for a while; the database may be crashed in that time."""
        if self._chance.random() < YOUNG_SHARE:
            self._over.wait(self._chance.uniform(0, 2))
            return
        bridge.started.wait(START_SECONDS)
        while True:
            self._over.wait(self._chance.uniform(self._lives.shortest, self._lives.longest))
            self._ends += 1
            scrape(self._port, self.metrics / f"{self._ends:05d}.txt")
            crashes = self._town.databases.server and self._ends % CRASH_EVERY == 0
            if self._over.is_set() or not crashes:
                return
            began = clock()
            with self._still():
                self._town.databases.crash()
            self._account.note(Fault(CRASH, "postgresql", EVERYBODY, began, clock()))
