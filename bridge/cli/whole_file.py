"""Files that a command leaves behind: whole or not at all, and for nobody's eyes but their owner's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bridge.cli.exits import CommandFault
from bridge.i18n import _, of_system

__all__ = ["whole_file"]


@contextmanager
def whole_file(file: Path, newline: str = "\n") -> Iterator[TextIO]:
    """Write text in UTF-8 that takes the place of ``file`` once all of it is written.

    It is written beside it, with mode 0600; whatever ends the block early (Ctrl-C too) leaves
    nothing there, and ``file`` as it was.

    Raises:
        CommandFault: it can't be written, or is no ordinary file.
    """
    beside: str | None = None
    try:
        if file.exists() and not file.is_file():
            raise CommandFault(_("{file} is no ordinary file", file=file))
        handle, beside = tempfile.mkstemp(".new", f".{file.name[:100]}.", file.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline=newline) as out:
            yield out
        Path(beside).replace(file)
        beside = None
    except OSError as error:
        detail = of_system(error)
        raise CommandFault(
            _("{file} can't be written: {detail}", file=file, detail=detail)
        ) from None
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
