"""``conflicts``: what both sides changed and only a person may decide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.deciding import Number, OfSystems, Reason, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import ExitCode
from bridge.cli.house import opened, places_named
from bridge.cli.people import carried_on, refusals_said
from bridge.cli.shape import DataVerb, Ledger
from bridge.cli.telling import field_name, local, place, value_told, word
from bridge.domain.dossier import is_open
from bridge.domain.notices import MASK
from bridge.i18n import N_, _, spoken

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.engine.people.asked import Question

SHOWN_MOST = 3
"""So many records of a question are named in a table; of more all are, below it."""

app = typer.Typer(
    cls=Ledger,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Show and decide what both sides changed, and only a person may decide."),
    epilog=(
        "dossier-bridge conflicts\n"
        'dossier-bridge conflicts resolve 3 --take onestop --reason "checked with the citizen"'
    ),
)


@app.command(
    "list",
    cls=DataVerb,
    help=N_(
        "List the open conflicts. Personal values are masked unless --with-values, and reading them "
        "is journalled. Ends with 1 when there is one."
    ),
    epilog="dossier-bridge conflicts list --system gplx --with-values",
)
def show_conflicts(
    context: typer.Context,
    *,
    system: OfSystems = None,
    with_values: Annotated[
        bool, typer.Option("--with-values", help=N_("Show personal values too."))
    ] = False,
) -> None:
    """Read the conflicts and report them."""
    from bridge.engine.people.asked import questions
    from bridge.engine.people.conflicts import conflicts, values_read

    desk = Desk.of(context)
    with opened(desk) as house:
        found = conflicts(house.house, places_named(house, system or []))
        asked = questions(found)
        zone, on = house.house.zone, frozenset(house.house.ministries)
        if with_values:
            values_read(house.house, decided("conflicts list --with-values"), found)
    if desk.as_json:
        desk.answer({"conflicts": [as_json(one, on, with_values=with_values) for one in asked]})
    elif asked:
        _show(desk, asked, zone, on, with_values=with_values)
    else:
        desk.show(_("no conflicts"))
    if found:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "resolve",
    cls=DataVerb,
    help=N_(
        "Decide a conflict: take the one-stop's value, the ministry's, or another value for both "
        "sides. A status moves only as the law allows."
    ),
    epilog=(
        'dossier-bridge conflicts resolve 3 --take ministry --reason "the ministry was right"\n'
        'dossier-bridge conflicts resolve 4 --take 20/11/1988 --reason "as in the identity card"\n'
        'dossier-bridge conflicts resolve 5 --take none --reason "compared with the paper files"\n'
        "dossier-bridge conflicts resolve 6 --take onestop --record GPLX-26-0000017 --reason "
        '"filed there twice, says the office"'
    ),
)
def resolve_conflict(
    context: typer.Context,
    conflict: Number,
    *,
    take: Annotated[
        str,
        typer.Option(
            "--take",
            metavar="onestop|ministry|none|VALUE",
            help=N_(
                "Whose value stands, or another one; none: no record that is asked about with it is the "
                "dossier."
            ),
        ),
    ],
    record: Annotated[
        str | None,
        typer.Option(
            "--record",
            metavar="NUMBER",
            help=N_("Which record is meant, where the conflict asks about several."),
        ),
    ] = None,
    reason: Reason,
) -> None:
    """Decide it, carry the decision on, and say what it does."""
    from bridge.engine.people.conflicts import resolve

    desk = Desk.of(context)
    decision = decided(reason)
    with opened(desk) as house, refusals_said():
        done = resolve(house.house, decision, conflict, take, record)
        if desk.as_json:
            desk.answer(
                {
                    "id": done.id,
                    "code": done.code,
                    "system": done.system,
                    "field": done.field,
                    "does": spoken(done.does),
                }
            )
        else:
            what = f"{done.id}  {done.code}  {done.system}  {_name(done.field)}"
            desk.show(f"{what}: {spoken(done.does)}")
        carried_on(desk, house, done.system)


def as_json(asked: Question, on: Collection[str], *, with_values: bool) -> dict[str, Any]:
    """Return a conflict with the keys of contracts/cli.md, why it is one, and if its system is on.

    ``records`` are the numbers of all the records that are asked about with it, ``since`` is of the first.
    """
    one = asked.conflict
    hidden = not (with_values or is_open(one.field, one.onestop, one.ministry))
    return {
        "id": one.id,
        "code": one.code,
        "system": one.system,
        "field": one.field,
        "why": one.why,
        "onestop": MASK if hidden and one.onestop is not None else one.onestop,
        "ministry": MASK if hidden and one.ministry is not None else one.ministry,
        "since": asked.since.isoformat(),
        "enabled": one.system in on,
        "records": list(asked.records),
    }


def _show(
    desk: Desk,
    found: Sequence[Question],
    zone: tzinfo,
    on: Collection[str],
    *,
    with_values: bool,
) -> None:
    heads = [
        _("id"),
        _("dossier"),
        _("system"),
        _("since"),
        _("field"),
        _("one-stop"),
        _("ministry"),
        _("why"),
    ]
    rows = [
        [
            str(one.id),
            one.code,
            place(one.system, enabled=one.system in on),
            local(asked.since, zone),
            _about(asked),
            value_told(one.field, one.onestop, with_values=with_values),
            value_told(one.field, one.ministry, with_values=with_values),
            word(one.why),
        ]
        for asked, one in ((asked, asked.conflict) for asked in found)
    ]
    for line in columns([heads, *rows]):
        desk.show(line)
    for asked in found:
        if len(asked.records) > SHOWN_MOST:
            desk.show(f"{asked.conflict.id}: {', '.join(asked.records)}")


def _about(asked: Question) -> str:
    """Return the subject of a question; of many records the first few, and how many more."""
    if not asked.records:
        return _name(asked.conflict.field)
    head, more = asked.records[:SHOWN_MOST], len(asked.records) - SHOWN_MOST
    name = f"{field_name(asked.conflict.field.partition(':')[0])} {', '.join(head)}"
    return _("{records} and {n} more", records=name, n=more) if more > 0 else name


def _name(field: str) -> str:
    """Return what the reader calls a conflict's subject; of a pair, with the number of it."""
    name, colon, ref = field.partition(":")
    return f"{field_name(name)} {ref}" if colon else field_name(name)
