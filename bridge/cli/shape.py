"""The shape all commands share: late import, common options on both sides, help in one's language.

Texts are marked with ``N_`` where a command is declared and translated here, when it is built:
once for each call, because the language is chosen by the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.i18n import N_, _

__all__ = ["DataVerb", "Family", "Late", "Ledger", "Root", "Verb", "dress", "label"]

_USAGE: Mapping[str, str] = {
    "[OPTIONS]": N_("[OPTIONS]"),
    "COMMAND [ARGS]...": N_("COMMAND [ARGS]..."),
}
"""What the first line of a help has in it besides the names of arguments."""


class Language(StrEnum):
    """A language we have."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Late:
    """A command that is imported when it is called: its module, and the line about it."""

    module: str
    summary: str


class Verb(TyperCommand):
    """A command: its help ends with an example."""

    prints_data: ClassVar[bool] = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help in the language spoken now."""
        _write_help(self, ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless it was asked for data it does not print."""
        if Desk.of(ctx).as_json and not self.prints_data:
            raise CommandFault(_("{command} has no --json", command=ctx.command_path))
        return super().invoke(ctx)


class DataVerb(Verb):
    """A command that prints data, and takes ``--json``."""

    prints_data = True


class Family(TyperGroup):
    """A command of commands: ``mapping check``, ``mapping try``."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help in the language spoken now."""
        _write_help(self, ctx, formatter)
        with formatter.section(_("Commands")):
            formatter.write_dl(self.summaries())

    def summaries(self) -> list[tuple[str, str]]:
        """Return each command with the line about it."""
        return [(name, _first_sentence(one.help)) for name, one in self.commands.items()]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command, or say which is near."""
        names = [name for name, _summary in self.summaries()]
        if args[0] not in names and not args[0].startswith("-"):
            from bridge.settings.problems import suggest

            raise CommandFault(
                _("there is no command {name}", name=f"{ctx.command_path} {args[0]}")
                + suggest(args[0], names)
            )
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; without any, the help is the answer."""
        return super().parse_args(ctx, args or ["--help"])


class Ledger(Family):
    """A command of commands that lists where none of them is named: ``dead`` is ``dead list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; options alone are those of ``list``."""
        names = {"--help", *self.commands}
        bare = all(one.startswith("-") for one in args[:1]) and names.isdisjoint(args)
        return super().parse_args(ctx, ["list", *args] if bare else args)


class Root(Family):
    """``dossier-bridge`` itself: knows its commands by name, imports the one that is called."""

    late: Mapping[str, Late] = {}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command and give it the common options."""
        del ctx
        if cmd_name not in self.late:
            return None
        module = import_module(self.late[cmd_name].module)
        command = typer.main.get_command(module.app)
        dress(command)
        return command

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, importing nothing."""
        del ctx
        return list(self.late)

    def summaries(self) -> list[tuple[str, str]]:
        """Return each command with the line about it, importing nothing."""
        return [(name, _(one.summary)) for name, one in self.late.items()]


def dress(command: Any) -> None:
    """Give a command, and those below it, the common options; translate what it says."""
    below = list(getattr(command, "commands", {}).values())
    command.params = [*command.params, *_common(with_json=_takes_json(command, below))]
    command.help = _(command.help or "")
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = _(text)
    for one in below:
        dress(one)


def _takes_json(command: Any, below: Sequence[Any]) -> bool:
    return isinstance(command, Root) or any(
        getattr(o, "prints_data", False) for o in [command, *below]
    )


def _common(*, with_json: bool) -> list[Any]:
    """Return the common options as click knows them, made by typer from a function."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(_shared if with_json else _shared_without_json)
    options = list(typer.main.get_command(app).params)
    for option in options:
        option.expose_value = False
    return options


def _keep(name: str) -> Callable[[typer.Context, Any], Any]:
    """Return a callback that keeps a given value at the desk, whichever side it stood on."""

    def keep(context: typer.Context, value: Any) -> Any:
        if value:
            setattr(Desk.of(context), name, value)
        return value

    return keep


_Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="PATH",
        callback=_keep("config"),
        help=N_("The configuration (default: DOSSIER_BRIDGE_CONFIG, then ./bridge.toml)."),
    ),
]
_Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        metavar="vi|en",
        callback=_keep("lang"),
        help=N_("The language of messages (default: the configuration's, then LANG)."),
    ),
]
_Json = Annotated[
    bool,
    typer.Option("--json", callback=_keep("as_json"), help=N_("Print one JSON document.")),
]


def _shared(*, config: _Config = None, lang: _Lang = None, json: _Json = False) -> None:
    """Take the options every command that prints data takes."""


def _shared_without_json(*, config: _Config = None, lang: _Lang = None) -> None:
    """Take the options every command takes."""


def _write_help(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = " ".join(_(_USAGE.get(one, "")) or one for one in command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces, prefix=_("Usage: "))
    formatter.write_paragraph()
    formatter.write_text(command.help or "")
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    if arguments:
        with formatter.section(_("Arguments")):
            formatter.write_dl([(label(p), p.help or "") for p in arguments])
    with formatter.section(_("Options")):
        formatter.write_dl([*_option_rows(command), ("--help", _("Show this text."))])
    if command.epilog:
        with formatter.section(_("Example")):
            for line in command.epilog.splitlines():
                formatter.write(f"  {line}\n")


def _option_rows(command: Any) -> list[tuple[str, str]]:
    rows = []
    for option in command.params:
        if option.param_type_name == "option" and not option.hidden:
            names = ", ".join([*option.opts, *option.secondary_opts])
            given = "" if option.is_flag else f" {label(option)}"
            rows.append((names + given, option.help or ""))
    return rows


def label(parameter: Any) -> str:
    """Return what help and errors call the value of a parameter."""
    return str(parameter.metavar or parameter.name.upper())


def _first_sentence(text: str | None) -> str:
    first, stop, _rest = (text or "").strip().partition(". ")
    return f"{first}." if stop else first
