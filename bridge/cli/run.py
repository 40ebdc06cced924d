"""``run``: the daemon, until SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue

import structlog
import typer

from bridge import heap
from bridge.bootstrap import Opened
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened
from bridge.cli.shape import Verb
from bridge.daemon import Daemon, signals
from bridge.i18n import N_, _, spoken
from bridge.lines import let_stderr_go
from bridge.logs import configure_daemon, journalled
from bridge.sdk.onestop import OneStopFault
from bridge.store import StoreFault
from bridge.web import Web

LAST_SECONDS = 1.5

LOOK_SECONDS = 0.5
"""Between two looks whether a database is there by now."""

log = structlog.get_logger("dossier_bridge")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "run",
    cls=Verb,
    help=N_(
        "Run the daemon: keep both sides in step until SIGTERM, which it obeys within 10 seconds. "
        "Serves /healthz, /readyz and /metrics at [console] listen. Logs JSON lines to stderr."
    ),
    epilog="dossier-bridge run --config /etc/dossier-bridge/bridge.toml",
)
def run(context: typer.Context) -> None:
    """Run until a signal arrives."""
    desk = Desk.of(context)
    configure_daemon()
    arrived = signals()  # before anything starts: none finds it half awake
    with ExitStack() as stack:
        house = _open(desk, arrived, stack)
        ended_by = house if isinstance(house, int) else _serve(house, arrived)
    code = ExitCode.INTERRUPTED if ended_by == signal.SIGINT else ExitCode.DONE
    if not _all_ended():
        let_stderr_go()
        os._exit(code)  # a call outlasts us; the next start asks what became of it
    raise typer.Exit(code)


def _open(desk: Desk, arrived: SimpleQueue[int], stack: ExitStack) -> Opened | int:
    """Open the house, or return the signal that came while a database was waited for.

    Raises:
        StoreFault: the bridge's database stays away.
        OneStopFault: the one-stop database stays away.
    """
    end = time.monotonic() + desk.settings().workers.start_patience_seconds
    told = ""
    while True:
        try:
            return stack.enter_context(opened(desk, journalled))
        except (StoreFault, OneStopFault) as fault:
            if time.monotonic() >= end:
                raise
            reason = spoken(fault.reason) if isinstance(fault, OneStopFault) else str(fault)
        if reason != told:
            log.warning("waits for a database", reason=reason)
            told = reason
        with suppress(Empty):
            return arrived.get(timeout=LOOK_SECONDS)


def _all_ended() -> bool:
    """Tell whether every thread has ended, some patience allowed.

    The interpreter waits at its end for a thread of a pool, however long its call takes.
    """
    end = time.monotonic() + LAST_SECONDS
    others = [one for one in threading.enumerate() if one is not threading.current_thread()]
    for one in others:
        one.join(max(0.0, end - time.monotonic()))
    return not any(one.is_alive() for one in others)


def _serve(house: Opened, arrived: SimpleQueue[int]) -> int:
    """Run the daemon; returns the signal that ended it."""
    settings = house.settings
    if settings.workers.engine != "embedded":
        raise CommandFault(
            _('{file}: workers.engine: only "embedded" is in this release', file=settings.file)
        )
    daemon = Daemon(
        house.house,
        watch=house.watch,
        onestop_seconds=settings.onestop.poll_seconds,
        nights=house.nights,
    )
    web = Web(daemon, settings.console.host, settings.console.port)
    daemon.start()
    try:
        if not web.start():
            raise CommandFault(
                _(
                    "can't listen on {address}: it is taken, or not this machine's; "
                    "change console.listen in {file}",
                    address=settings.console.listen,
                    file=settings.file,
                ),
                ExitCode.UNREACHABLE,
            )
        heap.look_often()
        return arrived.get()
    finally:
        web.stop()
        daemon.stop()
