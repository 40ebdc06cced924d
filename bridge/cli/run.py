"""``run``: the daemon, until SIGTERM."""

from __future__ import annotations

import threading

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened
from bridge.cli.shape import Verb
from bridge.daemon import Daemon, until_signal
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
    with opened(desk) as house:
        _serve(house)


def _serve(house: Opened) -> None:
    settings = house.settings
    if settings.workers.engine != "embedded":
        raise CommandFault(_('workers.engine: only "embedded" is in this release'))
    daemon = Daemon(house.house, onestop_seconds=settings.onestop.poll_seconds)
    web = Web(daemon, settings.console.host, settings.console.port)
    stop = threading.Event()
    daemon.start()
    try:
        if not web.start():
            raise CommandFault(
                _("can't listen on {address}", address=settings.console.listen),
                ExitCode.UNREACHABLE,
            )
        until_signal(stop)
    finally:
        web.stop()
        daemon.stop()
