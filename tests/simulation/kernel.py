"""The scheduler of the simulation: real threads, of which exactly one runs at a time.

Every activity (an *actor*) is a thread of its own and holds the baton while it runs. At the places
where something of another activity might come in between it calls ``pause``; there the seed decides
who goes on. Time passes only here: a little at every pause, and up to the next moment somebody waits
for when all wait.
"""

from __future__ import annotations

import heapq
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from tests.simulation.choices import Choices

BEGINNING = datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
"""A Tuesday morning at the counter."""

TICK = 0.001
"""Seconds that pass at every pause."""

STEPS_MOST = 60_000


class KilledError(BaseException):
    """The process of this thread is dead: nothing it does counts any more."""


class StuckError(Exception):
    """Nobody can go on, or nobody comes to an end."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the account: when (seconds), who, what."""

    at: float
    who: str
    what: str

    def __str__(self) -> str:
        """Return the line."""
        return f"{self.at:10.3f}  {self.who:<22} {self.what}"


@dataclass(eq=False)
class Actor:
    """One activity; ``wake`` is when it can go on, ``process`` what it dies with."""

    name: str
    process: object
    number: int
    wake: float = 0.0
    doomed: bool = False
    ended: bool = False
    go: threading.Lock = field(default_factory=threading.Lock)
    pauses: int = 0


class Kernel:
    """Runs actors in turn. ``restless`` is how often one that could go on has to make way."""

    def __init__(self, choices: Choices, *, restless: float = 0.2) -> None:
        self.choices = choices
        self.restless = restless
        self.now = 0.0
        self.steps = 0
        self.account: list[Step] = []
        self.crashes: list[str] = []
        """What escaped an actor that nothing should escape."""
        self.over = False
        self._actors: list[Actor] = []
        self._running: Actor | None = None
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._made = 0
        self._spawned = 0
        self._until = inf
        self._home = threading.Lock()
        self._home.acquire()
        self._stuck: str | None = None

    # -- time

    def time(self) -> datetime:
        """Return the true time."""
        return BEGINNING + timedelta(seconds=self.now)

    def at(self, moment: float, call: Callable[[], object]) -> None:
        """Have something done at a moment (seconds from the beginning), by nobody in particular."""
        self._made += 1
        heapq.heappush(self._timers, (moment, self._made, call))

    # -- actors

    @property
    def running(self) -> Actor | None:
        """Who holds the baton; ``None`` outside of the simulation, and while a timer is served."""
        return self._running

    def spawn(self, name: str, process: object, work: Callable[[], object]) -> Actor:
        """Make an actor that is ready to begin."""
        self._spawned += 1
        actor = Actor(name, process, self._spawned, self.now)
        actor.go.acquire()
        self._actors.append(actor)

        def run() -> None:
            actor.go.acquire()
            try:
                if not actor.doomed:
                    work()
            except KilledError:
                pass
            except BaseException:  # noqa: BLE001 - whatever it is, it is said at the end
                self.crashes.append(f"{actor.name}: {traceback.format_exc()}")
                self.over = True
            self._leave(actor)

        threading.Thread(target=run, name=name, daemon=True).start()
        return actor

    def kill(self, process: object) -> None:
        """Let every actor of a process die where it stands; the one that runs dies at its next pause."""
        for actor in self._actors:
            if actor.process is process:
                actor.doomed = True
                actor.wake = self.now

    def note(self, what: str) -> None:
        """Add a line to the account."""
        who = "world" if self._running is None else self._running.name
        self.account.append(Step(self.now, who, what))

    def pause(self, what: str, seconds: float = 0.0) -> None:
        """Let others come in between here, for some time or for a moment.

        Raises:
            KilledError: the process died meanwhile.
        """
        me = self._running
        if me is None:
            self.now += seconds
            return
        if me.doomed:
            raise KilledError
        if what:
            self.account.append(Step(self.now, me.name, what))
        me.pauses += 1
        me.wake = self.now + seconds
        self._make_way(me)

    def block(self, seconds: float | None) -> None:
        """Wait until somebody sets ``wake``, for so many seconds at most."""
        me = self._running
        if me is None:
            raise StuckError("a lock is held that nobody will let go")
        if me.doomed:
            raise KilledError
        me.wake = inf if seconds is None else self.now + seconds
        self._make_way(me)

    # -- from outside

    def run(self, until: float = inf) -> None:
        """Let the actors go on until a moment, or until all have ended.

        Raises:
            StuckError: nobody can go on.
        """
        self._until = until
        first = self._next(None)
        if first is not None:
            self._running = first
            first.go.release()
            self._home.acquire()
        if self._stuck is not None:
            stuck, self._stuck = self._stuck, None
            raise StuckError(stuck)

    def end(self) -> None:
        """Let every actor die, and forget the timers."""
        self._timers.clear()
        self.over = False
        for actor in self._actors:
            actor.doomed = True
            actor.wake = self.now
        self.run()

    # -- the baton

    def _make_way(self, me: Actor) -> None:
        following = self._next(me)
        if following is not me:
            self._hand(following)
            me.go.acquire()
        if me.doomed:
            raise KilledError

    def _leave(self, me: Actor) -> None:
        me.ended = True
        self._actors.remove(me)
        self._hand(self._next(None))

    def _hand(self, following: Actor | None) -> None:
        self._running = following
        (self._home if following is None else following.go).release()

    def _next(self, me: Actor | None) -> Actor | None:
        """Return who goes on; ``None`` for nobody: it is over, or the time has come."""
        self.steps += 1
        self.now += TICK
        while True:
            doomed = next((one for one in self._actors if one.doomed), None)
            if doomed is not None:
                return doomed
            if self.over:
                return None
            if self.steps > STEPS_MOST:
                self._stuck = f"no end after {STEPS_MOST} steps"
                return None
            if self._timers and self._timers[0][0] <= self.now:
                self._serve()
                continue
            ready = [one for one in self._actors if one.wake <= self.now]
            if ready:
                return self._chosen(me, ready)
            if not self._forward():
                return None

    def _forward(self) -> bool:
        """Move to the next moment somebody waits for; False when that is not for us to see."""
        moment = min((one.wake for one in self._actors), default=inf)
        if self._timers:
            moment = min(moment, self._timers[0][0])
        if moment > self._until:
            self.now = self._until
            return False
        if moment == inf:
            if self._actors:
                self._stuck = f"nobody can go on: {', '.join(one.name for one in self._actors)}"
            return False
        self.now = moment
        return True

    def _serve(self) -> None:
        _, _, call = heapq.heappop(self._timers)
        me, self._running = self._running, None
        try:
            call()
        except Exception:  # noqa: BLE001 - said at the end
            self.crashes.append(traceback.format_exc())
            self.over = True
        finally:
            self._running = me

    def _chosen(self, me: Actor | None, ready: list[Actor]) -> Actor:
        going = me if me in ready else min(ready, key=lambda one: one.wake)
        if len(ready) == 1:
            return going
        name = f"switch {going.name}"
        rolled = self.choices.happens(name, self.restless)
        if rolled is None:
            return going
        others = [one for one in ready if one is not going]
        return others[int(rolled * len(others))]

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Do something as nobody in particular: no pause in it lets anybody come in between."""
        me, self._running = self._running, None
        try:
            yield
        finally:
            self._running = me
