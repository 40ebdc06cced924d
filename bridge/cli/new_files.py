"""Writes files that must not be there yet, for the commands that start something new."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bridge.cli.exits import CommandFault
from bridge.i18n import _, of_system

__all__ = ["write_new"]


def write_new(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write texts by their paths from ``folder`` and return the files.

    Raises:
        CommandFault: one is there already, or can't be written.
    """
    paths = {folder / name: text for name, text in files.items()}
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        detail = of_system(error)
        raise CommandFault(
            _("{file} can't be written: {detail}", file=error.filename or folder, detail=detail)
        ) from None
    return list(paths)
