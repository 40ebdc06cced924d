"""What stands in for ``threading`` in the simulation: locks that give the baton on.

A lock that is held over a pause would hold up everybody: who waits for it has the baton, and who
has it waits for the baton. These wait in the kernel instead.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import Any, Self
from unittest.mock import patch

from tests.simulation.kernel import Actor, Kernel

ROOMS = (
    "bridge.engine",
    "bridge.store",
    "bridge.sdk",
    "adapters",
    "bridge.daemon",
    "bridge.workers",
)
"""Where threads are made and wait for each other."""


class _Line:
    """Actors that wait for something."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._waiting: deque[Actor] = deque()

    def wait(self, free: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until ``free``; False when that took too long."""
        kernel = self.kernel
        ends = None if seconds is None else kernel.now + seconds
        while not free():
            if ends is not None and kernel.now >= ends:
                return False
            me = kernel.running
            if me is not None:
                self._waiting.append(me)
            try:
                kernel.block(None if ends is None else ends - kernel.now)
            finally:
                if me is not None and me in self._waiting:
                    self._waiting.remove(me)
        return True

    def call(self) -> None:
        """Let all who wait look again."""
        for actor in self._waiting:
            actor.wake = min(actor.wake, self.kernel.now)


class Semaphore:
    """``threading.BoundedSemaphore``; a lock is one of one."""

    def __init__(self, kernel: Kernel, value: int = 1) -> None:
        self._line = _Line(kernel)
        self._free = value

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take one; False when none came free in time."""
        seconds = (None if timeout in (None, -1) else timeout) if blocking else 0.0
        if not self._line.wait(lambda: self._free > 0, seconds):
            return False
        self._free -= 1
        return True

    def release(self) -> None:
        """Give one back."""
        self._free += 1
        self._line.call()

    def locked(self) -> bool:
        """Tell whether none is free."""
        return self._free == 0

    def __enter__(self) -> Self:
        """Take one."""
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self.release()


class ReentrantLock(Semaphore):
    """``threading.RLock``: held by an actor, or by who runs outside of them."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self._kernel = kernel
        self._owner: object = self
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take it, once more where it is held already."""
        me = self._kernel.running
        if self._depth and self._owner is me:
            self._depth += 1
            return True
        if not super().acquire(blocking, timeout):
            return False
        self._owner, self._depth = me, 1
        return True

    def release(self) -> None:
        """Give it back as often as it was taken."""
        self._depth -= 1
        if not self._depth:
            self._owner = self
            super().release()


class Condition:
    """``threading.Condition``."""

    def __init__(self, kernel: Kernel) -> None:
        self._lock = ReentrantLock(kernel)
        self._line = _Line(kernel)

    def __enter__(self) -> Self:
        """Take its lock."""
        self._lock.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Give its lock back."""
        self._lock.release()

    def wait_for(self, true: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until something is true, the lock given back meanwhile."""
        self._lock.release()
        try:
            return self._line.wait(true, timeout)
        finally:
            self._lock.acquire()

    def notify_all(self) -> None:
        """Let all who wait look again."""
        self._line.call()


class Event:
    """``threading.Event``."""

    def __init__(self, kernel: Kernel) -> None:
        self._line = _Line(kernel)
        self._set = False

    def set(self) -> None:
        """Set it."""
        self._set = True
        self._line.call()

    def clear(self) -> None:
        """Unset it."""
        self._set = False

    def is_set(self) -> bool:
        """Tell whether it is set."""
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set; False when it took too long."""
        return self._line.wait(self.is_set, timeout)


class Thread:
    """``threading.Thread``: an actor of the process that starts it."""

    def __init__(
        self, *, target: Callable[[], object], kernel: Kernel, name: str = "thread"
    ) -> None:
        self._kernel = kernel
        self._target = target
        self._name = name
        self._over = Event(kernel)

    def start(self) -> None:
        """Make the actor."""
        starter = self._kernel.running

        def work() -> None:
            try:
                self._target()
            finally:
                self._over.set()

        self._kernel.spawn(self._name, starter and starter.process, work)

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end; whoever works while nobody runs beside it lets it run to that."""
        if self._kernel.running is None:
            self._kernel.run()
        self._over.wait(timeout)

    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return not self._over.is_set()


class Threading(ModuleType):
    """The module ``threading`` as far as the engine uses it."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__("threading")
        self._kernel = kernel

    def get_ident(self) -> int:
        """Return the number of who runs: 0 for nobody in particular."""
        me = self._kernel.running
        return 0 if me is None else me.number

    def Lock(self) -> Semaphore:  # noqa: N802 - threading's own
        """Return a lock."""
        return Semaphore(self._kernel)

    def RLock(self) -> ReentrantLock:  # noqa: N802 - threading's own
        """Return a lock that its owner may take again."""
        return ReentrantLock(self._kernel)

    def BoundedSemaphore(self, value: int = 1) -> Semaphore:  # noqa: N802 - threading's own
        """Return a semaphore."""
        return Semaphore(self._kernel, value)

    def Condition(self) -> Condition:  # noqa: N802 - threading's own
        """Return a condition."""
        return Condition(self._kernel)

    def Event(self) -> Event:  # noqa: N802 - threading's own
        """Return an event."""
        return Event(self._kernel)

    def Thread(self, *, target: Callable[[], object], name: str = "thread", **_: Any) -> Thread:  # noqa: N802 - threading's own
        """Return a thread, not started."""
        return Thread(target=target, kernel=self._kernel, name=name)


@contextmanager
def cooperative(kernel: Kernel) -> Iterator[None]:
    """Have the rooms of the engine make locks and threads of this kernel's while the block runs."""
    import threading

    ours = Threading(kernel)
    names = [
        name
        for name, module in list(sys.modules.items())
        if name.startswith(ROOMS) and getattr(module, "threading", None) is threading
    ]
    patches = [patch(f"{name}.threading", ours) for name in sorted(names)]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()
