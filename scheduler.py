"""The timetable: every periodic job of the daemon and its rhythm, on one screen.

Deliveries are not here: they are worked by threads of their own (``bridge.workers``) that a job
wakes when it has posted something. No job overlaps itself; one that comes late runs once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bridge.engine.leases import KEEP_EVERY
from bridge.heap import ALL_EVERY

Job = Callable[[], object]

WATCH_EVERY = 15
"""How soon an alert opens once its time has come; a look costs some tenths of a second at a million."""

PROCEDURES_EVERY = 600
"""Once a day is enough: the first look after midnight reads, and the others see that it was done.

What failed is tried again with the next look.
"""

QUESTIONS_EVERY = 600
"""How long a dossier waits once nothing is left to ask of it; for a record that is gone it takes hours."""

ANCHOR_EVERY = 3600
"""How much of the journal's end can be cut off without the log showing it: an hour's, at most."""

PURGE_EVERY = 3600

NIGHT_EVERY = 300
"""How soon a nightly comparison begins once its time has come, and goes on where it was stopped."""


class Rounds(Protocol):
    """What the timetable calls; ``bridge.daemon`` implements it."""

    def front(self) -> None:
        """Capture the one-stop database and post what changed."""

    def notices(self) -> None:
        """Tell the one-stop database its notices."""

    def recover(self) -> None:
        """Take over what dead processes left behind."""

    def procedures(self) -> None:
        """Read the lists of procedures and of codes, and look at the one-stop's, once a day."""

    def files(self) -> None:
        """See whether the files ministries did not get are mended."""

    def anchor(self) -> None:
        """Write the end of the journal's chain into the log."""

    def purge(self) -> None:
        """Delete the payloads, what differed, and marks, that were kept for long enough."""

    def tidy(self) -> None:
        """Let go of memory that nobody uses."""

    def compare(self, system: str) -> None:
        """Compare both sides of a system, where its night has begun and it was not done yet."""

    def keep(self) -> None:
        """Renew the leases of the calls that are under way."""

    def watch(self) -> None:
        """Look for what waits too long: open alerts, and close those that are over."""

    def tell(self) -> None:
        """Send the messages that are due."""

    def certificates(self) -> None:
        """Look when certificates end, once a day."""

    def digest(self) -> None:
        """Make the daily mails to the offices when their time has come."""

    def poll(self, system: str) -> None:
        """Read a system's feed and take its records in."""

    def take_in(self, system: str) -> None:
        """Work the stored records of a system that are due."""

    def let_in(self, system: str) -> None:
        """Put what a system missed in line, as far as it may go."""

    def questions(self, system: str) -> None:
        """End the questions about a system's records of which nothing is left to ask."""

    def confirm(self, system: str) -> None:
        """Ask what became of accepted deliveries."""

    def doubt(self, system: str) -> None:
        """Ask about the doubts that are due."""


def timetable(
    rounds: Rounds, *, onestop_seconds: float, systems: dict[str, float]
) -> BackgroundScheduler:
    """Return the scheduler, not started. ``systems`` maps a name to its ``poll_seconds``."""
    # a round that is still under way when its time comes again is skipped: no news
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    pools = {name: ThreadPoolExecutor(4) for name in systems}
    # a receiver that hangs keeps nobody but other receivers
    pools |= {"watch": ThreadPoolExecutor(2), "messages": ThreadPoolExecutor(1)}
    pools |= {"nights": ThreadPoolExecutor(2)}
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(5), **pools},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )

    def every(seconds: float, job: Job, name: str, pool: str = "default") -> None:
        scheduler.add_job(job, "interval", seconds=seconds, id=name, name=name, executor=pool)

    every(onestop_seconds, rounds.front, "capture and post")
    every(2, rounds.notices, "tell notices")
    every(5, rounds.recover, "recover")
    every(KEEP_EVERY, rounds.keep, "keep leases")
    every(60, rounds.files, "look for mended files")
    every(ANCHOR_EVERY, rounds.anchor, "anchor the journal")
    every(PURGE_EVERY, rounds.purge, "purge payloads")
    every(ALL_EVERY, rounds.tidy, "tidy memory")
    every(PROCEDURES_EVERY, rounds.procedures, "procedures")
    every(WATCH_EVERY, rounds.watch, "watch", "watch")
    every(60, rounds.digest, "make digests", "watch")
    every(600, rounds.certificates, "certificates", "watch")
    every(5, rounds.tell, "tell alerts", "messages")
    for system, poll_seconds in systems.items():
        every(poll_seconds, _of(rounds.poll, system), f"poll {system}", system)
        every(1, _of(rounds.take_in, system), f"take in {system}", system)
        every(2, _of(rounds.let_in, system), f"let in {system}", system)
        every(QUESTIONS_EVERY, _of(rounds.questions, system), f"questions {system}", system)
        every(1, _of(rounds.confirm, system), f"confirm {system}", system)
        every(1, _of(rounds.doubt, system), f"ask {system}", system)
        every(NIGHT_EVERY, _of(rounds.compare, system), f"compare {system}", "nights")
    return scheduler


def _of(job: Callable[[str], None], system: str) -> Job:
    return lambda: job(system)
