"""``adapter list``: what is installed, what it can do, and what is broken."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.shape import DataVerb, Family
from bridge.i18n import N_, _
from bridge.sdk.registry import Registry

app = typer.Typer(
    cls=Family,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("List the adapters that are installed."),
    epilog="dossier-bridge adapter list",
)


@app.callback()
def family() -> None:
    """Make ``adapter`` a family even while it has one command."""


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
