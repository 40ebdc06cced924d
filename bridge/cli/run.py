"""``run``: the daemon, until SIGTERM."""

from __future__ import annotations

import signal
from queue import SimpleQueue

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened
from bridge.cli.shape import Verb
from bridge.daemon import Daemon
from bridge.i18n import N_, _
from bridge.logs import configure_daemon
from bridge.web import Web

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
    signals = _listen()
    with opened(desk) as house:
        _serve(house, signals)


def _listen() -> SimpleQueue[int]:
    """Keep the signals that end the daemon, from before it starts: none finds it half awake."""
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: signals.put(number))
    return signals


def _serve(house: Opened, signals: SimpleQueue[int]) -> None:
    settings = house.settings
    if settings.workers.engine != "embedded":
        raise CommandFault(
            _('{file}: workers.engine: only "embedded" is in this release', file=settings.file)
        )
    daemon = Daemon(house.house, onestop_seconds=settings.onestop.poll_seconds)
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
        ended_by = signals.get()
    finally:
        web.stop()
        daemon.stop()
    if ended_by == signal.SIGINT:
        raise typer.Exit(ExitCode.INTERRUPTED)
