"""``link CODE SYSTEM REF``: a person says that a record over there is this dossier's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from bridge.cli.deciding import Reason, Yes, agreed, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.people import refusals_said
from bridge.cli.shape import Verb
from bridge.cli.telling import field_name, value_told
from bridge.engine.people import pairs
from bridge.engine.people.pairs import Compared
from bridge.i18n import N_, _
from bridge.store.links import OPEN

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "link",
    cls=Verb,
    help=N_(
        "Pair a dossier with a ministry's record by hand. The record is read and compared first, "
        "personal values masked. What waited to be filed is not filed as a second record: what "
        "differs goes to the one that is there."
    ),
    epilog="dossier-bridge link H40.05-261120-0001 gplx GPLX-26-0000017"
    ' --reason "the same person, compared on paper"',
)
def link(  # noqa: PLR0913 - the arguments of the command
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("The dossier's code."))],
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    ref: Annotated[str, typer.Argument(metavar="REF", help=N_("The record's number there."))],
    *,
    reason: Reason,
    yes: Yes = False,
) -> None:
    """Show the two side by side, and pair them."""
    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house, refusals_said():
        [ministry] = systems_named(house, [system])
        proposal = pairs.propose(house.house, ministry, code, ref)
        if proposal.there:
            desk.say(_("{code} is paired with {ref} already", code=code, ref=ref))
            return
        _show(desk, system, proposal.fields)
        if not agreed(desk, _("Pair {code} with {ref}?", code=code, ref=ref), yes=yes):
            raise typer.Exit(ExitCode.ATTENTION)
        done = pairs.pair(house.house, proposal, decision)
    if done.state == OPEN:
        desk.say(_("{code} is paired with {ref}; what differs goes its way", code=code, ref=ref))
        return
    desk.say(
        _(
            "{code} is paired with {ref}; the record could not be taken in yet, and will be: "
            "see dossier-bridge dossier {code}",
            code=code,
            ref=ref,
        )
    )
    raise typer.Exit(ExitCode.ATTENTION)


def _show(desk: Desk, system: str, fields: tuple[Compared, ...]) -> None:
    if not fields:
        return
    heads = [_("field"), _("one-stop"), system, ""]
    for line in columns([heads, *_rows(fields)]):
        desk.show(line)
    if any(one.path == "applicant.id_number" and one.ours != one.theirs for one in fields):
        desk.say(_("take care: the person's number is not the same on both sides"))


def _rows(fields: tuple[Compared, ...]) -> Iterator[list[str]]:
    for one in fields:
        same = _("the same") if one.ours == one.theirs else _("differs")
        values = [value_told(one.path, side, with_values=False) for side in (one.ours, one.theirs)]
        yield [field_name(one.path), *values, same]
