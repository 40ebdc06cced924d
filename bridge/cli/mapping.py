"""``mapping check``, ``mapping try``, ``mapping docs``: the mapping files, for those who write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge.bootstrap import clock
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.mappings import examine, find, open_lens
from bridge.cli.shape import DataVerb, Family, Verb
from bridge.i18n import N_, _, language, of_system
from bridge.mapping import (
    Lens,
    Line,
    Lists,
    MappingErrors,
    Reason,
    document,
    explain_lift,
    explain_lower,
    list_file,
)
from bridge.mapping.times import VIETNAM
from bridge.sdk import flatten
from bridge.sdk.registry import Registry

MASK = "•••"
LISTS = frozenset({"documents", "supplements", "progress"})
"""Paths whose rows may name a person: file names, notes, the words of a request."""

app = typer.Typer(
    cls=Family,
    add_completion=False,
    rich_markup_mode=None,
    help=N_("Check, try and document mapping files."),
    epilog="dossier-bridge mapping check gplx/licence",
)


class Direction(StrEnum):
    """Which way a record goes through a mapping."""

    IN = "in"
    OUT = "out"


_File = Annotated[
    str, typer.Argument(metavar="FILE", help=N_("A mapping file, or a name like gplx/licence."))
]


@app.command(
    "check",
    cls=DataVerb,
    help=N_(
        "Compile mapping files and check their laws, coverage and examples; without FILE, all "
        "that are installed. Ends with 1 when something is found."
    ),
    epilog="dossier-bridge mapping check mappings/gplx/licence.v2.yaml",
)
def check_files(
    context: typer.Context,
    file: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help=N_("Mapping files, or names like gplx/licence.")),
    ] = None,
) -> None:
    """Say for each file whether it holds, and all that is wrong."""
    desk = Desk.of(context)
    registry = Registry.load()
    looked = [examine(find(name, registry), registry) for name in file or sorted(registry.mappings)]
    if desk.as_json:
        entries = [
            {"file": str(o.file), "name": o.mapping, "ok": o.ok, "findings": list(o.findings)}
            for o in looked
        ]
        desk.answer({"mappings": entries})
    else:
        for one in looked:
            desk.show(f"{_('ok') if one.ok else _('FAILED')}  {one.mapping or one.file}")
            for finding in one.findings:
                desk.show(f"    {finding}")
    raise typer.Exit(ExitCode.DONE if all(one.ok for one in looked) else ExitCode.ATTENTION)


@app.command(
    "try",
    cls=DataVerb,
    help=N_(
        "Put one record through a mapping, rule by rule. A record of the ministry goes in, one of "
        "ours (canonical paths) out. Personal values are masked."
    ),
    epilog="dossier-bridge mapping try gplx/licence --record HoSo.json --direction in",
)
def try_record(  # noqa: PLR0913 - what a command line may say
    context: typer.Context,
    file: _File,
    *,
    record: Annotated[
        Path, typer.Option("--record", metavar="FILE", help=N_("The record, as JSON."))
    ],
    direction: Annotated[
        Direction, typer.Option("--direction", metavar="in|out", help=N_("Which way (default in)."))
    ] = Direction.IN,
    code_list: Annotated[
        list[Path] | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help=N_(
                "A code list, as CSV (code,name,valid_from,valid_until); its name is the file's."
            ),
        ),
    ] = None,
    with_values: Annotated[
        bool, typer.Option("--with-values", help=N_("Show personal values too."))
    ] = False,
) -> None:
    """Show what each rule made of the record; ends with 1 when a rule refused."""
    desk = Desk.of(context)
    lens = _lens(desk, file)
    lists = _lists(desk, code_list or [])
    lines = _explain(lens, _record(record), direction, lists, with_values=with_values)
    rows = [_row(line, with_values=with_values) for line in lines]
    if desk.as_json:
        desk.answer({"mapping": lens.name, "direction": direction.value, "rules": rows})
    else:
        heads = [_("line"), _("ours"), _("theirs"), _("given"), "", _("made")]
        for text in columns([heads, *map(_cells, rows)]):
            desk.show(text)
    refused = any(row["error"] for row in rows)
    raise typer.Exit(ExitCode.ATTENTION if refused else ExitCode.DONE)


@app.command(
    "docs",
    cls=Verb,
    help=N_("Print a mapping as a table for people (Markdown)."),
    epilog="dossier-bridge mapping docs gplx/licence --lang vi > gplx.md",
)
def write_docs(context: typer.Context, file: _File) -> None:
    """Print the table in the language spoken now."""
    desk = Desk.of(context)
    desk.show(document(_lens(desk, file), language()))


def _lens(desk: Desk, given: str) -> Lens:
    try:
        return open_lens(find(given, Registry.load()))
    except MappingErrors as errors:
        raise _wrong(desk, errors) from None


def _record(path: Path) -> dict[str, Any]:
    """Read one JSON object; a complaint names the place, never the text."""
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        detail = of_system(error)
        raise CommandFault(_("{file} can't be read: {detail}", file=path, detail=detail)) from None
    except UnicodeDecodeError:
        raise CommandFault(_("{file} is not UTF-8 text", file=path)) from None
    except json.JSONDecodeError as error:
        raise CommandFault(
            _(
                "{file}:{line}: not valid JSON ({detail})",
                file=path,
                line=error.lineno,
                detail=error.msg,
            )
        ) from None
    if not isinstance(found, dict):
        raise CommandFault(_("{file}: expected one JSON object", file=path))
    return found


def _lists(desk: Desk, files: list[Path]) -> Lists:
    """Read code lists; a record that says no day is looked up by today's."""
    try:
        tables = {path.stem: list_file(path) for path in files}
    except MappingErrors as errors:
        raise _wrong(desk, errors) from None
    return Lists(tables, clock().astimezone(VIETNAM).date())


def _wrong(desk: Desk, errors: MappingErrors) -> typer.Exit:
    for problem in errors.problems:
        desk.say(str(problem))
    return typer.Exit(ExitCode.WRONG)


def _explain(
    lens: Lens, record: dict[str, Any], direction: Direction, lists: Lists, *, with_values: bool
) -> Iterator[Line]:
    if direction is Direction.IN:
        return explain_lift(lens, record, lists, discreet=not with_values)
    return explain_lower(lens, dict(flatten(record)), lists, discreet=not with_values)


def _row(line: Line, *, with_values: bool) -> dict[str, Any]:
    """Return a rule's line for reading; what may name a person is masked."""
    masked = not with_values and (line.personal or line.ours in LISTS)
    return {
        "rule": line.rule,
        "line": line.line,
        "ours": line.ours,
        "theirs": line.theirs,
        "from": MASK if masked and line.given is not None else line.given,
        "to": MASK if masked and line.made is not None else line.made,
        "error": line.error and _told(line.error),
    }


def _told(reason: Reason) -> str:
    return reason.text_vi if language() == "vi" else reason.text


def _cells(row: dict[str, Any]) -> list[str]:
    outcome = f"✗ {row['error']}" if row["error"] else _text(row["to"])
    return [f"{row['line']}", row["ours"] or "-", row["theirs"], _text(row["from"]), "→", outcome]


def _text(value: Any) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=False, default=str).strip('"')
