"""How a command takes a person's decision: the account it was made from, the reason, the yes."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.i18n import N_, _

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.engine.people.decision import Decision

__all__ = ["NO_REASON", "Reason", "ReasonIfAny", "Yes", "account", "agreed", "decided"]

NO_REASON = N_("no reason was given")
"""The reason in the journal where a command takes one and needs none."""

Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        help=N_("Why: kept in the journal for ever, so without personal values."),
    ),
]
ReasonIfAny = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        show_default=False,
        help=N_("Why, if there is something to say: kept in the journal, without personal values."),
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=N_("Do it without asking."))]


def decided(reason: str) -> Decision:
    """Return the decision of whoever runs the command.

    Raises:
        CommandFault: the reason is empty.
    """
    from bridge.engine.people.decision import Decision

    words = " ".join(reason.split())
    if not words:
        raise CommandFault(_("a reason is needed: --reason TEXT"))
    return Decision(account(), words)


def account() -> str:
    """Return the name of the account the command is run from."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for the user's number, as in some containers
        return "?"


def agreed(desk: Desk, question: str, *, yes: bool) -> bool:
    """Tell whether what was shown is to be done: by ``--yes``, or said at the terminal.

    Where nobody can be asked nothing is done, and what to add is said.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        desk.say(_("nothing was done; add --yes to do it"))
        return False
    return typer.confirm(question, default=False, err=True)
