"""``demo``: the whole journey on this machine, as it happens."""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.cli.shape import DataVerb
from bridge.cli.telling import state_word
from bridge.daemon import signals
from bridge.demo import Event, Script, Town
from bridge.engine import survey
from bridge.i18n import N_, _, spoken
from bridge.logs import configure_command

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 180.0
LAST_LINES = 8
NEXT = "dossier-bridge init my-bridge"


@app.command(
    "demo",
    cls=DataVerb,
    help=N_(
        "Play the whole journey on this machine, with no network: an SQLite one-stop database with "
        "invented dossiers, rehearsal ministries, and the daemon. A ministry goes down and comes "
        "back, an answer is lost, a dossier is refused. With --exit it stops when all is in step."
    ),
    epilog="dossier-bridge demo\ndossier-bridge demo --exit --dossiers 500 --json",
)
def demo(
    context: typer.Context,
    *,
    dossiers: Annotated[
        int, typer.Option("--dossiers", min=20, max=100000, help=N_("How many dossiers."))
    ] = 200,
    leave: Annotated[
        bool, typer.Option("--exit", help=N_("Stop when both sides are in step."))
    ] = False,
) -> None:
    """Play, and report what came out."""
    desk = Desk.of(context)
    configure_command(level=50)
    folder = Path(tempfile.mkdtemp(prefix="dossier-bridge-demo-"))
    started = time.monotonic()
    town = Town(folder, dossiers)
    try:
        desk.say(_("the demo lives in {folder}", folder=folder))
        town.build()
        with _stage(desk, town) as say:
            in_step = _play(town, say)
        result = _result(town, time.monotonic() - started)
        if desk.as_json:
            desk.answer(result)
        else:
            _summary(desk, town, result, in_step=in_step)
        if leave:
            desk.say(_("next, an office of your own: {command}", command=NEXT))
        else:
            _stay(desk, town)
    finally:
        town.stop()
        if leave:
            shutil.rmtree(folder, ignore_errors=True)
    if not (in_step and _as_meant(town, result)):
        raise typer.Exit(ExitCode.ATTENTION)


def _play(town: Town, say: Any) -> bool:
    """Play the script to its end and wait until both sides are in step; False if they are not."""
    script = Script(town, say)
    town.start()
    script.start()
    quiet = threading.Event()
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            quiet.wait(LOOK_SECONDS)
            if script.over and town.in_step() and town.in_step():
                return True
    finally:
        script.stop()
    return False


def _result(town: Town, seconds: float) -> dict[str, Any]:
    """Return what came out, with the keys of contracts/cli.md."""
    balance = town.balance()
    return {
        "dossiers": balance.dossiers,
        "confirmed": balance.confirmed,
        "imported": balance.imported,
        "conflicts": balance.conflicts,
        "in_doubt": balance.in_doubt,
        "dead": balance.dead,
        "seconds": round(seconds, 1),
    }


def _as_meant(town: Town, result: dict[str, Any]) -> bool:
    """Tell whether all came out as the script means it: one refused, nothing twice or lost."""
    whole = result["confirmed"] + result["imported"] + result["dead"] == result["dossiers"]
    return whole and result["dead"] == 1 and not town.duplicates()


@contextmanager
def _stage(desk: Desk, town: Town) -> Iterator[Any]:
    """Show what happens: a live table on a terminal, plain lines otherwise."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda event: desk.say(_sentence(event))
        return
    lines: list[str] = []
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        stop = threading.Event()

        def paint() -> None:
            while not stop.wait(LOOK_SECONDS):
                live.update(_board(town, lines))

        painter = threading.Thread(target=paint, daemon=True)
        painter.start()
        try:
            yield lambda event: lines.append(_sentence(event))
        finally:
            stop.set()
            painter.join(5)
        live.update(_board(town, lines))


def _board(town: Town, lines: list[str]) -> Table:
    board = Table(title=_("dossiers on their way"), caption="\n".join(lines[-LAST_LINES:]))
    for head in (
        _("system"), _("state"), _("waiting"), _("in doubt"), _("refused"), _("confirmed"),
        _("conflicts"),
    ):  # fmt: skip
        board.add_column(head)
    for one in survey.standings(town.opened.house):
        waiting = one.pending + one.held + one.in_flight + one.accepted
        numbers = (waiting, one.in_doubt, one.dead, one.confirmed, one.conflicts)
        board.add_row(one.name, state_word(one.state), *map(str, numbers))
    balance = town.balance()
    board.add_section()
    board.add_row(
        _("dossiers"), "", str(balance.waiting), str(balance.in_doubt), str(balance.dead),
        f"{balance.confirmed} (+{balance.imported})", str(balance.conflicts),
    )  # fmt: skip
    return board


def _sentence(event: Event) -> str:
    detail = event.detail
    match event.name:
        case "answer_lost":
            return _("{system}: an answer is lost after it was applied", system=detail)
        case "down":
            return _("{system} goes down", system=detail)
        case "up":
            return _("{system} is up again", system=detail)
        case "own":
            return _("{system} file dossiers that are keyed only there", system=detail)
        case "fetched":
            return _("the portal fetches papers: {count} so far", count=detail)
        case _:
            return _("the ministries move {count} dossiers on", count=detail)


def _summary(desk: Desk, town: Town, result: dict[str, Any], *, in_step: bool) -> None:
    desk.show("")
    if in_step:
        desk.show(_("both sides are in step after {seconds} s", seconds=result["seconds"]))
    else:
        desk.show(_("not in step after {seconds} s", seconds=result["seconds"]))
    desk.show(
        _(
            "{dossiers} dossiers: {confirmed} confirmed, {imported} taken over from ministries, "
            "{dead} refused, {conflicts} in conflict, {in_doubt} in doubt",
            **result,
        )
    )
    twice = town.duplicates()
    held = ", ".join(f"{name}: {' '.join(codes)}" for name, codes in twice.items())
    desk.show(_("held twice by a ministry: {list}", list=held or _("nothing")))
    for one in survey.refusals(town.opened.house):
        said = one | {"reason": spoken(one["reason"])}
        desk.show(_("refused by {system}: {code}: {reason}", **said))


def _stay(desk: Desk, town: Town) -> None:
    config = town.folder / "bridge.toml"
    desk.say("")
    desk.say(_("the daemon goes on; try in another terminal:"))
    for command in ("status", f"dossier {town.refused}", "sync", "check"):
        desk.say(f"  {sys.argv[0]} {command} --config {config}")
    desk.say(_("Ctrl-C ends it"))
    sys.stdout.flush()
    signals().get()
