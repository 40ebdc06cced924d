"""``adapter list``: what is installed, what it can do, what is broken. ``adapter new``: another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.new_files import write_new
from bridge.cli.scaffold import Spoken, distribution, package_files, unfit
from bridge.cli.shape import DataVerb, Family, Verb
from bridge.i18n import N_, _
from bridge.sdk.registry import Registry

app = typer.Typer(
    cls=Family,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("List the adapters that are installed, or begin a new one."),
    epilog="dossier-bridge adapter list\ndossier-bridge adapter new so_tu_phap --protocol rest",
)


ABILITIES = (N_("reads"), N_("writes"), N_("probes"), N_("lists"), N_("steps"))


@app.command(
    "list",
    cls=DataVerb,
    help=N_("List the adapters: what each speaks and can do, and why one is broken."),
    epilog="dossier-bridge adapter list --json",
)
def list_adapters(context: typer.Context) -> None:
    """Show every plug-in; ends with 1 when one is broken."""
    desk = Desk.of(context)
    registry = Registry.load()
    entries = adapters(registry)
    if desk.as_json:
        desk.answer({"adapters": entries})
    else:
        for line in columns([_headings(), *map(_row, entries)]):
            desk.show(line)
    for fault in registry.faults:
        desk.say(f"{fault.name} ({fault.source}, {fault.source.place}): {fault.reason}")
    if registry.faults:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "new",
    cls=Verb,
    help=N_(
        "Write a package with a new adapter that works against a pretend ministry, its mapping and "
        "its tests. A folder that is there is never overwritten."
    ),
    epilog="dossier-bridge adapter new so_tu_phap --protocol rest",
)
def new_adapter(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=N_("What the adapter is called: so_tu_phap."))
    ],
    protocol: Annotated[
        Spoken,
        typer.Option(
            metavar="rest|soap|xml",
            help=N_("What its system speaks: JSON over HTTP, SOAP, or XML files in folders."),
        ),
    ],
    into: Annotated[
        Path, typer.Option(metavar="DIR", help=N_("Where the folder of the package is made."))
    ] = Path(),
) -> None:
    """Write the package and say what comes next."""
    desk = Desk.of(context)
    fault = unfit(name, Registry.load())
    if fault:
        raise CommandFault(fault)
    folder = into / distribution(name)
    if folder.exists():
        raise CommandFault(_("{files}: there already, and not overwritten", files=str(folder)))
    for path in write_new(folder, package_files(name, protocol)):
        desk.show(str(path))
    desk.say("")
    desk.say(_("Next:"))
    desk.say(f'  1. python -m pip install -e "{folder}[dev]"')
    desk.say("  2. dossier-bridge adapter list")
    desk.say(f'  3. python -m pytest "{folder}"')
    desk.say(_("Then replace what is marked REPLACE; README.md says in which order."))


def adapters(registry: Registry) -> list[dict[str, Any]]:
    """Return a record for every plug-in, the broken ones last."""
    entries = [
        _entry(registry, name, plugin.title, plugin.protocol)
        | {"capabilities": asdict(plugin.capabilities), "mappings": dict(plugin.mappings)}
        for name, plugin in sorted(registry.ministries.items())
    ]
    entries += [
        _entry(registry, name, plugin.title, "sql")
        for name, plugin in sorted(registry.onestops.items())
    ]
    return entries + [
        {
            "name": fault.name,
            "title": "",
            "protocol": "",
            "capabilities": {},
            "mappings": {},
            "source": str(fault.source),
            "state": "broken",
            "reason": fault.reason,
        }
        for fault in registry.faults
    ]


def _entry(registry: Registry, name: str, title: str, protocol: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "protocol": protocol,
        "capabilities": {},
        "mappings": {},
        "source": str(registry.sources[name]),
        "state": "ok",
        "reason": None,
    }


def _headings() -> list[str]:
    return [_("name"), _("protocol"), _("can"), _("mappings"), _("from"), _("state"), _("title")]


def _row(entry: dict[str, Any]) -> list[str]:
    can = entry["capabilities"]
    abilities = [_(word) for word in ABILITIES if can.get(word)]
    state = _("ok") if entry["state"] == "ok" else _("broken")
    mappings = ", ".join(entry["mappings"].values())
    return [
        entry["name"],
        entry["protocol"],
        ", ".join(abilities),
        mappings,
        entry["source"],
        state,
        entry["title"],
    ]
