"""``init``: a configuration to start from, and an empty one-stop database when none is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.cli.shape import Verb
from bridge.cli.starters import ONESTOP, example_files
from bridge.i18n import N_, _
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.settings import load
from bridge.settings.addresses import holds_password

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "init",
    cls=Verb,
    help=N_(
        "Write bridge.toml and systems/*.toml with every setting explained, and an empty SQLite "
        "one-stop database unless one is named. Existing files are never overwritten."
    ),
    epilog=(
        "dossier-bridge init my-bridge\n"
        "dossier-bridge init my-bridge --onestop postgresql+psycopg://bridge@db/motcua"
    ),
)
def start(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help=N_("The folder to write to; made if absent."))
    ],
    onestop: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help=N_("The url of the one-stop database there is; without a password.")
        ),
    ] = None,
) -> None:
    """Write the files, make the database, say what comes next."""
    desk = Desk.of(context)
    if onestop is not None and holds_password(onestop):
        raise CommandFault(
            _("--onestop: leave the password out; name it in bridge.toml as a reference")
        )
    registry = Registry.load()
    written = _write(folder, example_files(registry, onestop))
    if onestop is None:
        _make_onestop(registry, written[0])
    _say_next(desk, written)


def _write(folder: Path, files: dict[str, str]) -> list[Path]:
    """Write all files, or none: one that is there already is somebody's work."""
    paths = {folder / name: text for name, text in files.items()}
    there = [str(path) for path in paths if path.exists()]
    if there:
        raise CommandFault(_("{files}: there already, and not overwritten", files=", ".join(there)))
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise CommandFault(
            _("{file} can't be written: {detail}", file=error.filename or folder, detail=detail)
        ) from None
    return list(paths)


def _make_onestop(registry: Registry, config: Path) -> None:
    plugin = registry.onestop(ONESTOP)
    settings = load(config, {})
    if plugin.create is None:
        raise CommandFault(_("the adapter {name} can't make a database", name=plugin.name))
    context = OneStopContext(settings.folder, lambda: datetime.now(UTC))
    plugin.create(settings.onestop.options_for(plugin), context)


def _say_next(desk: Desk, written: list[Path]) -> None:
    config = written[0]
    for path in written:
        desk.show(str(path))
    desk.say("")
    desk.say(_("Next:"))
    desk.say(_("  1. fill in systems/*.toml, and set enabled = true where you are connected"))
    desk.say(_("  2. dossier-bridge check --config {config}", config=config))
    desk.say(_("  3. dossier-bridge sync --config {config}", config=config))
