"""``audit verify`` and ``audit anchor``: the journal proved whole, and its end written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bridge.audit import (
    Anchor,
    BadAnchor,
    Break,
    Kind,
    Ledger,
    Unreadable,
    Verdict,
    anchor_of,
    anchors_in,
    audit,
)
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.shape import DataVerb, Family
from bridge.i18n import N_, _

app = typer.Typer(
    cls=Family,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Prove the journal whole, or write its end down for later."),
    epilog="dossier-bridge audit verify",
)

SHOWN_MOST = 20

_DEEDS: Mapping[Kind, str] = {
    Kind.CHANGED: N_("entry {at}: changed after it was written"),
    Kind.HASH: N_("entry {at}: its hash was changed, nothing else of it"),
    Kind.PREVIOUS: N_("entry {at}: its hash of the entry before was changed, nothing else of it"),
    Kind.REMOVED: N_("entry {at}: removed"),
    Kind.RENUMBERED: N_("entry {at}: left out by renumbering; none is missing"),
    Kind.INSERTED: N_("entry {at}: inserted"),
    Kind.SWAPPED: N_("entries {first} and {last}: they have changed places"),
    Kind.SEAM: N_(
        "entries {first} and {last}: the second does not follow on the first; the first was "
        "written anew with its hash, or entries between them were removed and the rest "
        "renumbered, or the second was added"
    ),
    Kind.HEADLESS: N_(
        "entry {at}: it is not the first that was written; the beginning was removed, or something "
        "was put before it, and the rest renumbered"
    ),
    Kind.REPLACED: N_("entry {at}: another one was put in its place"),
    Kind.CUT_OFF: N_("entry {at}: cut off from the end"),
    Kind.OTHER: N_(
        "entry {at}: not as the anchor kept of it says; the journal was written anew from some "
        "entry up to this one on"
    ),
}


@app.command(
    "verify",
    cls=DataVerb,
    help=N_(
        "Recompute the journal's hash chain, by a way of its own. Ends with 1 when an entry was "
        "changed, removed or inserted, and names it. That the end was cut off only anchors show."
    ),
    epilog="dossier-bridge audit verify\ndossier-bridge audit verify --anchors /var/log/bridge.log",
)
def verify(
    context: typer.Context,
    *,
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            "--anchor", metavar="N:HASH", help=N_("What audit anchor printed before; repeatable.")
        ),
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            "--anchors",
            metavar="FILE",
            help=N_("A file with anchors in it, whatever else it holds: the daemon's log."),
        ),
    ] = None,
) -> None:
    """Go through the whole journal and say what does not hold."""
    desk = Desk.of(context)
    known = _known(anchor or [], anchors)
    with _ledger(desk) as ledger:
        last = ledger.head().n
        with _progress(last) as told:
            verdict = audit(ledger.rows(last), known, told)
    if desk.as_json:
        desk.answer(as_json(verdict, len(known)))
    else:
        _show(desk, verdict, len(known))
    if not verdict.ok:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command(
    "anchor",
    cls=DataVerb,
    help=N_(
        "Print the number and hash of the journal's last entry. Keep it where nobody who can "
        "write the database can: later, audit verify proves by it that nothing was cut off."
    ),
    epilog="dossier-bridge audit anchor >> /mnt/write-once/anchors",
)
def anchor(context: typer.Context) -> None:
    """Print the end of the chain."""
    desk = Desk.of(context)
    with _ledger(desk) as ledger:
        head = ledger.head()
    if desk.as_json:
        desk.answer({"n": head.n, "hash": head.hash})
    else:
        desk.show(str(head))


def as_json(verdict: Verdict, anchors: int) -> dict[str, Any]:
    """Return the verdict with the keys of contracts/cli.md, and what each break is."""
    return {
        "entries": verdict.entries,
        "ok": verdict.ok,
        "first_broken": verdict.first_broken,
        "broken": verdict.broken,
        "breaks": [
            {"n": one.n, "kind": one.kind.value, "first": one.first, "last": one.last}
            for one in verdict.breaks
        ],
        "anchors": anchors,
        "head": {"n": verdict.head.n, "hash": verdict.head.hash},
    }


def _known(given: Sequence[str], file: Path | None) -> set[Anchor]:
    """Read the anchors; a file without any is a fault, for it would prove nothing in silence."""
    try:
        known = {anchor_of(one) for one in given}
    except BadAnchor as bad:
        raise CommandFault(
            _("--anchor {text}: expected N:HASH, as audit anchor prints it", text=bad)
        ) from None
    if file is not None:
        with file.open(encoding="utf-8", errors="replace") as lines:
            found = set(anchors_in(lines))
        if not found:
            raise CommandFault(_("{file}: there is no anchor in it", file=file))
        known |= found
    return known


@contextmanager
def _ledger(desk: Desk) -> Iterator[Ledger]:
    try:
        yield Ledger(desk.settings().store.url)
    except Unreadable as fault:
        raise CommandFault(
            _("the bridge's database: {reason}", reason=fault), ExitCode.UNREACHABLE
        ) from None


@contextmanager
def _progress(entries: int) -> Iterator[Any]:
    """Show a bar on a terminal; elsewhere nothing, for the answer says it all."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(_("entries"), total=entries)
        yield lambda done: progress.update(task, completed=done)


def _show(desk: Desk, verdict: Verdict, anchors: int) -> None:
    for one in verdict.breaks[:SHOWN_MOST]:
        desk.show(deed(one))
    if verdict.broken > SHOWN_MOST:
        desk.show(_("and {count} more", count=verdict.broken - SHOWN_MOST))
    if not verdict.ok:
        desk.show(
            _(
                "the journal was tampered with: {broken} places in {entries} entries; keep a copy "
                "of the database as it is, and compare with a backup",
                broken=verdict.broken,
                entries=verdict.entries,
            )
        )
        return
    desk.show(_("the journal is whole: {entries} entries", entries=verdict.entries))
    if anchors:
        desk.show(_("anchors that hold: {count}", count=anchors))
    else:
        desk.show(_("whether its end was cut off only an anchor can tell (audit anchor)"))
    desk.show(_("anchor of its end: {anchor}", anchor=verdict.head))


def deed(one: Break) -> str:
    """Return in a sentence what was done to the journal there."""
    at = (
        str(one.n) if one.first == one.last or one.kind is Kind.OTHER else f"{one.first}–{one.last}"
    )
    return _(_DEEDS[one.kind], at=at, first=one.first, last=one.last)
