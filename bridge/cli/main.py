"""Where ``dossier-bridge`` begins and ends: language, commands by name, and every way to fail.

Command modules are imported when they are called, so ``--help`` answers in a blink. Nothing leaves
here as a traceback: what went wrong is said in a line, with what to do.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge import heap
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.shape import Late, Root, dress, label
from bridge.i18n import N_, _, choose, use
from bridge.lines import ensure_stderr, let_stderr_go

__all__ = ["COMMANDS", "main"]

PROGRAM = "dossier-bridge"

COMMANDS: Mapping[str, Late] = {
    "demo": Late("bridge.cli.demo", N_("Play the whole journey on this machine.")),
    "init": Late("bridge.cli.init", N_("Write a configuration, every setting explained.")),
    "check": Late("bridge.cli.check", N_("Check configuration, mappings, databases, systems.")),
    "run": Late("bridge.cli.run", N_("Run the daemon until SIGTERM.")),
    "sync": Late("bridge.cli.sync", N_("Run one full round now, then end.")),
    "status": Late("bridge.cli.status", N_("Show where each system stands.")),
    "dossier": Late("bridge.cli.dossier", N_("Tell the whole story of a dossier.")),
    "reconcile": Late(
        "bridge.cli.reconcile", N_("Compare both sides, and have repaired what differs.")
    ),
    "doubt": Late(
        "bridge.cli.doubt", N_("Show, ask about and settle what nobody knows the fate of.")
    ),
    "dead": Late("bridge.cli.dead", N_("Show, send again or drop what was refused or given up.")),
    "conflicts": Late("bridge.cli.conflicts", N_("Show and decide what both sides changed.")),
    "digest": Late(
        "bridge.cli.digest",
        N_("Show, or send, the daily mail to each office: what its clerks must mend."),
    ),
    "audit": Late("bridge.cli.audit", N_("Prove the journal whole, or write its end down.")),
    "pause": Late("bridge.cli.pause", N_("Make no call to a system until it is resumed.")),
    "resume": Late("bridge.cli.resume", N_("Let a system run again that is paused or held.")),
    "push": Late("bridge.cli.push", N_("Take one dossier to its systems now.")),
    "link": Late("bridge.cli.link", N_("Pair a dossier with a ministry's record by hand.")),
    "unlink": Late("bridge.cli.unlink", N_("Part a dossier from a ministry's record by hand.")),
    "onboard": Late("bridge.cli.onboard", N_("Let a system in, a stage at a time.")),
    "retire": Late(
        "bridge.cli.retire", N_("Bring a system to its end whose service has changed hands.")
    ),
    "match": Late(
        "bridge.cli.match", N_("Pair dossiers and records that were keyed by hand in both places.")
    ),
    "lists": Late("bridge.cli.lists", N_("Show the code lists of systems, or accept a short one.")),
    "quarantine": Late(
        "bridge.cli.quarantine", N_("Show the records that were set aside, or release them.")
    ),
    "mapping": Late("bridge.cli.mapping", N_("Check, try and document mapping files.")),
    "adapter": Late(
        "bridge.cli.adapter", N_("List the adapters that are installed, or begin a new one.")
    ),
    "db": Late(
        "bridge.cli.db",
        N_("Upgrade the bridge's own tables, show where they stand, or give them another key."),
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code (contracts/cli.md); prints, never raises."""
    if arguments is None and "run" in sys.argv[1:]:
        heap.begin_anew()
    heap.look_seldom()
    given = list(sys.argv[1:] if arguments is None else arguments)
    desk = Desk(os.environ)
    ensure_stderr()
    use(_language(given, os.environ))
    try:
        code = _run(given, desk)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # whoever read us has gone: point stdout elsewhere, or Python complains at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.ATTENTION
    finally:
        let_stderr_go()
    return code


def _run(given: list[str], desk: Desk) -> int:
    try:
        outcome = _root().main(given, prog_name=PROGRAM, standalone_mode=False, obj=desk)
    except CommandFault as fault:
        desk.say(fault.text)
        return fault.code
    except typer.TyperException as error:
        desk.say(_usage_fault(error))
        return ExitCode.WRONG
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except (KeyboardInterrupt, BrokenPipeError, SystemExit):
        raise
    except Exception as error:  # noqa: BLE001 - the outermost handler: never a traceback
        from bridge.cli.failure import explain_failure

        return explain_failure(error, desk)
    return outcome if isinstance(outcome, int) else ExitCode.DONE


def _root() -> Any:
    app = typer.Typer(cls=Root, add_completion=False, rich_markup_mode=None)
    help_text = N_("Keeps dossiers of a one-stop centre and of ministry systems in step.")
    epilog = "dossier-bridge init my-bridge\ndossier-bridge check --config my-bridge/bridge.toml"
    app.callback(help=help_text, epilog=epilog)(_version_option)
    root = typer.main.get_command(app)
    if isinstance(root, Root):
        root.late = COMMANDS
    dress(root)
    return root


def _show_version(asked: bool) -> None:  # noqa: FBT001 - typer's callback
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"{PROGRAM} {version(PROGRAM)}\n")
        raise typer.Exit


def _version_option(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help=N_("Show the version.")
        ),
    ] = False,
) -> None:
    """Take the options before the command."""


def _language(given: Sequence[str], environment: Mapping[str, str]) -> str:
    """Choose the language before anything is parsed: help and errors are said in it too."""
    configured = environment.get("DOSSIER_BRIDGE__LOCALE")
    path = _option(given, "--config") or environment.get("DOSSIER_BRIDGE_CONFIG") or "bridge.toml"
    return choose(_option(given, "--lang"), configured or _locale_in(Path(path)), environment)


def _option(given: Sequence[str], name: str) -> str | None:
    for position, word in enumerate(given):
        if word == name and position + 1 < len(given):
            return given[position + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def _locale_in(path: Path) -> str | None:
    """Return the locale a configuration names; a broken one is complained of later."""
    file = path / "bridge.toml" if path.is_dir() else path
    try:
        locale = tomllib.loads(file.read_bytes().decode("utf-8-sig")).get("locale")
    except (OSError, ValueError):
        return None
    # a configuration without the key has its default
    return locale if isinstance(locale, str) else "vi"


def _usage_fault(error: typer.TyperException) -> str:
    """Say what is wrong with the command line, in the language spoken now."""
    parameter = getattr(error, "param", None)
    name = ""
    if parameter is not None:
        is_option = parameter.param_type_name == "option"
        name = parameter.opts[0] if is_option else label(parameter)
    match type(error).__name__:
        case "NoSuchOption":
            text = _("there is no option {name}", name=getattr(error, "option_name", ""))
            near = getattr(error, "possibilities", None)
            text += _('; did you mean "{name}"?', name=", ".join(near)) if near else ""
        case "MissingParameter":
            text = _("{name} is missing", name=name)
        case "BadParameter":
            detail = _wanted(error, parameter)
            text = _("{name}: not a value it takes ({detail})", name=name, detail=detail)
        case "BadOptionUsage":
            sentence = N_("{name} takes no value")
            if "requires" in error.format_message():
                sentence = N_("{name} needs a value behind it")
            text = _(sentence, name=getattr(error, "option_name", ""))
        case "UsageError" if "extra argument" in error.format_message():
            text = _("more words than it takes: {words}", words=_surplus(error))
        case _:
            text = error.format_message()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else PROGRAM
    return f"{text}\n" + _("See: {command} --help", command=command)


def _surplus(error: typer.TyperException) -> str:
    """Return the words a command has no use for, as typer names them."""
    return error.format_message().rpartition(" (")[2].removesuffix(")")


def _wanted(error: typer.TyperException, parameter: Any) -> str:
    """Say what a parameter takes, in the language spoken now; else what typer says."""
    from pydantic import ValidationError

    from bridge.settings.explain import expected

    found = error.__cause__ or error.__context__
    if isinstance(found, ValidationError):
        [first, *_rest] = found.errors(include_url=False, include_input=False)
        # what stands for a value is in capitals, words to choose from are as they are typed
        if first["type"] == "value_error" and not (choices := label(parameter)).isupper():
            return _("expected one of {expected}", expected=choices)
        return expected(first)
    return error.format_message()
