"""The daemon: the timetable and the workers over one house, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from queue import SimpleQueue

import structlog

from bridge import heap
from bridge.audit import Ledger, Unreadable
from bridge.domain.alerts import rules_of
from bridge.engine import (
    admission,
    backlog,
    capture,
    catalogue,
    clerk,
    code_lists,
    deliver,
    doubt,
    feed,
    mark_key,
    payloads,
    questions,
    receive,
    serve,
    unpaired,
)
from bridge.engine import round as rounds
from bridge.engine.house import House, Ministry
from bridge.engine.pace import Pace
from bridge.engine.reconcile import Nights, nightly
from bridge.engine.watch import Watch, alarm, certificates, digest
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import OneStopFault
from bridge.store import StoreFault
from bridge.store.systems import RUNNING
from bridge.workers import Workers
from scheduler import timetable

STOP_SECONDS = 6.0

log = structlog.get_logger("dossier_bridge")


class _StoppingError(Exception):
    """The daemon stops."""


class Daemon:
    """Runs the whole journey unattended. Implements the timetable's ``Rounds``."""

    def __init__(
        self,
        house: House,
        *,
        watch: Watch | None = None,
        onestop_seconds: float = 2.0,
        nights: Nights | None = None,
    ) -> None:
        self.nights = nights
        self._started_at = house.now()
        self._stopping = threading.Event()
        self.station = watch or Watch(rules_of({}))
        self.house = replace(house, wake=self._wake, aloud=self._aloud, weather=self._say_weather)
        self._paces = {name: Pace() for name in house.ministries}
        self._workers = Workers(self.house, self._paces, self.guarded)
        self._timetable = timetable(
            self,
            onestop_seconds=onestop_seconds,
            systems={name: one.poll_seconds for name, one in house.ministries.items()},
        )
        self._weather: dict[str, str] = {}
        self._weather_lock = threading.Lock()

    def start(self) -> None:
        """Recover, then start the workers and the timetable; returns at once."""
        self.guarded("open", self.house.store.open_all)
        self.guarded("admit", lambda: admission.admit(self.house))
        self.guarded("reshard", lambda: deliver.reshard(self.house))
        self.guarded("capture unrouted", lambda: capture.capture_unrouted(self.house))
        self.guarded("recover", self._recover)
        self._workers.start()
        self._timetable.start()
        for job in self._timetable.get_jobs():
            job.modify(next_run_time=self.house.now())
        log.info("started", systems=sorted(self.house.ministries))

    def stop(self) -> bool:
        """Stop within ten seconds; False when a call had to be left to recovery."""
        self._stopping.set()
        self._timetable.pause()
        self._timetable.remove_all_jobs()  # waits for the round of starts that may be under way
        clean = self._workers.stop(STOP_SECONDS)
        self._timetable.shutdown(wait=False)
        log.info("stopped", clean=clean)
        return clean

    def ready(self) -> bool:
        """Tell whether the store answers and the workers run."""
        return self.house.store.ready() and self._workers.alive() and self._timetable.running

    # -- the rounds of the timetable

    def front(self) -> None:
        """Capture the one-stop database and post what changed."""
        self.guarded("capture", lambda: rounds.front(self.house))

    def notices(self) -> None:
        """Tell the one-stop database its notices."""
        self.guarded("notices", lambda: clerk.tell(self.house))

    def recover(self) -> None:
        """Take over what dead processes left behind."""
        self.guarded("recover", self._recover)
        self.guarded("mark anew", lambda: mark_key.go_on(self.house))

    def _recover(self) -> None:
        doubt.bury(self.house)
        for ministry in self.house.ministries.values():
            doubt.recover(self.house, ministry)

    def procedures(self) -> None:
        """Read the lists of procedures and of codes, and look at the one-stop's, once a day."""
        for ministry in code_lists.sources(self.house):
            self.guarded(
                f"code lists {ministry.name}", partial(code_lists.refresh, self.house, ministry)
            )
        for ministry in catalogue.sources(self.house):
            self.guarded(
                f"procedures {ministry.name}", partial(catalogue.refresh, self.house, ministry)
            )
        self.guarded("procedures", lambda: catalogue.keep_daily(self.house))

    def files(self) -> None:
        """See whether the files ministries did not get are mended."""
        self.guarded("files", lambda: serve.look_for_mended(self.house))

    def watch(self) -> None:
        """Look for what waits too long: open alerts, and close those that are over."""
        self.guarded("count the journal", lambda: alarm.count(self.house))
        self.guarded("watch", lambda: alarm.look(self.house, self.station))

    def tell(self) -> None:
        """Send the messages that are due."""
        self.guarded("tell alerts", self._tell)

    def _tell(self) -> None:
        for name, trouble in alarm.tell(self.house, self.station).items():
            if trouble is None:
                self._clear(f"tell {name}")
            else:
                self._cloudy(f"tell {name}", trouble)

    def certificates(self) -> None:
        """Look when certificates end, once a day."""
        self.guarded("certificates", lambda: certificates.look(self.house, self.station))
        self.guarded("tidy alerts", lambda: alarm.tidy(self.house, self.station))

    def digest(self) -> None:
        """Make the daily mails to the offices when their time has come."""
        self.guarded("make digests", lambda: digest.make(self.house, self.station))

    def anchor(self) -> None:
        """Write the end of the journal's chain into the log, which leaves this machine."""
        self.guarded("anchor", self._anchor)

    def _anchor(self) -> None:
        log.info("journal", anchor=str(Ledger(self.house.store.url).head()))

    def purge(self) -> None:
        """Delete the payloads, what differed, and marks, that were kept for long enough."""
        self.guarded("purge payloads", lambda: payloads.purge(self.house))
        self.guarded("tidy marks", lambda: unpaired.tidy(self.house))
        nights = self.nights or Nights()
        self.guarded("tidy comparisons", lambda: nightly.tidy(self.house, nights))

    def tidy(self) -> None:
        """Let go of memory that nobody uses."""
        self.guarded("tidy memory", heap.look_at_all)

    def compare(self, system: str) -> None:
        """Compare both sides of a system, where its night has begun and it was not done yet."""
        self.guarded(f"compare {system}", lambda: self._compare(system))

    def _compare(self, system: str) -> None:
        if self.nights is None:
            return
        ministry = self.house.ministries[system]
        try:
            night = nightly.compare(
                self.house, ministry, self.nights, self._started_at, self._unless_stopping
            )
        except _StoppingError:
            return
        if night is not None:
            counts = {kind.value: count for kind, count in night.comparison.counts.items() if count}
            log.info("compared", system=system, mended=night.mended, **counts)

    def _unless_stopping(self, _stage: object) -> None:
        """Break a comparison off where the daemon stops: the next one goes on with it."""
        if self._stopping.is_set():
            raise _StoppingError

    def keep(self) -> None:
        """Renew the leases of the calls that are under way."""
        self.guarded("keep leases", lambda: self.house.leases.keep(self.house))

    def poll(self, system: str) -> None:
        """Read a system's feed and take its records in."""
        self.guarded(f"poll {system}", lambda: self._poll(system))

    def _poll(self, system: str) -> None:
        ministry = self.house.ministries[system]
        if ministry.capabilities.feed != "none":
            self._announce(system, ministry.poll_seconds)
        feed.poll_open(self.house, ministry)
        self._work(ministry)

    def _work(self, ministry: Ministry) -> None:
        with self._paces[ministry.name].turnstile.turn():
            receive.work(self.house, ministry)

    def _announce(self, system: str, seconds: float) -> None:
        """Let every process see when the feed is read again."""
        with self.house.store.write("next poll") as unit:
            unit.systems.set(system, next_poll_at=unit.now + timedelta(seconds=seconds))

    def take_in(self, system: str) -> None:
        """Work the stored records of a system that are due."""
        ministry = self.house.ministries[system]
        self.guarded(f"take in {system}", lambda: self._work(ministry))

    def let_in(self, system: str) -> None:
        """Put what a system missed in line, as far as it may go."""
        ministry = self.house.ministries[system]
        self.guarded(f"let in {system}", lambda: backlog.work(self.house, ministry))

    def questions(self, system: str) -> None:
        """End the questions about a system's records of which nothing is left to ask."""
        ministry = self.house.ministries[system]
        self.guarded(f"questions {system}", lambda: questions.look(self.house, ministry))

    def confirm(self, system: str) -> None:
        """Ask what became of accepted deliveries."""
        ministry = self.house.ministries[system]
        self.guarded(f"confirm {system}", lambda: doubt.confirm(self.house, ministry))

    def doubt(self, system: str) -> None:
        """Ask about the doubts that are due."""
        ministry = self.house.ministries[system]
        self.guarded(f"ask {system}", lambda: doubt.ask_due(self.house, ministry))

    # -- keeping going

    def guarded(self, name: str, call: Callable[[], object]) -> bool:
        """Run a call; a failure is said when it begins and when it is over, and stops nothing."""
        try:
            call()
        except (OneStopFault, AdapterError) as error:
            return self._cloudy(name, error.reason)
        except (StoreFault, Unreadable) as error:
            return self._cloudy(name, str(error))
        except Exception as error:
            log.exception("unexpected", job=name, error=type(error).__name__)
            return self._cloudy(name, f"unexpected {type(error).__name__}")
        self._clear(name)
        return True

    def _clear(self, name: str) -> None:
        with self._weather_lock:
            before = self._weather.pop(name, None)
        if before is not None:
            log.info("works again", job=name)

    def _cloudy(self, name: str, reason: str) -> bool:
        with self._weather_lock:
            before = self._weather.get(name)
            self._weather[name] = reason
        if before != reason:
            log.warning("does not work", job=name, reason=reason)
        return False

    def _aloud(self, name: str, text: str) -> None:
        log.warning("feed", system=name, reason=text)

    def _say_weather(self, name: str, state: str, reason: str | None) -> None:
        if state == RUNNING:
            log.info("system works again", system=name)
        else:
            log.warning("system is left alone", system=name, state=state, reason=reason)

    def _wake(self, name: str) -> None:
        self._workers.wake(name)  # the one-stop has no workers: the timetable looks at it


def signals() -> SimpleQueue[int]:
    """Keep SIGTERM and SIGINT in a queue from now on, instead of dying of them."""
    arrived: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: arrived.put(number))
    return arrived
