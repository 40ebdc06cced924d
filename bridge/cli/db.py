"""``db upgrade`` and ``db status``: the bridge's own tables."""

from __future__ import annotations

import typer

from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.cli.shape import DataVerb, Family
from bridge.i18n import N_, _
from bridge.store import revision_status, upgrade

app = typer.Typer(
    cls=Family,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Upgrade the bridge's own tables, or show where they stand."),
    epilog="dossier-bridge db status",
)


@app.command(
    "upgrade",
    cls=DataVerb,
    help=N_("Bring the bridge's own tables to this release. The daemon does it by itself."),
    epilog="dossier-bridge db upgrade --config /etc/dossier-bridge/bridge.toml",
)
def upgrade_tables(context: typer.Context) -> None:
    """Apply the missing revisions and name them."""
    desk = Desk.of(context)
    applied = upgrade(desk.settings().store.url)
    if desk.as_json:
        desk.answer({"applied": applied})
    elif applied:
        desk.show(_("applied: {revisions}", revisions=", ".join(applied)))
    else:
        desk.show(_("nothing to do: the tables are those of this release"))


@app.command(
    "status",
    cls=DataVerb,
    help=N_("Show the revision of the bridge's own tables. Ends with 1 when some are missing."),
    epilog="dossier-bridge db status --json",
)
def show_status(context: typer.Context) -> None:
    """Compare the revision there with the one of this release."""
    desk = Desk.of(context)
    status = revision_status(desk.settings().store.url)
    if desk.as_json:
        desk.answer({"current": status.current, "head": status.head, "behind": list(status.behind)})
    else:
        desk.show(_("there: {revision}", revision=status.current or _("none")))
        desk.show(_("this release: {revision}", revision=status.head))
    if status.behind:
        desk.say(
            _(
                "behind by {revisions}; run: dossier-bridge db upgrade",
                revisions=", ".join(status.behind),
            )
        )
        raise typer.Exit(ExitCode.ATTENTION)
