"""``db``: the bridge's own tables, and the key that is theirs."""

from __future__ import annotations

import typer

from bridge.cli.deciding import Reason, Yes, agreed, decided
from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.cli.shape import DataVerb, Family
from bridge.i18n import N_, _
from bridge.store import revision_status, upgrade

app = typer.Typer(
    cls=Family,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Upgrade the bridge's own tables, show where they stand, or give them another key."),
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


@app.command(
    "accept-key",
    cls=DataVerb,
    help=N_(
        "Go on with the key that lies beside the store, or with a new one where none does: for a key "
        "that is lost, or that a stranger may have read. All addresses of papers that were given end, "
        "and what waits for its dossier is marked anew. Stop every bridge on this store before."
    ),
    epilog='dossier-bridge db accept-key --reason "the disk of the old machine is lost"',
)
def accept_key(context: typer.Context, *, reason: Reason, yes: Yes = False) -> None:
    """Have the store's marks made with the key that is there now."""
    from bridge.cli.house import opened
    from bridge.engine import mark_key

    desk = Desk.of(context)
    decision = decided(reason)
    question = _("All addresses of papers that were given end. Go on with another key?")
    if not agreed(desk, question, yes=yes):
        raise typer.Exit(ExitCode.ATTENTION)
    with opened(desk, accept_key=True) as house:
        anew = mark_key.accept(house.house, decision)
    if desk.as_json:
        desk.answer({"marked": anew.marked, "again": anew.again})
        return
    desk.show(
        _(
            "records marked anew: {marked}; worked once more, for they can't be read now: {again}",
            marked=anew.marked,
            again=anew.again,
        )
    )
