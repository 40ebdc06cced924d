"""Turns what escaped a command into words and an exit code.

Faults of the configuration, of a database, of a system are known and said as they are. Anything
else is ours: a line with an error id, and the places of the frames (no values) in a file beside it.
"""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.i18n import _, of_system, spoken
from bridge.mapping import MappingErrors
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.registry import UnknownPlugin
from bridge.settings import ConfigurationFault, locate
from bridge.store import StoreFault

__all__ = ["explain_failure"]

DEBUG_VARIABLE = "DOSSIER_BRIDGE_DEBUG"


def explain_failure(error: Exception, desk: Desk) -> ExitCode:
    """Say what happened on stderr and return how the command ends."""
    match error:
        case ConfigurationFault() | MappingErrors():
            lines, code = [str(problem) for problem in error.problems], ExitCode.WRONG
        case UnknownPlugin():
            lines, code = [str(error)], ExitCode.WRONG
        case StoreFault():
            lines = [
                _("the bridge's database: {reason}", reason=error),
                _("look closer with: dossier-bridge check"),
            ]
            code = ExitCode.UNREACHABLE
        case OneStopFault():
            file = locate(desk.config, desk.environment)
            lines = [
                _(
                    "the one-stop database ({file}, onestop.url): {reason}",
                    file=file,
                    reason=spoken(error.reason),
                ),
                _("look closer with: dossier-bridge check"),
            ]
            code = ExitCode.UNREACHABLE
        case OSError() if error.filename is not None:
            detail = of_system(error)
            lines = [_("{file} can't be used: {detail}", file=error.filename, detail=detail)]
            code = ExitCode.UNREACHABLE
        case AdapterError():
            lines, code = [spoken(error.reason)], ExitCode.UNREACHABLE
        case _:
            return _unexpected(error, desk)
    for line in lines:
        desk.say(line)
    return code


def _unexpected(error: Exception, desk: Desk) -> ExitCode:
    error_id = uuid4().hex[:8].upper()
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    desk.say(
        _(
            "unexpected error {error_id}: {kind} at {place}; "
            "please report it with the file {file} (it holds no personal data)",
            error_id=error_id,
            kind=type(error).__name__,
            place=place,
            file=_record(error_id, error) or "-",
        )
    )
    if is_debugging(desk.environment):
        desk.say("".join(traceback.format_exception(error)))
    return ExitCode.ATTENTION


def is_debugging(environment: Mapping[str, str]) -> bool:
    """Tell whether a person asked for tracebacks, values and all."""
    return environment.get(DEBUG_VARIABLE, "") not in ("", "0")


def _record(error_id: str, error: BaseException) -> Path | None:
    """Write types and places of an error and its causes to a file only its owner can read."""
    path = Path(tempfile.gettempdir()) / f"dossier-bridge-{error_id}.txt"
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__name__)
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return None
    return path
