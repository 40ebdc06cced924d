"""How a command takes a person's decision: about which, from which account, the reason, the yes."""

from __future__ import annotations

import getpass
import sys
import unicodedata
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.i18n import N_, _

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.engine.people.decision import Decision

__all__ = [
    "MOST_NUMBER",
    "NO_REASON",
    "Number",
    "OfSystems",
    "Reason",
    "ReasonIfAny",
    "ReasonToAct",
    "Yes",
    "account",
    "agreed",
    "asked_at_a_terminal",
    "decided",
]

_YES = frozenset({"y", "yes", "c", "có"})
"""What says yes at a terminal, whatever its language; anything else says no."""

NO_REASON = N_("no reason was given")
"""The reason in the journal where a command takes one and needs none."""

_WHY = typer.Option(
    "--reason",
    metavar="TEXT",
    help=N_("Why: kept in the journal for ever, so without personal values."),
)
Reason = Annotated[str, _WHY]
ReasonToAct = Annotated[str | None, _WHY]
"""Without it the command only shows what it would do."""

ReasonIfAny = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        show_default=False,
        help=N_("Why, if there is something to say: kept in the journal, without personal values."),
    ),
]
MOST_NUMBER = 2**63 - 1
"""The largest number a database gives a row: a larger one can't be asked for."""

Number = Annotated[
    int,
    typer.Argument(
        metavar="ID", help=N_("Its number in the list."), show_default=False, max=MOST_NUMBER
    ),
]
OfSystems = Annotated[
    list[str] | None,
    typer.Option("--system", metavar="SYSTEM", help=N_("Only this system; repeatable.")),
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


def asked_at_a_terminal() -> bool:
    """Tell whether a person sits at a terminal and can be asked."""
    return sys.stdin.isatty()


def agreed(desk: Desk, question: str, *, yes: bool) -> bool:
    """Tell whether what was shown is to be done: by ``--yes``, or said at the terminal.

    Where nobody can be asked nothing is done, and what to add is said.
    """
    if yes:
        return True
    if not asked_at_a_terminal():
        desk.say(_("nothing was done; add --yes to do it"))
        return False
    sys.stderr.write(_("{question} [y/N]: ", question=question))
    sys.stderr.flush()
    said = unicodedata.normalize("NFC", sys.stdin.readline()).strip().casefold()
    if said in _YES:
        return True
    desk.say(_("nothing was done"))
    return False
