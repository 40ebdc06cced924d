"""``init``: a configuration to start from, and an empty one-stop database when none is named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from bridge.bootstrap import clock
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.cli.new_files import write_new
from bridge.cli.shape import Verb
from bridge.cli.starters import ONESTOP, example_files
from bridge.i18n import N_, _
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.settings import load
from bridge.settings.addresses import holds_password
from bridge.settings.explain import said

DATABASE = "var/onestop.db"
"""The one-stop database that is made, where bridge.toml says by default."""

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
    registry = Registry.load()
    if onestop is not None:
        _judge_url(onestop, registry)
    files = example_files(registry, onestop)
    _refuse_overwriting(folder, [*files, *([] if onestop else [DATABASE])])
    written = write_new(folder, files)
    if onestop is None:
        _make_onestop(registry, written[0])
    _say_next(desk, written)


def _judge_url(url: str, registry: Registry) -> None:
    if holds_password(url):
        raise CommandFault(
            _("--onestop: leave the password out; name it in bridge.toml as a reference")
        )
    try:
        registry.onestop(ONESTOP).options.model_validate({"url": url})
    except ValidationError as error:
        [found, *_rest] = error.errors(include_url=False, include_input=False)
        raise CommandFault(f"--onestop: {said(found)}") from None


def _refuse_overwriting(folder: Path, names: Iterable[str]) -> None:
    """Stop before anything is written: a file that is there already is somebody's work."""
    there = [str(folder / name) for name in names if (folder / name).exists()]
    if there:
        raise CommandFault(_("{files}: there already, and not overwritten", files=", ".join(there)))


def _make_onestop(registry: Registry, config: Path) -> None:
    plugin = registry.onestop(ONESTOP)
    settings = load(config, {})
    if plugin.create is None:
        raise CommandFault(_("the adapter {name} can't make a database", name=plugin.name))
    context = OneStopContext(settings.folder, clock)
    plugin.create(settings.onestop.options_for(plugin), context)


def _say_next(desk: Desk, written: list[Path]) -> None:
    config = written[0]
    for path in written:
        desk.show(str(path))
    desk.say("")
    desk.say(_("Next:"))
    desk.say(
        _(
            "  1. fill in bridge.toml and systems/*.toml, and set enabled = true where you are "
            "connected"
        )
    )
    desk.say(_("  2. dossier-bridge check --config {config}", config=config))
    desk.say(_("  3. dossier-bridge sync --config {config}", config=config))
